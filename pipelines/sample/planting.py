"""Choosing the rows on which a defect is planted: at most one defect a row, at a given rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Mark:
    """A defect on one row of a table in memory, before it has a place in a file."""

    row: int
    column: str
    defect: str
    reason: str
    outcome: str


@dataclass
class Planter:
    """Draws rows, each only once, and keeps what was planted on them.

    With `enabled` false nothing is ever drawn.
    """

    rng: np.random.Generator
    enabled: bool
    used: set[int] = field(default_factory=set)
    marks: list[Mark] = field(default_factory=list)

    def rows(self, candidates: np.ndarray, rate: float, *, least: int = 1) -> np.ndarray:
        """Some of the candidate rows, as many as the rate says and at least `least`."""
        if not self.enabled:
            return np.array([], dtype=int)
        wanted = max(least, round(rate * len(candidates)))
        chosen: list[int] = []
        for row in self._shuffled(candidates, wanted):
            if len(chosen) == wanted:
                break
            if row not in self.used:
                self.used.add(row)
                chosen.append(row)
        return np.array(sorted(chosen), dtype=int)

    def _shuffled(self, candidates: np.ndarray, wanted: int) -> Iterator[int]:
        """Candidates in random order; of very many only a part is drawn, with room for those in use."""
        if not len(candidates):
            return
        room = min(len(candidates), 4 * wanted + len(self.used) + 50)
        if room * 3 < len(candidates):
            picks = np.unique(self.rng.integers(0, len(candidates), room))
            self.rng.shuffle(picks)
        else:
            picks = self.rng.permutation(len(candidates))
        yield from (int(candidates[i]) for i in picks)

    def mark(self, rows: np.ndarray | list[int], column: str, defect: str, reason: str, outcome: str) -> None:
        """Note a defect on rows."""
        self.marks += [Mark(int(row), column, defect, reason, outcome) for row in rows]

    def flag(self, rows: np.ndarray | list[int], column: str, defect: str, reason: str) -> None:
        """Note a defect that leaves the records accepted."""
        self.mark(rows, column, defect, reason, "flagged")

    def reject(self, rows: np.ndarray | list[int], column: str, defect: str, reason: str) -> None:
        """Note a defect that costs the records."""
        self.mark(rows, column, defect, reason, "quarantined")
