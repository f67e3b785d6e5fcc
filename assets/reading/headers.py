"""Where the header of a sheet is, how many rows it has, and what stands above each column.

Belongs here: title rows, one or more header rows (technical names, labels, groups over labels)
and the numbering or formula row below them. Does not belong here: what a heading means
(`labels`) and what its column becomes (`columns`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from assets.reading.grid import Grid
from assets.reading.labels import Heading, Labels, meanings

_FEWEST_MATCHES = 2
_SEARCHED = 40
_MOST_ROWS = 4
_NUMBERING = re.compile(r"^[\[(]?\s*(\d{1,3})\s*[\])]?\s*(?:=.*)?$|^[\[(]?\s*[A-Za-zĐđ]\s*[\])]?$|^=.*$")


@dataclass(frozen=True)
class HeaderBlock:
    """The header's rows (indices into the head, inclusive) and what they say of each column."""

    first: int
    last: int
    headings: list[Heading]
    matched: int
    formula_rows: int

    @property
    def data_from(self) -> int:
        """Index of the first row below header and formula rows."""
        return self.last + 1 + self.formula_rows


def find_header(grid: Grid, labels: Labels) -> HeaderBlock | None:
    """The block of rows that names most columns of the table; None where no row names two."""
    best, most = None, _FEWEST_MATCHES - 1
    for row in range(min(len(grid.head), _SEARCHED)):
        matched = _matched(_headings(grid, row, row), labels)
        if matched > most:
            best, most = row, matched
        elif best is not None and row > best + _MOST_ROWS and 2 * most > _filled(grid, best):
            break
    if best is None:
        return None
    first, last = _widened(grid, labels, best)
    headings = _headings(grid, first, last)
    return HeaderBlock(first, last, headings, _matched(headings, labels), _formula_rows(grid, last))


def _widened(grid: Grid, labels: Labels, best: int) -> tuple[int, int]:
    """Neighbouring rows join the header while they name more columns or name them once more."""
    first = last = best
    while (
        last + 1 < len(grid.head)
        and last - first + 1 < _MOST_ROWS
        and _joins(grid, labels, first, last, last + 1)
    ):
        last += 1
    while first > 0 and last - first + 1 < _MOST_ROWS and _joins(grid, labels, first, last, first - 1):
        first -= 1
    return first, last


def _joins(grid: Grid, labels: Labels, first: int, last: int, row: int) -> bool:
    filled = [i for i, cell in enumerate(grid.head[row]) if cell]
    known = [i for i in filled if meanings(Heading((_cell(grid, row, i),)), labels)]
    if row > last and not _no_values_under_names(grid, labels, first, last, row):
        return False
    if len(known) >= _FEWEST_MATCHES and 2 * len(known) >= len(filled):
        return True
    if len(filled) < _FEWEST_MATCHES:
        return False
    # A title ("Xã | Phú Xuyên") may hold a label's word; a label above stands over a blank.
    if row < first and any(_cell(grid, first, i) for i in known):
        return False
    low, high = min(first, row), max(last, row)
    return _matched(_headings(grid, low, high), labels) > _matched(_headings(grid, first, last), labels)


def _no_values_under_names(grid: Grid, labels: Labels, first: int, last: int, row: int) -> bool:
    """A record has values under the columns that the header names; a second header row has
    nothing there, or names."""
    for i, heading in enumerate(_headings(grid, first, last)):
        cell = grid.head[row][i] if i < len(grid.head[row]) else ""
        if cell and meanings(heading, labels) and not meanings(Heading((cell,)), labels):
            return False
    return True


def _matched(headings: list[Heading], labels: Labels) -> int:
    names = set()
    for heading in headings:
        meaning = meanings(heading, labels)
        if meaning:
            names.add(frozenset(meaning.items()))
    return len(names)


def _headings(grid: Grid, first: int, last: int) -> list[Heading]:
    """Column by column, the texts of the rows; a cell that spans columns with texts below is
    their group, one that spans rows is written once."""
    width = max((len(row) for row in grid.head[first : last + 1]), default=0)
    groups = [_group_cells(grid, row, last, width) for row in range(first, last + 1)]
    headings = []
    for column in range(width):
        texts, group = [], ""
        for row in range(first, last + 1):
            spanning = groups[row - first].get(column)
            cell = _cell(grid, row, column)
            if spanning:
                group = spanning
            elif cell:
                texts.append(cell)
        headings.append(Heading(tuple(texts), group) if texts else Heading((group,) if group else ()))
    return headings


def _group_cells(grid: Grid, row: int, last: int, width: int) -> dict[int, str]:
    """The columns of a row that lie under one of its group cells, with the group's text."""
    if row == last:
        return {}
    wide = [m for m in grid.merges if m.top <= row <= m.bottom and m.right > m.left and m.bottom < last]
    found = {c: _cell(grid, m.top, m.left) for m in wide for c in range(m.left, m.right + 1)}
    if not wide:
        found = _groups_by_blanks(grid, row, last, width)
    return {c: text for c, text in found.items() if text and _text_below(grid, row, last, c)}


def _groups_by_blanks(grid: Grid, row: int, last: int, width: int) -> dict[int, str]:
    """Without merges (CSV): a cell that has a text below it, and blanks to its right that have."""
    found: dict[int, str] = {}
    column = 0
    while column < width:
        end = column + 1
        if _cell(grid, row, column) and _text_below(grid, row, last, column):
            while end < width and not _cell(grid, row, end) and _text_below(grid, row, last, end):
                end += 1
            if end - column > 1:
                found.update(dict.fromkeys(range(column, end), _cell(grid, row, column)))
        column = end
    return found


def _text_below(grid: Grid, row: int, last: int, column: int) -> bool:
    return any(_cell(grid, r, column) for r in range(row + 1, last + 1))


def _filled(grid: Grid, row: int) -> int:
    return sum(1 for cell in grid.head[row] if cell)


def _cell(grid: Grid, row: int, column: int) -> str:
    cells = grid.head[row]
    return cells[column] if column < len(cells) else ""


def _formula_rows(grid: Grid, last: int) -> int:
    """How many rows below the header only number its columns: "A B 1 2 3", "(1) (2)", "4=3/1"."""
    count = 0
    while last + 1 + count < len(grid.head) and count < 2 and is_numbering(grid.head[last + 1 + count]):
        count += 1
    return count


def is_numbering(cells: list[str]) -> bool:
    """Whether a row numbers the columns; its numbers run on by one, which no record's do."""
    filled = [cell for cell in cells if cell]
    matches = [_NUMBERING.match(cell) for cell in filled]
    if len(filled) < 3 or not all(matches):
        return False
    numbers = [int(match.group(1)) for match in matches if match and match.group(1)]
    letters = len(filled) - len(numbers)
    runs = all(b - a == 1 for a, b in pairwise(numbers))
    return runs and numbers[:1] <= [4] and (len(numbers) >= 2 or letters >= 3)
