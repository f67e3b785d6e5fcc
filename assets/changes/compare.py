"""Two releases side by side in one DuckDB connection, and what is another value in the second.

All of it is SQL over whole tables: no row passes through Python. Rows are paired by the mart's
grain; text of a value is the text by which its checksum is made.

Belongs here: the comparison. Does not belong here: where the two come from (`sides`), or how long
what was found is kept (`chain`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from assets.warehouse.change_table import CHANGE_COLUMNS

BEFORE, AFTER, FOUND = "before", "after", "found_change"
# Above this many values a mart's changes are told together by year, column and kind: a whole year
# made anew under another contract moves millions, and every release carries all of the record.
MOST = 100_000
_SLICES = ("year", "month")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class _Shape:
    """A mart's columns on both sides, by what they do in the comparison."""

    mart: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    types: dict[str, str]
    casts: dict[str, str]
    # The column that tells years or months apart; None where the mart has none.
    slice: str | None

    @property
    def year(self) -> str:
        """SQL of a row's year, given its slice `s`."""
        return {"year": "s::INTEGER", "month": "year(s)::INTEGER"}.get(self.slice or "", "NULL::INTEGER")


def prepare(duck: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table of what is found."""
    columns = ", ".join(f"{c.name} {c.data_type}" for c in CHANGE_COLUMNS)
    duck.execute(f"CREATE OR REPLACE TEMP TABLE {FOUND} ({columns})")


def compare(
    duck: duckdb.DuckDBPyConnection,
    mart: str,
    grain: Sequence[str],
    release_id: str,
    *,
    only: Sequence[str] = (),
    most: int = MOST,
) -> None:
    """Add what moved in one mart to the table of what is found.

    Parameters
    ----------
    duck
        Holds the mart under the schemas `before` and `after`, or under one of them.
    grain
        The columns that no two rows share.
    only
        Columns to compare; all by default.
    most
        Values above which they are told together.
    """
    before, after = (_types(duck, side, mart) for side in (BEFORE, AFTER))
    if not before or not after:
        if before or after:
            side, kind = (AFTER, "mart_added") if after else (BEFORE, "mart_removed")
            _whole(duck, release_id, mart, kind, side)
        return
    if not grain or not set(grain) <= before.keys() & after.keys():
        _whole(duck, release_id, mart, "mart_remade", AFTER)
        return
    for name in () if only else [*before.keys() ^ after.keys()]:
        side, kind = (AFTER, "column_added") if name in after else (BEFORE, "column_removed")
        _whole(duck, release_id, mart, kind, side, name)
    values = [c for c in after if c in before and c not in grain and (not only or c in only)]
    casts = {c: after[c] for c in (*grain, *values) if before[c] != after[c]}
    shape = _Shape(
        mart, tuple(grain), tuple(values), after, casts, next((c for c in _SLICES if c in grain), None)
    )
    _slices(duck, shape, release_id)
    _pair(duck, shape)
    _cells(duck, shape)
    _keep(duck, shape, release_id, most)


def _types(duck: duckdb.DuckDBPyConnection, side: str, mart: str) -> dict[str, str]:
    query = (
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database()"
        " AND schema_name = ? AND table_name = ? ORDER BY column_index"
    )
    return dict(duck.execute(query, [side, mart]).fetchall())


def _whole(
    duck: duckdb.DuckDBPyConnection,
    release_id: str,
    mart: str,
    kind: str,
    side: str,
    column: str | None = None,
) -> None:
    """One row for a change of shape, with the number of rows that it concerns."""
    duck.execute(
        f"INSERT INTO {FOUND} (release_id, mart, kind, column_name, cells)"
        f' SELECT ?, ?, ?, ?, count(*) FROM {side}."{mart}"',
        [release_id, mart, kind, column],
    )


def _slices(duck: duckdb.DuckDBPyConnection, shape: _Shape, release_id: str) -> None:
    """Years or months that were not there before are no corrections: one row each."""
    if shape.slice is None:
        duck.execute("CREATE OR REPLACE TEMP TABLE new_slice (s INTEGER)")
        return
    column, mart = f'"{shape.slice}"', f'"{shape.mart}"'
    duck.execute(
        f"CREATE OR REPLACE TEMP TABLE new_slice AS SELECT DISTINCT {column} AS s FROM {AFTER}.{mart}"
        f" WHERE {column} IS NOT NULL AND {column} NOT IN"
        f" (SELECT {column} FROM {BEFORE}.{mart} WHERE {column} IS NOT NULL)"
    )
    duck.execute(
        f"INSERT INTO {FOUND} (release_id, mart, kind, key, year, cells)"
        f" SELECT ?, ?, 'slice_added', json_object('{shape.slice}', s)::VARCHAR, {shape.year}, count(*)"
        f" FROM {AFTER}.{mart} JOIN new_slice ON {column} = s GROUP BY s",
        [release_id, shape.mart],
    )


def _pair(duck: duckdb.DuckDBPyConnection, shape: _Shape) -> None:
    """Rows that differ, both sides beside each other: `o<n>` and `n<n>` for the n-th value."""
    mart = f'"{shape.mart}"'
    keys = {c: f'coalesce(a."{c}", {_before(shape, c)})' for c in shape.keys}
    slice_ = keys[shape.slice] if shape.slice else "0"
    commune = keys.get("commune_code", "NULL::VARCHAR")
    listed = ", ".join(f"'{c}', {value}" for c, value in keys.items())
    values = [f'{_before(shape, c)} AS o{i}, a."{c}" AS n{i}' for i, c in enumerate(shape.values)]
    same = " AND ".join(f'a."{c}" IS NOT DISTINCT FROM {_before(shape, c)}' for c in shape.keys)
    moved = [f'a."{c}" IS DISTINCT FROM {_before(shape, c)}' for c in shape.values]
    kept = f'WHERE "{shape.slice}" IS NULL OR "{shape.slice}" NOT IN (SELECT s FROM new_slice)'
    chosen = ", ".join(
        [
            "CASE WHEN b.present IS NULL THEN 'added' WHEN a.present IS NULL THEN 'removed'"
            " ELSE 'changed' END AS kind",
            f"json_object({listed})::VARCHAR AS key",
            f"{slice_} AS s",
            f"{commune}::VARCHAR AS commune",
            *values,
        ]
    )
    duck.execute(
        f"CREATE OR REPLACE TEMP TABLE differing AS SELECT {chosen}"
        f" FROM (SELECT *, true AS present FROM {AFTER}.{mart} {kept if shape.slice else ''}) a"
        f" FULL JOIN (SELECT *, true AS present FROM {BEFORE}.{mart}) b ON {same}"
        f" WHERE {' OR '.join(['a.present IS NULL', 'b.present IS NULL', *moved])}"
    )


def _before(shape: _Shape, column: str) -> str:
    if column in shape.casts:
        return f'TRY_CAST(b."{column}" AS {shape.casts[column]})'
    return f'b."{column}"'


def _cells(duck: duckdb.DuckDBPyConnection, shape: _Shape) -> None:
    """One row a value; a row that came or went has one at least."""
    numbers = {i for i, c in enumerate(shape.values) if shape.types[c].startswith(_NUMBERS)}
    slice_ = f'"{shape.slice}"' if shape.slice else "0"
    sums = [f'sum(abs("{shape.values[i]}"::DOUBLE)) AS t{i}' for i in sorted(numbers)]
    duck.execute(
        f"CREATE OR REPLACE TEMP TABLE total AS SELECT {', '.join([f'{slice_} AS s', *sums])}"
        f' FROM {AFTER}."{shape.mart}" WHERE {slice_} IN (SELECT s FROM differing) GROUP BY 1'
    )
    parts = [_cell(i, name, i in numbers) for i, name in enumerate(shape.values)]
    if not shape.values:
        parts = ["SELECT kind, key, s, commune, NULL, NULL, NULL, NULL::DOUBLE, NULL::DOUBLE FROM differing"]
    names = "kind, key, s, commune, column_name, old_value, new_value, difference, share"
    duck.execute(f"CREATE OR REPLACE TEMP TABLE cell ({names}) AS {' UNION ALL '.join(parts)}")


def _cell(i: int, name: str, is_number: bool) -> str:
    difference = f"coalesce(n{i}::DOUBLE, 0) - coalesce(o{i}::DOUBLE, 0)" if is_number else "NULL::DOUBLE"
    share = f"abs({difference}) / nullif(t{i}, 0)" if is_number else "NULL::DOUBLE"
    marks_row = " OR kind <> 'changed'" if i == 0 else ""
    return (
        f"SELECT kind, key, s, commune, '{name}', o{i}::VARCHAR, n{i}::VARCHAR, {difference}, {share}"
        f" FROM differing LEFT JOIN total USING (s) WHERE o{i} IS DISTINCT FROM n{i}{marks_row}"
    )


def _keep(duck: duckdb.DuckDBPyConnection, shape: _Shape, release_id: str, most: int) -> None:
    [(count,)] = duck.execute("SELECT count(*) FROM cell").fetchall()
    if count <= most:
        chosen = f"kind, key, column_name, old_value, new_value, difference, share, {shape.year}, commune, 1"
        duck.execute(f"INSERT INTO {FOUND} SELECT ?, ?, {chosen} FROM cell", [release_id, shape.mart])
        return
    key = "json_object('kind', kind" + (f", '{shape.slice}', s)" if shape.slice else ")")
    duck.execute(
        f"INSERT INTO {FOUND} SELECT ?, ?, 'rolled_up', {key}::VARCHAR, column_name, NULL, NULL,"
        f" sum(difference), NULL, {shape.year}, NULL, count(*) FROM cell GROUP BY kind, s, column_name",
        [release_id, shape.mart],
    )
