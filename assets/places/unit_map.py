"""The map of every era: where each unit, of whatever time, lies on it.

An era is the time between two days on which units changed; the map of a day is that of its era.
Provinces that never exchanged communes have eras of their own: what one changes is no new era of
another.
Belongs here: eras and the table of maps. Does not belong here: the bridge to today with its legal
basis (bridge.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import pyarrow as pa

from assets.places.bridge import WEIGHT
from assets.places.lineage import Lineage
from assets.places.units import UnitRow
from assets.places.weights import as_decimals

SCHEMA = pa.schema(
    [
        pa.field("era_from", pa.date32(), nullable=False),
        pa.field("era_to", pa.date32()),
        pa.field("unit_id", pa.string(), nullable=False),
        pa.field("target_unit_id", pa.string(), nullable=False),
        pa.field("commune_code", pa.string(), nullable=False),
        pa.field("weight", WEIGHT, nullable=False),
    ]
)


def eras(units: Iterable[UnitRow]) -> list[tuple[date, date | None]]:
    """First and last day of every era, in order; the last era has no end."""
    starts = sorted({unit.valid_from for unit in units})
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return list(zip(starts, [*ends, None], strict=True))


def build_unit_map(lineage: Lineage) -> pa.Table:
    """Each unit on the map of each era; a unit later than the era stands as itself."""
    rows = []
    for group in _groups(lineage):
        for start, end in eras(group):
            for unit in group:
                parts = lineage.parts_on(unit, start)
                for part, weight in zip(parts, as_decimals([part.share for part in parts]), strict=True):
                    rows.append((start, end, unit.unit_id, part.unit.unit_id, part.unit.commune_code, weight))
    rows.sort(key=lambda row: (row[0], row[2], row[3]))
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)


def own_units(province: str, units: pa.Table, unit_map: pa.Table) -> frozenset[str]:
    """The units that are a province's, or of which it took over at least a part, by unit.

    Not by whole provinces: where it took one commune of a neighbour, the neighbour's others stay
    another province's. What was its own stays so for its time, whatever became of it.
    """
    codes = dict(zip(units["unit_id"].to_pylist(), units["province_code"].to_pylist(), strict=True))
    pairs = (unit_map[name].to_pylist() for name in ("unit_id", "target_unit_id"))
    return frozenset(unit for unit, target in zip(*pairs, strict=True) if codes[target] == province)


def _groups(lineage: Lineage) -> list[list[UnitRow]]:
    """The units of provinces that exchanged communes, together."""
    province = {unit.unit_id: unit.province_code for unit in lineage.units}
    head = {code: code for code in province.values()}
    for step in lineage.steps:
        one, other = _head(head, province[step.old_id]), _head(head, province[step.new_id])
        head[max(one, other)] = min(one, other)
    groups: dict[str, list[UnitRow]] = defaultdict(list)
    for unit in lineage.units:
        groups[_head(head, unit.province_code)].append(unit)
    return [groups[code] for code in sorted(groups)]


def _head(head: dict[str, str], code: str) -> str:
    while head[code] != code:
        code = head[code]
    return code
