"""Native values (Excel, Parquet, database) as the raw text convention writes them.

Integers as digits; other numbers as their shortest form with an exponent ("1234.5e0"), so that
no one can take a native number for text with Vietnamese separators; dates ISO; booleans 1/0.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from checks.text import tidy

_LARGEST_EXACT = 1e22


def number_text(value: float) -> str | None:
    """A float as raw text; None for NaN.

    Examples
    --------
    >>> number_text(5467.0), number_text(1234.5), number_text(1e-07)
    ('5467', '1234.5e0', '1e-07')
    """
    if math.isnan(value):
        return None
    if value.is_integer() and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    shortest = repr(value)
    return shortest if "e" in shortest or "inf" in shortest else f"{shortest}e0"


def cell_text(value: Any) -> str:
    """One cell as raw text, "" where it is blank."""
    if isinstance(value, str):
        return tidy(value) if value else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        return number_text(float(value)) or "" if isinstance(value, float) else str(value)
    return _other_text(value)


def _other_text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def decimal_text(value: Decimal) -> str:
    """A decimal as raw text, without the zeros that only its type brought."""
    if value == value.to_integral_value():
        return str(int(value))
    return f"{value.normalize():f}e0"


def column_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A Parquet column as raw text; blank text becomes null.

    Raises
    ------
    TypeError
        A nested or binary type, which no raw column can be.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column_text(column.cast(kind.value_type))
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return text_column(column.cast(pa.string()))
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "1", "0")
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_temporal(kind):
        return _by_distinct_value(column)
    raise TypeError(f"a column of type {kind}")


def text_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text, tidied; blank becomes null. Plain text passes at full speed."""
    ascii_only = pc.all(pc.string_is_ascii(column)).as_py() is not False
    trimmed = pc.utf8_trim_whitespace(column)
    if not ascii_only:
        distinct = trimmed.combine_chunks().dictionary_encode()
        tidied = pa.array([tidy(v) for v in distinct.dictionary.to_pylist()], pa.string())
        trimmed = pa.chunked_array([tidied.take(distinct.indices)])
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _by_distinct_value(column: pa.ChunkedArray) -> pa.ChunkedArray:
    values = column.combine_chunks()
    if pa.types.is_timestamp(column.type):
        local = pc.local_timestamp(values) if column.type.tz else values
        values = local.cast(pa.timestamp("s"), safe=False)
    distinct = values.dictionary_encode()
    texts = pa.array([cell_text(v) or None for v in distinct.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([texts.take(distinct.indices)])
