"""A commune's own workbook: title rows, one or two header rows, subtotals and blank rows between.

Belongs here: where each row of a list comes to stand. The rows are given; nothing is decided here
about their content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from checks.contract import Contract
from pipelines.sample.frames import cells
from pipelines.sample.xlsx import Cell, Sheet, column_letter

_SUBTOTAL, _BLANK = -1, -2


@dataclass(frozen=True)
class Style:
    """How a commune lays out its list."""

    two_headers: bool
    numbered: bool
    subtotals: bool
    sheets: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Style:
        """One of the ways in which communes do it."""
        return cls(
            two_headers=bool(rng.random() < 0.6),
            numbered=bool(rng.random() < 0.5),
            subtotals=bool(rng.random() < 0.3),
            sheets=2 if rng.random() < 0.08 else 1,
        )


@dataclass(frozen=True)
class Placed:
    """Sheets of a workbook, and where each row of the list stands: (sheet name, 1-based row)."""

    sheets: list[Sheet]
    where: dict[int, tuple[str, int]]


def lay_out(
    contract: Contract, layout: str | None, rows: pd.DataFrame, titles: Sequence[str], style: Style
) -> Placed:
    """The workbook of one commune. `rows` holds contract columns; its index names the rows."""
    placed = Placed([], {})
    villages = rows["village"].to_numpy(dtype=object)
    cut = _cuts(villages, style.sheets)
    for number, (start, end) in enumerate(pairwise(cut), 1):
        name = "Danh sách" if len(cut) == 2 else f"Danh sách {number}"
        sheet, where = _sheet(contract, layout, rows.iloc[start:end], titles, style, name)
        placed.sheets.append(sheet)
        placed.where.update({row: (name, line) for row, line in where.items()})
    return placed


def _cuts(villages: np.ndarray, sheets: int) -> list[int]:
    """Ends of the sheets; a village never lies on two of them."""
    if sheets == 1 or len(villages) < 10:
        return [0, len(villages)]
    changes = np.flatnonzero(villages[1:] != villages[:-1]) + 1
    if not len(changes):
        return [0, len(villages)]
    return [0, int(changes[len(changes) // 2]), len(villages)]


def _sheet(
    contract: Contract, layout: str | None, rows: pd.DataFrame, titles: Sequence[str], style: Style, name: str
) -> tuple[Sheet, dict[int, int]]:
    names = list(rows.columns)
    columns = {c.name: c for c in contract.layout_columns(layout)}
    shift = 1 if style.numbered else 0
    width = len(names) + shift
    head: list[list[Cell]] = [[title] for title in titles]
    if style.two_headers:
        technical = [(columns[n].technical or (n,))[0] for n in names]
        head.append([*(["no"] * shift), *technical])
    head.append([*(["STT"] * shift), *(columns[n].label for n in names)])
    order = _order(rows["village"].to_numpy(dtype=object), style.subtotals)
    body = [_spread(cells(rows[n]), order) for n in names]
    if style.numbered:
        body.insert(0, _spread(np.arange(1, len(rows) + 1).astype(object), order))
    _write_subtotals(body, order, rows)
    merged = [f"A{r}:{column_letter(width - 1)}{r}" for r in range(1, len(titles) + 1) if titles[r - 1]]
    lines = np.flatnonzero(order >= 0) + len(head) + 1
    where = dict(zip(rows.index.tolist(), lines.tolist(), strict=True))
    return Sheet(name, head, body, merged), where


def _order(villages: np.ndarray, subtotals: bool) -> np.ndarray:
    """Row numbers of the list with marks for subtotal and blank rows between villages."""
    n = len(villages)
    if not subtotals:
        return np.asarray(np.r_[np.arange(n), _BLANK, _BLANK])
    ends = np.flatnonzero(np.r_[villages[1:] != villages[:-1], True]) + 1
    return np.insert(np.arange(n), np.repeat(ends, 2), np.tile([_SUBTOTAL, _BLANK], len(ends)))


def _spread(values: np.ndarray, order: np.ndarray) -> list[Cell]:
    result = np.full(len(order), None, dtype=object)
    result[order >= 0] = values[order[order >= 0]]
    return result.tolist()  # type: ignore[no-any-return]


def _write_subtotals(body: list[list[Cell]], order: np.ndarray, rows: pd.DataFrame) -> None:
    villages = rows["village"].to_numpy(dtype=object)
    seen = 0
    for line in np.flatnonzero(order == _SUBTOTAL):
        through = int(order[:line].max()) + 1
        body[0][line] = f"Cộng {villages[through - 1]}: {through - seen}"
        seen = through
