"""Lists of three reviews in which households move as they really do, and what that must come to.

Belongs here: the simulated households and their records. Does not belong here: any model's result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from tests.integration.make_accepted import Row, new, old, record

YEARS = (2023, 2024, 2025)
STANDARD = "VN-2022"
# In 2025 the third joins the second, and the fourth is divided between the second and the last.
HEIRS = {"05001": "05001", "05002": "05002", "05003": "05002", "05004": "05002", "01005": "01005"}
_CLASSES = ("poor", "near_poor", "not_poor")
_CHANGES = {
    ("poor", "poor"): "still_poor",
    ("near_poor", "poor"): "new_poor",
    ("not_poor", "poor"): "new_poor",
    ("poor", "near_poor"): "escaped",
    ("poor", "not_poor"): "escaped",
    ("near_poor", "near_poor"): "other",
    ("near_poor", "not_poor"): "escaped_near_poor",
    ("not_poor", "near_poor"): "fell_to_near_poor",
    ("not_poor", "not_poor"): "other",
}


@dataclass(frozen=True)
class Household:
    """A household as one list has it; `head` is None where the id cannot be read."""

    number: int
    commune: str
    head: str | None
    size: int
    poverty_class: str
    begin: str
    change: str


def lists(seed: int, households: int = 160) -> dict[int, list[Household]]:
    """The lists of three years, in which everything that is declared is true."""
    rng = np.random.default_rng(seed)
    communes = list(HEIRS)
    standing = [_first(rng, n, communes[n % len(communes)]) for n in range(households)]
    found = {YEARS[0]: standing}
    for year in YEARS[1:]:
        standing = [later for one in standing for later in _a_year_on(rng, one, year)]
        standing += [_entered(rng, 1000 * year + n, rng.choice(communes)) for n in range(households // 10)]
        found[year] = standing
    return found


def _first(rng: np.random.Generator, number: int, commune: str) -> Household:
    klass = str(rng.choice(_CLASSES[:2]))
    # Ids are missing where no commune is divided: a household without one cannot be placed there.
    readable = commune == "05004" or rng.random() < 0.9
    head = f"h{number}" if readable else None
    return Household(number, commune, head, int(rng.integers(1, 9)), klass, "not_poor", "new_poor")


def _a_year_on(rng: np.random.Generator, one: Household, year: int) -> list[Household]:
    fate = rng.random()
    if fate < 0.08:
        return []  # died out, or left the province
    klass = str(rng.choice(_CLASSES, p=[0.5, 0.3, 0.2]))
    size = max(1, one.size + int(rng.integers(-1, 2)))
    change = _CHANGES[(one.poverty_class, klass)]
    later = replace(one, size=size, poverty_class=klass, begin=one.poverty_class, change=change)
    if fate < 0.14 and one.head and one.commune != "05004":
        return [replace(later, commune="05001" if one.commune != "05001" else "01005")]
    if fate < 0.22 and size > 1 and one.poverty_class != "not_poor":
        part = replace(
            later, number=year * 100_000 + one.number, head=f"s{year}-{one.number}", size=1,
            poverty_class=one.poverty_class, change="other",
        )  # fmt: skip
        return [replace(later, size=size - 1), part]
    return [later]


def _entered(rng: np.random.Generator, number: int, commune: str) -> Household:
    klass = str(rng.choice(_CLASSES[:2]))
    change = str(rng.choice(["new_poor" if klass == "poor" else "fell_to_near_poor", "other"]))
    return Household(number, str(commune), f"h{number}", int(rng.integers(1, 9)), klass, "not_poor", change)


def contradict(found: dict[int, list[Household]], year: int, commune: str, count: int) -> None:
    """Let a commune's list declare of so many households that they did not begin poor, though they did."""
    left = count
    for i, one in enumerate(found[year]):
        if left and one.commune == commune and one.head and one.begin == one.poverty_class == "poor":
            found[year][i] = replace(one, begin="not_poor", poverty_class="not_poor", change="other")
            left -= 1
    assert not left


def records(found: dict[int, list[Household]], year: int) -> list[Row]:
    """A year's list as accepted records."""
    rows = []
    for row, one in enumerate(found[year]):
        unit = new(_heir(one)) if year >= 2025 else old(one.commune)
        rows.append(
            record(
                "survey_household",
                row,
                unit,
                date(year, 12, 14),
                standard=STANDARD,
                village="Xóm 1",
                household_code=str(row + 1),
                household_size=one.size,
                declared_class=one.poverty_class,
                class_begin=one.begin,
                change_type=one.change,
                head_citizen_id_pseudonym=one.head,
                file_hash=f"list-{year}",
            )
        )
    return rows


def _heir(one: Household) -> str:
    if one.commune == "05004":
        return "05002" if one.number % 5 < 3 else "01005"
    return HEIRS[one.commune]
