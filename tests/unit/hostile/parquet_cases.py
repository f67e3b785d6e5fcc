"""Hostile Parquet files."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.hostile.case import HEADINGS, Case, row, written


def _columns(records: int = 3) -> dict[str, Any]:
    return dict(zip(HEADINGS, zip(*map(row, range(1, records + 1)), strict=True), strict=True))


def sound(records: int = 3, **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({k: list(v) for k, v in _columns(records).items()}), target, **options)
    return target.getvalue()


def _with(name: str, values: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({k: list(v) for k, v in _columns().items()} | {name: values}), target)
    return target.getvalue()


def _many_columns(path: Path) -> None:
    empty = pa.array([1], pa.int8())
    pq.write_table(pa.table({f"c{i}": empty for i in range(20_000)}), path, write_statistics=False)


def _constant(rows: int, value: str) -> bytes:
    """One value, often: kept once, and said to stand in every row."""
    indices = pa.array(pa.nulls(rows, pa.int32()).fill_null(0))
    column = pa.DictionaryArray.from_arrays(indices, pa.array([value]))
    target = io.BytesIO()
    pq.write_table(
        pa.table(dict.fromkeys(HEADINGS, column)), target, store_schema=False, write_statistics=False
    )
    return target.getvalue()


def _footer(length: int) -> bytes:
    whole = sound()
    return whole[:-8] + struct.pack("<I", length) + b"PAR1"


def _lying_rows() -> bytes:
    """The footer states other pages than there are."""
    data = bytearray(sound(300, compression="none"))
    middle = len(data) // 3
    data[middle : middle + 200] = b"\xff" * 200
    return bytes(data)


CASES = (
    Case("sound", ".parquet", written(lambda: sound()), 3, "so that the others differ by one thing"),
    Case("footer-cut", ".parquet", written(lambda: sound()[:-20]), "unreadable_text", "no signature at the end"),
    Case("footer-longer-than-file", ".parquet", written(lambda: _footer(1 << 30)), "unreadable_text", "the footer says 1 GB"),
    Case("footer-of-none", ".parquet", written(lambda: _footer(0)), "unreadable_text", "the footer says nothing"),
    Case("footer-too-short", ".parquet", written(lambda: _footer(17)), "unreadable_text", "the footer begins in the middle"),
    Case("footer-of-20-mb", ".parquet", written(lambda: b"PAR1" + bytes(20 << 20) + struct.pack("<I", 20 << 20) + b"PAR1"), "too_large", "no table has such a footer"),
    Case("wrong-magic", ".parquet", written(lambda: b"PARX" + sound()[4:-4] + b"PARX"), "unreadable_text", "another signature"),
    Case("only-magic", ".parquet", written(lambda: b"PAR1PAR1"), "unreadable_text", "nothing between"),
    Case("empty", ".parquet", written(lambda: b""), "empty_file", "no bytes"),
    Case("pages-overwritten", ".parquet", written(lambda: _lying_rows()), "unreadable_text", "pages that are no pages"),
    Case("nested", ".parquet", written(lambda: _with("a", [{"b": [1]}, None, {"b": []}])), "unreadable_text", "a column within a column"),
    Case("lists", ".parquet", written(lambda: _with("a", [[1], None, []])), "unreadable_text", "a list is no cell"),
    Case("binary", ".parquet", written(lambda: _with("a", [b"\xff\xfe", b"", None])), "unreadable_text", "bytes are no text"),
    Case("20000-columns", ".parquet", _many_columns, "too_large", "more than 2,000 columns"),
    Case("60-million-rows", ".parquet", written(lambda: _constant(60_000_000, "1")), "too_large", "60 million rows of 5 columns in some kB"),
    Case("long-text-repeated", ".parquet", written(lambda: _constant(200_000, "a" * 100_000)), "too_large", "20 GB a column, written out"),
    Case("cell-of-1-mb", ".parquet", written(lambda: _with("a", ["a" * (1 << 20), "", ""])), "too_large", "a cell beyond 128 kB"),
    Case("two-columns-of-one-name", ".parquet", written(lambda: _with("Mã xã ", ["1", "2", "3"])), "ambiguous_column", "two columns that mean one"),
    Case("text-named-parquet", ".parquet", written(lambda: "Mã xã;Tên xã\n"), "unreadable_text", "plain text"),
)  # fmt: skip
