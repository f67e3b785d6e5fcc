"""What moved between any two releases, however much of them is still kept.

In this order: the record of the later one, where it was compared with the earlier; both, side by
side, where both are kept; else the records between them, put together.

Belongs here: finding it, in the table of what is found. Does not belong here: whose fault it is
(`causes`), or how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from assets.changes import chain
from assets.changes.compare import AFTER, BEFORE, FOUND, compare, prepare
from assets.changes.steps import Step, way
from assets.releases import as_value
from assets.warehouse import Warehouse
from assets.warehouse.change_table import CHANGE_COLUMNS

_NAMES = ", ".join(c.name for c in CHANGE_COLUMNS)
_ROWS = ("changed", "added", "removed")


def find_between(
    duck: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    releases: Sequence[Mapping[str, Any]],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    grains: Mapping[str, Sequence[str]],
) -> str:
    """Fill the table of what is found; the chain is loaded already.

    Returns
    -------
    str
        How it was found: `record`, `tables` or `records`.

    Raises
    ------
    NoWay
        Neither are both kept nor does the record lead from one to the other.
    """
    prepare(duck)
    if after.get("compared_with") == before["release_id"]:
        duck.execute(
            f"INSERT INTO {FOUND} SELECT {_NAMES} FROM {chain.CHAIN} WHERE release_id = ?",
            [after["release_id"]],
        )
        return "record"
    kept = {row["release_id"] for row in warehouse.releases()}
    if {before["release_id"], after["release_id"]} <= kept:
        marts = _moved(before, after)
        for schema, row in ((BEFORE, before), (AFTER, after)):
            warehouse.lend(duck, schema, marts, row["release_id"])
        for name in marts:
            compare(duck, name, grains.get(name, ()), after["release_id"])
        return "tables"
    put_together(duck, way(releases, before["release_id"], after["release_id"]), after["release_id"])
    return "records"


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    one, other = as_value(before["marts"]) or {}, as_value(after["marts"]) or {}
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


def number_steps(duck: duckdb.DuckDBPyConnection, steps: Iterable[Step]) -> None:
    """Make the table `step_change`: the changes along a way, each with its values in its direction."""
    duck.execute("CREATE OR REPLACE TEMP TABLE step (step INTEGER, release_id VARCHAR, undo BOOLEAN)")
    rows = [(number, step.release_id, step.undo) for number, step in enumerate(steps)]
    if rows:
        duck.executemany("INSERT INTO step VALUES (?, ?, ?)", rows)
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE step_change AS SELECT step, undo, mart, kind, key, column_name, year,"
        " commune_code, cells, share, abs(difference) AS size,"
        " CASE WHEN undo THEN new_value ELSE old_value END AS from_value,"
        " CASE WHEN undo THEN old_value ELSE new_value END AS to_value,"
        " CASE WHEN undo THEN -difference ELSE difference END AS difference,"
        # Whether the row is there before the step, and after it.
        " kind <> CASE WHEN undo THEN 'removed' ELSE 'added' END AS was,"
        " kind <> CASE WHEN undo THEN 'added' ELSE 'removed' END AS stays"
        f" FROM {chain.CHAIN} JOIN step USING (release_id)"
    )


def put_together(duck: duckdb.DuckDBPyConnection, steps: Iterable[Step], release_id: str) -> None:
    """Several records as one: first value and last value, nothing where they are the same."""
    number_steps(duck, steps)
    listed = ", ".join(f"'{kind}'" for kind in _ROWS)
    duck.execute(
        f"INSERT INTO {FOUND} BY NAME WITH ends AS (SELECT mart, key, column_name,"
        " arg_min(was, step) AS was, arg_max(stays, step) AS stays,"
        # A blank is a value too: packed, or the functions would pass over it.
        " arg_min({'v': from_value}, step).v AS old_value, arg_max({'v': to_value}, step).v AS new_value,"
        " sum(difference) AS difference, max(share / nullif(size, 0)) AS scale,"
        " any_value(year) AS year, any_value(commune_code) AS commune_code"
        f" FROM step_change WHERE kind IN ({listed}) GROUP BY ALL)"
        " SELECT ? AS release_id, mart, CASE WHEN was AND stays THEN 'changed' WHEN stays THEN 'added'"
        " ELSE 'removed' END AS kind, key, column_name, old_value, new_value, difference,"
        " abs(difference) * scale AS share, year, commune_code, 1 AS cells FROM ends"
        " WHERE (was OR stays) AND (was IS DISTINCT FROM stays OR old_value IS DISTINCT FROM new_value)",
        [release_id],
    )
    # What was told together, or is of another shape, stays as it is told.
    duck.execute(
        f"INSERT INTO {FOUND} BY NAME SELECT ? AS release_id, mart, kind, key, column_name, difference, year,"
        f" cells FROM step_change WHERE kind NOT IN ({listed})",
        [release_id],
    )
