"""What a mart said on an earlier day: from the release's own tables, else from the record of changes.

From the nearest release that is kept the record leads back: values that changed since get the one before,
rows that came since go, rows that went come back. One pass of SQL over the whole way, however many
releases lie on it.

Belongs here: the mart of an earlier release as a table. Does not belong here: which release stood
on a day (`steps`), or how the table is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from assets.changes.between import number_steps
from assets.changes.steps import NoWay, Step, way
from assets.warehouse import ReleaseUnknown, Warehouse

_HELD, VINTAGE = "held_mart", "vintage"
# With one of these on the way, values were not told one by one.
_SHAPES = ("rolled_up", "mart_added", "mart_removed", "mart_remade")


@dataclass(frozen=True)
class Vintage:
    """Where the table `vintage` comes from.

    Parameters
    ----------
    release_id
        The release that is shown.
    rebuilt_from
        The kept release from which the record led to it; None where its own tables are kept.
    missing
        Columns that the release had and that no release on the way tells the values of.
    """

    release_id: str
    rebuilt_from: str | None
    missing: tuple[str, ...] = ()


def make_vintage(
    duck: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    releases: Sequence[Mapping[str, Any]],
    release_id: str,
    mart: str,
    grain: Sequence[str],
) -> Vintage:
    """Make the table `vintage`: a mart as it was published in a release.

    Parameters
    ----------
    duck
        With the chain loaded.
    releases
        Those on record.

    Raises
    ------
    NoWay
        Its tables are gone, and the record does not lead to it value by value.
    ReleaseUnknown
        No release is kept that holds such a mart.
    """
    kept = [row["release_id"] for row in warehouse.releases()]
    if release_id in kept:
        _lent(duck, warehouse, mart, release_id)
        return Vintage(release_id, None)
    nearest, steps = _nearest(releases, kept, release_id)
    _lent(duck, warehouse, mart, nearest)
    number_steps(duck, steps)
    _refuse_what_is_not_told(duck, mart, steps, release_id)
    _rebuild(duck, mart, grain)
    return Vintage(release_id, nearest, _reshape(duck, mart))


def _nearest(
    releases: Sequence[Mapping[str, Any]], kept: Sequence[str], release_id: str
) -> tuple[str, list[Step]]:
    """The kept release from which the way is shortest: the fewer releases on it, the less stands in it."""
    ways: dict[str, list[Step]] = {}
    last: Exception = ReleaseUnknown(
        "no release is kept in the warehouse: there is nothing to lead back from"
    )
    for name in kept:
        try:
            ways[name] = way(releases, name, release_id)
        except NoWay as error:
            last = error
    if not ways:
        raise last
    name = min(ways, key=lambda name: len(ways[name]))
    return name, ways[name]


def _lent(duck: duckdb.DuckDBPyConnection, warehouse: Warehouse, mart: str, release_id: str) -> None:
    if not warehouse.lend(duck, _HELD, [mart], release_id):
        raise ReleaseUnknown(f"release {release_id} holds no mart {mart}")
    duck.execute(f'CREATE OR REPLACE TEMP TABLE {VINTAGE} AS SELECT * FROM {_HELD}."{mart}"')


def _refuse_what_is_not_told(
    duck: duckdb.DuckDBPyConnection, mart: str, steps: Sequence[Step], release_id: str
) -> None:
    """A way over changes that were told together, or years to be made out of nothing, leads nowhere."""
    listed = ", ".join(f"'{kind}'" for kind in _SHAPES)
    found = duck.execute(
        f"SELECT s.release_id, kind, cells FROM step_change JOIN step s USING (step) WHERE mart = ?"
        f" AND (kind IN ({listed}) OR (kind = 'slice_added' AND NOT step_change.undo)) ORDER BY step LIMIT 1",
        [mart],
    ).fetchone()
    if found:
        raise NoWay(
            f"{mart} of {release_id} cannot be led back to: release {found[0]} changed {found[2]:,} of its "
            f"values at once ({found[1]}), told together in the record; its own tables are not kept any more"
        )


def _rebuild(duck: duckdb.DuckDBPyConnection, mart: str, grain: Sequence[str]) -> None:
    """Apply the way to the table: rows that go, rows that come, values that change."""
    types = dict(
        duck.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            [VINTAGE],
        ).fetchall()
    )
    listed = ", ".join(f"'{c}', \"{c}\"" for c in grain)
    duck.execute(f"ALTER TABLE {VINTAGE} ADD COLUMN way_key VARCHAR")
    duck.execute(f"UPDATE {VINTAGE} SET way_key = json_object({listed})::VARCHAR")
    _lose_rows(duck, mart)
    keys = ", ".join(f"json_extract_string(key, '$.{c}')::{types[c]} AS \"{c}\"" for c in grain)
    # Rows that come back, after whatever made them go.
    duck.execute(
        f"INSERT INTO {VINTAGE} BY NAME SELECT {keys}, key AS way_key FROM (SELECT key, max(step) AS step"
        " FROM step_change WHERE mart = ? AND key IS NOT NULL AND kind IN ('added', 'removed') AND stays"
        f" GROUP BY key) back LEFT JOIN lost USING (key) WHERE back.step > coalesce(lost.step, -1)"
        f" AND key NOT IN (SELECT way_key FROM {VINTAGE})",
        [mart],
    )
    for column in [c for c in types if c not in grain]:
        duck.execute(
            f'UPDATE {VINTAGE} SET "{column}" = told.v::{types[column]} FROM'
            " (SELECT key, arg_max({'v': to_value}, step_change.step).v AS v FROM step_change"
            " LEFT JOIN lost USING (key) WHERE mart = ? AND column_name = ? AND stays"
            " AND step_change.step > coalesce(lost.step, -1) GROUP BY key) told WHERE way_key = told.key",
            [mart, column],
        )
    duck.execute(f"ALTER TABLE {VINTAGE} DROP COLUMN way_key")


def _lose_rows(duck: duckdb.DuckDBPyConnection, mart: str) -> None:
    """Make the table `lost`: the last step at which a row goes; and take those rows out."""
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE lost AS WITH known AS ("
        f" SELECT way_key AS key FROM {VINTAGE} UNION SELECT key FROM step_change WHERE mart = $mart"
        " AND kind IN ('added', 'removed') AND key IS NOT NULL),"
        " gone AS (SELECT key, step FROM step_change WHERE mart = $mart AND kind IN ('added', 'removed')"
        " AND NOT stays UNION ALL SELECT known.key, step FROM step_change s JOIN known ON s.mart = $mart"
        " AND s.kind = 'slice_added' AND s.undo AND json_contains(known.key::JSON, s.key::JSON))"
        " SELECT key, max(step) AS step FROM gone GROUP BY key",
        {"mart": mart},
    )
    duck.execute(f"DELETE FROM {VINTAGE} WHERE way_key IN (SELECT key FROM lost)")


def _reshape(duck: duckdb.DuckDBPyConnection, mart: str) -> tuple[str, ...]:
    """Take out columns that came since; name those that went, of which the record has no values."""
    query = (
        "SELECT column_name, bool_or((kind = 'column_added') = undo) AS goes FROM step_change"
        " WHERE mart = ? AND kind IN ('column_added', 'column_removed') GROUP BY 1 ORDER BY 1"
    )
    missing = []
    for column, goes in duck.execute(query, [mart]).fetchall():
        if goes:
            duck.execute(f'ALTER TABLE {VINTAGE} DROP COLUMN IF EXISTS "{column}"')
        else:
            missing.append(column)
    return tuple(missing)
