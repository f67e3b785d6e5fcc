"""Great Expectations' own results, put together and reduced to counts.

Belongs here: one result of the library's for a table and year that was validated in pieces. Does
not belong here: what a rule's result means (`validation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SUMMED = ("element_count", "unexpected_count", "missing_count")


def reduced(result: Any) -> Any:
    """A rule's result with its counts alone: no value, no position; the result itself is changed."""
    result.result = {name: result.result[name] for name in _SUMMED if name in result.result}
    return result


def added(results: Iterable[Any]) -> Any:
    """The reduced results of one rule on several batches as one; the first of them is changed."""
    first, *others = results
    for other in others:
        for name, count in other.result.items():
            first.result[name] = (first.result.get(name) or 0) + (count or 0)
        first.success = first.success and other.success
    _share(first.result, "missing", first.result.get("element_count"))
    looked_at = (first.result.get("element_count") or 0) - (first.result.get("missing_count") or 0)
    _share(first.result, "unexpected", looked_at)
    return first


def _share(counts: dict[str, Any], name: str, whole: int | None) -> None:
    count = counts.get(f"{name}_count")
    if count is not None and whole:
        counts[f"{name}_percent"] = 100 * count / whole


def document(table: str, results: Mapping[str, Any], meta: Any) -> Any:
    """The result of a table and year as if it had been validated in one piece."""
    from great_expectations.core import ExpectationSuiteValidationResult

    successful = sum(bool(result.success) for result in results.values())
    return ExpectationSuiteValidationResult(
        success=successful == len(results),
        results=list(results.values()),
        suite_name=table,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(results) - successful,
            "success_percent": 100 * successful / len(results) if results else None,
        },
        meta=meta,
    )
