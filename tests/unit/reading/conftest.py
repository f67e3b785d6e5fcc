"""Files of the offices, as small as a test needs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from assets.reading import ReadResult, read_file
from checks.contract import load_contract

Rows = list[list[Any]]


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[..., ReadResult]:
    """Read text (or bytes) as a file of a table."""

    def read(
        content: str | bytes, table: str = "survey_total", name: str = "tong.csv", year: int = 2024
    ) -> ReadResult:
        path = tmp_path / "landed"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path, load_contract(table).of_year(year), name)

    return read


@pytest.fixture
def read_sheets(tmp_path: Path) -> Callable[..., ReadResult]:
    """Read a workbook given by sheet name and rows; `merges` are (sheet, first row, first
    column, last row, last column, text)."""

    def read(
        sheets: dict[str, Rows], table: str = "survey_total", merges: tuple[tuple[Any, ...], ...] = ()
    ) -> ReadResult:
        path = tmp_path / "landed"
        book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(i, j, cell)
            for merged in (m for m in merges if m[0] == name):
                sheet.merge_range(*merged[1:])
        book.close()
        return read_file(path, load_contract(table), "xã.xlsx")

    return read
