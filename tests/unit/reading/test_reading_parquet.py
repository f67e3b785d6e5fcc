"""Parquet and native values: the raw text convention."""

from __future__ import annotations

import datetime as dt
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.reading import FileRefused, ReadResult, read_file
from assets.reading.native import column_text, number_text
from checks.contract import load_contract


@pytest.fixture
def read_table(tmp_path: Path) -> Callable[[pa.Table], ReadResult]:
    def read(table: pa.Table) -> ReadResult:
        pq.write_table(table, tmp_path / "landed")
        return read_file(tmp_path / "landed", load_contract("survey_total"), "a.parquet")

    return read


def test_types_become_text(read_table: Callable[[pa.Table], ReadResult]) -> None:
    table = pa.table(
        {
            "commune_code": pa.array([5467, None]),
            "Tên xã": pa.array([" Hòa\u00a0 ", ""]).dictionary_encode(),
            "households_total": pa.array([1234.5, 10.0]),
            "persons_total": pa.array([Decimal("12.50"), Decimal("20.00")]),
            "Số hộ DTTS": pa.array([True, None]),
            "announced_poor": pa.array([dt.date(2024, 1, 2), None]),
            "announced_near_poor": pa.array([dt.datetime(2024, 1, 2, 8, 30), dt.datetime(2024, 1, 2)]),
        }
    )
    result = read_table(table)
    assert [list(row.values()) for row in result.table.to_pylist()] == [
        ["5467", "Hòa", "1234.5e0", "12.5e0", "1", "2024-01-02", "2024-01-02T08:30:00", "", 1],
        [None, None, "10", "20", None, None, "2024-01-02", "", 2],
    ]
    assert (result.sheets[0].header_row, result.sheets[0].skipped) == (0, {})


def test_damaged_and_nested(tmp_path: Path, read_table: Callable[[pa.Table], ReadResult]) -> None:
    (tmp_path / "x").write_bytes(b"PAR1 and no more")
    with pytest.raises(FileRefused) as error:
        read_file(tmp_path / "x", load_contract("survey_total"), "x.parquet")
    assert error.value.reason == "unreadable_text"
    names = ["commune_code", "households_total", "persons_total"]
    with pytest.raises(FileRefused) as error:
        read_table(pa.table({n: pa.array([[1]]) for n in names}))
    assert error.value.column == "commune_code"


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_native_number_reads_back_and_is_never_separator_text(value: float) -> None:
    text = number_text(value)
    assert text is not None and float(text) == value
    assert text.lstrip("-").isdigit() or "e" in text


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True, width=32))))
def test_columns_and_cells_agree(values: list[float | None]) -> None:
    column = column_text(pa.chunked_array([pa.array(values, pa.float64())]))
    expected = [None if v is None or math.isnan(v) else number_text(v) for v in values]
    assert column.to_pylist() == expected


def test_a_refusal_can_cross_processes_and_reads_as_a_sentence() -> None:
    error = FileRefused("nul_bytes", file="a.csv", sheet="S", row=3, column="c", detail="bad", fix="mend")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "a.csv, sheet S, row 3, column c: bad; mend"
    assert (copy.reason, copy.row) == ("nul_bytes", 3)
