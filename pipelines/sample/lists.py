"""Who is poor, near-poor or reviewed in which year: the true lists, calibrated to the published totals.

Belongs here: the class of each household in each year. Does not belong here: scores and
deprivations (`points`), or how a list is written down (`survey_household`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample import targets
from pipelines.sample.population import Population
from pipelines.sample.streams import stream

NOT_POOR, NEAR_POOR, POOR = 0, 1, 2
OUTGOING, INCOMING = "VN-2016", "VN-2022"


@dataclass(frozen=True)
class Review:
    """One year's review under one standard.

    `households` are those on the list; `klass`, `begin` their class now and on the list before,
    `was_poor` whether they stood on an earlier list as poor; `code` the running number in the village.
    """

    year: int
    standard: str
    households: np.ndarray
    klass: np.ndarray
    begin: np.ndarray
    was_poor: np.ndarray
    code: np.ndarray


@dataclass(frozen=True)
class Lists:
    """Class of every household by year (incoming standard) and under the outgoing one in 2021."""

    by_year: dict[int, np.ndarray]
    outgoing: np.ndarray
    population: Population

    def in_force(self, year: int) -> np.ndarray:
        """Class of every household on the list that holds during a year: the review of the year before."""
        return self.by_year.get(year - 1, self.outgoing)

    def before(self, year: int) -> np.ndarray:
        """Class of every household at the start of a review."""
        return self.by_year.get(year - 1, self.outgoing)

    def ever_poor_before(self, year: int) -> np.ndarray:
        """Households that were poor on any list before a year's review."""
        result = self.outgoing == POOR
        for other, klass in self.by_year.items():
            if other < year:
                result = result | (klass == POOR)
        return np.asarray(result)

    def review(self, year: int, standard: str = INCOMING) -> Review:
        """The list of a year's review, in the order of commune and village."""
        people = self.population
        klass = self.by_year[year] if standard == INCOMING else self.outgoing
        begin = self.before(year)
        if year == targets.YEARS[0]:
            begin = _shaken(people, begin)
        rows = _reviewed(people, year, self.by_year[year], self.before(year))
        if standard != INCOMING:
            # The outgoing standard's list has those whom it concerned, not all who asked.
            rows = rows[(klass[rows] != NOT_POOR) | (begin[rows] != NOT_POOR) | (rows % 4 == 0)]
        village = people.village[rows]
        order = np.lexsort((rows, village, people.unit(rows, people.list_of(year))))
        rows, village = rows[order], village[order]
        code = _running(stream(people.seed, "code", year), village)
        inside = np.lexsort((code, village, people.unit(rows, people.list_of(year))))
        rows, code = rows[inside], code[inside]
        return Review(year, standard, rows, klass[rows], begin[rows], self.ever_poor_before(year)[rows], code)


def make_lists(people: Population) -> Lists:
    """The classes of every year; misfortune lasts, with a part that is new each year."""
    luck = stream(people.seed, "luck", "start").normal(0, 1, people.size)
    by_year: dict[int, np.ndarray] = {}
    outgoing = np.zeros(people.size, dtype=np.int8)
    for year in targets.YEARS:
        rng = stream(people.seed, "luck", year)
        luck = 0.88 * luck + 0.475 * rng.normal(0, 1, people.size)
        score = people.hardship + 0.75 * luck
        counts = targets.scaled(
            targets.PROVINCE[year], targets.POOR_PART[year], targets.households(year, people.scale)
        )
        by_year[year] = _classes(people, year, score, counts)
        if year == targets.YEARS[0]:
            old = targets.scaled(
                targets.OUTGOING_PROVINCE, targets.OUTGOING_POOR_PART, targets.households(year, people.scale)
            )
            outgoing = _classes(people, year, score, old)
    return Lists(by_year, outgoing, people)


def _classes(
    people: Population, year: int, score: np.ndarray, counts: tuple[targets.Count, targets.Count]
) -> np.ndarray:
    """The hardest off of each part and ethnic side are poor, the next of the part near-poor."""
    klass = np.full(people.size, NOT_POOR, dtype=np.int8)
    minority = targets.minority_poor(year, (counts[0].poor, counts[1].poor))
    here = people.exists(year)
    for part, count, of_minorities in zip((True, False), counts, minority, strict=True):
        mine = here & (people.poor_part == part)
        for side, wanted in ((True, of_minorities), (False, count.poor - of_minorities)):
            rows = np.flatnonzero(mine & ((people.ethnicity != 0) == side))
            klass[_top(rows, score, wanted)] = POOR
        short = count.poor - int((klass[mine] == POOR).sum())
        klass[_top(np.flatnonzero(mine & (klass == NOT_POOR)), score, short)] = POOR
        klass[_top(np.flatnonzero(mine & (klass == NOT_POOR)), score, count.near_poor)] = NEAR_POOR
    return klass


def _top(rows: np.ndarray, score: np.ndarray, wanted: int) -> np.ndarray:
    if wanted <= 0:
        return rows[:0]
    return rows[np.argsort(-score[rows], kind="stable")[:wanted]]


def _shaken(people: Population, klass: np.ndarray) -> np.ndarray:
    """A list a year older than the first: some poor were near-poor, some near-poor poor."""
    draw = stream(people.seed, "list before").random(people.size)
    result = klass.copy()
    result[(klass == POOR) & (draw < 0.06)] = NEAR_POOR
    result[(klass == NEAR_POOR) & (draw < 0.12)] = POOR
    result[(klass == NOT_POOR) & (people.hardship > 1.6) & (draw < 0.10)] = POOR
    return result


def _reviewed(people: Population, year: int, klass: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The listed, those who were listed, and households that asked to be reviewed."""
    listed = (klass != NOT_POOR) | (before != NOT_POOR)
    room = round(targets.REVIEWED[year] * people.scale) - int(listed.sum())
    room = max(room, round(0.03 * listed.sum()))
    rng = stream(people.seed, "requests", year)
    appeal = np.where(listed | ~people.exists(year), -np.inf, people.hardship + rng.gumbel(0, 1, people.size))
    asked = np.argsort(-appeal, kind="stable")[:room]
    return np.sort(np.concatenate([np.flatnonzero(listed), asked]))


def _running(rng: np.random.Generator, village: np.ndarray) -> np.ndarray:
    """A running number inside each village, in an order that changes from year to year."""
    order = np.lexsort((rng.random(len(village)), village))
    ordered = village[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(village)) - np.repeat(starts, np.diff(np.r_[starts, len(village)]))
    result = np.empty(len(village), dtype=int)
    result[order] = rank + 1
    return result
