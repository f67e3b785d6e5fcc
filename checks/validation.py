"""Run a table's rules over one batch with Great Expectations, and say which records break which.

A broken checker raises: an exception inside an expectation is never taken for bad data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from checks.bundles import bundles
from checks.contract import Rule
from checks.expectations import great_expectations, suite
from checks.predicates import derive, subject

# COMPLETE gives the index of every failing record; the query string of them all would be built
# by default, and takes longer than the validation itself.
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "return_unexpected_index_query": False,
    "include_unexpected_rows": False,
}


class CheckerBroken(Exception):
    """An expectation could not be evaluated: the checker or the contract is at fault, not the data."""


@dataclass(frozen=True)
class Verdict:
    """What one rule says of a batch: how many records it looked at, and which break it."""

    rule: Rule
    evaluated: int
    failing: np.ndarray

    @property
    def failed(self) -> int:
        return len(self.failing)


@dataclass(frozen=True)
class Validation:
    """All verdicts of a batch, in the order of the rules, and the library's own result."""

    verdicts: tuple[Verdict, ...]
    result: Any


def validate(table: str, rules: tuple[Rule, ...], batch: pd.DataFrame) -> Validation:
    """Evaluate every rule on a batch.

    Parameters
    ----------
    batch
        One row a record, index 0 … n-1, with the typed columns, `<column>__unreadable`,
        `<column>__sent`, `note__*` and `*_issue` columns that the rules are stated on.

    Raises
    ------
    CheckerBroken
        An expectation raised, or gave no result for a rule.
    """
    derived = {subject(r): c for r in rules if (c := derive(r, batch)) is not None}
    prepared = pd.concat([batch, pd.DataFrame(derived, index=batch.index)], axis=1) if derived else batch
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("accepted")
    parts = [
        _validate_part(source, f"{table}_{number}" if number else table, group, prepared[list(columns)])
        for number, (group, columns) in enumerate(bundles(rules, prepared.columns, len(prepared)))
    ]
    found = {r.expectation_config.meta["rule"]: r for part in parts for r in part.results}
    verdicts = tuple(_verdict(table, rule, found.get(rule.name), len(batch)) for rule in rules)
    return Validation(verdicts, _merged(parts, [found[rule.name] for rule in rules]))


def _validate_part(source: Any, name: str, rules: tuple[Rule, ...], frame: pd.DataFrame) -> Any:
    asset = source.add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("year").get_batch({"dataframe": frame})
    return batch.validate(suite(name, rules), result_format=_RESULT_FORMAT)


def _merged(parts: list[Any], results: list[Any]) -> Any:
    """One result for the table and year, as if it had been validated in one piece."""
    from great_expectations.core import ExpectationSuiteValidationResult

    successful = sum(bool(result.success) for result in results)
    return ExpectationSuiteValidationResult(
        success=successful == len(results),
        results=results,
        suite_name=parts[0].suite_name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(results) - successful,
            "success_percent": 100 * successful / len(results) if results else None,
        },
        meta=parts[0].meta,
    )


def _verdict(table: str, rule: Rule, result: Any, size: int) -> Verdict:
    if result is None:
        raise CheckerBroken(f"{table}: rule {rule.name} gave no result")
    # Exceptions come as one dict, or as a dict of them by metric.
    info = result.exception_info or {}
    raised = [info] if "raised_exception" in info else list(info.values())
    if any(entry.get("raised_exception") for entry in raised):
        message = next(e["exception_message"] for e in raised if e.get("raised_exception"))
        raise CheckerBroken(f"{table}: rule {rule.name} could not be evaluated: {message}")
    if size == 0:
        return Verdict(rule, 0, np.empty(0, dtype=np.int64))
    failing = np.asarray(result.result.get("unexpected_index_list") or (), dtype=np.int64)
    if not result.success and failing.size == 0:
        raise CheckerBroken(f"{table}: rule {rule.name} failed without naming a record")
    return Verdict(rule, size, failing)
