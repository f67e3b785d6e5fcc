"""What the reader hands on: the raw table and the facts of its sheets."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class SheetFacts:
    """What one sheet showed beside its records.

    A workbook's sheet without a header of the table (a cover, a summary) stands here too, with
    `header_row` 0, no records and its rows counted in `skipped` under `other_sheet`.
    """

    sheet: str
    layout: str | None
    titles: tuple[str, ...]
    units: dict[str, int]
    unknown_columns: tuple[str, ...]
    header_row: int
    records: int
    skipped: dict[str, int]


@dataclass(frozen=True)
class ReadResult:
    """One file as raw text: canonical columns, `unknown__*` ones, `source_sheet`, `source_row`."""

    table: pa.Table
    sheets: tuple[SheetFacts, ...]
    encoding: str | None
    separator: str | None
