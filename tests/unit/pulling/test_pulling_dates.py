"""The date of a drop: the one its name carries, else the day it was last modified."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.pulling.file_dates import date_in_name, file_date


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("du-no_20240131.csv", date(2024, 1, 31)),
        ("du-no 2024-01-31.xlsx", date(2024, 1, 31)),
        ("du-no 2024-1-5.xlsx", date(2024, 1, 5)),
        ("sao kê 31.01.2024.csv.gz", date(2024, 1, 31)),
        ("20240131_sua_20240215.csv", date(2024, 2, 15)),
        ("31.12.2024 (sửa 2025-01-05).xlsx", date(2025, 1, 5)),
        ("20240230.csv", None),  # no such day
        ("20240230_20240131.csv", date(2024, 1, 31)),
        ("ra-soat_01840.xlsx", None),
        ("ra-soat_2024.xlsx", None),
        ("ma-120240131.csv", None),  # part of a longer number
        ("202401315.csv", None),
        ("19991231.csv", None),
        ("", None),
    ],
)
def test_date_in_a_name(name: str, found: date | None) -> None:
    assert date_in_name(name) == found


def test_the_name_goes_before_the_modification() -> None:
    modified = datetime(2025, 3, 1, 23, 30, tzinfo=UTC).timestamp()
    assert file_date("tong_20240131.csv", modified) == date(2024, 1, 31)
    assert file_date("tong.csv", modified) == date(2025, 3, 1)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%d.%m.%Y"]))
def test_every_day_is_found_in_every_form(day: date, form: str) -> None:
    assert date_in_name(f"tong_hop {day.strftime(form)} (sửa).xlsx") == day
