"""How many rows of each model stand for a row of a mart, where that can be told.

Belongs here: counting in the pipeline's own tables. Does not belong here: which models there are
(`graph`), or the records of files (`files`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from assets.lineage.graph import Step
from assets.lineage.units import UnitShare

# Schemas in which dbt keeps what is no source: a seed stands beside the reference tables.
_SCHEMAS = {"seeds": "reference"}


@dataclass(frozen=True)
class Counted:
    """One step of the way with its rows.

    Parameters
    ----------
    rows
        None where they cannot be told: no such table yet, or a view that shows the last run's years.
    of
        What was counted: `row` (the mart's own), `commune`, `year` (all communes) or `all`.
    """

    name: str
    layer: str
    description: str
    years: tuple[int, ...]
    rows: int | None
    of: str


def counted(
    connection: duckdb.DuckDBPyConnection,
    steps: Sequence[Step],
    year: int | None,
    known: frozenset[int],
    keys: Mapping[str, Any],
    units: Sequence[UnitShare],
) -> tuple[Counted, ...]:
    """Every model and seed of the way with the rows that stand for the commune and its years."""
    columns = _columns(connection)
    found = []
    for step in steps:
        if step.node["resource_type"] == "source":
            continue
        years = () if year is None else step.years.of(year, known)
        relation = (_SCHEMAS.get(step.layer, step.layer), step.name)
        rows, of = None, "all"
        if relation in columns and not step.is_windowed_view:
            where, values, of = _where(columns[relation], step, years, keys, units)
            query = f'select count(*) from {relation[0]}."{relation[1]}"' + where
            rows = _one(connection, query, values)
        text = " ".join(str(step.node.get("description") or "").split())
        found.append(Counted(step.name, step.layer, text, years, rows, of))
    return tuple(found)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], set[str]]:
    query = "select table_schema, table_name, column_name from information_schema.columns"
    found: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(query).fetchall():
        found.setdefault((schema, table), set()).add(column)
    return found


def _where(
    columns: set[str],
    step: Step,
    years: tuple[int, ...],
    keys: Mapping[str, Any],
    units: Sequence[UnitShare],
) -> tuple[str, list[Any], str]:
    """What stands for the row in a table with these columns."""
    terms: list[str] = []
    values: list[Any] = []
    time = next((c for c in ("year", "folder_year") if c in columns), None)
    if time and years:
        terms.append(f"{time} in (select unnest(?::int[]))")
        values.append(list(years))
    elif "month" in columns and years:
        terms.append("year(month) in (select unnest(?::int[]))")
        values.append(list(years))
    of = "year" if terms else "all"
    if step.layer == "marts":
        for name in columns & keys.keys():
            terms.append(f'"{name}" = ?')
            values.append(keys[name])
        return _text(terms), values, "row"
    if "geography" in columns and "geography" in keys:
        terms.append("geography = ?")
        values.append(keys["geography"])
    ids = _units_in(columns, units)
    if ids:
        terms.append(f"{ids[0]} in (select unnest(?::varchar[]))")
        values.append(ids[1])
        of = "commune"
    return _text(terms), values, of


def _units_in(columns: set[str], units: Sequence[UnitShare]) -> tuple[str, list[str]] | None:
    """The column by which a table names units, and those that are meant: its own, or the map's."""
    if not units:
        return None
    targets = sorted({unit.target for unit in units})
    if "target_unit_id" in columns:
        return "target_unit_id", targets
    if "unit_id" not in columns:
        return None
    if "geography" in columns:
        return "unit_id", targets
    return "unit_id", sorted({unit.unit_id for unit in units})


def _text(terms: list[str]) -> str:
    return f" where {' and '.join(terms)}" if terms else ""


def _one(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> int | None:
    try:
        row = connection.execute(query, values).fetchone()
    except duckdb.IOException:
        return None  # a view over files of which there are none
    return int(row[0]) if row else None
