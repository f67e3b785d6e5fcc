"""From the bytes of a text file to composed UTF-8, whatever encoding they came in.

Belongs here: which encoding it is, and conversion in bulk (a whole file at a time, never row by
row). Does not belong here: the code tables (`legacy`) and the judging of text (`evidence`).
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable, Collection, Iterator

from charset_normalizer import from_bytes

from assets.limits import CONVERTED_TEXT
from assets.reading.bounds import too_large
from assets.reading.errors import FileRefused
from assets.reading.evidence import LEGACY, holds_unicode, legacy_page, score
from assets.reading.legacy import tcvn3_bytes_to_text, vni_bytes_to_text

_SAMPLE = 200_000
_CHUNK = 8 << 20
_UTF16_NUL_SHARE = 0.2
_VIETNAMESE, _WESTERN = "windows-1258", "windows-1252"
_UTF8_FIX = "export the file again as CSV UTF-8"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def to_utf8(data: bytes, headings: Collection[str], file: str) -> tuple[bytes, str]:
    """The text as composed UTF-8 without BOM, `\\n` line ends, and the name of what it was.

    Raises
    ------
    FileRefused
        `nul_bytes` or `unreadable_text`, with the row.
    """
    text, encoding = _decode(data, headings, file)
    utf8 = text if isinstance(text, bytes) else text.encode("utf-8")
    return _line_ends(_composed(utf8)), encoding


def _decode(data: bytes, headings: Collection[str], file: str) -> tuple[bytes | str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            rest = data[len(bom) :]
            return _known(rest, encoding, headings, file)
    if b"\0" in data:
        return _known(data, _utf16_without_bom(data, file), headings, file)
    if data.isascii() or _first_bad_byte(data) is None:
        return _utf8_or_legacy(data, headings, file)
    return _eight_bit(data, headings, file)


def _known(data: bytes, encoding: str, headings: Collection[str], file: str) -> tuple[bytes | str, str]:
    if encoding == "utf-8":
        bad = _first_bad_byte(data)
        if bad is not None:
            raise _unreadable(data, bad, "bytes that are not UTF-8", file)
        _refuse_nul(data, file)
        return _utf8_or_legacy(data, headings, file)
    try:
        _refuse_large(data, file)
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(data, error.start, "a character cut in two (UTF-16)", file) from None
    utf8 = text.encode("utf-8", errors="replace")
    _refuse_nul(utf8, file)
    return utf8, "utf-16"


def _utf8_or_legacy(data: bytes, headings: Collection[str], file: str) -> tuple[bytes | str, str]:
    """UTF-8, unless what it spells is TCVN3 or VNI that a program carried over letter by letter.

    Where only some columns are legacy, the file is UTF-8, and `recovery` sees to them.
    """
    if data.isascii():
        return data, "utf-8"
    sample = _accented_sample(data).decode("utf-8", errors="ignore")
    page = legacy_page(sample, headings)
    if page is None or holds_unicode(sample):
        return data, "utf-8"
    _refuse_large(data, file)
    return LEGACY[page](data.decode("utf-8")), page


def _eight_bit(data: bytes, headings: Collection[str], file: str) -> tuple[bytes | str, str]:
    _refuse_large(data, file)
    sample = _accented_sample(data)
    readings = {name: decode(sample) for name, decode in _EIGHT_BIT.items()}
    scores = {name: score(text, headings) for name, text in readings.items()}
    if scores[_VIETNAMESE] >= scores[_WESTERN]:
        del scores[_WESTERN]  # the other Windows page has few of the letters: no rival of this one
    best = max(scores, key=scores.__getitem__)
    utf8_score = score(sample.decode("utf-8", errors="ignore"), headings)
    if utf8_score > 0 and utf8_score >= scores[best]:
        bad = _first_bad_byte(data)
        raise _unreadable(data, bad or 0, "a damaged character in a file of UTF-8", file)
    if scores[best] <= 0:
        return _guessed(data, sample, file)
    # A few words may be Vietnamese in several: "thò" is "thị" in VNI and "thũ" in TCVN3. Nobody can tell.
    tied = [name for name in scores if scores[name] == scores[best]]
    if len({readings[name] for name in tied}) > 1:
        what = f"text that is Vietnamese in each of {', '.join(tied)}, and not the same"
        raise _unreadable(data, _first_bad_byte(data) or 0, what, file)
    return _EIGHT_BIT[best](data), best


def _guessed(data: bytes, sample: bytes, file: str) -> tuple[str, str]:
    best = from_bytes(sample).best()
    if best is None:
        raise _unreadable(data, _first_bad_byte(data) or 0, "text in an unknown encoding", file)
    try:
        return data.decode(best.encoding), best.encoding.replace("_", "-")
    except UnicodeDecodeError as error:
        raise _unreadable(data, error.start, f"bytes that are not {best.encoding}", file) from None


def _cp1258(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))


def _cp1252(data: bytes) -> str:
    return data.decode("cp1252", errors="replace")


_EIGHT_BIT: dict[str, Callable[[bytes], str]] = {
    _VIETNAMESE: _cp1258,
    "tcvn3": tcvn3_bytes_to_text,
    "vni": vni_bytes_to_text,
    _WESTERN: _cp1252,
}


def _accented_sample(data: bytes) -> bytes:
    """The head, and as much again from the middle, in whole lines: headers may hold no accent."""
    if len(data) <= _SAMPLE:
        return data
    middle = len(data) // 2
    start = data.find(b"\n", middle, middle + _SAMPLE) + 1 or middle
    return data[: _SAMPLE // 8] + b"\n" + data[start : start + _SAMPLE // 8]


def _first_bad_byte(data: bytes) -> int | None:
    """Where the bytes stop being UTF-8; read in pieces, so that no second copy stands in memory."""
    view, start = memoryview(data), 0
    while start < len(data):
        end = min(start + _CHUNK, len(data))
        try:
            _, used = codecs.utf_8_decode(view[start:end], "strict", end == len(data))
        except UnicodeDecodeError as error:
            return start + error.start
        start += used
    return None


def _utf16_without_bom(data: bytes, file: str) -> str:
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    more, fewer = max(even, odd), min(even, odd)
    if len(data) % 2 == 0 and more >= _UTF16_NUL_SHARE * len(sample) / 2 and 10 * fewer <= more:
        return "utf-16-le" if odd > even else "utf-16-be"
    _refuse_nul(data, file)
    raise AssertionError("only called where a NUL byte is")


def _refuse_large(data: bytes, file: str) -> None:
    """What must be converted stands in memory several times."""
    if len(data) > CONVERTED_TEXT.value:
        raise too_large(file, CONVERTED_TEXT, fix=_UTF8_FIX)


def _refuse_nul(data: bytes, file: str) -> None:
    place = data.find(b"\0")
    if place >= 0:
        raise FileRefused(
            "nul_bytes",
            file=file,
            row=_row_of(data, place),
            detail="NUL bytes (the file was damaged in transfer or storage)",
            fix="copy or export the file again",
        )


def _unreadable(data: bytes, place: int, what: str, file: str) -> FileRefused:
    return FileRefused("unreadable_text", file=file, row=_row_of(data, place), detail=what, fix=_UTF8_FIX)


def _row_of(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def _composed(data: bytes) -> bytes:
    """NFC, the true Đ and plain blanks; each step only where its bytes are in the file."""
    if data.isascii():
        return data
    # the combining marks, U+0300 to U+036F, begin with one of these two bytes in UTF-8
    if b"\xcc" in data or b"\xcd" in data:
        data = b"".join(map(_nfc, _pieces(data)))
    for old, new in ((b"\xc3\x90", b"\xc4\x90"), (b"\xc3\xb0", b"\xc4\x91"), (b"\xc2\xa0", b" ")):
        if old[:1] in data and old in data:
            data = data.replace(old, new)
    return data.replace(b"\xef\xbb\xbf", b"") if b"\xef\xbb\xbf" in data else data


def _nfc(piece: bytes) -> bytes:
    return unicodedata.normalize("NFC", piece.decode("utf-8")).encode("utf-8")


def _pieces(data: bytes) -> Iterator[bytes]:
    """The text in whole lines: no letter is parted from its marks, no second copy is whole in memory."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _CHUNK) + 1 or len(data)
        yield data[start:end]
        start = end


def _line_ends(data: bytes) -> bytes:
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    return data.replace(b"\r", b"\n") if b"\n" not in data else data
