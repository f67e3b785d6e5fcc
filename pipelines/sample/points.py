"""Scores and deprivations of reviewed households, in agreement with class and standard.

The point lines are those of forms B1: rural 140, urban 175 (2022 onward); 120/150 and 140/175
under the outgoing standard, where the poor are either under the lower line, or under the upper one
with at least three deprivations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.lists import NEAR_POOR, NOT_POOR, POOR, Review
from pipelines.sample.population import Population
from pipelines.sample.streams import stream

CUTOFF = 3
# Columns of each layout with how common the deprivation is among the poor.
SHARES = {
    "VN-2016": {
        "dep_adult_edu": 0.32, "dep_child_school": 0.05, "dep_health_access": 0.06, "dep_health_ins": 0.14,
        "dep_house_quality": 0.42, "dep_house_area": 0.30, "dep_water": 0.28, "dep_toilet": 0.66,
        "dep_telecom": 0.36, "dep_info_asset": 0.24,
    },
    "VN-2022": {
        "dep_employment": 0.34, "dep_dependents": 0.36, "dep_nutrition": 0.16, "dep_health_insurance": 0.15,
        "dep_adult_education": 0.42, "dep_child_schooling": 0.06, "dep_housing_quality": 0.38,
        "dep_housing_area": 0.22, "dep_water": 0.26, "dep_toilet": 0.62, "dep_telecom": 0.34,
        "dep_info_means": 0.24,
    },
}  # fmt: skip
HOUSING = {
    "VN-2016": ("dep_house_quality", "dep_house_area"),
    "VN-2022": ("dep_housing_quality", "dep_housing_area"),
}
INSURANCE = {"VN-2016": "dep_health_ins", "VN-2022": "dep_health_insurance"}
_CHILDREN = ("dep_child_school", "dep_nutrition", "dep_child_schooling")
_K_POOR = (0, 0, 0, 0.46, 0.30, 0.15, 0.06, 0.03)
_K_FEW = (0.12, 0.34, 0.54)
_K_ANY = (0.05, 0.12, 0.22, 0.33, 0.18, 0.10)


@dataclass(frozen=True)
class Points:
    """Scores of one review's households; `deprived` has one column a deprivation, in layout order."""

    b1: np.ndarray
    b2: np.ndarray
    deprived: np.ndarray

    def column(self, standard: str, name: str) -> np.ndarray:
        """One deprivation by its column name."""
        return self.deprived[:, list(SHARES[standard]).index(name)]


def make_points(people: Population, review: Review, children: np.ndarray) -> Points:
    """The scores of a review; `children` says which of its households have a child under 16."""
    rng = stream(people.seed, "points", review.year, review.standard)
    urban = people.urban(review.households, people.list_of(review.year))
    b1 = _b1(rng, review, urban)
    count = _deprivations(rng, review, b1, urban)
    names = list(SHARES[review.standard])
    lasting = stream(people.seed, "deprivation", review.standard).gumbel(0, 1, (people.size, len(names)))
    want = np.log(list(SHARES[review.standard].values())) * 1.3
    appeal = want + 0.85 * lasting[review.households] + 0.4 * rng.gumbel(0, 1, (len(b1), len(names)))
    for column in _CHILDREN:
        if column in names:
            appeal[~children, names.index(column)] -= 50
    rank = np.argsort(np.argsort(-appeal, axis=1), axis=1)
    deprived = rank < count[:, None]
    return Points(b1, deprived.sum(axis=1) * 10, deprived)


def _b1(rng: np.random.Generator, review: Review, urban: np.ndarray) -> np.ndarray:
    """Income scores; just above the line they bunch among those who left the list."""
    n = len(urban)
    lower, upper = lines(review.standard, urban)
    below = upper - np.minimum(rng.gamma(2.2, 9, n), 75)
    near = upper - np.minimum(rng.gamma(1.4, 7, n), 45)
    above = upper + 1 + rng.gamma(1.1, 14, n)
    escaped = upper + 1 + rng.gamma(0.9, 5, n)
    result = np.select([review.klass == POOR, review.klass == NEAR_POOR], [below, near], default=above)
    left = (review.klass == NOT_POOR) & (review.begin != NOT_POOR)
    result[left] = escaped[left]
    if review.standard == "VN-2016":
        between = lower + 1 + rng.random(n) * (upper - lower - 1)
        rows = (review.klass == NEAR_POOR) | ((review.klass == POOR) & (rng.random(n) < 0.45))
        result[rows] = between[rows]
        under = (review.klass == POOR) & ~rows
        result[under] = np.minimum(result[under], lower[under])
    poor_or_near = review.klass != NOT_POOR
    result = np.round(result)
    result[poor_or_near] = np.minimum(result[poor_or_near], upper[poor_or_near])
    low_near = (review.standard == "VN-2016") & (review.klass == NEAR_POOR)
    result[low_near] = np.maximum(result[low_near], lower[low_near] + 1)
    result[~poor_or_near] = np.maximum(result[~poor_or_near], upper[~poor_or_near] + 1)
    return result.astype(int)


def lines(standard: str, urban: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper point line of each household; they are one where the standard has one."""
    upper = np.where(urban, 175, 150 if standard == "VN-2016" else 140)
    return (np.where(urban, 140, 120) if standard == "VN-2016" else upper), upper


def _deprivations(rng: np.random.Generator, review: Review, b1: np.ndarray, urban: np.ndarray) -> np.ndarray:
    n = len(b1)
    many, few, any_ = (rng.choice(len(p), n, p=p) for p in (_K_POOR, _K_FEW, _K_ANY))
    lower, upper = lines(review.standard, urban)
    free = (b1 > upper) | ((review.standard == "VN-2016") & (b1 <= lower))
    needs = (review.klass == POOR) & ~free
    return np.select([needs, ~free], [many, few], default=any_)
