"""The seeds agree with the contracts, the vocabularies and themselves."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from checks.contract import load_contract, load_vocabulary
from checks.seeds import dbt_project, headline_standard, in_force, outgoing_standard, read_seed

Row = dict[str, str]


def test_indicators_are_the_layouts_of_the_contract() -> None:
    contract = load_contract("survey_household")
    declared = [
        (s, c.name.removeprefix("dep_"), c.label) for s, columns in contract.layouts.items() for c in columns
    ]
    rows = [r for r in read_seed("indicators") if r["standard"] in contract.layouts]
    assert [(r["standard"], r["indicator"], r["name_vi"]) for r in rows] == declared


def test_causes_and_classes_are_those_of_the_contract() -> None:
    columns = {c.name: c.label for c in load_contract("survey_household").columns}
    causes = {r["cause"]: r["name_vi"] for r in read_seed("causes")}
    assert {f"cause_{c}": label for c, label in causes.items()} == {
        name: label for name, label in columns.items() if name.startswith("cause_")
    }
    assert {r["poverty_class"] for r in read_seed("poverty_classes")} == set(load_vocabulary("poverty_class"))


def test_macros_list_the_columns_of_the_contract() -> None:
    text = (dbt_project() / "macros" / "columns.sql").read_text(encoding="utf-8")
    causes = text.split("{% macro causes")[1]
    columns = [c.name for c in load_contract("survey_household").all_columns()]
    assert re.findall(r"'(\w+)'", causes) == [
        c.removeprefix("cause_") for c in columns if c.startswith("cause_")
    ]


def test_programmes_hold_the_vocabulary_and_housing() -> None:
    kinds = {r["programme"]: r["kind"] for r in read_seed("programmes")}
    assert {p for p, kind in kinds.items() if kind == "loan"} == set(load_vocabulary("programme"))
    assert {p for p, kind in kinds.items() if kind == "housing"} == {"HOUSING_NEW_BUILD", "HOUSING_REPAIR"}


def _periods(name: str, key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in read_seed(name):
        found.setdefault(row[key], []).append(row)
    return found


def test_periods_of_a_programme_follow_one_another() -> None:
    for programme, rows in _periods("programmes", "programme").items():
        assert not any(r["valid_to"] for r in rows[-1:]) or programme == "GQVL"
        for before, after in pairwise(rows):
            follows = date.fromisoformat(before["valid_to"]) + timedelta(days=1)
            assert follows == date.fromisoformat(after["valid_from"]), programme


def test_national_standards_are_those_that_a_total_can_name() -> None:
    national = {r["standard"] for r in read_seed("standards") if r["scope"] == "national"}
    assert national == set(load_vocabulary("standard"))


@pytest.mark.parametrize(
    ("year", "outgoing", "headline"),
    [
        (2016, "VN-2016", "VN-2016"),
        (2021, "VN-2016", "VN-2022"),
        (2025, "VN-2022", "VN-2022"),
        (2026, "VN-2022", "VN-2027"),
    ],
)
def test_standard_of_a_year(year: int, outgoing: str, headline: str) -> None:
    assert (outgoing_standard(year), headline_standard(year)) == (outgoing, headline)


def test_one_line_where_the_rule_is_and() -> None:
    for row in read_seed("standards"):
        if row["rule"] == "and":
            for area in ("rural", "urban"):
                assert row[f"{area}_line"] == row[f"{area}_upper_line"]
                assert row[f"{area}_line_points"] == row[f"{area}_upper_line_points"]


@pytest.mark.parametrize(
    ("programme", "day", "ceiling"),
    [
        ("NSVSMT", date(2024, 9, 1), "10000000"),
        ("NSVSMT", date(2024, 9, 2), "25000000"),
        ("GQVL26", date(2026, 1, 1), "200000000"),
        ("HOUSING_NEW_BUILD", date(2023, 6, 1), "40000000"),
        ("HOUSING_NEW_BUILD", date(2025, 6, 1), "60000000"),
        ("HOUSING_REPAIR", date(2025, 6, 1), "30000000"),
    ],
)
def test_ceiling_of_a_day(programme: str, day: date, ceiling: str) -> None:
    rows = tuple(r for r in read_seed("programmes") if r["programme"] == programme)
    assert [r["ceiling"] for r in in_force(rows, day)] == [ceiling]


def test_what_was_not_seen_says_so() -> None:
    for name in ("standards", "indicators", "programmes"):
        with (dbt_project() / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert all(r["provenance"] for r in rows), name
        assert any("unverified" in r["provenance"] for r in rows), name
