"""Long columns: the way around the distinct texts reads the same."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from assets.values import NumberStyle, number_style

from .reading import read

LENGTH = 60_000


def grouped(number: int) -> str:
    """The number with points between its thousands."""
    return f"{number:,}".replace(",", ".")


def test_distinct_and_repeated_texts_read_the_same() -> None:
    numbers = [1_000_000 + 7 * i for i in range(LENGTH)]
    texts = pa.array([grouped(n) for n in numbers[:-2]] + ["x", None])
    distinct = read(texts.to_pylist(), "money", style=NumberStyle.VI)
    repeated = read(texts.slice(0, 10).to_pylist() * (LENGTH // 10), "money", style=NumberStyle.VI)
    assert distinct.values.to_pylist() == [*numbers[:-2], None, None]
    assert distinct.unreadable.to_pylist()[-3:] == [False, True, False]
    assert repeated.values.to_pylist() == numbers[:10] * (LENGTH // 10)
    assert number_style([texts]) is NumberStyle.VI


def test_flags_of_long_columns() -> None:
    parsed = read(["x", None, "?"] * (LENGTH // 3), "flag")
    assert pc.sum(parsed.values).as_py() == LENGTH // 3
    assert pc.sum(parsed.unreadable).as_py() == LENGTH // 3
    assert parsed.values.null_count == LENGTH // 3
