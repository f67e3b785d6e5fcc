"""How a divided unit's households went to its heirs, as the lists of households themselves show.

Belongs here: the evidence of the lists before and after a division, and the shares that follow from
it. Does not belong here: reading the lists (divided_lists.py), or putting shares in force (events.py,
given_shares.py): a person does that, by rows of the deployment's own events.

The rule is `split_by_households` of the marts' contract: a village of the last list before goes where
the next list shows it, and the unit's households follow their villages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from assets.places.lineage import WHOLE, Lineage, Step
from assets.places.units import UnitRow
from assets.places.weights import as_decimals

COLUMNS = ("unit_id", "year", "day", "village", "head")
# Of the last list's households, those in villages that are known; with fewer, equal parts may be nearer.
# A rule of this project: no rule of the state says how much evidence is enough.
ENOUGH = Fraction(1, 2)


@dataclass(frozen=True)
class Evidence:
    """What the last list before a division and the next one after it show; counts are of the last list.

    `parts` holds, for each heir in order, the households of the villages that went to it; `went` the
    villages that went to one heir alone, each with the number of that heir.
    """

    last_year: int | None
    next_year: int | None
    villages: int
    known_villages: int
    households: int
    parts: tuple[Fraction, ...]
    went: tuple[tuple[str, int], ...] = ()

    @property
    def known_households(self) -> int:
        """Households in villages that are known on both sides."""
        return int(sum(self.parts, Fraction(0)))

    @property
    def why_not(self) -> str | None:
        """Why the lists show no shares; None where they do."""
        if self.last_year is None:
            return "no accepted list of the unit from before"
        if self.next_year is None:
            return "no accepted list of an heir from after"
        if not self.known_households or self.known_households < ENOUGH * self.households:
            return f"villages of fewer than {float(ENOUGH):.0%} of the households are known on both sides"
        if not all(self.parts):
            # The act gave it a part: a list without it shows too little, not that there is none.
            return "one heir shows no household of the unit"
        return None

    @property
    def shares(self) -> tuple[Decimal, ...] | None:
        """The heirs' shares, six decimals that add up to 1; None where the lists show none."""
        if self.why_not:
            return None
        total = sum(self.parts, Fraction(0))
        return tuple(as_decimals([part / total for part in self.parts]))


@dataclass(frozen=True)
class Division:
    """One divided unit: the shares in force, and what the lists show."""

    unit: UnitRow
    heirs: tuple[UnitRow, ...]
    in_force: tuple[Fraction, ...]
    method: str
    legal_basis: str
    evidence: Evidence


def divisions(lineage: Lineage, province: str, lists: pd.DataFrame, today: date) -> list[Division]:
    """What the lists show of each unit that went to more than one unit of a province.

    Parameters
    ----------
    lists
        A row a household: `unit_id`, `year` of the list, `day` of the record, `village` (folded; None if
        blank) and `head`, the pseudonym of the head's citizen number (None if there is none).
    today
        On whose map a unit is the province's: units of its predecessors are, too.
    """
    by_id = {unit.unit_id: unit for unit in lineage.units}
    steps: dict[str, list[Step]] = {}
    for step in lineage.steps:
        parts = lineage.parts_on(by_id[step.new_id], today) if step.method != WHOLE else []
        if any(part.unit.province_code == province for part in parts):
            steps.setdefault(step.old_id, []).append(step)
    found = [
        Division(
            by_id[old],
            tuple(by_id[edge.new_id] for edge in edges),
            tuple(edge.share for edge in edges),
            edges[0].method,
            edges[0].legal_basis,
            _evidence(by_id[old], [edge.new_id for edge in edges], lists),
        )
        for old, edges in steps.items()
    ]
    return sorted(found, key=lambda division: (division.unit.valid_to, division.unit.commune_code))


def _evidence(unit: UnitRow, heirs: list[str], lists: pd.DataFrame) -> Evidence:
    assert unit.valid_to is not None, "a unit that was divided has ended"
    # By their days: a later list that still names the old unit, or an earlier one on the new map, says
    # where its writer stood, not where the villages went.
    was_before = lists["day"] <= pd.Timestamp(unit.valid_to)
    last = _of_year(lists[(lists["unit_id"] == unit.unit_id) & was_before], "max")
    after = _of_year(lists[lists["unit_id"].isin(heirs) & ~was_before], "min")
    villages = last["village"].value_counts()
    shares = _village_shares(last, after, lists, heirs) if len(last) and len(after) else {}
    parts = tuple(
        sum((Fraction(int(villages[village])) * went[heir] for village, went in shares.items()), Fraction(0))
        for heir in heirs
    )
    went = tuple(
        (village, heirs.index(heir))
        for village, of_heirs in sorted(shares.items())
        for heir, share in of_heirs.items()
        if share == 1
    )
    return Evidence(_year(last), _year(after), len(villages), len(shares), len(last), parts, went)


def _village_shares(
    last: pd.DataFrame, after: pd.DataFrame, lists: pd.DataFrame, heirs: list[str]
) -> dict[str, dict[str, Fraction]]:
    """Of each village that is known on both sides, the part that each heir has.

    A household that is on both lists tells where its village went; where a village has none, its name
    does, if one heir alone has a village of that name and no household of it came from elsewhere.
    """
    both = _once(last).merge(_once(after), on="head", suffixes=("", "_after"))
    went = both.dropna(subset="village").groupby(["village", "unit_id_after"]).size()
    shares: dict[str, dict[str, Fraction]] = {}
    for village, counts in went.groupby(level="village"):
        total = int(counts.sum())
        shares[str(village)] = {h: Fraction(int(counts.get((village, h), 0)), total) for h in heirs}
    named = after.dropna(subset="village").groupby("village")["unit_id"].unique()
    strangers = _villages_of_others(last, after, lists)
    for village in set(last["village"].dropna()) - set(shares):
        at = named.get(village)
        if at is not None and len(at) == 1 and (at[0], village) not in strangers:
            shares[str(village)] = {heir: Fraction(int(heir == at[0])) for heir in heirs}
    return shares


def _villages_of_others(last: pd.DataFrame, after: pd.DataFrame, lists: pd.DataFrame) -> set[tuple[Any, Any]]:
    """Villages of the later list with households that were on another unit's list before."""
    unit = last["unit_id"].iloc[0]
    before = lists[(lists["year"] < after["year"].iloc[0]) & (lists["unit_id"] != unit)]
    rows = after[after["head"].isin(set(before["head"].dropna()))]
    return set(zip(rows["unit_id"], rows["village"], strict=True))


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """Households whose head heads no other one of the list: a number that stands twice tells nothing."""
    return rows.dropna(subset="head").drop_duplicates("head", keep=False)


def _of_year(rows: pd.DataFrame, which: str) -> pd.DataFrame:
    return rows[rows["year"] == getattr(rows["year"], which)()] if len(rows) else rows


def _year(rows: pd.DataFrame) -> int | None:
    return int(rows["year"].iloc[0]) if len(rows) else None
