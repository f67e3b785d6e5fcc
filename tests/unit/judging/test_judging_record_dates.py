"""The date of a record: the one on whose map its commune is found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from assets.judging.record_dates import record_dates
from checks.contract import load_contract


def dates(table: str, year: int = 2024, **columns: pa.Array) -> tuple[list[date], dict[str, list[bool]]]:
    found, notes = record_dates(pa.table(columns), load_contract(table), year)
    assert found.type == pa.date32()
    return found.to_pylist(), {name: mask.to_pylist() for name, mask in notes.items()}


def days(*values: date | None) -> pa.Array:
    return pa.array(values, pa.date32())


def test_a_review_is_dated_by_its_date_else_fourteen_december() -> None:
    found, notes = dates("survey_household", review_date=days(date(2024, 10, 3), None))
    assert found == [date(2024, 10, 3), date(2024, 12, 14)]
    assert notes == {"note__review_date_outside": [False, False]}


@pytest.mark.parametrize(
    ("sent", "outside"),
    [
        (date(2023, 12, 31), True),
        (date(2024, 1, 1), False),
        (date(2025, 6, 30), False),
        (date(2025, 7, 1), True),
    ],
)
def test_a_review_date_outside_its_bounds_is_noted_and_the_folder_s_year_counts(
    sent: date, outside: bool
) -> None:
    found, notes = dates("survey_household", review_date=days(sent))
    assert notes["note__review_date_outside"] == [outside]
    assert found == [date(2024, 12, 14) if outside else sent]


@pytest.mark.parametrize("table", ["survey_total", "survey_member", "health_card"])
def test_what_has_no_date_is_of_31_december(table: str) -> None:
    found, notes = dates(table, any=pa.array(["a", "b"]))
    assert found == [date(2024, 12, 31)] * 2
    assert notes == {}


def test_a_ledger_s_period_is_its_folder_s_year() -> None:
    found, notes = dates(
        "loan_ledger", as_of_date=days(date(2024, 1, 1), date(2023, 12, 31), date(2025, 1, 1), None)
    )
    assert found == [date(2024, 1, 1), date(2023, 12, 31), date(2025, 1, 1), date(2024, 12, 31)]
    assert notes == {"note__wrong_period": [False, True, True, False]}


def test_a_visit_is_dated_by_its_admission() -> None:
    moments = pa.array([datetime(2024, 12, 31, 23, 59), datetime(2025, 1, 1, 0, 0)], pa.timestamp("s"))
    found, notes = dates("health_visit", admission_time=moments)
    assert found == [date(2024, 12, 31), date(2025, 1, 1)]
    assert notes == {"note__wrong_period": [False, True]}


def test_a_month_is_dated_by_its_last_day() -> None:
    months = days(date(2024, 2, 1), date(2024, 12, 1), None, date(2023, 2, 1))
    found, notes = dates("health_station", month=months)
    assert found == [date(2024, 2, 29), date(2024, 12, 31), date(2024, 12, 31), date(2023, 2, 28)]
    assert notes == {"note__wrong_period": [False, False, False, True]}


def test_a_target_s_year_is_its_period() -> None:
    years: Any = pa.array([2024, 2023, None], pa.int32())
    found, notes = dates("programme_plan", year_of_plan=years)
    assert found == [date(2024, 12, 31)] * 3
    assert notes == {"note__wrong_period": [False, True, False]}
