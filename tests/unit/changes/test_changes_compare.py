"""Two releases of a mart side by side: what is told of values, rows, years, columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from assets.changes.compare import FOUND, compare, prepare
from assets.changes.names import commune_names

GRAIN = ("year", "commune_code")
OLD = [(2021, "a", 10.0, "sent", True), (2021, "b", 20.0, None, True), (2022, None, 5.0, "sent", False)]


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        yield connection


def make(duck: duckdb.DuckDBPyConnection, side: str, rows: list[tuple[Any, ...]], columns: str = "") -> None:
    declared = columns or "year INTEGER, commune_code VARCHAR, poor DOUBLE, source VARCHAR, is_final BOOLEAN"
    duck.execute(f"CREATE SCHEMA IF NOT EXISTS {side}")
    duck.execute(f"CREATE TABLE {side}.rate ({declared})")
    if rows:
        duck.executemany(f"INSERT INTO {side}.rate VALUES ({', '.join('?' * len(rows[0]))})", rows)


def told(duck: duckdb.DuckDBPyConnection, *names: str) -> list[tuple[Any, ...]]:
    wanted = ", ".join(names or ("kind", "key", "column_name", "old_value", "new_value"))
    return duck.execute(f"SELECT {wanted} FROM {FOUND} ORDER BY ALL").fetchall()


def compared(
    duck: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]], **how: Any
) -> list[tuple[Any, ...]]:
    make(duck, "before", OLD)
    make(duck, "after", rows)
    compare(duck, "rate", GRAIN, "r2", **how)
    return told(duck)


def test_the_same_rows_in_another_order_have_no_row(duck: duckdb.DuckDBPyConnection) -> None:
    assert compared(duck, OLD[::-1]) == []


def test_a_value_is_told_with_its_key_and_nothing_beside_it(duck: duckdb.DuckDBPyConnection) -> None:
    found = compared(duck, [(2021, "a", 12.5, "sent", True), *OLD[1:]])
    assert found == [("changed", '{"year":2021,"commune_code":"a"}', "poor", "10.0", "12.5")]
    (row,) = told(duck, "difference", "share", "year", "commune_code", "cells", "release_id", "mart")
    assert row == (2.5, pytest.approx(2.5 / 32.5), 2021, "a", 1, "r2", "rate")


def test_a_blank_is_a_value_of_its_own(duck: duckdb.DuckDBPyConnection) -> None:
    found = compared(duck, [(2021, "a", None, "", True), *OLD[1:]])
    assert [row[2:] for row in found] == [("poor", "10.0", None), ("source", "sent", "")]


def test_a_blank_in_the_grain_pairs_with_a_blank(duck: duckdb.DuckDBPyConnection) -> None:
    (row,) = compared(duck, [*OLD[:2], (2022, None, 5.0, "sent", True)])
    assert (row[0], json.loads(row[1]), row[2:]) == (
        "changed", {"year": 2022, "commune_code": None}, ("is_final", "false", "true"),
    )  # fmt: skip


def test_rows_that_came_or_went_are_told_by_their_values(duck: duckdb.DuckDBPyConnection) -> None:
    found = compared(duck, [*OLD[:1], (2021, "c", None, None, None), OLD[2]])
    assert [(row[0], json.loads(row[1])["commune_code"], *row[2:]) for row in found] == [
        ("added", "c", "poor", None, None),  # a row without any value still came
        ("removed", "b", "is_final", "true", None),
        ("removed", "b", "poor", "20.0", None),
    ]


def test_a_year_that_was_not_there_is_one_row(duck: duckdb.DuckDBPyConnection) -> None:
    found = compared(duck, [*OLD, (2023, "a", 1.0, None, None), (2023, "b", 1.0, None, None)])
    assert found == [("slice_added", '{"year":2023}', None, None, None)]
    assert told(duck, "cells", "year") == [(2, 2023)]


def test_too_many_changes_are_told_together_and_say_so(duck: duckdb.DuckDBPyConnection) -> None:
    found = compared(duck, [(y, c, p + 1, s, f) for y, c, p, s, f in OLD], most=2)
    assert [(row[0], json.loads(row[1]), row[2]) for row in found] == [
        ("rolled_up", {"kind": "changed", "year": 2021}, "poor"),
        ("rolled_up", {"kind": "changed", "year": 2022}, "poor"),
    ]
    assert told(duck, "year", "cells", "difference") == [(2021, 2, 2.0), (2022, 1, 1.0)]


def test_columns_and_marts_that_came_or_went(duck: duckdb.DuckDBPyConnection) -> None:
    make(duck, "before", OLD)
    make(duck, "after", [(2021, "a", 10)], "year INTEGER, commune_code VARCHAR, poor BIGINT")
    duck.execute("ALTER TABLE after.rate ADD COLUMN rate DOUBLE DEFAULT 0.5")
    duck.execute(
        "CREATE TABLE after.credit AS SELECT 1 AS year; CREATE TABLE before.gone AS SELECT 1 AS year"
    )
    duck.execute("DELETE FROM before.rate WHERE year = 2022 OR commune_code = 'b'")
    for mart in ("rate", "credit", "gone"):
        compare(duck, mart, GRAIN, "r2")
    # Another type alone is no other value.
    assert told(duck, "mart", "kind", "column_name", "cells") == [
        ("credit", "mart_added", None, 1),
        ("gone", "mart_removed", None, 1),
        ("rate", "column_added", "rate", 1),
        ("rate", "column_removed", "is_final", 1),
        ("rate", "column_removed", "source", 1),
    ]


def test_another_grain_is_told_as_another_mart(duck: duckdb.DuckDBPyConnection) -> None:
    make(duck, "before", OLD)
    make(duck, "after", OLD)
    compare(duck, "rate", ("year", "standard"), "r2")
    compare(duck, "rate", (), "r2")
    assert told(duck, "kind", "cells") == [("mart_remade", 3), ("mart_remade", 3)]


def test_months_are_told_by_their_year(duck: duckdb.DuckDBPyConnection) -> None:
    for side, amounts in (("before", [1]), ("after", [2, 3])):
        duck.execute(f"CREATE SCHEMA {side}")
        values = ", ".join(f"(DATE '2024-0{n + 1}-01', 'x', {a})" for n, a in enumerate(amounts))
        duck.execute(
            f"CREATE TABLE {side}.credit AS SELECT * FROM (VALUES {values}) t(month, commune_code, paid)"
        )
    compare(duck, "credit", ("month", "commune_code"), "r2")
    assert told(duck, "kind", "key", "year", "new_value") == [
        ("changed", '{"month":"2024-01-01","commune_code":"x"}', 2024, "2"),
        ("slice_added", '{"month":"2024-02-01"}', 2024, None),
    ]


def test_only_the_columns_asked_for_are_compared(duck: duckdb.DuckDBPyConnection) -> None:
    found = compared(duck, [(2021, "a", 12.5, "carried", True), *OLD[1:]], only=("poor",))
    assert [row[2] for row in found] == ["poor"]


def test_a_commune_is_named_by_the_list_of_its_rows_map(duck: duckdb.DuckDBPyConnection) -> None:
    """One code, three meanings: then, today, and today's unit on the map of then."""
    duck.execute("CREATE SCHEMA p; CREATE TABLE p.dim_commune AS SELECT * FROM (VALUES"
                 " ('05467', 'Cam Giá', DATE '2016-01-01', DATE '2025-06-30', false),"
                 " ('05467', 'Gia Sàng', DATE '2025-07-01', NULL, true))"
                 " t(commune_code, commune_name, valid_from, valid_to, is_current)")  # fmt: skip
    rows = [
        ("as_reported", "05467", 1.0), ("as_reported", "05467@2025-07-01", 1.0), ("current", "05467", 1.0),
    ]  # fmt: skip
    columns = "year INTEGER, geography VARCHAR, commune_code VARCHAR, poor DOUBLE"
    make(duck, "before", [(2024, *row) for row in rows], columns)
    make(duck, "after", [(2024, *row[:2], 2.0) for row in rows], columns)
    compare(duck, "rate", ("year", "geography", "commune_code"), "r2")
    commune_names(duck, "p")
    found = duck.execute(
        "SELECT json_extract_string(key, '$.geography'), json_extract_string(key, '$.commune_code'),"
        " commune_name FROM commune_name ORDER BY ALL"
    ).fetchall()
    assert found == [
        ("as_reported", "05467", "Cam Giá"), ("as_reported", "05467@2025-07-01", "Gia Sàng"),
        ("current", "05467", "Gia Sàng"),
    ]  # fmt: skip
