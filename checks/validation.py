"""Run a table's rules over one batch with Great Expectations, and say which records break which.

A broken checker raises: an exception inside an expectation is never taken for bad data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from checks.bundles import Bundle, bundles
from checks.contract import Rule
from checks.expectations import engine, great_expectations, suite
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
    """All verdicts of a batch, in the order of the rules, and the library's own results by rule."""

    verdicts: tuple[Verdict, ...]
    results: Mapping[str, Any]
    meta: Any


class Batch(Protocol):
    """One row a record, with the typed columns, `<column>__unreadable`, `<column>__sent`, `note__*`
    and `*_issue` columns that the rules are stated on; a frame is made of the columns asked for."""

    @property
    def columns(self) -> Collection[str]:
        """The names of all columns."""

    def __len__(self) -> int:
        """How many records there are."""

    def __getitem__(self, names: list[str], /) -> pd.DataFrame:
        """The columns of these names, index 0 … n-1."""


def validate(table: str, rules: tuple[Rule, ...], batch: Batch | pd.DataFrame) -> Validation:
    """Evaluate every rule on a batch.

    Raises
    ------
    CheckerBroken
        An expectation raised, or gave no result for a rule.
    """
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("accepted")
    type(source).execution_engine_override = engine()
    parts = [
        _validate_part(source, f"{table}_{number}" if number else table, bundle, batch)
        for number, bundle in enumerate(bundles(rules, batch.columns, len(batch)))
    ]
    found = {r.expectation_config.meta["rule"]: r for part in parts for r in part.results}
    verdicts = tuple(_verdict(table, rule, found.get(rule.name), len(batch)) for rule in rules)
    return Validation(verdicts, {rule.name: found[rule.name] for rule in rules}, parts[0].meta)


def _validate_part(source: Any, name: str, bundle: Bundle, batch: Batch | pd.DataFrame) -> Any:
    frame = _frame(bundle, batch)
    asset = source.add_dataframe_asset(name)
    handed = asset.add_batch_definition_whole_dataframe("year").get_batch({"dataframe": frame})
    return handed.validate(suite(name, bundle.rules), result_format=_RESULT_FORMAT)


def _frame(bundle: Bundle, batch: Batch | pd.DataFrame) -> pd.DataFrame:
    inputs = batch[list(bundle.inputs)]
    derived = {subject(rule): column for rule in bundle.rules if (column := derive(rule, inputs)) is not None}
    if derived:
        inputs = pd.concat([inputs, pd.DataFrame(derived, index=inputs.index)], axis=1)
    return inputs[list(bundle.shown)]


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
