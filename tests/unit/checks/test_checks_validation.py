"""Every kind of rule on a small batch: the records that break it are named, and only those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from checks.contract import TABLES, Rule
from checks.expectations import _MAKERS, expectation, great_expectations, suite
from checks.rules import all_rules
from checks.validation import CheckerBroken, validate
from checks.validation_result import document

NAN = np.nan
TRIEU = 1_000_000.0
DAY = pd.to_datetime(["2024-05-01"] * 4)

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[int]]] = {
    "readable": ({"columns": ("a",)}, {"a__unreadable": [None, "1.2.3", None, "?"]}, [1, 3]),
    "present": ({"columns": ("a",)}, {"a__sent": [1.0, NAN, 1.0, NAN]}, [1, 3]),
    "note": ({"name": "padded"}, {"note__padded": [False, True, False, True]}, [1, 3]),
    "issue": (
        {"name": "unknown_commune", "group": "place"},
        {"place_issue": [None, "unknown_commune", "other_province", "unknown_commune"]},
        [1, 3],
    ),
    "range": ({"columns": ("a",), "minimum": 0, "maximum": 10}, {"a": [0.0, -0.5, 10.0, 10.5, NAN]}, [1, 3]),
    "sum": (
        {"columns": ("t", "a", "b"), "tolerance": 1},
        {"t": [10.0, 10.0, 10.0, 10.0], "a": [4.0, 4.0, 4.0, NAN], "b": [6.0, 7.0, 8.0, NAN]},
        [2],
    ),
    "multiple_of": ({"columns": ("a",), "step": 10}, {"a": [0.0, 15.0, 120.0, NAN, 9.5]}, [1, 4]),
    "score_sum": (
        {"columns": ("a",), "prefix": "dep_", "step": 10},
        {"a": [20.0, 10.0, NAN], "dep_x": [1.0, 1.0, 1.0], "dep_y": [1.0, 1.0, 0.0]},
        [1],
    ),
    "not_above": ({"columns": ("a", "b")}, {"a": [1.0, 3.0, NAN, 2.0], "b": [2.0, 2.0, 1.0, 2.0]}, [1]),
    "order": (
        {"columns": ("a", "b")},
        {"a": pd.to_datetime(["2024-01-02", "2024-01-02", None]), "b": pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-01"])},
        [1],
    ),
    "unique": (
        {"columns": ("a", "b")},
        {"a": ["x", "x", "x", None, None], "b": ["1", "2", "1", "1", "1"]},
        [0, 2],
    ),
    "matches": ({"columns": ("a",), "pattern": "^[A-Z]{2}[0-9]$"}, {"a": ["HN1", "hn1", None, "HN12"]}, [1, 3]),
    "any_present": (
        {"any_of": (("c",), ("a", "b"))},
        {"c": ["poor", None, None, None], "a": [NAN, 1.0, 1.0, NAN], "b": [NAN, 1.0, NAN, NAN]},
        [2, 3],
    ),
    "not_after_year": ({"columns": ("a",)}, {"a": [2024.0, 2025.0, NAN], "year": [2024.0] * 3}, [1]),
    "ceiling": (
        {"columns": ("a", "p", "d"), "factor": 1},
        {"a": [100 * TRIEU, 100 * TRIEU + 1, NAN, 9e15], "p": ["HN", "HN", "HN", "HSSV"], "d": DAY},
        [1],
    ),
    "housing_ceiling": (
        {"columns": ("a", "w", "d"), "factor": 1},
        {"a": [60 * TRIEU, 30 * TRIEU, 30 * TRIEU + 1, 1.0], "w": ["new_build", "repair", "repair", None], "d": DAY},
        [2],
    ),
    "test_record": (
        {"columns": ("c", "v")},
        {"c": ["1", "999", "999"], "v": ["A", "A", "B"], "unit_id": ["u", "u", "u"]},
        [1, 2],
    ),
}  # fmt: skip


def test_every_kind_of_rule_has_a_case() -> None:
    assert set(CASES) == set(_MAKERS)


@pytest.mark.parametrize("kind", CASES)
def test_records_that_break_a_rule(kind: str, failing: Callable[..., list[int]]) -> None:
    arguments, columns, expected = CASES[kind]
    assert failing(kind, columns, **arguments) == expected


@pytest.mark.parametrize("kind", CASES)
def test_a_batch_without_records_breaks_nothing(kind: str, rule: Callable[..., Rule]) -> None:
    arguments, columns, _ = CASES[kind]
    verdict = validate("survey_total", (rule(kind, **arguments),), pd.DataFrame(columns).iloc[:0]).verdicts[0]
    assert (verdict.evaluated, verdict.failed) == (0, 0)


def test_a_hundred_times_the_ceiling_is_a_unit_error_and_a_dong_less_is_not(
    failing: Callable[..., list[int]],
) -> None:
    amounts = {"a": [1e4 * TRIEU - 1, 1e4 * TRIEU, 1e4 * TRIEU + 1, 100 * TRIEU], "p": ["HN"] * 4, "d": DAY}
    assert failing("ceiling", amounts, columns=("a", "p", "d"), factor=100) == [1, 2]


def test_the_rule_of_the_ledger_rejects_exactly_a_hundred_times() -> None:
    rules = {r.name: r for r in all_rules("loan_ledger")}
    batch = pd.DataFrame(
        {"amount_disbursed": [1e10, 1e10 - 1, 1e8, 1e8 + 1], "programme": ["HN"] * 4, "disbursed_date": DAY}
    )
    verdicts = validate("loan_ledger", (rules["amount_magnitude"], rules["ceiling_exceeded"]), batch).verdicts
    assert [v.failing.tolist() for v in verdicts] == [[0], [0, 1, 3]]
    assert [v.rule.outcome for v in verdicts] == ["reject", "flag"]


def test_verdicts_stand_in_the_order_of_the_rules(rule: Callable[..., Rule]) -> None:
    rules = tuple(rule("range", name=name, columns=("a",), minimum=low) for name, low in (("z", 1), ("a", 2)))
    verdicts = validate("survey_total", rules, pd.DataFrame({"a": [0.0, 1.0, 2.0]})).verdicts
    assert [(v.rule.name, v.evaluated, v.failing.tolist()) for v in verdicts] == [
        ("z", 3, [0]),
        ("a", 3, [0, 1]),
    ]


def test_an_exception_inside_a_checker_is_no_bad_data(rule: Callable[..., Rule]) -> None:
    broken = rule("range", name="broken", columns=("no_such_column",), minimum=0)
    with pytest.raises(CheckerBroken, match="survey_total: rule broken could not be evaluated"):
        validate("survey_total", (broken,), pd.DataFrame({"a": [1.0]}))


def test_an_exception_by_the_type_of_a_column_is_no_bad_data(rule: Callable[..., Rule]) -> None:
    mixed = pd.DataFrame({"a": pd.Series(["x", 1.0], dtype=object)})
    with pytest.raises(CheckerBroken, match="rule it could not be evaluated"):
        validate("survey_total", (rule("range", columns=("a",), minimum=0),), mixed)


def test_a_broken_checker_raises_on_an_empty_batch_too(rule: Callable[..., Rule]) -> None:
    broken = rule("range", name="broken", columns=("no_such_column",), minimum=0)
    with pytest.raises(CheckerBroken, match="rule broken could not be evaluated"):
        validate("survey_total", (broken,), pd.DataFrame({"a": [1.0]}).iloc[:0])


def test_an_unknown_kind_is_a_fault_of_the_contract(rule: Callable[..., Rule]) -> None:
    with pytest.raises(LookupError, match="rule it: unknown kind 'nothing'; known: any_present, ceiling"):
        expectation(rule("nothing"))


@pytest.mark.parametrize("table", TABLES)
def test_a_table_s_suite_holds_each_rule_once(table: str) -> None:
    great_expectations().get_context(mode="ephemeral")  # a suite is made within a context
    made = suite(table, all_rules(table))
    assert [e.meta["rule"] for e in made.expectations] == [r.name for r in all_rules(table)]


def test_a_large_batch_in_slices_of_columns_gives_the_same_verdicts(
    rule: Callable[..., Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, columns = [], {}
    for kind, (arguments, batch, _) in CASES.items():
        named = {name: f"{kind}__{name}" for name in ("a", "b", "c")}
        if set(batch) <= set(named):
            moved = {"columns": tuple(named[c] for c in arguments.get("columns", ())), "name": kind}
            if "any_of" in arguments:
                moved["any_of"] = tuple(tuple(named[c] for c in group) for group in arguments["any_of"])
            rules.append(rule(kind, **{**arguments, **moved}))
            columns.update({named[c]: pd.Series(values) for c, values in batch.items()})
    batch = pd.DataFrame(columns)
    whole = validate("survey_total", tuple(rules), batch)
    monkeypatch.setattr("checks.bundles.SMALL", 0)
    monkeypatch.setattr("checks.bundles.WIDTH", 1)
    sliced = validate("survey_total", tuple(rules), batch)
    assert len(rules) >= 5
    assert [v.failing.tolist() for v in sliced.verdicts] == [v.failing.tolist() for v in whole.verdicts]
    found = [document("survey_total", v.results, v.meta).statistics for v in (sliced, whole)]
    assert found[0] == found[1]
