"""What every table's writer needs: the population, its lists, where to write and what to note."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from pipelines.sample.lists import INCOMING, OUTGOING, Lists, Review
from pipelines.sample.manifest import Manifest, Planted
from pipelines.sample.planting import Mark, Planter
from pipelines.sample.points import Points, make_points
from pipelines.sample.population import Population
from pipelines.sample.streams import stream

# The day on which the sample is set: what is later has not been sent.
TODAY = date(2026, 11, 23)
# Communes of the running review that have sent their list.
SENT = {2026: 40}
Where = tuple[str, int]


@dataclass
class Context:
    """One run of the generator."""

    drops: Path
    people: Population
    lists: Lists
    manifest: Manifest
    planting: bool
    tick: Callable[[str], None]
    _reviews: dict[tuple[int, str], tuple[Review, Points]] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.people.seed

    def standards(self, year: int) -> tuple[str, ...]:
        """The standards under which a year's review was held."""
        return (OUTGOING, INCOMING) if year == 2021 else (INCOMING,)

    def review(self, year: int, standard: str = INCOMING) -> tuple[Review, Points]:
        """A year's list and scores; made once."""
        key = (year, standard)
        if key not in self._reviews:
            review = self.lists.review(year, standard)
            persons = self.people.persons
            young = persons.born_by(year) & (persons.birth > np.datetime64(f"{year - 16}-12-31"))
            children = np.bincount(persons.household[young], minlength=self.people.size) > 0
            self._reviews[key] = review, make_points(self.people, review, children[review.households])
        return self._reviews[key]

    def list_in_force(self, year: int) -> tuple[Review, Points]:
        """The list that holds during a year."""
        return self.review(year - 1) if year > 2021 else self.review(2021, OUTGOING)

    def household_sizes(self, year: int) -> np.ndarray:
        """Members of every household in a year."""
        persons = self.people.persons
        return np.bincount(persons.household[persons.born_by(year)], minlength=self.people.size)

    def sent(self, year: int) -> np.ndarray:
        """Row numbers of the communes that send a year's review."""
        rows = np.unique(self.people.unit(np.arange(self.people.size), self.people.list_of(year)))
        if year not in SENT:
            return rows
        wanted = max(1, round(SENT[year] / len(self.people.communes.new) * len(rows)))
        return np.sort(stream(self.seed, "sent", year).permutation(rows)[:wanted])

    def planter(self, table: str, year: int, part: str = "") -> Planter:
        """A planter of its own for a table and year."""
        return Planter(stream(self.seed, "defects", table, year, part), self.planting)

    def path(self, table: str, year: int, file: str) -> Path:
        """Where a file is written; its folder exists."""
        folder = self.drops / table / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / file

    def relative(self, table: str, year: int, file: str) -> str:
        """A file's name in the manifest."""
        return f"{table}/{year}/{file}"

    def planted(self, table: str, year: int, marks: Iterable[tuple[Mark, str, str, int]]) -> None:
        """Note defects with the file, sheet and row on which they came to stand."""
        self.manifest.planted += [
            Planted(
                table, year, self.relative(table, year, file), sheet, row, mark.column, mark.defect,
                mark.reason, mark.outcome,
            )
            for mark, file, sheet, row in marks
        ]  # fmt: skip


def last_month(year: int) -> int:
    """The last month of a year whose figures have been sent."""
    return 12 if year < TODAY.year else TODAY.month - 1
