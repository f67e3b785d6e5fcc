"""The communes of one province by date, ready for look-ups.

Belongs here: dated lists by code and by name, and how units relate across dates. Does not belong
here: the rules that use them (resolve.py, whole_file.py), or how the tables are made.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assets.places.names import district_key, name_key
from assets.places.reference import Reference, read_reference
from assets.places.unit_map import own_units
from assets.places.villages import as_mapping


@dataclass(frozen=True, slots=True)
class Unit:
    """A commune of the province, or of one that it took over, for as long as its list was in force."""

    unit_id: str
    code: str
    key: str
    type: str
    area_type: str
    district_key: str | None
    first: date
    last: date


@dataclass(frozen=True)
class Era:
    """The list in force between two days of change; the first era also stands for all time before."""

    index: int
    start: date
    by_code: Mapping[str, Unit]
    by_name: Mapping[str, tuple[Unit, ...]]


@dataclass(frozen=True)
class Gazetteer:
    """One province's dated lists, the ways between them, and which codes are other provinces'.

    `villages` says of villages (folded) of divided units to which unit they went, by old unit and village.
    """

    province: str
    provinces: frozenset[str]
    eras: tuple[Era, ...]
    by_code: Mapping[str, tuple[Unit, ...]]
    by_name: Mapping[str, tuple[Unit, ...]]
    targets: Mapping[tuple[int, str], tuple[str, ...]]
    units: Mapping[str, Unit]
    foreign_codes: frozenset[str]
    villages: Mapping[tuple[str, str], str]
    _foreign_names: tuple[tuple[str, str, date, date], ...] = field(repr=False)

    def era(self, day: date) -> Era:
        """The era of a day."""
        return self.eras[max(0, bisect_right(self._starts, day) - 1)]

    def era_numbers(self, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
        """The numbers of the eras of days: places of one era are looked up alike, whatever the day."""
        starts = np.array(self._starts, dtype="datetime64[D]")
        found: npt.NDArray[np.int64] = np.searchsorted(starts, days, side="right") - 1
        return np.maximum(found, 0)

    def parts(self, unit: Unit, era: Era) -> tuple[str, ...]:
        """Where a unit lies on the map of an era, as unit ids; a later unit stands as itself."""
        return self.targets.get((era.index, unit.unit_id), (unit.unit_id,))

    def is_later(self, unit: Unit, era: Era) -> bool:
        """Whether a unit began only after an era."""
        return unit.first > era.start

    def reaches(self, old: Unit, new: Unit) -> bool:
        """Whether an earlier unit went to a later one, whole or in part."""
        return old.first < new.first and new.unit_id in self.parts(old, self.era(new.first))

    def overlapping(self, unit_ids: Collection[str]) -> list[tuple[str, str]]:
        """Pairs of these units: an earlier one, and one that it went to in whole or part."""
        known = sorted((self.units[name] for name in unit_ids if name in self.units), key=lambda u: u.first)
        if not known or known[-1].first <= min(unit.last for unit in known):
            return []  # all of them stood on one day
        return [
            (old.unit_id, new.unit_id)
            for new in known
            for old in known
            if old.last < new.first and self.reaches(old, new)
        ]

    def is_same(self, one: Unit, other: Unit) -> bool:
        """Whether two units of different dates are the same ground: one went whole, and alone."""
        old, new = sorted((one, other), key=lambda unit: unit.first)
        return old.first < new.first and self.sole_origin(new, self.era(old.first)) == old

    def sole_origin(self, unit: Unit, era: Era) -> Unit | None:
        """The one unit of an earlier era that became this one, whole and alone; None if there is none."""
        origins = self._origins(era, self.era(unit.first)).get(unit.unit_id, ())
        if len(origins) != 1 or len(self.parts(origins[0], self.era(unit.first))) != 1:
            return None
        return origins[0]

    def other_dates(self, units: tuple[Unit, ...], era: Era) -> list[Unit]:
        """Those of other dates, the nearest first, of two as near the earlier."""
        others = [unit for unit in units if unit.last < era.start or self.is_later(unit, era)]
        return sorted(others, key=lambda unit: (abs(self.era(unit.first).index - era.index), unit.first))

    def is_foreign(self, key: str, district: str, era: Era) -> bool:
        """Whether another province's commune of that era has this name in a district of that name."""
        return (era.index, key, district) in self._foreign_places

    @cached_property
    def area_types(self) -> dict[str, str]:
        """Urban or rural (thành thị, nông thôn) of every unit."""
        return {unit.unit_id: unit.area_type for unit in self.units.values()}

    @cached_property
    def _starts(self) -> list[date]:
        return [era.start for era in self.eras]

    @cached_property
    def _foreign_places(self) -> frozenset[tuple[int, str, str]]:
        return frozenset(
            (era.index, name_key(name), district_key(district))
            for name, district, first, last in self._foreign_names
            for era in self.eras
            if first <= era.start <= last
        )

    @cached_property
    def _origin_cache(self) -> dict[tuple[int, int], dict[str, tuple[Unit, ...]]]:
        return {}

    def _origins(self, era: Era, later: Era) -> dict[str, tuple[Unit, ...]]:
        if (era.index, later.index) not in self._origin_cache:
            found: dict[str, list[Unit]] = defaultdict(list)
            for unit in era.by_code.values():
                for target in self.parts(unit, later):
                    found[target].append(unit)
            self._origin_cache[era.index, later.index] = {key: tuple(units) for key, units in found.items()}
        return self._origin_cache[era.index, later.index]


def load_gazetteer(folder: Path, province: str) -> Gazetteer:
    """The gazetteer of a province from the reference tables in a folder; built once while they stand."""
    tables = [path.stat() for path in sorted(folder.glob("*.parquet"))]
    return _built_of(folder, province, tuple((table.st_mtime_ns, table.st_size) for table in tables))


@lru_cache(maxsize=1)
def _built_of(folder: Path, province: str, _tables: tuple[tuple[int, int], ...]) -> Gazetteer:
    return build_gazetteer(read_reference(folder), province)


def build_gazetteer(reference: Reference, province: str) -> Gazetteer:
    """The gazetteer of a province.

    Raises
    ------
    ValueError
        No such province today.
    """
    rows = reference.units.to_pylist()
    today = sorted({row["province_code"] for row in rows if row["is_current"]})
    if province not in today:
        raise ValueError(f"{province!r} is no province of today (mã tỉnh); known codes: {', '.join(today)}")
    taken = own_units(province, reference.units, reference.unit_map)
    own = [_unit(row) for row in rows if row["unit_id"] in taken]
    foreign = [row for row in rows if row["unit_id"] not in taken]
    ids = {unit.unit_id: unit for unit in own}
    maps = _maps(reference, ids)
    # Those of the maps: a province that exchanged communes with another has the other's eras too.
    starts = sorted(set(maps["era_from"].to_pylist()))
    return Gazetteer(
        province=province,
        provinces=frozenset(row["province_code"] for row in rows if row["unit_id"] in taken),
        eras=tuple(_era(index, start, own) for index, start in enumerate(starts)),
        by_code=_grouped(own, "code"),
        by_name=_grouped(own, "key"),
        targets=_targets(maps, starts),
        units=ids,
        foreign_codes=frozenset(row["commune_code"] for row in foreign),
        villages=as_mapping(reference.villages, ids),
        _foreign_names=tuple(
            (row["commune_name"], row["district_name"], row["valid_from"], row["valid_to"] or date.max)
            for row in foreign
            if row["district_name"]
        ),
    )


def _unit(row: dict[str, object]) -> Unit:
    district, first, last = row["district_name"], row["valid_from"], row["valid_to"] or date.max
    assert isinstance(first, date) and isinstance(last, date)
    return Unit(
        unit_id=str(row["unit_id"]),
        code=str(row["commune_code"]),
        key=name_key(str(row["commune_name"])),
        type=str(row["commune_type"]),
        area_type=str(row["area_type"]),
        district_key=district_key(str(district)) if district else None,
        first=first,
        last=last,
    )


def _era(index: int, start: date, units: list[Unit]) -> Era:
    listed = [unit for unit in units if unit.first <= start <= unit.last]
    return Era(index, start, {unit.code: unit for unit in listed}, _grouped(listed, "key"))


def _grouped(units: list[Unit], by: str) -> dict[str, tuple[Unit, ...]]:
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        groups[getattr(unit, by)].append(unit)
    return {key: tuple(members) for key, members in groups.items()}


def _maps(reference: Reference, own: dict[str, Unit]) -> pa.Table:
    """The maps of all eras, of the province's units alone."""
    table = reference.unit_map
    return table.filter(pc.is_in(table["unit_id"], pa.array(sorted(own), pa.string())))


def _targets(maps: pa.Table, starts: list[date]) -> dict[tuple[int, str], tuple[str, ...]]:
    index = {start: i for i, start in enumerate(starts)}
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    columns = (maps[name].to_pylist() for name in ("era_from", "unit_id", "target_unit_id"))
    for era, unit, target in zip(*columns, strict=True):
        found[index[era], unit].append(target)
    return {key: tuple(targets) for key, targets in found.items()}
