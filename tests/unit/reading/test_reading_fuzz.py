"""Any bytes under any of the formats are read with every row accounted for, or refused by name.

Healthy files are damaged at random (bytes changed, cut out, put in, moved, the end cut off; in
workbooks also inside their parts), and random tables are written with random separators, quotes,
encodings and line ends. More examples than the few of every day: `THOATNGHEO_FUZZ_EXAMPLES=5000`.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.reading import FileRefused, ReadResult, read_file
from assets.reading.errors import Reason
from checks.contract import load_contract
from tests.unit.hostile.case import HEADINGS, PERSON_PART, row, text
from tests.unit.hostile.excel_cases import old_book
from tests.unit.hostile.parquet_cases import sound

TOTALS = load_contract("survey_total")
EXAMPLES = int(os.environ.get("THOATNGHEO_FUZZ_EXAMPLES", "40"))
# Each .xls starts a process.
OLD_EXAMPLES = max(10, EXAMPLES // 4)
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
RECORDS = 40

Place = st.floats(0, 1, exclude_max=True)
Change = st.one_of(
    st.tuples(st.just("put"), Place, st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("over"), Place, st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("out"), Place, st.integers(1, 400)),
    st.tuples(st.just("end"), Place, st.none()),
    st.tuples(st.just("move"), Place, Place),
)
Changes = st.lists(Change, min_size=1, max_size=6)


def changed(data: bytes, changes: list[tuple[str, float, Any]]) -> bytes:
    """The bytes after every change, each at its share of the length."""
    for kind, share, what in changes:
        at = int(share * len(data))
        if kind == "put":
            data = data[:at] + what + data[at:]
        elif kind == "over":
            data = data[:at] + what + data[at + len(what) :]
        elif kind == "out":
            data = data[:at] + data[at + what :]
        elif kind == "end":
            data = data[:at]
        else:
            start = int(what * len(data))
            data = data[:at] + data[start : start + 200] + data[at:]
    return data


@cache
def workbook() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for number in range(RECORDS):
        page.append(HEADINGS if not number else row(number))
    page.append(["=1+2", "#REF!", 1.5, True, None])
    page.merge_cells("E3:E5")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@cache
def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook())) as book:
        return {name: book.read(name) for name in book.namelist()}


@cache
def healthy(suffix: str) -> bytes:
    if suffix == ".csv":
        return text(RECORDS).encode()
    if suffix == ".xlsx":
        return workbook()
    return old_book(RECORDS) if suffix == ".xls" else sound(RECORDS)


def outcome(data: bytes, name: str, folder: Path) -> ReadResult | str:
    """The result, or the reason of the refusal; anything else fails the test."""
    path = folder / f"fuzzed{Path(name).suffix}"
    path.write_bytes(data)
    try:
        result = read_file(path, TOTALS, name)
    except FileRefused as refused:
        assert refused.reason in get_args(Reason)
        assert PERSON_PART not in str(refused) and "; " in str(refused)
        return refused.reason
    _rows_hold(result)
    return result


def _rows_hold(result: ReadResult) -> None:
    """Rows are named once, in their order, and counted once."""
    assert result.table.num_rows == sum(sheet.records for sheet in result.sheets) > 0
    assert all(count >= 0 for sheet in result.sheets for count in sheet.skipped.values())
    start = 0
    for sheet in result.sheets:
        rows = result.table["source_row"][start : start + sheet.records].to_pylist()
        assert all(a < b for a, b in pairwise(rows))
        assert not rows or rows[0] >= 1
        start += sheet.records


def counted(result: ReadResult) -> int:
    """Every row of the file that the reader says what it is."""
    return result.table.num_rows + sum(sum(sheet.skipped.values()) for sheet in result.sheets)


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_damaged_bytes(suffix: str, tmp_path: Path) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=CHECKS)
    @given(Changes)
    def holds(changes: list[tuple[str, float, Any]]) -> None:
        data = changed(healthy(suffix), changes)
        found = outcome(data, f"tong{suffix}", tmp_path)
        if isinstance(found, ReadResult) and suffix == ".csv":
            ends = data.count(b"\n") + data.count(b"\r") + 1
            assert found.encoding == "utf-16" or counted(found) <= ends

    holds()


@pytest.mark.timeout(7_200)
def test_a_damaged_old_workbook(tmp_path: Path) -> None:
    @settings(max_examples=OLD_EXAMPLES, deadline=None, suppress_health_check=CHECKS)
    @given(Changes)
    def holds(changes: list[tuple[str, float, Any]]) -> None:
        outcome(changed(healthy(".xls"), changes), "tong.xls", tmp_path)

    holds()


@pytest.mark.timeout(7_200)
def test_a_workbook_damaged_inside_a_part(tmp_path: Path) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=CHECKS)
    @given(st.sampled_from(sorted(parts())), Changes)
    def holds(part: str, changes: list[tuple[str, float, Any]]) -> None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as book:
            for name, content in parts().items():
                book.writestr(name, changed(content, changes) if name == part else content)
        outcome(target.getvalue(), "tong.xlsx", tmp_path)

    holds()


Cell = st.one_of(
    st.sampled_from(
        ["", " ", "1", "-5", "1.234,5", "Tổng cộng", "Xã La Bằng", "=1+1", "#REF!", "Mã xã", "inf"]
    ),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=["Cs", "Cc"]),
        max_size=12,
    ),
)
Table = st.lists(st.lists(Cell, min_size=5, max_size=5), min_size=1, max_size=25)


@pytest.mark.timeout(7_200)
def test_any_table_as_text(tmp_path: Path) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=CHECKS)
    @given(
        Table,
        st.sampled_from([";", ",", "\t", "|"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.integers(0, 3),
    )
    def holds(
        table: list[list[str]], separator: str, quoting: Any, encoding: str, end: str, above: int
    ) -> None:
        target = io.StringIO()
        writer = csv.writer(target, delimiter=separator, quoting=quoting, lineterminator=end)
        lines = [["Biểu tổng hợp", "", "", "", ""]] * above + [list(HEADINGS), *table]
        writer.writerows(lines)
        found = outcome(target.getvalue().encode(encoding), "tong.csv", tmp_path)
        if isinstance(found, ReadResult):
            assert counted(found) == len(lines)

    holds()


@pytest.mark.timeout(7_200)
def test_any_table_as_a_workbook(tmp_path: Path) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=CHECKS)
    @given(Table)
    def holds(table: list[list[str]]) -> None:
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet("Tổng")
        for cells in ([*HEADINGS], *table):
            page.append([cell or None for cell in cells])
        target = io.BytesIO()
        book.save(target)
        found = outcome(target.getvalue(), "tong.xlsx", tmp_path)
        if isinstance(found, ReadResult):
            last = max(i for i, cells in enumerate(([*HEADINGS], *table), 1) if any(cells))
            assert last <= counted(found) <= 1 + len(table)

    holds()
