"""What a stage found: figures for machines, tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows for people; the first column is text, the others stand right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class StageResult:
    """One stage's figures (plain JSON) and tables."""

    figures: dict[str, Any]
    tables: list[Table] = field(default_factory=list)


def seconds(value: float) -> str:
    """Seconds with as many digits as they deserve."""
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


def megabytes(value: float) -> str:
    """Bytes in MB (10⁶)."""
    return f"{value / 1e6:,.0f}"


def ratio(one: float, other: float) -> str:
    """How many times the other."""
    return f"{one / other:.2f}" if other else "–"
