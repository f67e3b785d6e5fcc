"""What was found, each value with its commune's name, whether it left its bound, and whether it is a rate.

Belongs here: the table by which changes are put in order. Does not belong here: what a bound is
(`bounds`), or what a rate is (`rates`).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from assets.changes.compare import FOUND
from checks.large_change import LargeChange

MARKED = "marked_change"


def mark(
    duck: duckdb.DuckDBPyConnection, held: Iterable[LargeChange], rates: Iterable[tuple[str, str]]
) -> None:
    """Make the view of what was found; the names of the communes are made already.

    Parameters
    ----------
    held
        The values beyond their bound.
    rates
        Mart and column of every rate.
    """
    _make(duck, "held", ("mart", "key", "column_name"), {(c.mart, c.key, c.column) for c in held})
    _make(duck, "rate", ("mart", "column_name"), rates)
    duck.execute(
        f"CREATE OR REPLACE TEMP VIEW {MARKED} AS SELECT found.*, commune_name,"
        " held.mart IS NOT NULL AS beyond_bound, rate.mart IS NOT NULL AS is_rate"
        f" FROM {FOUND} found LEFT JOIN commune_name USING (mart, key)"
        " LEFT JOIN held ON found.mart = held.mart AND found.key = held.key"
        " AND found.column_name = held.column_name"
        " LEFT JOIN rate ON found.mart = rate.mart AND found.column_name = rate.column_name"
    )


def _make(
    duck: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> None:
    declared = ", ".join(f"{name} VARCHAR" for name in columns)
    duck.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({declared})")
    by_column = [list(column) for column in zip(*sorted(rows), strict=True)] or [[] for _ in columns]
    unnested = ", ".join("unnest(?)" for _ in columns)
    duck.execute(f"INSERT INTO {table} SELECT {unnested}", by_column)
