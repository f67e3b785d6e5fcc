"""The gate: what stands against a release, and that missing evidence counts as failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import ReleaseBound
from checks.gate import DbtEvidence, DbtFinding, Evidence, Judged, Objection, YearEvidence, objections
from checks.large_change import ChangeBound, LargeChange
from checks.plausible import Movement, is_settled

SINCE = date(2026, 11, 23)
BOUND = ReleaseBound(minimum=0.9, maximum=1.25, since=SINCE, reason="none was seen")
COUNTS = {"landed": 10, "accepted": 6, "quarantined": 2, "duplicate": 1, "superseded": 1}
NAMES = ("shape", "rules_place", "table_rules", "reconciliation")


def check(name: str, passed: bool = True, *, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    blocking = not name.startswith("rules_")
    return {
        "check_name": name, "passed": passed, "blocking": blocking, "detail": detail or {}, "evaluated": 3,
        "fingerprint": "reader" if name == "shape" else "all",
    }  # fmt: skip


JUDGED = Judged("f", "all", COUNTS, 6)
YEAR = YearEvidence("loan_ledger", 2024, "f", JUDGED, tuple(map(check, NAMES)), NAMES, NAMES[1:])
DBT = DbtEvidence(True, True, ())
GOOD = Evidence((YEAR,), (), DBT, ())


def held(**changed: Any) -> list[Objection]:
    return objections(replace(GOOD, **changed))


def held_year(**changed: Any) -> list[Objection]:
    return held(years=(replace(YEAR, **changed),))


def moved(now: int, before: int, *, settled: bool = True, year: int | None = 2024) -> Movement:
    return Movement("survey_household", year, now, before, BOUND, settled)


def test_nothing_stands_against_a_release_with_all_its_evidence() -> None:
    assert objections(GOOD) == []


def test_records_set_aside_hold_nothing() -> None:
    failing = {"unknown_commune": {"records": 4, "outcome": "reject"}}
    checks = (*YEAR.checks[:1], check("rules_place", False, detail=failing), *YEAR.checks[2:])
    assert held_year(checks=checks) == []


@pytest.mark.parametrize("missing", NAMES)
def test_a_check_without_a_result_counts_as_failed(missing: str) -> None:
    found = held_year(checks=tuple(c for c in YEAR.checks if c["check_name"] != missing))
    assert [(o.where, o.year, o.check, o.found) for o in found] == [
        ("loan_ledger", 2024, missing, "no result on record")
    ]
    assert found[0].todo == "thoatngheo refresh --year 2024"


def test_a_year_that_was_landed_and_no_more_is_told_once() -> None:
    (said,) = held_year(judged=None, checks=())
    assert (said.check, said.found) == ("inputs", "landed but not judged")


def test_a_check_that_the_contract_no_longer_has_holds_nothing() -> None:
    assert held_year(checks=(*YEAR.checks, check("removed", False))) == []


@pytest.mark.parametrize(
    ("judged", "found"),
    [
        (None, "landed but not judged"),
        (replace(JUDGED, files="older"), "judged from other inputs than those landed"),
        (replace(JUDGED, everything="newer"), "looked at other records than those accepted"),
        (replace(JUDGED, stored=5), "5 records where 6 records were accepted"),
        (replace(JUDGED, stored=None), "no file where 6 records were accepted"),
        (replace(JUDGED, counts={**COUNTS, "landed": 11}), "11 records landed, 10 with an outcome"),
    ],
)
def test_evidence_of_other_records_is_none(judged: Judged | None, found: str) -> None:
    said = held_year(judged=judged)
    assert len(said) == 1
    assert found in said[0].found


def placed_before(year: int, table: str, *others: str) -> YearEvidence:
    return replace(YEAR, table=table, year=year, judged=replace(JUDGED, placed_by_others=others))


def test_years_on_another_list_of_communes_hold_the_release_each_named_once_with_the_fix() -> None:
    """The marts would carry them over a map that is not theirs."""
    old = [placed_before(2025, table, "the list of communes") for table in ("loan_ledger", "health_card")]
    elsewhere = placed_before(2023, "loan_ledger", "the province")
    said = held(years=(YEAR, *old, elsewhere))
    assert [(o.where, o.year, o.check) for o in said] == [
        ("loan_ledger", 2023, "communes"), ("2 tables", 2025, "communes"),
    ]  # fmt: skip
    assert said[0].found == "placed before the province changed"
    assert said[1].found == "placed before the list of communes changed"
    assert said[1].todo == "thoatngheo refresh makes every such year; or thoatngheo backfill 2025"


def test_what_moved_is_told_once_all_years_stand_on_one_map() -> None:
    """Till then a value on today's map is made of both, and nobody should approve it."""
    bound = ChangeBound(
        columns=["poor_households"], maximum=0.25, floor=30, since=SINCE, reason="none was seen"
    )
    change = LargeChange("poverty_rate", 2021, "{}", "poor_households", "", 100.0, 10.0, bound)
    old = placed_before(2025, "loan_ledger", "the list of communes")
    assert [o.check for o in held(years=(YEAR, old), large_changes=(change,))] == ["communes"]
    assert [o.check for o in held(large_changes=(change,))] == ["change"]


def test_a_year_that_a_check_holds_is_not_told_twice() -> None:
    old = placed_before(2025, "loan_ledger", "the list of communes")
    said = held(years=(replace(old, checks=(check("shape", False), *YEAR.checks[1:])),))
    assert [o.check for o in said] == ["shape"]


def test_each_failed_blocking_check_is_told_with_value_bound_and_what_to_do() -> None:
    share = {"value": 0.71234, "minimum": None, "maximum": 0.5, "outcome": "stop_year"}
    warned = {"value": 3.0, "minimum": 0.5, "maximum": 2.0, "outcome": "warn"}
    failed = (
        check("shape", False),
        check("rules_place"),
        check("table_rules", False, detail={"quarantine_share": share, "row_count_jump": warned}),
        check("reconciliation", False, detail={"files": ["a.csv: landed 2"]}),
    )
    said = {objection.check: objection for objection in held_year(checks=failed, judged=None)}
    assert set(said) == {"shape", "table_rules", "reconciliation"}
    assert said["shape"].found == "none of 3 files can be read"
    assert said["reconciliation"].found == "records unaccounted for in a.csv: landed 2"
    rule = said["table_rules"]
    assert (rule.found, rule.bound) == ("quarantine_share 0.712", "at most 0.5")
    assert "change the bound in the contract with its date and reason" in rule.todo
    assert str(rule).startswith("loan_ledger 2024: table_rules: quarantine_share 0.712; asked: at most 0.5; ")


def test_years_that_were_not_transformed_are_held() -> None:
    said = held(untransformed=(2024, 2023))
    assert [o.year for o in said] == [2023, 2024]
    assert all("have not gone through the transformation" in o.found for o in said)


@pytest.mark.parametrize(
    ("dbt", "where", "found"),
    [
        (DbtEvidence(False, False, ()), "dbt", "no results on record"),
        (DbtEvidence(True, False, ()), "dbt", "models and tests last ran on other inputs"),
        (
            replace(DBT, findings=(DbtFinding("test", "unique_grain_credit", "credit", "fail", 12),)),
            "credit",
            "fail (12 rows)",
        ),
        (
            replace(DBT, findings=(DbtFinding("model", "credit", "credit", "was not run", None),)),
            "credit",
            "was not run",
        ),
    ],
)
def test_dbt_holds_a_release_unless_all_passed_on_these_inputs(
    dbt: DbtEvidence, where: str, found: str
) -> None:
    said = held(dbt=dbt)
    assert [(o.where, o.found) for o in said] == [(where, found)]


def test_a_fall_against_the_last_release_is_held_with_both_counts() -> None:
    (said,) = held(movements=(moved(899, 1000),))
    assert said.where == "survey_household" and said.year == 2024
    assert said.found == "accepted records: 899 where the last release has 1,000 (0.90)"
    assert said.bound == "0.9 to 1.25 of it since 2026-11-23"
    assert "checks/contracts/survey_household.yaml with date and reason" in said.todo


@pytest.mark.parametrize(
    ("now", "before", "settled", "too_far"),
    [
        (900, 1000, True, False),
        (899, 1000, True, True),
        (899, 1000, False, True),
        (0, 1000, False, True),
        (1250, 1000, True, False),
        (1251, 1000, True, True),
        (90_000, 1000, False, False),
        (7, 0, True, False),
    ],
)
def test_a_fall_is_always_judged_and_a_rise_when_the_year_is_settled(
    now: int, before: int, settled: bool, too_far: bool
) -> None:
    assert moved(now, before, settled=settled).too_far is too_far


def test_a_mart_is_named_with_the_file_of_its_bound() -> None:
    (said,) = held(movements=(moved(1, 1000, year=None, settled=False),))
    assert said.found == "rows of the mart: 1 where the last release has 1,000 (0.00)"
    assert "dbt_project/models/marts/survey_household.yml" in said.todo
    assert said.bound == "0.9 or more of it since 2026-11-23"


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.booleans())
def test_a_count_that_did_not_move_or_only_grew_a_little_never_holds(
    before: int, now: int, settled: bool
) -> None:
    assert not moved(before, before, settled=settled).too_far
    assert moved(now, before, settled=settled).too_far == (
        before > 0 and (now / before < 0.9 or (settled and now / before > 1.25))
    )


def test_a_year_is_settled_from_july_of_the_next() -> None:
    assert not is_settled(2025, date(2026, 6, 30))
    assert is_settled(2025, date(2026, 7, 1))
