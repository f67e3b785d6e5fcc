"""Numbers and dates as Vietnamese offices write them: `1.234.567,89`, `14/12/2024`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

MILLION = 1_000_000


def grouped(value: int) -> str:
    """A whole number with a dot between thousands."""
    return f"{value:,}".replace(",", ".")


def millions(value: int, *, point: str = ",", thousands: str = ".") -> str:
    """An amount of whole thousands of đồng, in millions."""
    whole, rest = divmod(value, MILLION)
    text = f"{whole:,}".replace(",", thousands)
    decimals = f"{rest // 1000:03d}".rstrip("0")
    return f"{text}{point}{decimals}" if decimals else text


def day(value: np.datetime64) -> str:
    """A date as dd/mm/yyyy."""
    year, month, day_ = str(value.astype("datetime64[D]")).split("-")
    return f"{day_}/{month}/{year}"


def money(values: np.ndarray, *, in_millions: bool) -> pa.Array:
    """Amounts as text, each distinct value written once."""
    return _written(pa.array(values), millions if in_millions else grouped)


def days(values: np.ndarray) -> pa.Array:
    """Dates as text; not-a-time becomes null."""
    return _written(pa.array(values.astype("datetime64[D]")), lambda v: f"{v.day:02d}/{v.month:02d}/{v.year}")


def _written(values: pa.Array, write: Callable[[Any], str]) -> pa.Array:
    coded = values.dictionary_encode()
    return pa.array([write(v) for v in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)
