"""The table `release_change` of a release: what moved, release by release, since records began.

Belongs here: its columns, their meaning, and how its rows are found in the file that carries them.
Does not belong here: finding out what moved (`assets.changes`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from assets.warehouse.contents import MartColumn, MartContents, digest, hash_query

CHANGE_TABLE = "release_change"
CHANGE_COMMENT = (
    "One row a release, mart, key and column whose value is another than in the release it was compared with "
    "(release.compared_with); unchanged values have none. Kept for ever."
)
CHANGE_COLUMNS = (
    MartColumn("release_id", "VARCHAR", "Release that made the change", nullable=False),
    MartColumn("mart", "VARCHAR", "Mart", nullable=False),
    MartColumn(
        "kind",
        "VARCHAR",
        "changed, added, removed: a value, or those of a row that came or went; slice_added: a year or month "
        "that was not there before, told once; rolled_up: too many changes to be told one by one; "
        "column_added, column_removed, mart_added, mart_removed, mart_remade: another shape",
        nullable=False,
    ),
    MartColumn("key", "VARCHAR", "The row's grain (JSON); blank where a whole mart or column is meant"),
    MartColumn("column_name", "VARCHAR", "Column; blank where rows are meant"),
    MartColumn("old_value", "VARCHAR", "Value before, as text; blank where there was none"),
    MartColumn("new_value", "VARCHAR", "Value since, as text; blank where there is none"),
    MartColumn("difference", "DOUBLE", "New less old value of a number, none counting as 0"),
    MartColumn(
        "share", "DOUBLE", "The difference as a share of the column's sum over the mart in that year or month"
    ),
    MartColumn("year", "INTEGER", "Year of the row; blank where the mart has none"),
    MartColumn("commune_code", "VARCHAR", "Commune of the row, on the map of the row"),
    MartColumn(
        "cells", "BIGINT", "How many values or rows are meant; more than 1 where they are told together"
    ),
)
NO_CHANGES = MartContents(CHANGE_TABLE, CHANGE_COMMENT, CHANGE_COLUMNS, 0, digest(0, 0))


def change_rows(file: Path | None) -> str:
    """The SQL relation of the table's rows in DuckDB; without a file there are none."""
    if file is None:
        none = ", ".join(f"NULL::{c.data_type} AS {c.name}" for c in CHANGE_COLUMNS)
        return f"(SELECT {none} WHERE false)"
    quoted = str(file).replace("'", "''")
    return f"read_parquet('{quoted}')"


def describe_changes(file: Path) -> MartContents:
    """The table as it is about to be published, counted and summed like a mart."""
    with duckdb.connect() as connection:
        query = hash_query(change_rows(file), [c.name for c in CHANGE_COLUMNS])
        [(rows, total)] = connection.execute(query).fetchall()
    return MartContents(
        CHANGE_TABLE, CHANGE_COMMENT, CHANGE_COLUMNS, int(rows), digest(int(rows), int(total))
    )
