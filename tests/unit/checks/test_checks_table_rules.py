"""Rules of a whole table and year, reconciliation, and the seeds they look up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import TableRule, load_contract
from checks.reconciliation import FileCount, unreconciled
from checks.seeds import headline_standard, in_force, outgoing_standard, read_seed, standard_in_force
from checks.table_rules import TableCounts, judge_table

COUNTS = TableCounts(
    landed=100, duplicate=20, superseded=30, quarantined=5, flags={"denominator_implausible": 10},
    previous=100, complete=True,
)  # fmt: skip


def table_rule(kind: str, **arguments: Any) -> TableRule:
    return TableRule(name="it", kind=kind, outcome="warn", description="it", **arguments)


def value(kind: str, counts: TableCounts = COUNTS, **arguments: Any) -> float | None:
    return judge_table((table_rule(kind, **arguments),), counts)[0].value


def test_shares_are_of_what_they_say() -> None:
    assert value("duplicate_share") == 0.2
    assert value("quarantine_share") == 0.1
    assert value("flagged_share", rule="denominator_implausible") == 0.2
    assert value("flagged_share", rule="never_broken") == 0.0
    assert value("row_count_jump") == 0.5


def test_a_bound_may_be_reached_and_not_passed() -> None:
    rules = tuple(table_rule("duplicate_share", maximum=m) for m in (0.2, 0.199))
    assert [v.passed for v in judge_table(rules, COUNTS)] == [True, False]
    rules = tuple(table_rule("row_count_jump", minimum=m) for m in (0.5, 0.51))
    assert [v.passed for v in judge_table(rules, COUNTS)] == [True, False]


@pytest.mark.parametrize("changed", [{"previous": None}, {"previous": 0}, {"complete": False}, {"landed": 0}])
def test_a_jump_needs_two_whole_years(changed: dict[str, Any]) -> None:
    verdict = judge_table(
        (table_rule("row_count_jump", minimum=0.5, maximum=2.0),), replace(COUNTS, **changed)
    )[0]
    assert (verdict.value, verdict.passed) == (None, True)


def test_nothing_landed_has_no_shares() -> None:
    nothing = TableCounts(0, 0, 0, 0, {}, None, True)
    for name in ("survey_household", "loan_ledger", "survey_total"):
        assert all(
            v.passed and v.value is None for v in judge_table(load_contract(name).table_rules, nothing)
        )


def test_an_unknown_kind_is_a_fault_of_the_contract() -> None:
    with pytest.raises(LookupError, match="table rule it: unknown kind 'nothing'"):
        value("nothing")


def test_a_file_that_adds_up_is_closed() -> None:
    assert unreconciled({"a": FileCount("a.csv", 10, 4, 3, 2, 1)}) == []


def test_a_file_that_does_not_add_up_is_named_with_its_counts() -> None:
    counts = {"a": FileCount("a.csv", 10, 4, 3, 2, 1), "b": FileCount("b.csv", 10, 4, 3, 1, 1)}
    assert unreconciled(counts) == [
        "b.csv: landed 10 but accepted 4 + quarantined 3 + duplicate 1 + superseded 1 (difference 1)"
    ]
    assert FileCount("c.csv", 1, 1, 1, 0, 0).difference == -1


@pytest.mark.parametrize(
    ("day", "standard"),
    [
        (date(2016, 1, 1), "VN-2016"),
        (date(2021, 12, 31), "VN-2016"),
        (date(2022, 1, 1), "VN-2022"),
        (date(2026, 12, 31), "VN-2022"),
        (date(2027, 1, 1), "VN-2027"),
    ],
)
def test_standard_in_force(day: date, standard: str) -> None:
    assert standard_in_force(day) == standard


def test_a_day_without_a_standard_is_a_fault_of_the_seed() -> None:
    with pytest.raises(LookupError, match=r"seeds/standards.csv: 0 standards are in force on 2015-12-31"):
        standard_in_force(date(2015, 12, 31))


@given(st.dates(date(2016, 1, 1), date(2030, 12, 31)))
def test_one_standard_is_in_force_on_every_day(day: date) -> None:
    assert standard_in_force(day).startswith("VN-")


@pytest.mark.parametrize(
    ("year", "headline", "outgoing"),
    [
        (2020, "VN-2016", "VN-2016"),
        (2021, "VN-2022", "VN-2016"),
        (2025, "VN-2022", "VN-2022"),
        (2026, "VN-2027", "VN-2022"),
    ],
)
def test_the_headline_standard_is_that_of_the_next_first_of_january(
    year: int, headline: str, outgoing: str
) -> None:
    assert (headline_standard(year), outgoing_standard(year)) == (headline, outgoing)


def test_a_programme_has_one_row_a_day() -> None:
    rows = read_seed("programmes")
    for code in {r["programme"] for r in rows}:
        own = tuple(r for r in rows if r["programme"] == code)
        for day in {date.fromisoformat(r["valid_from"]) for r in own}:
            assert len(in_force(own, day)) == 1
            assert len(in_force(own, day - timedelta(days=1))) <= 1
