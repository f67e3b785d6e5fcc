"""How units follow one another: edges with shares, and where a unit lies on a later map.

Belongs here: following edges. Does not belong here: the tables made from it (bridge.py,
unit_map.py) or what offices write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from assets.places.source import Source
from assets.places.units import UnitRow
from assets.places.weights import equal_parts

WHOLE = "whole"
SPLIT_UNKNOWN = "split_unknown"
# From the surest to the least sure; a chain of edges is as sure as its weakest one.
METHODS = (WHOLE, "split_by_households", "split_by_event", SPLIT_UNKNOWN)

CODES_DECISION = "Quyết định 19/2025/QĐ-TTg"
# The resolution that arranged a province's communes on 1 July 2025, where it is known.
ARRANGEMENT = {"19": "Nghị quyết 1683/NQ-UBTVQH15"}


@dataclass(frozen=True, slots=True)
class Step:
    """One edge: a unit that went, with this share, to the next."""

    old_id: str
    new_id: str
    share: Fraction
    method: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a unit on another map, and how it was come by."""

    unit: UnitRow
    share: Fraction
    method: str
    bases: tuple[str, ...]


def legal_basis(province_code: str) -> str:
    """The acts behind the communes of a province since 1 July 2025."""
    known = ARRANGEMENT.get(province_code)
    return f"{known}; {CODES_DECISION}" if known else CODES_DECISION


def merger_steps(source: Source, units: Iterable[UnitRow]) -> tuple[Step, ...]:
    """The edges of 1 July 2025; a unit with several is divided into equal parts."""
    rows = tuple(units)
    old = {row.key: row for row in rows if not row.is_current}
    new = {row.key: row for row in rows if row.is_current}
    targets: dict[str, list[UnitRow]] = defaultdict(list)
    for edge in source.edges:
        targets[edge.old_key].append(new[edge.new_key])
    steps = []
    for key, heirs in targets.items():
        heirs.sort(key=lambda row: row.commune_code)
        method = WHOLE if len(heirs) == 1 else SPLIT_UNKNOWN
        for heir, share in zip(heirs, equal_parts(len(heirs)), strict=True):
            basis = legal_basis(heir.province_code)
            steps.append(Step(old[key].unit_id, heir.unit_id, share, method, basis))
    return tuple(sorted(steps, key=lambda step: (step.old_id, step.new_id)))


@dataclass(frozen=True)
class Lineage:
    """Units and the edges between them, of any number of changes."""

    units: tuple[UnitRow, ...]
    steps: tuple[Step, ...]
    _by_id: dict[str, UnitRow] = field(init=False, repr=False)
    _after: dict[str, list[Step]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        after: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            after[step.old_id].append(step)
        object.__setattr__(self, "_by_id", {unit.unit_id: unit for unit in self.units})
        object.__setattr__(self, "_after", dict(after))

    def parts_on(self, unit: UnitRow, day: date) -> list[Part]:
        """Where a unit lies on the map of a day, by code; a unit later than it stands as itself.

        A unit that has ended and of which no edge is known stands as itself too: it is not lost,
        and gaps.py reports it.
        """
        found: dict[str, Part] = {}
        for part in self._follow(Part(unit, Fraction(1), WHOLE, ()), day):
            known = found.get(part.unit.unit_id)
            found[part.unit.unit_id] = _together(known, part) if known else part
        return sorted(found.values(), key=lambda part: (part.unit.commune_code, part.unit.valid_from))

    def _follow(self, part: Part, day: date) -> list[Part]:
        steps = self._after.get(part.unit.unit_id)
        if part.unit.valid_to is None or part.unit.valid_to >= day or not steps:
            return [part]
        return [
            end
            for step in steps
            for end in self._follow(
                Part(
                    self._by_id[step.new_id],
                    part.share * step.share,
                    max(part.method, step.method, key=METHODS.index),
                    tuple(dict.fromkeys((*part.bases, step.legal_basis))),
                ),
                day,
            )
        ]


def _together(one: Part, other: Part) -> Part:
    share = one.share + other.share
    # Parts that met again in one unit: all of it lies there, whatever their shares were.
    method = WHOLE if share == 1 else max(one.method, other.method, key=METHODS.index)
    return Part(one.unit, share, method, tuple(dict.fromkeys(one.bases + other.bases)))
