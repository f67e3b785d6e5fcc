"""Dated versions of a contract: what holds in a year, and which years a change concerns."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from checks.contract import TABLES, Contract, load_contract
from tests.unit.checks.test_checks_contract import declared

DISTRICT = {"name": "district_name", "label": "Tên huyện", "type": "text"}


def version(**changed: Any) -> dict[str, Any]:
    return {
        "name": "districts", "since": 2016, "until": 2020, "source": "a law, unverified",
        "headings": {"code": ["Mã số xã"]}, "columns": [DISTRICT], **changed,
    }  # fmt: skip


def contract(*versions: dict[str, Any]) -> Contract:
    changed = declared(versions=versions, fingerprint=f"{hash(str(versions)):016x}")
    return Contract.model_validate(changed)


def test_a_year_has_the_headings_and_columns_of_its_versions_alone() -> None:
    whole = contract(version(), version(name="codes", since=2019, until=None, columns=[], headings={}))
    early, late = whole.of_year(2016), whole.of_year(2021)
    assert "Mã số xã" in early.column("code").headings
    assert "Mã số xã" not in late.column("code").headings
    assert [c.name for c in early.columns] == ["code", "district_name"]
    assert [c.name for c in late.columns] == ["code"]
    assert [c.name for c in whole.all_columns()] == ["code", "district_name"]
    assert [c.name for c in whole.layout_columns(None)] == ["code", "district_name"]


@pytest.mark.parametrize(
    ("changed", "years"),
    [
        ({"headings": {"code": ["Mã số xã", "Mã"]}}, range(2016, 2021)),
        ({"until": 2021}, [2021]),
        ({"since": 2017}, [2016]),
        ({"columns": []}, range(2016, 2021)),
        ({"source": "another law, found"}, []),
    ],
)
def test_a_changed_version_concerns_its_own_years_alone(changed: dict[str, Any], years: list[int]) -> None:
    before, after = contract(version()), contract(version(**changed))
    differing = [
        year
        for year in range(2016, 2027)
        if before.of_year(year).fingerprint != after.of_year(year).fingerprint
    ]
    assert differing == list(years)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"headings": {"village": ["Xóm"]}}, "village"),
        ({"since": 2021}, "ends before it begins"),
        ({"source": ""}, "source"),
    ],
)
def test_a_version_at_fault_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        contract(version(**changed))


@pytest.mark.parametrize("table", TABLES)
def test_no_heading_of_a_year_means_two_columns(table: str) -> None:
    from checks.text import fold

    for year in range(2016, 2027):
        of_year = load_contract(table).of_year(year)
        for layout in of_year.layouts or {"": ()}:
            owners: dict[str, set[str]] = {}
            for column in of_year.layout_columns(layout):
                for heading in column.headings:
                    owners.setdefault(fold(heading), set()).add(column.name)
            assert not {h: names for h, names in owners.items() if len(names) > 1}, (table, year, layout)


def test_a_year_s_contract_keeps_everything_else() -> None:
    whole = load_contract("survey_household")
    of_year = whole.of_year(2018)
    assert of_year.rules == whole.rules and of_year.place == whole.place
    assert {c.name for c in of_year.all_columns()} == {c.name for c in whole.all_columns()}
    assert whole.of_year(2018) is of_year
