"""Excel workbooks (.xlsx, .xls) to grids, one a sheet.

Belongs here: what a file must be to count as a workbook, and cells to text. Which sheet holds
the table is decided from its header, as for every format.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from assets import limits
from assets.reading.bounds import sized_bytes, too_large
from assets.reading.errors import FileRefused
from assets.reading.formulas import valueless_cells
from assets.reading.grid import HEAD_ROWS, Body, Grid, Merge
from assets.reading.native import cell_text
from assets.reading.old_workbook import (
    OldWorkbook,
    OldWorkbookDamaged,
    OldWorkbookLocked,
    OldWorkbookTooLarge,
)
from assets.reading.workbook_parts import OtherKind, WorkbookParts, too_many_cells
from checks.text import tidy

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MOST_MERGES = 10_000  # that touch the rows in which a header is looked for
_Row = list[Any]
_Range = tuple[tuple[int, int], tuple[int, int]]


def excel_grids(path: Path, file: str) -> Iterator[Grid]:
    """The grids of a workbook, sheet by sheet.

    Raises
    ------
    FileRefused
        `empty_file`, `not_a_workbook`, `too_large`.
    """
    data = sized_bytes(path, file, limits.WORKBOOK)
    if data.startswith(_OLE):
        yield from _old_grids(path, data, file)
        return
    if not data.startswith(b"PK"):
        raise _no_workbook(file, *_what_it_is(data))
    missing = _checked_zip(data, file)
    with _no_surprise(file):
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = workbook.sheet_names
    for name in names:
        with _no_surprise(file, name):
            sheet = workbook.get_sheet_by_name(name)
            # With the empty area, so that row and column numbers are those of the sheet.
            rows: list[_Row] = sheet.to_python(skip_empty_area=False)
            ranges = sheet.merged_cell_ranges or []
        _show_missing(name, rows, missing.get(name, {}), file)
        yield _grid(name, rows, ranges, file)


def _old_grids(path: Path, data: bytes, file: str) -> Iterator[Grid]:
    if len(data) > limits.OLD_WORKBOOK.value:
        raise too_large(file, limits.OLD_WORKBOOK, fix="save it as .xlsx, or send it in parts")
    locked = _LOCKED in data
    try:
        if locked:
            raise OldWorkbookLocked
        with OldWorkbook(path) as book:
            for name, rows, ranges in book.sheets():
                yield _grid(name, rows, ranges, file)
    except OldWorkbookLocked as error:
        raise _no_workbook(file, "the workbook is locked by a password", "save it without one") from error
    except OldWorkbookTooLarge as error:
        raise too_large(
            file, limits.OLD_WORKBOOK_MEMORY, fix="save it as .xlsx, or send it in parts"
        ) from error
    except OldWorkbookDamaged as error:
        raise _damaged(file) from error


@contextmanager
def _no_surprise(file: str, sheet: str | None = None) -> Iterator[None]:
    """Whatever the library says of a damaged workbook, its own panic included, is one refusal."""
    try:
        yield
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise _damaged(file, sheet) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # no Exception, and of no module that has a name
            raise
        raise _damaged(file, sheet) from error


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


# What a zip or its XML raises when bytes of it are wrong; RuntimeError where it is packed in an unknown way.
_DAMAGE = (
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    OSError,
    ValueError,
    RuntimeError,
)


def _checked_zip(data: bytes, file: str) -> dict[str, dict[tuple[int, int], str]]:
    """Bound what the library will make of the zip; the cells without a value, by sheet name."""
    missing = {}
    read: dict[str, tuple[int, int, dict[tuple[int, int], str]]] = {}
    cells = text = 0
    try:
        parts = WorkbookParts(data, file)
        uncalculated = parts.uncalculated()
        sheets = parts.sheets()
        for sheet in sheets:
            if sheet.part not in read:
                xml = parts.read(sheet.part)
                size = parts.check_sheet(xml, sheet.name)
                read[sheet.part] = (
                    size,
                    parts.shared_text(xml),
                    valueless_cells(xml, uncalculated=uncalculated),
                )
            cells, text = cells + read[sheet.part][0], text + read[sheet.part][1]
            parts.check_cells(cells, sheet.name)
            parts.check_text(text, sheet.name)
            missing[sheet.name] = read[sheet.part][2]
        hidden = parts.check_others(set(read))
        parts.check_cells(cells + hidden * max(1, len(sheets)), "")
        return missing
    except OtherKind as error:
        raise _no_workbook(
            file, "the file is no .xlsx workbook", "open it in Excel and save it as .xlsx"
        ) from error
    except _DAMAGE as error:
        raise _damaged(file) from error


def _show_missing(name: str, rows: list[_Row], missing: dict[tuple[int, int], str], file: str) -> None:
    """Put the cells without a value where they stand; the library ends a sheet at the last value."""
    if not missing:
        return
    height = max(len(rows), 1 + max(row for row, _ in missing))
    width = max(len(rows[0]) if rows else 0, 1 + max(column for _, column in missing))
    if height * width > limits.WORKBOOK_CELLS.value:
        raise too_many_cells(file, name)
    for cells in rows:
        cells.extend([""] * (width - len(cells)))
    rows.extend([""] * width for _ in range(height - len(rows)))
    for (row, column), text in missing.items():
        rows[row][column] = text


def _grid(name: str, rows: list[_Row], ranges: list[_Range], file: str) -> Grid:
    if rows and len(rows[0]) > limits.COLUMNS.value:
        raise too_large(file, limits.COLUMNS, sheet=name, fix="delete what stands far to the right")
    width = len(rows[0]) if rows else 0
    head = [[cell_text(cell) for cell in row] for row in rows[:HEAD_ROWS]]
    merges = tuple(
        Merge(top, left, bottom, min(right, width - 1))
        for (top, left), (bottom, right) in ranges
        if top < len(head) and left < width
    )
    if len(merges) > _MOST_MERGES:
        raise _damaged(file, name)
    tall = [r for r in ranges if r[0][0] < r[1][0] and r[0][1] == r[1][1] < width and r[0][0] < len(rows)]
    if sum(min(bottom, len(rows)) - top for (top, _), (bottom, _) in tall) > len(rows) * width:
        raise _damaged(file, name)  # more than the sheet has: they overlap
    body = partial(_body, rows, tall)
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
    for (top, left), (bottom, _) in tall:
        if top >= start and isinstance(rows[top][left], str):
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
