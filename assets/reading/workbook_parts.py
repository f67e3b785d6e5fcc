"""The parts of an .xlsx, unpacked within bounds, before the workbook's library sees the file.

The library keeps a sheet as a full rectangle up to its last cell and repeats a shared text in
every cell that names it, so two cells at far corners, or one long text named often, would take
any memory. What is bounded here is therefore what it would make of the file, not the file.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from assets import limits
from assets.reading.bounds import too_large
from assets.reading.errors import FileRefused

_PACKAGE = "_rels/.rels"
_OTHER_KINDS = frozenset({"content.xml", "xl/workbook.bin"})
_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = 30
_LONGEST_MARKUP = 256 << 10  # a cell of 32,767 characters, each written as a reference
_CHUNK = 8 << 20
_REFERENCE = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']\s*([A-Za-z]+)(\d+)[^<>]*(?<!/)>""")
_ANY_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]+)(\d+)""")
_PLACE = re.compile(rb"[A-Za-z]+\d")
_LONGEST_REFERENCE = 16
_FEW = 100
_MOST_DIGITS = 12
_LAST_OF_LETTERS = (0, 26, 702)
_R, _EQUALS, _BLANK = b"r= "
_SHARED_PART = "sharedstrings.xml"
_SHARED_SIGNS = (b't="s"', b"t='s'", b"t =", b"t= ")
_NOTHING = 64 << 20
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*(\d+)""")


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook: its name, and the part that holds its cells."""

    name: str
    part: str


class WorkbookParts:
    """The zip of a workbook, of which every part is as large as it says.

    Parameters
    ----------
    data
        The bytes of the file.
    file
        Its name, for refusals.

    Raises
    ------
    FileRefused
        `too_large`.
    WrongParts
        The zip is damaged, lies about its sizes, or holds no workbook of this kind.
    """

    def __init__(self, data: bytes, file: str) -> None:
        if data.count(_ENTRY) > limits.WORKBOOK_PARTS.value:
            raise too_large(file, limits.WORKBOOK_PARTS)
        self._data, self._file = data, file
        self._tree_of_list: ElementTree.Element | None = None
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            self._entries = {_plain(item.filename): item for item in book.infolist()}
            if len(self._entries) != len(book.infolist()):
                raise WrongParts("two parts of one name")
        self._check_sizes()
        if _PACKAGE not in self._entries or self._entries.keys() & _OTHER_KINDS:
            raise OtherKind
        self._book = self._workbook_part()
        self._relations = posixpath.join(*_beside(self._book))

    def _check_sizes(self) -> None:
        size = sum(item.file_size for item in self._entries.values())
        shrunk = limits.WORKBOOK_PACKED
        if size > limits.WORKBOOK_UNPACKED.value:
            raise too_large(self._file, limits.WORKBOOK_UNPACKED)
        if size > limits.SUSPICIOUS_WORKBOOK and size > shrunk.value * len(self._data):
            raise too_large(self._file, shrunk)

    def __contains__(self, part: str) -> bool:
        return _plain(part) in self._entries

    def read(self, part: str) -> bytes:
        """A part unpacked, never beyond the size that it states.

        Raises
        ------
        WrongParts
            It unpacks to another size than it states, or not at all.
        """
        item = self._entries[_plain(part)]
        start = item.header_offset
        header = self._data[start : start + _LOCAL_HEADER]
        name, extra = struct.unpack_from("<HH", header, 26) if len(header) == _LOCAL_HEADER else (0, 0)
        begin = start + _LOCAL_HEADER + name + extra
        packed = memoryview(self._data)[begin : begin + item.compress_size]
        if item.flag_bits & 1 or item.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WrongParts("packed in a way that no workbook is")
        if item.compress_type == zipfile.ZIP_STORED:
            unpacked = bytes(packed)
        else:
            unpacker = zlib.decompressobj(-15)
            unpacked = unpacker.decompress(packed, item.file_size + 1)
            if not unpacker.eof:
                unpacked += unpacker.decompress(unpacker.unconsumed_tail, 1)
        if len(unpacked) != item.file_size or zlib.crc32(unpacked) != item.CRC:
            raise WrongParts("a part is not what it states")
        return unpacked

    def _workbook_part(self) -> str:
        """Where the list of sheets is: usually xl/workbook.xml, but the package says it."""
        found = [
            link.get("Target", "").lstrip("/")
            for link in self._tree(_PACKAGE)
            if link.get("Type", "").endswith("/officeDocument")
        ]
        if len(found) != 1:
            raise WrongParts("no list of sheets, or several")
        if found[0] not in self:
            raise OtherKind
        return found[0]

    def sheets(self) -> list[Sheet]:
        """The sheets that the workbook lists, in its order."""
        links = self._tree(self._relations) if self._relations in self else ()
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        home = posixpath.dirname(self._book)
        found = []
        for sheet in self._list().iter():
            if _local(sheet.tag) == "sheet":
                link = next((value for key, value in sheet.items() if _local(key) == "id"), None)
                target = targets.get(link, "")
                path = target if target.startswith("/") else posixpath.normpath(posixpath.join(home, target))
                found.append(Sheet(sheet.get("name", ""), path.lstrip("/")))
        if len(found) > limits.WORKBOOK_SHEETS.value:
            raise too_large(self._file, limits.WORKBOOK_SHEETS)
        return [sheet for sheet in found if sheet.part in self]

    def uncalculated(self) -> bool:
        """Whether the workbook orders that everything be calculated when it is opened."""
        orders = [e for e in self._list() if _local(e.tag) == "calcPr"]
        return any(order.get("fullCalcOnLoad") in ("1", "true") for order in orders)

    def _list(self) -> ElementTree.Element:
        if self._tree_of_list is None:
            self._tree_of_list = self._tree(self._book)
        return self._tree_of_list

    def _tree(self, part: str) -> ElementTree.Element:
        if self._entries[_plain(part)].file_size > limits.WORKBOOK_PART.value:
            raise too_large(self._file, limits.WORKBOOK_PART)
        return _tree(self.read(part))

    def check_others(self, read: set[str]) -> int:
        """Unpack the other parts that the library may read; how many cells may hide in them."""
        known = {_plain(part) for part in read}
        cells = 0
        for part in self._entries:
            if part.endswith((".xml", ".rels")) and part not in known:
                xml = self.read(part)
                self._check_markup(xml)
                cells += self.check_sheet(xml, part) if b"sheetData" in xml else 0
        return cells

    def check_sheet(self, xml: bytes, sheet: str) -> int:
        """How many cells the library would make of a sheet: its rows times its columns."""
        self._check_markup(xml, sheet)
        rows, columns = _rough_corner(xml)
        if rows * columns > limits.WORKBOOK_CELLS.value or columns > limits.COLUMNS.value:
            rows, columns = _exact_corner(xml)
        if columns > limits.COLUMNS.value:
            raise too_large(
                self._file, limits.COLUMNS, sheet=sheet, fix="delete what stands far to the right"
            )
        return rows * columns

    def check_cells(self, cells: int, sheet: str) -> None:
        """Refuse a workbook of which the sheets so far make too many cells."""
        if cells > limits.WORKBOOK_CELLS.value:
            raise too_many_cells(self._file, sheet)

    def shared_text(self, xml: bytes) -> int:
        """The bytes of text that the cells of a sheet take from the workbook's shared texts."""
        cells = xml.count(b"<v") if any(sign in xml for sign in _SHARED_SIGNS) else 0
        size = sum(item.file_size for part, item in self._entries.items() if part.endswith(_SHARED_PART))
        if cells * size <= _NOTHING:
            return 0
        lengths = self._shared_lengths()
        if cells * int(lengths.max(initial=0)) <= limits.WORKBOOK_TEXT.value // 4:
            return 0
        found = np.array([int(i[:9]) for i in _SHARED.findall(xml)], dtype=np.int64)
        return int(lengths[found[found < len(lengths)]].sum())

    def check_text(self, size: int, sheet: str) -> None:
        """Refuse a workbook of which the sheets so far hold too much text."""
        if size > limits.WORKBOOK_TEXT.value:
            raise too_large(
                self._file, limits.WORKBOOK_TEXT, sheet=sheet, fix="shorten the texts that repeat"
            )

    def _shared_lengths(self) -> np.ndarray:
        parts = [part for part in self._entries if part.endswith(_SHARED_PART)]
        pieces = [piece for part in parts for piece in self.read(part).split(b"</si>")]
        return np.fromiter(map(len, pieces), np.int64, len(pieces))

    def _check_markup(self, xml: bytes, sheet: str | None = None) -> None:
        at = 0
        while len(xml) - at > _LONGEST_MARKUP:
            sign = xml.rfind(b"<", at + 1, at + _LONGEST_MARKUP)
            if sign < 0:
                raise too_large(self._file, limits.CELL, sheet=sheet, fix="shorten the cell")
            at = sign


class WrongParts(ValueError):
    """The zip is damaged or lies about itself."""


class OtherKind(ValueError):
    """A zip, but no .xlsx: another program's format, or a binary workbook."""


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower()


def _beside(part: str) -> tuple[str, str, str]:
    """Where the relations of a part are kept."""
    return posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels"


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _tree(xml: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"<\0!\0D\0" in xml or b"\0<\0!\0D" in xml:
        raise WrongParts("declares entities, which no workbook does")
    try:
        return ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise WrongParts("no XML") from error


def too_many_cells(file: str, sheet: str) -> FileRefused:
    """The refusal of a sheet whose cells, empty ones between them included, are too many."""
    return too_large(file, limits.WORKBOOK_CELLS, sheet=sheet, fix="delete what stands far below or right")


def _rough_corner(xml: bytes) -> tuple[int, int]:
    """Rows and columns that no `r="AB12"` is beyond, by the number of its letters and digits."""
    letters = digits = 0
    codes = np.frombuffer(xml + bytes(_LONGEST_REFERENCE), dtype=np.uint8)
    for start in range(0, len(xml), _CHUNK):
        size = min(_CHUNK, len(xml) - start)
        piece = codes[max(start - 1, 0) : start + size + _LONGEST_REFERENCE]
        signs = np.flatnonzero(piece[: size + 1] == _EQUALS)
        before, after = piece[signs - 1], piece[signs + 1]
        if (before <= _BLANK).any() or (after <= _BLANK).any():
            return _exact_corner(xml, blanks=True)
        at = signs[before == _R] + 2
        first, second, third = (_are_letters(piece[at + i]) for i in range(3))
        count = first.astype(np.int8) + (first & second) + (first & second & third)
        far = at[count == 3]  # or an address such as xmlns:r="http:…"
        if (
            any(_PLACE.match(piece[i : i + _LONGEST_REFERENCE].tobytes()) for i in far[:_FEW])
            or len(far) > _FEW
        ):
            return _exact_corner(xml, blanks=True)
        at, count = at[count < 3], count[count < 3]
        letters = max(letters, int(count.max(initial=0)))
        digits = max(digits, _most_digits(piece, at + count))
    return 10**digits - 1, _LAST_OF_LETTERS[letters]


def _are_letters(codes: np.ndarray) -> np.ndarray:
    return ((codes & 0xDF) - 65) < 26  # wraps round for lower signs


def _most_digits(codes: np.ndarray, at: np.ndarray) -> int:
    most = 0
    while most < _MOST_DIGITS and len(at := at[codes[at] - 48 < 10]):
        most += 1
        at = at + 1
    return most


def _exact_corner(xml: bytes, *, blanks: bool = False) -> tuple[int, int]:
    """The same, one by one; without cells that are only formatted, which the library leaves out."""
    rows = columns = 0
    for letters, digits in (_ANY_REFERENCE if blanks else _REFERENCE).findall(xml):
        rows = max(rows, int(digits[:12]))
        columns = max(columns, column_number(letters[:6]))
    return rows, columns


def column_number(letters: bytes) -> int:
    """The number of a column, from 1: "A" is 1, "AA" is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
