"""One synthetic population: the same households and persons through all the years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.sample import targets
from pipelines.sample.communes import MERGED_ON, Communes, load_communes
from pipelines.sample.persons import Persons, make_persons
from pipelines.sample.streams import choose, stream
from pipelines.sample.villages import make_villages

# Below this many households a commune is left out, not shrunk: a smaller one would look like a
# denominator that was never entered.
_SMALLEST = 62
# A commune that was once several has villages of unlike size in each of them.
_SMALLEST_PART = 130
_COMFORTABLE = 75
_PART_ETHNICITY = {"Tày": 60.0, "Nùng": 10.0, "Dao": 20.0, "Mông": 8.0, "Sán Chay": 1.5, "Hoa": 0.5}
_REST_ETHNICITY = {
    "Tày": 38.0,
    "Nùng": 20.0,
    "Sán Dìu": 14.0,
    "Sán Chay": 11.0,
    "Dao": 10.0,
    "Mông": 6.0,
    "Hoa": 1.0,
}
ETHNICITIES = ("Kinh", "Tày", "Nùng", "Dao", "Mông", "Sán Chay", "Hoa", "Sán Dìu")


@dataclass(frozen=True)
class Population:
    """Households (arrays of one length) and their persons.

    `village` is a row number of `villages`; `since` the first year in which the household exists;
    `poor_part` whether it lives in the poorest predecessor province.
    """

    communes: Communes
    villages: pd.DataFrame
    village: np.ndarray
    poor_part: np.ndarray
    since: np.ndarray
    ethnicity: np.ndarray
    hardship: np.ndarray
    persons: Persons
    seed: int
    scale: float

    @property
    def size(self) -> int:
        """Households that ever exist."""
        return len(self.village)

    def exists(self, year: int) -> np.ndarray:
        """Which households exist in a year."""
        return self.since <= year

    def unit(self, households: np.ndarray, number: np.ndarray | int) -> np.ndarray:
        """Row number of each household's commune on a list (`Communes.list_on`), or on one for each."""
        villages = self.village[households]
        if isinstance(number, int | np.integer):
            return np.asarray(self._column(int(number))[villages])
        found = np.empty(len(villages), dtype=int)
        for one in np.unique(number):
            found[number == one] = self._column(int(one))[villages[number == one]]
        return found

    def codes(self, households: np.ndarray, number: np.ndarray | int) -> np.ndarray:
        """Commune code of each household on a list, or on one for each."""
        numbers = np.broadcast_to(np.asarray(number), len(households))
        found = np.empty(len(households), dtype=object)
        for one in np.unique(numbers):
            here = numbers == one
            codes = self.communes.units(int(one))["code"].to_numpy(dtype=object)
            found[here] = codes[self.unit(households[here], int(one))]
        return found

    def urban(self, households: np.ndarray, number: int) -> np.ndarray:
        """Whether each household's commune is urban on a list."""
        units = self.communes.units(number)
        return np.asarray(units["is_urban"].to_numpy(dtype=bool)[self.unit(households, number)])

    def list_of(self, year: int) -> int:
        """The number of the list at a year's end."""
        return self.communes.list_of(year)

    def _column(self, number: int) -> np.ndarray:
        name = "new" if number > 0 else "old" if number == 0 else f"before_{-number}"
        return np.asarray(self.villages[name])


def merged_by(year: int) -> bool:
    """Whether the end of a year is after the merger of communes."""
    return year >= MERGED_ON.year


def make_population(province: str, scale: float, seed: int) -> Population:
    """The population of one province at one scale."""
    communes = load_communes(province)
    rng = stream(seed, "population")
    last = targets.households(targets.YEARS[-1], scale)
    kept, sizes, in_part = _sizes(rng, communes, province, last)
    villages = make_villages(rng, communes, kept, sizes)
    village = _settle(rng, villages, kept, sizes)
    part = np.repeat(in_part, sizes)
    since = _since(rng, part, scale)
    ethnicity = _ethnicity(rng, part, communes, villages, village)
    hardship = _hardship(rng, communes, villages, village, ethnicity)
    persons = make_persons(stream(seed, "persons"), hardship, ethnicity != 0, part)
    return Population(communes, villages, village, part, since, ethnicity, hardship, persons, seed, scale)


def _sizes(
    rng: np.random.Generator, communes: Communes, province: str, totals: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The old communes of the sample, their households, and whether they lie in the poor part."""
    in_part = (communes.old["province_code"] != province).to_numpy()
    if not in_part.any():
        in_part = np.arange(len(in_part)) < len(in_part) // 4
    kept, sizes = [], []
    for is_part, total in ((True, totals[0]), (False, totals[1])):
        mine = np.flatnonzero(in_part == is_part)
        mine = _some(rng, communes, mine, max(1, total // _COMFORTABLE))
        urban = communes.old["is_urban"].to_numpy(dtype=bool)[mine]
        weight = rng.lognormal(0, 0.35, len(mine)) * np.where(urban, 1.5, 1.0)
        least = _least(communes)[mine]
        spare = total - int(least.sum())
        if spare < 0:
            raise ValueError(f"scale is too small: {total} households are fewer than one commune has")
        sizes.append(least + _apportion(weight, spare))
        kept.append(mine)
    flags = np.concatenate([np.full(len(k), i == 0) for i, k in enumerate(kept)])
    return np.concatenate(kept), np.concatenate(sizes), flags


def _least(communes: Communes) -> np.ndarray:
    """The fewest households of each old commune; more where it was several: each must have enough."""
    origins = communes.most_origins()
    return np.asarray(np.where(origins > 1, _SMALLEST_PART * origins, _SMALLEST))


def _some(rng: np.random.Generator, communes: Communes, mine: np.ndarray, wanted: int) -> np.ndarray:
    """Whole clusters of communes, up to a number; those with a split commune come first."""
    if wanted >= len(mine):
        return mine
    cluster = communes.clusters().to_numpy()
    special = {int(cluster[o]) for o in communes.split()}
    shuffled = [int(c) for c in rng.permutation(np.unique(cluster[mine]))]
    room_for = _least(communes)[mine] / _SMALLEST
    sizes = {c: int(np.ceil(room_for[cluster[mine] == c].sum())) for c in shuffled}
    order = sorted(shuffled, key=lambda c: c not in special)
    taken: list[int] = []
    room = wanted
    for c in order:
        if sizes[c] <= room:
            taken.append(c)
            room -= sizes[c]
    chosen = mine[np.isin(cluster[mine], taken)]
    return chosen if len(chosen) else mine[cluster[mine] == min(sizes, key=lambda c: sizes[c])]


def _apportion(weight: np.ndarray, total: int) -> np.ndarray:
    exact = weight / weight.sum() * total
    result = np.floor(exact).astype(int)
    result[np.argsort(result - exact, kind="stable")[: total - result.sum()]] += 1
    return np.asarray(result)


def _settle(
    rng: np.random.Generator, villages: pd.DataFrame, kept: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """The village of each household; households lie in the order of their communes."""
    weights = villages["weight"].to_numpy()
    old = villages["old"].to_numpy()
    parts = []
    for commune, size in zip(kept, sizes, strict=True):
        rows = np.flatnonzero(old == commune)
        parts.append(np.sort(rng.choice(rows, size, p=weights[rows] / weights[rows].sum())))
    return np.concatenate(parts)


def _since(rng: np.random.Generator, part: np.ndarray, scale: float) -> np.ndarray:
    since = np.full(len(part), targets.YEARS[0])
    for index, flag in enumerate((True, False)):
        order = rng.permutation(np.flatnonzero(part == flag))
        for year in targets.YEARS[:-1]:
            since[order[targets.households(year, scale)[index] :]] = year + 1
    return since


def _ethnicity(
    rng: np.random.Generator,
    part: np.ndarray,
    communes: Communes,
    villages: pd.DataFrame,
    village: np.ndarray,
) -> np.ndarray:
    urban = communes.old["is_urban"].to_numpy(dtype=bool)[villages["old"].to_numpy()[village]]
    tilt = rng.normal(0, 0.08, len(villages))[village]
    minority = np.where(part, 0.90, 0.36) - np.where(urban, 0.14, 0.0) + tilt
    result = np.zeros(len(part), dtype=int)
    for flag, shares in ((True, _PART_ETHNICITY), (False, _REST_ETHNICITY)):
        rows = np.flatnonzero((part == flag) & (rng.random(len(part)) < minority))
        index = np.array([ETHNICITIES.index(name) for name in shares])
        result[rows] = index[choose(rng, shares, len(rows))]
    return result


def _hardship(
    rng: np.random.Generator,
    communes: Communes,
    villages: pd.DataFrame,
    village: np.ndarray,
    ethnicity: np.ndarray,
) -> np.ndarray:
    """Lasting hardship: commune, village, town or country, ethnic group, and the household's own luck."""
    old = villages["old"].to_numpy()
    commune = rng.normal(0, 0.45, len(communes.old))[old]
    urban = np.where(communes.old["is_urban"].to_numpy(dtype=bool)[old], -1.1, 0.0)
    place = commune + urban + rng.normal(0, 0.2, len(villages))
    group = np.array([0.0, 0.2, 0.3, 0.8, 1.3, 0.3, 0.0, 0.2])[ethnicity]
    return np.asarray(place[village] + group + rng.normal(0, 1, len(village)))
