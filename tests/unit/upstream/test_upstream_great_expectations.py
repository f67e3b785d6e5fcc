"""Great Expectations: what the verdicts on records lean on."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from checks.expectations import great_expectations

FORMAT = {
    "result_format": "COMPLETE",
    "return_unexpected_index_query": False,
    "include_unexpected_rows": False,
}


def result(frame: pd.DataFrame, name: str, result_format: Any = FORMAT, **arguments: Any) -> Any:
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame})
    return batch.validate(getattr(gx.expectations, name)(**arguments), result_format=result_format)


FRAME = pd.DataFrame({"a": [1.0, 5.0, None, 7.0], "b": [2.0, 4.0, 1.0, 6.0], "c": ["x", "y", "y", "y"]})
CASES = [
    ("ExpectColumnValuesToBeBetween", {"column": "a", "max_value": 5}, [3]),
    ("ExpectColumnValuesToNotBeNull", {"column": "a"}, [2]),
    (
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {"column_A": "b", "column_B": "a", "or_equal": True, "ignore_row_if": "either_value_is_missing"},
        [1, 3],
    ),
    (
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": ["c", "d"], "ignore_row_if": "any_value_is_missing"},
        [1, 2],
    ),
]


@pytest.mark.parametrize(("name", "arguments", "positions"), CASES)
def test_complete_results_give_the_positions_of_failing_records(
    name: str, arguments: dict[str, Any], positions: list[int]
) -> None:
    found = result(FRAME.assign(d=["1", "2", "2", "3"]), name, **arguments).result
    assert found["unexpected_index_list"] == positions
    assert "unexpected_index_query" not in found


def test_positions_are_labels_of_the_index_so_batches_are_numbered_from_0() -> None:
    relabelled = FRAME.set_axis([10, 20, 30, 40])
    found = result(relabelled, "ExpectColumnValuesToBeBetween", column="a", max_value=5).result
    assert found["unexpected_index_list"] == [40]


def test_a_between_passes_over_blanks_and_may_be_strict() -> None:
    found = result(FRAME, "ExpectColumnValuesToBeBetween", column="a", max_value=5, strict_max=True).result
    assert found["unexpected_index_list"] == [1, 3]
    assert found["missing_count"] == 1


def test_an_exception_is_told_in_the_result_and_not_raised() -> None:
    found = result(FRAME, "ExpectColumnValuesToBeBetween", column="absent", max_value=5)
    assert found.success is False
    assert "unexpected_index_list" not in found.result
    entries = (
        [found.exception_info]
        if "raised_exception" in found.exception_info
        else list(found.exception_info.values())
    )
    assert any(entry["raised_exception"] for entry in entries)
