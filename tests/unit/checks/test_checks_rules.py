"""The rules of a table and their order, which decides the reason of a rejected record."""

from __future__ import annotations

import pytest

from checks.contract import TABLES, load_contract
from checks.rules import all_rules, rule_groups


def names(table: str) -> list[str]:
    return [r.name for r in all_rules(table)]


def test_order_is_test_record_files_place_columns_then_the_contract() -> None:
    found = names("survey_household")
    first = [
        "test_record",
        "overlapping_files",
        "unknown_commune",
        "commune_conflict",
        "other_province",
        "commune_code_of_other_date",
        "unreadable_review_date",
        "unreadable_commune_code",
        "missing_village",
        "missing_household_code",
    ]
    assert found[: len(first)] == first
    own = [r.name for r in load_contract("survey_household").rules if r.kind != "test_record"]
    assert found[-len(own) :] == own


def test_columns_give_readable_present_and_range_rules() -> None:
    rules = {r.name: r for r in all_rules("loan_ledger")}
    assert rules["unreadable_outstanding"].outcome == "reject"
    assert rules["missing_outstanding"].outcome == "reject"
    assert rules["unknown_programme"].outcome == "reject"
    assert rules["unknown_status"].outcome == "flag"
    assert rules["missing_disbursed_date"].outcome == "flag"
    assert rules["interest_rate_out_of_range"].outcome == "flag"
    assert (rules["interest_rate_out_of_range"].minimum, rules["interest_rate_out_of_range"].maximum) == (
        0,
        30,
    )


def test_text_and_citizen_ids_are_always_readable() -> None:
    found = names("loan_ledger")
    assert "unreadable_loan_account" not in found
    assert "unreadable_borrower_citizen_id" not in found


@pytest.mark.parametrize("table", TABLES)
def test_groups_are_those_of_the_rules_in_order_of_first_use(table: str) -> None:
    groups = rule_groups(table)
    assert len(groups) == len(set(groups))
    assert set(groups) == {r.group for r in all_rules(table)}
    assert groups[0] == all_rules(table)[0].group


@pytest.mark.parametrize("table", TABLES)
def test_what_cannot_be_placed_is_rejected_everywhere(table: str) -> None:
    rules = {r.name: r for r in all_rules(table)}
    for name in ("unknown_commune", "commune_conflict", "other_province", "overlapping_files"):
        assert rules[name].outcome == "reject"
    assert rules["commune_code_of_other_date"].outcome == "flag"
