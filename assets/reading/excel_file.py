"""Excel workbooks (.xlsx, .xls) to grids, one a sheet.

Belongs here: what a file must be to count as a workbook, and cells to text. Which sheet holds
the table is decided from its header, as for every format.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from assets.reading.errors import FileRefused
from assets.reading.formulas import valueless_cells
from assets.reading.grid import HEAD_ROWS, MAX_COLUMNS, Body, Grid, Merge
from assets.reading.native import cell_text
from checks.text import tidy

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST = 2 << 30
_SUSPICIOUS, _SUSPICIOUS_RATIO = 500 << 20, 200
_Row = list[Any]
_Range = tuple[tuple[int, int], tuple[int, int]]


def excel_grids(path: Path, file: str) -> Iterator[Grid]:
    """The grids of a workbook, sheet by sheet.

    Raises
    ------
    FileRefused
        `empty_file`, `not_a_workbook`, `too_large`.
    """
    data = path.read_bytes()
    if not data:
        raise FileRefused("empty_file", file=file, detail="the file has no bytes", fix="send it again")
    missing = _checked_zip(data, file) if data.startswith(b"PK") else {}
    workbook = _opened(data, file)
    for name in workbook.sheet_names:
        yield _sheet(workbook, name, missing.get(name, {}), file)


def _opened(data: bytes, file: str) -> CalamineWorkbook:
    if not data.startswith((b"PK", _OLE)):
        raise _no_workbook(file, *_what_it_is(data))
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError as error:
        if "assword" in str(error) or b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
            raise _no_workbook(file, "the workbook is locked by a password", "save it without one") from error
        raise _damaged(file) from error


def _what_it_is(data: bytes) -> tuple[str, str]:
    head = data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    save = "open it in Excel and save it as .xlsx"
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")) or b"<html" in head:
        return "the file is a web page (HTML) under the name of a workbook", save
    if head.startswith(b"<?xml"):
        return "the file is XML under the name of a workbook", save
    if b"\0" not in data[:2_000]:
        return "the file is plain text under the name of a workbook", "name it .csv, or save it as .xlsx"
    return "the file is no Excel workbook", "export it again as .xlsx"


# What a zip or its XML raises when bytes of it are wrong.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def _checked_zip(data: bytes, file: str) -> dict[str, dict[tuple[int, int], str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            size = sum(item.file_size for item in book.infolist())
            if size > _LARGEST or (size > _SUSPICIOUS and size > _SUSPICIOUS_RATIO * len(data)):
                raise FileRefused(
                    "too_large",
                    file=file,
                    detail=f"the workbook unpacks to {size >> 20} MB",
                    fix="send it as CSV, or split it by commune",
                )
            return valueless_cells(book)
    except _DAMAGE as error:
        raise _damaged(file) from error


def _sheet(
    workbook: CalamineWorkbook,
    name: str,
    missing: dict[tuple[int, int], str],
    file: str,
) -> Grid:
    try:
        sheet = workbook.get_sheet_by_name(name)
        # With the empty area, so that row and column numbers are those of the sheet.
        rows: list[_Row] = sheet.to_python(skip_empty_area=False)
        ranges = sheet.merged_cell_ranges or []
    except CalamineError as error:
        raise _damaged(file, name) from error
    if rows and len(rows[0]) > MAX_COLUMNS:
        raise FileRefused(
            "too_large",
            file=file,
            sheet=name,
            detail=f"the sheet has {len(rows[0])} columns",
            fix=f"send a sheet of at most {MAX_COLUMNS} columns",
        )
    for (row, column), text in missing.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    head = [[cell_text(cell) for cell in row] for row in rows[:HEAD_ROWS]]
    merges = tuple(
        Merge(top, left, bottom, right) for (top, left), (bottom, right) in ranges if top < HEAD_ROWS
    )
    body = partial(_body, rows, [r for r in ranges if r[1][0] > r[0][0]])
    return Grid(tidy(name), head, list(range(1, len(head) + 1)), body, merges)


def _body(rows: list[_Row], tall: list[_Range], start: int, width: int) -> Body:
    _fill_tall_cells(rows, tall, start)
    numbered = [(i, row) for i, row in enumerate(rows[start:], start=start + 1) if any(c != "" for c in row)]
    width = len(rows[0]) if rows else width
    columns = [_column([row[i] for _, row in numbered]) for i in range(width)]
    source_row = pa.array(np.array([i for i, _ in numbered], dtype=np.int32))
    return Body(columns, source_row, blank=max(0, len(rows) - start) - len(numbered))


def _fill_tall_cells(rows: list[_Row], tall: list[_Range], start: int) -> None:
    """A text merged over several records (a village over its households) holds for each of them.

    A number does not: an amount merged over two rows would count twice.
    """
    for (top, left), (bottom, right) in tall:
        if top >= start and left == right and isinstance(rows[top][left], str):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]


def _column(cells: _Row) -> pa.Array:
    """Cells to text; a value that comes again is not converted again."""
    seen: dict[Any, str | None] = {}
    out: list[str | None] = []
    for cell in cells:
        key = (type(cell), cell)
        if key not in seen:
            seen[key] = cell_text(cell) or None
        out.append(seen[key])
    return pa.array(out, pa.string())


def _no_workbook(file: str, detail: str, fix: str) -> FileRefused:
    return FileRefused("not_a_workbook", file=file, detail=detail, fix=fix)


def _damaged(file: str, sheet: str | None = None) -> FileRefused:
    return FileRefused(
        "not_a_workbook",
        file=file,
        sheet=sheet,
        detail="the workbook is damaged or cut short",
        fix="copy it again from the office, or open and save it in Excel",
    )
