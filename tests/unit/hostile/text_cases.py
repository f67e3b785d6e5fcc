"""Hostile text files."""

from __future__ import annotations

import codecs
import gzip
import os
import unicodedata
import zlib
from pathlib import Path

from tests.unit.hostile.case import HEADINGS, Case, row, text, written

_MB = 1 << 20
_GB = 1 << 30


def _sparse(path: Path) -> None:
    """A sound beginning, then 5 GB of which the disk holds nothing."""
    path.write_text(text())
    os.truncate(path, 5 * _GB)


def _gzip_bomb(path: Path) -> None:
    """120 MB of one letter in 120 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    path.write_bytes(packer.compress(text().encode() + b"a" * (120 * _MB)) + packer.flush())


def _gzip_members(path: Path) -> None:
    """A member of 30 MB, ten times over."""
    member = gzip.compress(b"1;2;3;4;5\n" * (3 * _MB), 6)
    path.write_bytes(gzip.compress(text().encode()) + member * 10)


def _million_columns(path: Path) -> None:
    path.write_text(";".join((*HEADINGS, *(f"c{i}" for i in range(1_000_000)))) + "\n")


def _only_blank_lines(path: Path) -> None:
    path.write_bytes(text().encode() + b"\n" * 10_000_001)


def _empty_rows(path: Path) -> None:
    """A header, three records, and a million rows that hold only separators."""
    path.write_bytes(text().encode() + b";;;;\n" * 1_000_000)


def _wide_and_long(path: Path) -> None:
    """1,900 columns of nothing over 140,000 rows: 266 million cells."""
    wide = ";".join((*HEADINGS, *(f"c{i}" for i in range(1_895))))
    path.write_bytes(wide.encode() + b"\n" + b"1\n" * 140_000)


def _mixed(*encodings: str) -> bytes:
    """Every line in another encoding."""
    lines = text(len(encodings) * 2).splitlines(keepends=True)
    return b"".join(line.encode(encodings[i % len(encodings)], "replace") for i, line in enumerate(lines))


def _cp1258(records: int = 3) -> bytes:
    """Windows-1258 as its programs write it: letters with their mark behind."""
    out = ""
    for letter in text(records):
        apart = unicodedata.normalize("NFD", letter)
        marks = [c for c in apart if c in "\u0300\u0301\u0303\u0309\u0323"]
        out += unicodedata.normalize("NFC", "".join(c for c in apart if c not in marks)) + "".join(marks)
    return out.encode("cp1258")


def _table(*rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> str:
    return "".join(";".join(cells) + "\n" for cells in (headings, *rows))


def _cells(number: int, **changed: str) -> tuple[str, ...]:
    return tuple(changed.get(f"c{i}", value) for i, value in enumerate(row(number)))


_CYRILLIC = ("Mã xã".replace("x", "х"), *HEADINGS[1:])  # х is Cyrillic
_WIDE = tuple(chr(0xFF10 + int(d)) for d in "0123456789")
_ARABIC = tuple(chr(0x0660 + int(d)) for d in "0123456789")

CASES = (
    Case("million-columns", ".csv", _million_columns, "too_large", "a line beyond 1 MB"),
    Case("3000-columns", ".csv", written(lambda: text().replace("Ghi chú", ";".join(f"c{i}" for i in range(3_000)))), "too_large", "more than 2,000 columns"),
    Case("cell-of-100-mb", ".csv", written(lambda: text() + "00009;" + "a" * (100 * _MB) + ";1;1;\n"), "too_large", "a line beyond 1 MB"),
    Case("cell-of-200-kb", ".csv", written(lambda: text() + "00009;" + "a" * 200_000 + ";1;1;\n"), "too_large", "a cell beyond 128 kB"),
    Case("heading-of-200-kb", ".csv", written(lambda: text().replace("Ghi chú", "a" * 200_000)), "too_large", "a heading is a cell too"),
    Case("10-million-blank-lines", ".csv", _only_blank_lines, "too_large", "more than 10 million lines"),
    Case("million-rows-of-separators", ".csv", _empty_rows, 3, "rows of separators are blank, and counted"),
    Case("wide-and-long", ".csv", _wide_and_long, "too_large", "more than 250 million cells"),
    Case("sparse-5-gb", ".csv", _sparse, "too_large", "refused by its size alone"),
    Case("only-separators", ".csv", written(lambda: ";;;;\n" * 1_000), "empty_file", "no cell holds anything"),
    Case("only-blanks", ".csv", written(lambda: " \n\t\n" * 1_000), "empty_file", "no text"),
    Case("only-a-bom", ".csv", written(lambda: codecs.BOM_UTF8), "empty_file", "no text behind the mark"),
    Case("one-byte", ".csv", written(lambda: b"a"), "no_header", "no row that names columns"),
    Case("cr-line-ends", ".csv", written(lambda: text(end="\r")), 3, "an old line end"),
    Case("mixed-line-ends", ".csv", written(lambda: text(2, end="\r\n") + text(3).split("\n", 1)[1]), 5, "of two programs"),
    Case("nul-bytes", ".csv", written(lambda: text() + "\0\0\0;\0\n"), "nul_bytes", "damaged in transfer"),
    Case("nul-at-the-end", ".csv", written(lambda: text().encode() + bytes(4096)), "nul_bytes", "a block of the disk that was never written"),
    Case("bom-in-the-middle", ".csv", written(lambda: text().encode() + codecs.BOM_UTF8 + b"00009;a;1;1;\n"), 4, "two files put together"),
    Case("utf-16-with-bom", ".csv", written(lambda: text().encode("utf-16")), 3, "Excel's “Unicode text”"),
    Case("utf-16-without-bom", ".csv", written(lambda: text(30).encode("utf-16-le")), 30, "told by its NUL bytes"),
    Case("utf-16-big-endian", ".csv", written(lambda: codecs.BOM_UTF16_BE + text().encode("utf-16-be")), 3, "the other order"),
    Case("utf-16-cut", ".csv", written(lambda: text().encode("utf-16")[:-1]), "unreadable_text", "half a letter at the end"),
    Case("utf-16-lone-surrogate", ".csv", written(lambda: codecs.BOM_UTF16_LE + text().encode("utf-16-le") + b"\x00\xd8"), "unreadable_text", "half a pair"),
    Case("utf-32", ".csv", written(lambda: text().encode("utf-32")), "nul_bytes", "no office's encoding"),
    Case("utf-7", ".csv", written(lambda: text().encode("utf-7")), "no_header", "its headings are no Vietnamese"),
    Case("windows-1258", ".csv", written(lambda: _cp1258()), 3, "marks behind their letters"),
    Case("mixed-utf-8-and-1258", ".csv", written(lambda: text(40).encode() + _cp1258(2)), "unreadable_text", "bytes that are not UTF-8 in a file of UTF-8"),
    Case("mixed-utf-8-and-16", ".csv", written(lambda: text().encode() + text().encode("utf-16-le")), "nul_bytes", "two encodings in one file"),
    Case("cut-in-a-letter", ".csv", written(lambda: text().encode()[:-4] + "ễ".encode()[:2]), "unreadable_text", "the last letter is half there"),
    Case("cut-in-a-row", ".csv", written(lambda: text(30).rsplit(";", 3)[0]), "unreadable_text", "the last line, without an end, has fewer fields than all others"),
    Case("quote-never-closed", ".csv", written(lambda: text(1) + '00008;"Xã;1;1;\n' + "".join(_table(row(i)).split("\n", 1)[1] for i in range(9, 300))), 301 - 8, "a quote that stands alone is a letter"),
    Case("quotes-over-everything", ".csv", written(lambda: text(1) + '"' * 100_001 + "\n"), "unreadable_text", "a line of quotes"),
    Case("quotes-in-every-line", ".csv", written(lambda: text(1) + '"a\n' * 100_000), "unreadable_text", "quotes that pair over lines"),
    Case("more-fields-than-headings", ".csv", written(lambda: text() + "1;2;3;4;5;6;7\n"), "unreadable_text", "which field is which is not known"),
    Case("duplicate-headings", ".csv", written(lambda: _table(row(1), headings=("Mã xã", "Mã xã", *HEADINGS[2:]))), "ambiguous_column", "two columns that mean one"),
    Case("header-repeated", ".csv", written(lambda: text(2) + _table(row(3), row(4))), 4, "the second header is no record"),
    Case("header-only", ".csv", written(lambda: _table()), "header_only", "no record"),
    Case("look-alike-heading", ".csv", written(lambda: _table(row(1), headings=_CYRILLIC)), "missing_column", "a Cyrillic х is not the Latin x"),
    Case("look-alike-name", ".csv", written(lambda: _table(_cells(1, c1="Хã Lа Вằng"))), 1, "the place decides about it"),
    Case("full-width-digits", ".csv", written(lambda: _table(_cells(1, c2="１２３"))), 1, "kept as it came; the number parser decides"),
    Case("arabic-digits", ".csv", written(lambda: _table(_cells(1, c2="١٢٣"))), 1, "the same"),
    Case("right-to-left", ".csv", written(lambda: _table(_cells(1, c1="\u202eàX gnằB aL"))), 1, "turned text is another name"),
    Case("control-characters", ".csv", written(lambda: _table(_cells(1, c1="Xã\x07\x1b[31m\x0b\x0c Một"))), 1, "kept in raw; never printed"),
    Case("line-separators", ".csv", written(lambda: _table(_cells(1, c1="Xã\u2028\u2029\x85 Một"))), 1, "no line ends of a file"),
    Case("formula-injection", ".csv", written(lambda: _table(_cells(1, c1="=cmd|' /C calc'!A0"), _cells(2, c1="@SUM(1+9)*cmd|' /C calc'!A0"))), 2, "text that nobody runs"),
    Case("numbers-without-end", ".csv", written(lambda: _table(*(_cells(i, c2=v) for i, v in enumerate(("1e308", "inf", "nan", "-0", "-5", "9" * 400), 1)))), 6, "judged by the checks"),
    Case("dates-without-sense", ".csv", written(lambda: _table(*(_cells(i, c1=v) for i, v in enumerate(("0000-00-00", "9999-12-31", "31/02/2024"), 1)))), 3, "judged by the checks"),
    Case("workbook-named-csv", ".csv", written(lambda: b"PK\x03\x04" + bytes(100)), "unreadable_text", "another format under this name"),
    Case("gz-bomb", ".csv.gz", _gzip_bomb, "too_large", "shrunk more than 100 times"),
    Case("gz-many-members", ".csv.gz", _gzip_members, "too_large", "each sound, all together a bomb"),
    Case("gz-two-members", ".csv.gz", written(lambda: gzip.compress(text(2).encode()) + gzip.compress(text(2).split("\n", 1)[1].encode())), 4, "members are one text"),
    Case("gz-cut", ".csv.gz", written(lambda: gzip.compress(text(300).encode())[:-20]), "unreadable_text", "cut short"),
    Case("gz-trailing-garbage", ".csv.gz", written(lambda: gzip.compress(text().encode()) + b"garbage"), "unreadable_text", "something behind it that is no gzip"),
    Case("gz-trailing-zeros", ".csv.gz", written(lambda: gzip.compress(text().encode()) + bytes(512)), 3, "padding, as tapes write it"),
    Case("gz-in-gz", ".csv.gz", written(lambda: gzip.compress(gzip.compress(text().encode()))), "unreadable_text", "packed twice"),
    Case("gz-wrong-sum", ".csv.gz", written(lambda: gzip.compress(text().encode())[:-8] + bytes(8)), "unreadable_text", "its checksum is another"),
)  # fmt: skip
