"""DuckDB files that are replaced under a reader, and the types that calamine gives."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook


def holding(path: Path, value: int) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT {value} AS v")
    return path


def value(path: Path) -> object:
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("SELECT v FROM t").fetchone()
    assert row is not None
    return row[0]


def test_a_file_replaced_under_a_reader_is_seen_when_it_opens_anew(tmp_path: Path) -> None:
    path = holding(tmp_path / "w.duckdb", 1)
    reader = duckdb.connect(str(path), read_only=True)
    holding(tmp_path / "n.duckdb", 2).replace(path)
    assert reader.execute("SELECT v FROM t").fetchone() == (1,)
    reader.close()
    assert value(path) == 2


def test_within_a_process_the_old_file_stays_until_its_last_reader_closes(
    tmp_path: Path,
) -> None:
    path = holding(tmp_path / "w.duckdb", 1)
    reader = duckdb.connect(str(path), read_only=True)
    holding(tmp_path / "n.duckdb", 2).replace(path)
    assert value(path) == 1  # connections of one process to one path share the open database
    reader.close()
    assert value(path) == 2


def test_read_only_refuses_to_write_and_needs_a_file(tmp_path: Path) -> None:
    path = holding(tmp_path / "w.duckdb", 1)
    with (
        duckdb.connect(str(path), read_only=True) as connection,
        pytest.raises(duckdb.Error, match="read-only"),
    ):
        connection.execute("CREATE TABLE u (a INT)")
    with pytest.raises(duckdb.IOException):
        duckdb.connect(str(tmp_path / "absent.duckdb"), read_only=True)


def test_calamine_gives_native_types_and_whole_numbers_as_floats(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("A")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_row(0, 0, ["chữ", 12, 12.5, True])
        sheet.write_datetime(0, 4, datetime(2024, 12, 14), day)
        sheet.write_datetime(0, 5, datetime(2024, 12, 14, 8, 30), moment)
        sheet.write(0, 7, "x")
    row = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("A").to_python()[0]
    assert row == ["chữ", 12.0, 12.5, True, date(2024, 12, 14), datetime(2024, 12, 14, 8, 30), "", "x"]
    assert [type(cell).__name__ for cell in row] == [
        "str",
        "float",
        "float",
        "bool",
        "date",
        "datetime",
        "str",
        "str",
    ]
