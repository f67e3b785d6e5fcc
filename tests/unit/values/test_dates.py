"""Dates, times, months and years."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .reading import one, read

BAD = "unreadable"
DAY = dt.date(2024, 12, 14)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "14/12/2024", "14-12-2024", "14.12.2024", "14/12/24", "2024-12-14", "2024/12/14",
        "2024-12-14T08:30:00",
        "2024-12-14 08:30", "14/12/2024 08:30:15", "20241214", "202412140830", "20241214083059", "45640",
        "45640.75e0", "45640.0", " 14/12/2024 ",
    ],
)  # fmt: skip
def test_spellings_of_a_day(text: str) -> None:
    assert one(text, "date") == DAY


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2024", "29/02/2023", "12/31/2024", "00/12/2024", "14/13/2024", "14/12-2024", "14/12/224",
        "2024-13-01", "20241314", "14122024", "19999", "80001", "14/12/2024 25:00", "14/12", "hôm qua",
        "14/12/1899", "1899", "14/12/2101", "２０２４", "=TODAY()",
    ],
)  # fmt: skip
def test_unreadable_days(text: str) -> None:
    assert one(text, "date") == BAD


def test_a_year_only() -> None:
    assert one("2024", "date", name="review_date") == DAY
    assert one("1980", "date", name="birth_date") == dt.date(1980, 1, 1)
    assert one("198000000000", "date", name="birth_date") == dt.date(1980, 1, 1)
    assert one("2025", "date", name="deadline") == dt.date(2025, 12, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14/12/25", dt.date(2025, 12, 14)),
        ("14/12/26", dt.date(1926, 12, 14)),
        ("14/12/99", dt.date(1999, 12, 14)),
    ],
)
def test_years_of_two_digits(text: str, day: dt.date) -> None:
    parsed = read([text, "14/12/2024", None], "date", year=2024)
    assert parsed.values[0].as_py() == day
    assert parsed.notes["two_digit_year"].to_pylist() == [True, False, False]
    assert parsed.unreadable.to_pylist() == [False, False, False]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("202412140830", dt.datetime(2024, 12, 14, 8, 30)),
        ("20241214083059", dt.datetime(2024, 12, 14, 8, 30, 59)),
        ("2024-12-14T08:30:00", dt.datetime(2024, 12, 14, 8, 30)),
        ("14/12/2024 8:30", dt.datetime(2024, 12, 14, 8, 30)),
        ("14/12/2024", dt.datetime(2024, 12, 14)),
        ("45640.5e0", dt.datetime(2024, 12, 14, 12)),
        ("202412142430", BAD),
        ("202412140860", BAD),
    ],
)
def test_times(text: str, moment: Any) -> None:
    assert one(text, "datetime") == moment


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("03/2024", 3), ("3/2024", 3), ("2024-03", 3), ("2024-3", 3), ("202403", 3), ("2024-03-01", 3),
        ("15/03/2024", 3), ("13/2024", BAD), ("0/2024", BAD), ("2024", BAD), ("03/24", BAD), ("quý 1", BAD),
    ],
)  # fmt: skip
def test_months(text: str, month: Any) -> None:
    assert one(text, "month") == (BAD if month == BAD else dt.date(2024, month, 1))


@pytest.mark.parametrize(
    ("text", "year", "noted"),
    [
        ("1980", 1980, False), ("1980.0", 1980, False), ("80", 1980, True), ("07", 2007, True),
        ("25", 2025, True), ("26", 1926, True), ("14/12/1980", 1980, False), ("1980-12-14", 1980, False),
        ("1899", BAD, False),
        ("2101", BAD, False), ("198", BAD, False), ("19801", BAD, False), ("khoảng 1980", BAD, False),
    ],
)  # fmt: skip
def test_years(text: str, year: Any, noted: bool) -> None:
    assert one(text, "year", year=2024) == year
    assert read([text], "year", year=2024).notes["two_digit_year"].to_pylist() == [noted]


def test_types() -> None:
    for texts in ([], [None], ["2024-12-14", "x"]):
        assert read(texts, "date").values.type == pa.date32()
        assert read(texts, "month").values.type == pa.date32()
        assert read(texts, "datetime").values.type == pa.timestamp("s")
        assert read(texts, "year").values.type == pa.int32()


@given(DAYS)
def test_days_read_back(day: dt.date) -> None:
    spelled = [day.strftime(f) for f in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y%m%d0000")]
    spelled += [day.isoformat(), f"{day.day}/{day.month}/{day.year}", f"{day.isoformat()}T23:59:59"]
    assert read(list(spelled), "date").values.to_pylist() == [day] * len(spelled)
    assert read([day.strftime("%m/%Y")], "month").values.to_pylist() == [day.replace(day=1)]


@given(st.dates(dt.date(1954, 10, 3), dt.date(2100, 12, 31)))
def test_excel_serials_read_back(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    assert one(str(serial), "date") == day


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 12, 31)))
def test_times_read_back(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    texts = [moment.strftime("%Y%m%d%H%M%S"), moment.isoformat(), moment.strftime("%d/%m/%Y %H:%M:%S")]
    assert read(list(texts), "datetime").values.to_pylist() == [moment] * 3


@given(st.integers(1, 31), st.integers(13, 99), st.integers(1900, 2100))
def test_day_and_month_are_never_swapped(day: int, month: int, year: int) -> None:
    assert one(f"{day:02}/{month}/{year}", "date") == BAD
