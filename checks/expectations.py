"""From rules to Great Expectations: one expectation a rule, named after it.

Importing the library takes seconds, so it is imported inside the functions that need it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from checks.contract import Rule
from checks.predicates import subject

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.expectations.expectation import Expectation


def great_expectations() -> Any:
    """The library, with its analytics off before any context is made."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    import great_expectations

    return great_expectations


@cache
def engine() -> type[Any]:
    """The library's pandas engine without its fingerprint of a batch.

    It would hash every cell of a batch, twice, which takes longer than all rules together, for a
    number that nothing here reads: what a batch was made from stands in the journal.
    """
    from great_expectations.core.batch import BatchMarkers
    from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine

    class PlainEngine(PandasExecutionEngine):
        """Takes a frame as it is."""

        def get_batch_data_and_markers(self, batch_spec: Any) -> tuple[Any, Any]:
            frame = batch_spec.batch_data
            batch_spec.batch_data = "PandasDataFrame"
            loaded = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
            return PandasBatchData(execution_engine=self, dataframe=frame), BatchMarkers(
                {"ge_load_time": loaded}
            )

    return PlainEngine


def expectation(rule: Rule) -> Expectation:
    """The expectation that states a rule on a prepared batch.

    Raises
    ------
    LookupError
        The rule's kind is unknown: the contract is at fault.
    """
    maker = _MAKERS.get(rule.kind)
    if maker is None:
        raise LookupError(
            f"rule {rule.name}: unknown kind {rule.kind!r}; known: {', '.join(sorted(_MAKERS))}"
        )
    name, arguments = maker(rule)
    kind = getattr(great_expectations().expectations, name)
    meta = {"rule": rule.name, "group": rule.group, "outcome": rule.outcome}
    made: Expectation = kind(meta=meta, description=rule.description, **arguments)
    return made


def suite(table: str, rules: Iterable[Rule]) -> gx.ExpectationSuite:
    """The suite of a table: one expectation a rule, in the order of the rules."""
    # Handed over at once: one that is added is compared with all before it.
    made: gx.ExpectationSuite = great_expectations().ExpectationSuite(
        name=table, expectations=[expectation(rule) for rule in rules]
    )
    return made


_Made = tuple[str, dict[str, Any]]


def _readable(rule: Rule) -> _Made:
    return "ExpectColumnValuesToBeNull", {"column": f"{rule.columns[0]}__unreadable"}


def _present(rule: Rule) -> _Made:
    return "ExpectColumnValuesToNotBeNull", {"column": f"{rule.columns[0]}__sent"}


def _note(rule: Rule) -> _Made:
    return "ExpectColumnValuesToBeInSet", {"column": f"note__{rule.name}", "value_set": [False]}


def _issue(rule: Rule) -> _Made:
    return "ExpectColumnValuesToNotBeInSet", {"column": f"{rule.group}_issue", "value_set": [rule.name]}


def _range(rule: Rule) -> _Made:
    limits = {"min_value": rule.minimum, "max_value": rule.maximum}
    return "ExpectColumnValuesToBeBetween", {"column": rule.columns[0], **limits}


def _sum(rule: Rule) -> _Made:
    tolerance = rule.tolerance or 0
    limits = {"min_value": -tolerance, "max_value": tolerance}
    return "ExpectColumnValuesToBeBetween", {"column": subject(rule), **limits}


def _zero(rule: Rule) -> _Made:
    return "ExpectColumnValuesToBeBetween", {"column": subject(rule), "min_value": 0, "max_value": 0}


def _not_positive(rule: Rule) -> _Made:
    return "ExpectColumnValuesToBeBetween", {"column": subject(rule), "max_value": 0}


def _ceiling(rule: Rule) -> _Made:
    # "100 times the ceiling and more" is a unit error; the ceiling itself may be reached.
    strict = (rule.factor or 1) > 1
    limits = {"max_value": rule.factor, "strict_max": strict}
    return "ExpectColumnValuesToBeBetween", {"column": subject(rule), **limits}


def _not_above(rule: Rule) -> _Made:
    lower, upper = rule.columns
    return "ExpectColumnPairValuesAToBeGreaterThanB", {
        "column_A": upper,
        "column_B": lower,
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }


def _unique(rule: Rule) -> _Made:
    return "ExpectCompoundColumnsToBeUnique", {
        "column_list": list(rule.columns),
        "ignore_row_if": "any_value_is_missing",
    }


def _matches(rule: Rule) -> _Made:
    return "ExpectColumnValuesToMatchRegex", {"column": rule.columns[0], "regex": rule.pattern}


def _any_present(rule: Rule) -> _Made:
    return "ExpectColumnValuesToNotBeNull", {"column": subject(rule)}


def _false(rule: Rule) -> _Made:
    return "ExpectColumnValuesToBeInSet", {"column": subject(rule), "value_set": [False]}


_MAKERS: dict[str, Callable[[Rule], _Made]] = {
    "readable": _readable,
    "present": _present,
    "note": _note,
    "issue": _issue,
    "range": _range,
    "sum": _sum,
    "multiple_of": _zero,
    "score_sum": _zero,
    "not_above": _not_above,
    "order": _not_above,
    "unique": _unique,
    "matches": _matches,
    "any_present": _any_present,
    "not_after_year": _not_positive,
    "ceiling": _ceiling,
    "housing_ceiling": _ceiling,
    "test_record": _false,
}
