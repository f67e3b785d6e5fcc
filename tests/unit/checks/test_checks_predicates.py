"""Derived columns: ceilings by date, sums, scores, test records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from checks.contract import Rule
from checks.predicates import ceilings, derive, subject

MakeRule = Callable[..., Rule]
TRIEU = 1_000_000


def ceiling(programme: str | None, day: str | None) -> float:
    found = ceilings(pd.Series([programme], dtype=object), pd.Series([pd.Timestamp(day) if day else pd.NaT]))
    return float(found.iloc[0])


@pytest.mark.parametrize(
    ("programme", "day", "millions"),
    [
        ("HN", "2019-02-28", 50),
        ("HN", "2019-03-01", 100),
        ("HN", "2026-11-23", 100),
        ("GQVL", "2019-11-07", 50),
        ("GQVL", "2019-11-08", 100),
        ("GQVL", "2025-12-31", 100),
        ("GQVL26", "2026-01-01", 200),
        ("NSVSMT", "2024-09-01", 10),
        ("NSVSMT", "2024-09-02", 25),
        ("D28_DATSX", "2022-04-26", 77.5),
        ("HOUSING_NEW_BUILD", "2023-12-31", 40),
        ("HOUSING_NEW_BUILD", "2024-01-01", 60),
        ("HOUSING_REPAIR", "2023-12-31", 20),
        ("HOUSING_REPAIR", "2024-01-01", 30),
    ],
)
def test_ceiling_of_a_programme_on_a_day(programme: str, day: str, millions: float) -> None:
    assert ceiling(programme, day) == millions * TRIEU


@pytest.mark.parametrize(
    ("programme", "day"),
    [
        ("HSSV", "2024-01-01"),  # a ceiling a month of study, none of the account
        ("GQVL", "2026-01-01"),  # ended
        ("D28_DATO", "2022-04-25"),  # not yet
        ("UNKNOWN", "2024-01-01"),
        (None, "2024-01-01"),
        ("HSSV", None),
        (None, None),
    ],
)
def test_no_ceiling(programme: str | None, day: str | None) -> None:
    assert np.isnan(ceiling(programme, day))


def test_the_last_day_of_a_ceiling_holds_until_midnight() -> None:
    assert ceiling("HN", "2019-02-28 23:59") == 50 * TRIEU


def test_without_a_day_the_highest_ceiling_ever_counts() -> None:
    assert ceiling("HN", None) == 100 * TRIEU
    assert ceiling("NSVSMT", None) == 25 * TRIEU


def test_a_housing_ceiling_follows_the_kind_of_work(rule: MakeRule) -> None:
    one = rule("housing_ceiling", columns=("amount", "work", "day"), factor=1)
    batch = pd.DataFrame(
        {
            "amount": [60.0 * TRIEU, 60.0 * TRIEU, 60.0 * TRIEU],
            "work": ["new_build", "repair", None],
            "day": pd.to_datetime(["2024-05-01"] * 3),
        }
    )
    ratio = derive(one, batch)
    assert ratio is not None
    assert ratio.iloc[:2].tolist() == [1.0, 2.0]
    assert np.isnan(ratio.iloc[2])


@pytest.mark.parametrize(
    ("parts", "difference"),
    [
        ([60.0, 30.0, 10.0], 0.0),
        ([60.0, np.nan, 30.0], 10.0),
        ([60.0, 50.0, 0.0], -10.0),
        ([0.0, 0.0, 0.0], 100.0),
    ],
)
def test_a_sum_counts_blank_parts_as_nothing(rule: MakeRule, parts: list[float], difference: float) -> None:
    one = rule("sum", columns=("total", "a", "b", "c"))
    batch = pd.DataFrame([[100.0, *parts]], columns=["total", "a", "b", "c"])
    found = derive(one, batch)
    assert found is not None and found.tolist() == [difference]


def test_a_sum_without_any_part_says_nothing(rule: MakeRule) -> None:
    one = rule("sum", columns=("total", "a", "b"))
    found = derive(one, pd.DataFrame({"total": [100.0], "a": [np.nan], "b": [np.nan]}))
    assert found is not None and found.isna().tolist() == [True]


def test_a_score_is_ten_times_the_deprivations_marked(rule: MakeRule) -> None:
    one = rule("score_sum", columns=("b2",), prefix="dep_", step=10)
    batch = pd.DataFrame(
        {
            "b2": [20.0, 30.0, 0.0, 10.0, np.nan],
            "dep_a": [1.0, 1.0, 0.0, np.nan, 1.0],
            "dep_b": [1.0, 1.0, np.nan, np.nan, 1.0],
            "department": [1.0] * 5,
        }
    )
    found = derive(one, batch)
    assert found is not None
    assert found.iloc[:3].tolist() == [0.0, 10.0, 0.0]
    assert found.iloc[3:].isna().all()


@pytest.mark.parametrize(
    ("values", "days_after"),
    [([2024.0, 2025.0], [0.0, 1.0]), (pd.to_datetime(["2023-12-31", "2025-01-01"]), [-1.0, 1.0])],
)
def test_years_after_the_year_of_the_folder(rule: MakeRule, values: Any, days_after: list[float]) -> None:
    found = derive(
        rule("not_after_year", columns=("born",)), pd.DataFrame({"born": values, "year": [2024.0] * 2})
    )
    assert found is not None and found.tolist() == days_after


def suspects(
    rule: MakeRule, codes: list[str | None], villages: list[str], units: list[str | None]
) -> list[bool]:
    one = rule("test_record", columns=("household_code", "village"))
    found = derive(one, pd.DataFrame({"household_code": codes, "village": villages, "unit_id": units}))
    assert found is not None
    return found.tolist()


def test_code_999_is_a_test_record_where_the_next_highest_is_below_500(rule: MakeRule) -> None:
    assert suspects(rule, ["1", "499", "999"], ["A"] * 3, ["u"] * 3) == [False, False, True]


def test_code_999_is_a_household_where_the_next_highest_is_500_or_more(rule: MakeRule) -> None:
    assert suspects(rule, ["1", "500", "999"], ["A"] * 3, ["u"] * 3) == [False, False, False]


def test_villages_of_one_name_in_two_communes_are_two(rule: MakeRule) -> None:
    found = suspects(rule, ["998", "999", "3", "999"], ["A"] * 4, ["u", "u", "v", "v"])
    assert found == [False, False, False, True]


def test_codes_that_are_no_numbers_are_no_test_records(rule: MakeRule) -> None:
    assert suspects(rule, [None, "H-12", "0999"], ["A"] * 3, ["u"] * 3) == [False, False, True]
    assert suspects(rule, [None, "H-12", "98"], ["A"] * 3, ["u"] * 3) == [False, False, False]


def test_kinds_stated_on_the_batch_itself_derive_nothing(rule: MakeRule) -> None:
    assert derive(rule("range", columns=("a",), minimum=0), pd.DataFrame({"a": [1.0]})) is None
    assert subject(rule("sum", name="parts")) == "rule__parts"
