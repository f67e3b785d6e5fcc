"""The units whose records a row counts: over the map of its year or month, with their weights.

Belongs here: asking the pipeline's own tables for the way from a commune of one map to the units of
the records, and from which year a carried denominator came. Does not belong here: files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

_CARRIED = re.compile(r"^carried_(20\d\d)$")


@dataclass(frozen=True)
class UnitShare:
    """A unit that stands on a commune's ground, wholly or in part.

    Parameters
    ----------
    target
        The commune's own unit on the map of the row.
    weight
        The share of the unit's counts that the commune is given.
    """

    unit_id: str
    target: str
    code: str
    name: str
    valid_from: date
    valid_to: date | None
    weight: float


def units_of_row(connection: duckdb.DuckDBPyConnection, keys: Mapping[str, Any]) -> tuple[UnitShare, ...]:
    """Every unit of any date that the row's commune, or province, is made of.

    Parameters
    ----------
    connection
        To the pipeline's own tables.
    keys
        Of the row: `geography`, `commune_code` or `province_code`, `year` or `month`.
    """
    place = next((name for name in ("commune_code", "province_code") if name in keys), None)
    if place is None or "geography" not in keys:
        return ()
    when, day = ("m.year = ?", keys.get("year"))
    table = "intermediate.int_map_year"
    if "month" in keys:
        # A row of a month stands on the map of its end, as its mart says.
        table, day = "intermediate.int_map", keys["month"]
        when = "last_day(?::date) between m.era_from and m.era_until"
    query = f"""
        select m.unit_id, m.target_unit_id, u.commune_code, u.commune_name, u.valid_from, u.valid_to, m.weight
        from {table} as m
        inner join intermediate.int_unit as u on m.unit_id = u.unit_id
        where m.geography = ? and m.{place} = ? and {when}
        order by m.unit_id
    """
    rows = connection.execute(query, [keys["geography"], keys[place], day]).fetchall()
    return tuple(
        UnitShare(unit, target, code, label, first, last, float(weight))
        for unit, target, code, label, first, last, weight in rows
    )


@dataclass(frozen=True)
class Denominator:
    """Where the households of a unit of 31 December come from: the year that sent them."""

    unit_id: str
    households: float | None
    source: str | None
    year: int | None


def denominators(
    connection: duckdb.DuckDBPyConnection, year: int, units: Sequence[UnitShare]
) -> tuple[Denominator, ...]:
    """Where the denominator of every unit that had one in a year comes from.

    A denominator that several carried ones were added up to leads to each of their years.
    """
    known = [unit.unit_id for unit in units]
    return tuple(found for unit in known for found in _followed(connection, year, unit))


def _followed(connection: duckdb.DuckDBPyConnection, year: int, unit: str) -> list[Denominator]:
    query = """
        select households, households_source from intermediate.int_denominator_unit_year
        where year = ? and unit_id = ?
    """
    row = connection.execute(query, [year, unit]).fetchone()
    if row is None:
        return []
    households = None if row[0] is None else float(row[0])
    return [Denominator(unit, households, row[1], sent) for sent in _sent_in(connection, year, unit, row[1])]


def _sent_in(
    connection: duckdb.DuckDBPyConnection, year: int, unit: str, source: str | None
) -> list[int | None]:
    """The years in which what a unit has in a year was sent."""
    if source is None:
        return [None]
    if source == "sent":
        return [year]
    if carried := _CARRIED.match(source):
        return [int(carried[1])]
    # Partly: its parts of the year before were sent in different years.
    query = """
        select d.unit_id, d.households_source
        from intermediate.int_map_year as m
        inner join intermediate.int_denominator_unit_year as d
            on m.unit_id = d.unit_id and d.year = m.year - 1
        where m.geography = 'as_reported' and m.year = ? and m.target_unit_id = ?
    """
    parts = connection.execute(query, [year, unit]).fetchall()
    found = {sent for part in parts for sent in _sent_in(connection, year - 1, part[0], part[1])}
    return sorted(found, key=lambda sent: sent or 0)
