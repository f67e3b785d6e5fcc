"""Persons of the households: birth, sex, relation, name, citizen id and insurance number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sample.person_names import full_names

RELATIONS = ("Chủ hộ", "Vợ/chồng", "Con", "Cháu", "Bố/mẹ")
HEAD, SPOUSE, CHILD, GRANDCHILD, PARENT = range(5)
_SIZE_SHARES = np.array([0.045, 0.115, 0.17, 0.27, 0.20, 0.115, 0.055, 0.03])


@dataclass(frozen=True)
class Persons:
    """Arrays of one length, sorted by household; `first` is the row of each household's head.

    `birth` is a day (datetime64), `name` a row of `names`. A child may be born in a later year: a
    person exists in a year when born by 31 August of it, before the review begins.
    """

    household: np.ndarray
    first: np.ndarray
    birth: np.ndarray
    female: np.ndarray
    relation: np.ndarray
    name: np.ndarray
    names: np.ndarray
    id_head: np.ndarray
    id_tail: np.ndarray
    insurance: np.ndarray

    def born_by(self, year: int) -> np.ndarray:
        """Which persons exist in a year."""
        return self.birth <= np.datetime64(f"{year}-08-31")

    def birth_year(self) -> np.ndarray:
        """Year of birth."""
        return self.birth.astype("datetime64[Y]").astype(int) + 1970

    def citizen_ids(self, rows: np.ndarray) -> pa.Array:
        """Citizen ids of 12 digits: province, century and sex, two digits of the year, six of its own."""
        number = 10**12 + self.id_head[rows].astype(np.int64) * 10**6 + self.id_tail[rows]
        return _digits(number)

    def documents(self, rows: np.ndarray, year: int) -> np.ndarray:
        """What stands in the column of the citizen id: to 2022 some of the old still have nine digits."""
        ids = self.citizen_ids(rows).to_numpy(zero_copy_only=False)
        if year > 2022:
            return np.asarray(ids)
        old = (self.birth_year()[rows] < 1966) & (rows % 7 == 0)
        ids = ids.copy()
        ids[old] = _digits(10**9 + 90_000_000 + rows[old]).to_numpy(zero_copy_only=False)
        return np.asarray(ids)

    def insurance_numbers(self, rows: np.ndarray) -> pa.Array:
        """Social-insurance numbers of 10 digits."""
        return _digits(10**10 + self.insurance[rows])


def _digits(number: np.ndarray) -> pa.Array:
    """Decimal digits without the leading 1 that keeps the zeros."""
    return pc.utf8_slice_codeunits(pa.array(number).cast(pa.string()), 1)


def make_persons(
    rng: np.random.Generator, hardship: np.ndarray, minority: np.ndarray, poor_part: np.ndarray
) -> Persons:
    """The persons of households that are given by arrays of one length."""
    size = _sizes(rng, minority, hardship)
    household = np.repeat(np.arange(len(size)), size)
    first = np.cumsum(size) - size
    position = np.arange(len(household)) - first[household]
    age = np.clip(rng.normal(48, 13, len(size)), 22, 92)
    relation = _relations(rng, position, size[household], age[household])
    birth = _births(rng, relation, household, age)
    female = _sexes(rng, relation, household, len(size))
    year = birth.astype("datetime64[Y]").astype(int) + 1970
    here = np.where(poor_part[household], 6, 19)
    elsewhere = rng.choice([4, 2, 20, 24, 1, 8], len(household))
    born_here = (rng.random(len(household)) < 0.94) | (relation == CHILD)
    century = np.where(year >= 2000, 2, 0) + female
    head = np.where(born_here, here, elsewhere) * 1000 + century * 100 + year % 100
    names = np.concatenate([full_names(rng, female=False), full_names(rng, female=True)])
    half = len(names) // 2
    return Persons(
        household=household,
        first=first,
        birth=birth,
        female=female,
        relation=relation,
        name=rng.integers(0, half, len(household)) + half * female,
        names=names,
        id_head=head,
        id_tail=_own_numbers(rng, head),
        insurance=here * 10**8 + _spread(np.arange(len(household)), 10**8, 61_803_399),
    )


def _sizes(rng: np.random.Generator, minority: np.ndarray, hardship: np.ndarray) -> np.ndarray:
    edges = np.cumsum(_SIZE_SHARES / _SIZE_SHARES.sum())
    size = 1 + np.minimum(np.searchsorted(edges, rng.random(len(minority)), side="right"), 7)
    more = rng.random(len(minority)) < np.where(minority, 0.30, 0.12)
    fewer = (rng.random(len(minority)) < 0.10) & (hardship > 1) & (size > 1)
    return size + more - fewer


def _relations(
    rng: np.random.Generator, position: np.ndarray, size: np.ndarray, head_age: np.ndarray
) -> np.ndarray:
    n = len(position)
    relation = np.full(n, CHILD)
    relation[position == 0] = HEAD
    relation[(position == 1) & (rng.random(n) < 0.84)] = SPOUSE
    last = (position == size - 1) & (position >= 2)
    relation[last & (head_age < 50) & (rng.random(n) < 0.35)] = PARENT
    relation[(position >= 2) & (relation == CHILD) & (head_age > 56) & (rng.random(n) < 0.6)] = GRANDCHILD
    return relation


def _births(
    rng: np.random.Generator, relation: np.ndarray, household: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Days of birth; a head's own is drawn first, the others' follow from it."""
    n = len(relation)
    head_year = 2022 - age[household]
    offset = np.select(
        [relation == HEAD, relation == SPOUSE, relation == CHILD, relation == GRANDCHILD],
        [np.zeros(n), rng.normal(1, 3.5, n), rng.uniform(20, 39, n), rng.uniform(44, 62, n)],
        default=-rng.uniform(20, 34, n),
    )
    year = np.clip(head_year + offset, 1930, 2026.6)
    year[relation == HEAD] = np.minimum(year[relation == HEAD], 2002)
    year[relation == SPOUSE] = np.minimum(year[relation == SPOUSE], 2003)
    day = np.floor((year - 1970) * 365.2425).astype(np.int64)
    return np.asarray(day.astype("datetime64[D]"))


def _sexes(
    rng: np.random.Generator, relation: np.ndarray, household: np.ndarray, households: int
) -> np.ndarray:
    head_female = (rng.random(households) < 0.24).astype(np.int64)
    female = rng.integers(0, 2, len(relation))
    female[relation == HEAD] = head_female
    spouse = relation == SPOUSE
    female[spouse] = 1 - head_female[household[spouse]]
    return female


def _own_numbers(rng: np.random.Generator, head: np.ndarray) -> np.ndarray:
    """Six digits that are distinct among the persons who share the first six."""
    order = np.argsort(head, kind="stable")
    ordered = head[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(head)) - np.repeat(starts, np.diff(np.r_[starts, len(head)]))
    result = np.empty(len(head), dtype=np.int64)
    result[order] = _spread(rank + head[order] * 97, 10**6, 618_033)
    return result


def _spread(rank: np.ndarray, modulus: int, step: int) -> np.ndarray:
    """A permutation of the residues: distinct ranks below `modulus` give distinct numbers."""
    return rank.astype(np.int64) * step % modulus
