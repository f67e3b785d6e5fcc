"""Refusals of files that are too large, and the bounds that hold for every format.

Belongs here: what is looked at after a sheet's cells are known. Does not belong here: what must be
known before a format's library opens a file (`workbook_parts`, `csv_file`, `parquet_file`).
"""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.limits import CELL, Limit
from assets.reading.errors import FileRefused
from assets.reading.grid import Grid

_SPLIT = "send it in parts, by month or commune"


def too_large(
    file: str, limit: Limit, *, sheet: str | None = None, row: int | None = None, fix: str = _SPLIT
) -> FileRefused:
    """The refusal of a file beyond a limit."""
    detail = f"it is beyond the limit of {limit.shown} ({limit.what})"
    return FileRefused("too_large", file=file, sheet=sheet, row=row, detail=detail, fix=fix)


def sized_bytes(path: Path, file: str, limit: Limit) -> bytes:
    """The bytes of a file, looked at for their number before they are read.

    Raises
    ------
    FileRefused
        `too_large`, or `empty_file`.
    """
    found = path.stat()
    if stat.S_ISREG(found.st_mode) and found.st_size > limit.value:
        raise too_large(file, limit)
    data = path.read_bytes()
    if not data:
        raise FileRefused("empty_file", file=file, detail="the file has no bytes", fix="send it again")
    return data


def check_head(grid: Grid, file: str) -> None:
    """No cell of the first rows may be beyond the limit of a cell."""
    for row, cells in zip(grid.head_rows, grid.head, strict=True):
        longest = max(map(len, cells), default=0)
        if longest > CELL.value // 4 and any(
            len(cell.encode("utf-8", "replace")) > CELL.value for cell in cells
        ):
            raise _long_cell(file, grid.sheet, row)


def check_cells(columns: list[pa.ChunkedArray], source_row: pa.Array, file: str, sheet: str) -> None:
    """No cell below the header may be beyond the limit of a cell."""
    for column in columns:
        lengths = pc.binary_length(column)
        longest = pc.max(lengths).as_py()
        if longest is not None and longest > CELL.value:
            place = int(np.argmax(lengths.fill_null(0).to_numpy()))
            raise _long_cell(file, sheet, source_row[place].as_py())


def _long_cell(file: str, sheet: str, row: int) -> FileRefused:
    return too_large(
        file, CELL, sheet=sheet, row=row, fix="shorten the cell, or look for a quote that never closes"
    )
