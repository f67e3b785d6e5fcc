"""Contracts: what is declared, and that a contract at fault is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from checks.contract import TABLES, Column, Contract, load_contract, load_vocabulary
from checks.expectations import _MAKERS
from checks.rules import all_rules

_ACTS = {"flag", "reject"}


def declared(**changed: Any) -> dict[str, Any]:
    return {
        "table": "t", "title": "t", "title_vi": "t", "owner": "o", "owner_vi": "o", "grain": "g",
        "slot": {"kind": "record", "by": ["unit_id"]},
        "place": {"code": "code"},
        "columns": [{"name": "code", "label": "Mã xã", "type": "code", "width": 5}],
        "release": {"minimum": 0.9, "since": "2026-11-23", "reason": "none was seen"},
        "fingerprint": "0" * 16,
        **changed,
    }  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_contract_loads_under_its_own_name(table: str) -> None:
    contract = load_contract(table)
    assert contract.table == table
    assert contract.title_vi and contract.owner_vi
    assert len(contract.fingerprint) == 16


@pytest.mark.parametrize("table", TABLES)
def test_columns_that_place_period_and_slot_name_exist(table: str) -> None:
    contract = load_contract(table)
    known = {c.name for c in contract.all_columns()}
    place = contract.place
    named = {place.code, place.name, place.village, place.date} - {None}
    if contract.period:
        named.add(contract.period.column)
    if contract.year_end_default:
        named.add(contract.year_end_default.column)
    assert named <= known
    if contract.sample:
        assert {contract.sample.weight, *contract.sample.design} <= known
        known = known | {"is_sampled"}
    assert set(contract.slot.by) <= known | {"unit_id", "standard"}


@pytest.mark.parametrize("table", TABLES)
def test_row_rules_flag_or_reject_and_table_rules_warn_or_stop(table: str) -> None:
    assert {r.outcome for r in all_rules(table)} <= _ACTS
    assert {r.outcome for r in load_contract(table).table_rules} <= {"warn", "stop_year"}


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_is_of_a_known_kind_and_named_once(table: str) -> None:
    rules = all_rules(table)
    assert {r.kind for r in rules} <= set(_MAKERS)
    names = [r.name for r in rules]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("table", TABLES)
def test_a_flagged_share_names_a_rule_of_its_table(table: str) -> None:
    names = {r.name for r in all_rules(table)}
    assert {r.rule for r in load_contract(table).table_rules if r.kind == "flagged_share"} <= names


@pytest.mark.parametrize("table", TABLES)
def test_vocabularies_of_categories_exist(table: str) -> None:
    for column in load_contract(table).all_columns():
        assert (column.type == "category") == (column.vocabulary is not None), column.name
        if column.vocabulary:
            assert load_vocabulary(column.vocabulary)


def test_indicators_are_ten_then_twelve_by_layout() -> None:
    layouts = load_contract("survey_household").layouts
    assert {name: len(columns) for name, columns in layouts.items()} == {
        "VN-2016": 10, "VN-2022": 12, "VN-2027": 12,
    }  # fmt: skip


def test_all_columns_names_a_shared_indicator_once() -> None:
    names = [c.name for c in load_contract("survey_household").all_columns()]
    assert names.count("dep_water") == 1
    assert len(names) == len(set(names))


def test_layout_columns_are_the_common_ones_and_its_own() -> None:
    contract = load_contract("survey_household")
    of_versions = {c.name for version in contract.versions for c in version.columns}
    common = {c.name for c in contract.columns} | of_versions
    own = {c.name for c in contract.layout_columns("VN-2016")} - common
    assert own == {c.name for c in contract.layouts["VN-2016"]}
    assert {c.name for c in contract.layout_columns(None)} == common


def test_headings_hold_label_aliases_and_technical_names() -> None:
    column = load_contract("survey_household").column("household_code")
    assert column.headings == ("Mã hộ", "household_code", "family.code")


def test_an_unknown_table_is_named_with_those_known() -> None:
    with pytest.raises(KeyError, match="no contract for table 'nothing'; known: survey_household"):
        load_contract("nothing")


def test_an_unknown_column_is_named_with_its_table() -> None:
    with pytest.raises(KeyError, match="survey_total has no column nothing"):
        load_contract("survey_total").column("nothing")


def test_a_rule_on_an_unknown_column_is_refused() -> None:
    rule = {
        "name": "r",
        "kind": "range",
        "group": "values",
        "outcome": "flag",
        "description": "d",
        "columns": ["x"],
    }
    with pytest.raises(ValidationError, match=r"rule r names unknown columns \['x'\]"):
        Contract.model_validate(declared(rules=[rule]))


def test_an_unknown_word_in_a_contract_is_refused() -> None:
    with pytest.raises(ValidationError, match="labell"):
        Column.model_validate({"name": "a", "label": "A", "labell": "B"})
    with pytest.raises(ValidationError, match="outcome"):
        Contract.model_validate(
            declared(
                rules=[{"name": "r", "kind": "note", "group": "g", "outcome": "drop", "description": "d"}]
            )
        )


@pytest.mark.parametrize("table", TABLES)
def test_every_contract_bounds_a_release_with_date_and_reason(table: str) -> None:
    bound = load_contract(table).release
    assert 0 < bound.minimum < 1 < (bound.maximum or 2)
    assert bound.since >= date(2026, 11, 23)
    assert len(bound.reason) > 40


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum": 0.9, "since": "2026-11-23"},
        {"minimum": 0.9, "reason": "none was seen"},
        {"minimum": 1.1, "since": "2026-11-23", "reason": "none was seen"},
        {"minimum": 0.9, "maximum": 0.95, "since": "2026-11-23", "reason": "none was seen"},
        {"minimum": 0.9, "since": "2026-11-23", "reason": ""},
    ],
)
def test_a_bound_without_date_or_reason_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="release"):
        Contract.model_validate(declared(release=wrong))


def test_a_contract_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_contract("survey_total").table = "other"  # type: ignore[misc]
