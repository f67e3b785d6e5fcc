"""Short ways to read texts in the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from assets.values import NumberStyle, Parsed, parse_column
from checks.contract import Column


def read(
    texts: list[str | None],
    kind: str,
    *,
    style: NumberStyle | None = None,
    unit: int = 1,
    year: int = 2024,
    context: Mapping[str, pa.Array] | None = None,
    **column: Any,
) -> Parsed:
    """The texts read as a column of that type."""
    declared = Column.model_validate({"name": "column", "label": "Cột", "type": kind, **column})
    return parse_column(
        pa.array(texts, pa.string()), declared, style=style, unit=unit, year=year, context=context or {}
    )


def one(text: str | None, kind: str, **how: Any) -> Any:
    """The value of one text; the string "unreadable" where it could not be read."""
    parsed = read([text], kind, **how)
    return "unreadable" if parsed.unreadable[0].as_py() else parsed.values[0].as_py()
