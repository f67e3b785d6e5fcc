"""Every commune with the time for which its list was in force: one row a unit.

Belongs here: what a unit is and how the list of units is built. Does not belong here: how units
follow one another (bridge.py, unit_map.py).

Two lists are the source's: the last one before the merger, taken back to the beginning of 2016, and
that of the merger. Other changes (sáp nhập, chia tách, đổi tên) come as events (history.py): they
begin units of the first list later, add those that stood before, and go on from the second list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from assets.places.source import Listed, Source

FIRST_DAY = date(2016, 1, 1)
MERGER = date(2025, 7, 1)
URBAN = ("phường", "thị trấn")
TYPES = ("xã", "phường", "thị trấn", "đặc khu", "huyện")

SCHEMA = pa.schema(
    [
        *(
            pa.field(name, pa.string(), nullable=False)
            for name in ("unit_id", "commune_code", "commune_name")
        ),
        *(pa.field(name, pa.string(), nullable=False) for name in ("commune_type", "area_type")),
        *(pa.field(name, pa.string()) for name in ("district_code", "district_name")),
        *(pa.field(name, pa.string(), nullable=False) for name in ("province_code", "province_name")),
        pa.field("valid_from", pa.date32(), nullable=False),
        pa.field("valid_to", pa.date32()),
        pa.field("is_current", pa.bool_(), nullable=False),
        *(pa.field(name, pa.float64()) for name in ("latitude", "longitude", "area_km2")),
    ]
)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit, as in units.parquet; `key` is how the source's edges name it."""

    key: str
    unit_id: str
    commune_code: str
    commune_name: str
    commune_type: str
    area_type: str
    district_code: str | None
    district_name: str | None
    province_code: str
    province_name: str
    valid_from: date
    valid_to: date | None
    is_current: bool
    latitude: float | None
    longitude: float | None
    area_km2: float | None


def unit_id(code: str, valid_from: date) -> str:
    """The name of a unit: its code and its first day."""
    return f"{code}@{valid_from:%Y-%m-%d}"


def type_of(code: str, name: str) -> str:
    """The type that an official name begins with; the source's own type column errs for five units.

    Raises
    ------
    ValueError
        The name begins with no type.
    """
    kind = next((t for t in TYPES if name.casefold().startswith(t + " ")), None)
    if kind is None:
        raise ValueError(f"commune {code} {name!r}: the name begins with none of {', '.join(TYPES)}")
    return kind


def area_type_of(commune_type: str) -> str:
    """Urban (thành thị) or rural (nông thôn), as the poverty standards take it."""
    return "urban" if commune_type in URBAN else "rural"


def plain_code(code: str) -> str:
    """The five digits of a mart's commune code: a unit not of its row's map has its first day behind them.

    Examples
    --------
    >>> plain_code("05467@2025-07-01"), plain_code("05467")
    ('05467', '05467')
    """
    return code.partition("@")[0]


def build_units(source: Source) -> tuple[UnitRow, ...]:
    """The units of both lists of the country, by code and first day.

    A district that had no communes (five islands) stands as a unit of its own, of type `huyện`.
    It had no commune code: it takes the code that the island has today.
    """
    codes = {unit.key: unit.code for unit in source.new}
    heirs = {edge.old_key: codes[edge.new_key] for edge in source.edges}
    old = [_unit(unit, FIRST_DAY, MERGER - timedelta(days=1), heirs.get(unit.key)) for unit in source.old]
    new = [_unit(unit, MERGER, None, None) for unit in source.new]
    rows = sorted((*old, *new), key=lambda row: (row.commune_code, row.valid_from))
    seen: set[str] = set()
    for row in rows:
        if row.unit_id in seen:
            raise ValueError(f"two communes share the code {row.unit_id}: {row.commune_name}")
        seen.add(row.unit_id)
    return tuple(rows)


def units_table(units: Iterable[UnitRow]) -> pa.Table:
    """The units as the reference table."""
    rows = tuple(units)
    return pa.table({name: [getattr(row, name) for row in rows] for name in SCHEMA.names}, schema=SCHEMA)


def _unit(listed: Listed, start: date, end: date | None, heir: str | None) -> UnitRow:
    code, name = listed.code or heir, listed.name or listed.district_name
    if code is None or name is None:
        raise ValueError(f"the list of communes has a line without code or name: {listed.key}")
    kind = type_of(code, name)
    return UnitRow(
        key=listed.key,
        unit_id=unit_id(code, start),
        commune_code=code,
        commune_name=name,
        commune_type=kind,
        area_type=area_type_of(kind),
        district_code=listed.district_code,
        district_name=listed.district_name,
        province_code=listed.province_code,
        province_name=listed.province_name,
        valid_from=start,
        valid_to=end,
        is_current=end is None,
        latitude=listed.latitude,
        longitude=listed.longitude,
        area_km2=listed.area_km2,
    )
