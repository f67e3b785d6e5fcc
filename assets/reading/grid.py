"""A sheet before anyone has looked for its header: its first rows, and how to get the rest.

Every format makes a grid; what follows (header, skipped rows, names) is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

HEAD_ROWS = 60


@dataclass(frozen=True)
class Body:
    """The rows below a header, by position, all text, blank cells null, blank rows left out.

    `cut` is the row at which a text file may have been cut short; it counts only if that row turns
    out to be a record.
    """

    columns: list[pa.Array | pa.ChunkedArray]
    source_row: pa.Array
    blank: int = 0
    cut: int | None = None


@dataclass(frozen=True)
class Merge:
    """A merged range of the sheet; rows are indices into the head, all bounds inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Grid:
    """One sheet.

    Parameters
    ----------
    head
        The first rows as text, "" where a cell is blank.
    head_rows
        The 1-based row of the file at which each of them begins.
    body
        Given how many head rows lie above the data and how many columns the header has, the
        rows below.
    """

    sheet: str
    head: list[list[str]]
    head_rows: list[int]
    body: Callable[[int, int], Body]
    merges: tuple[Merge, ...] = field(default=())
