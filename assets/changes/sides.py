"""The two releases that are compared, in one DuckDB connection, within the home's limits.

Belongs here: opening them. Does not belong here: comparing (`compare`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assets.changes.compare import AFTER
from assets.warehouse.contents import MART_SCHEMA
from assets.warehouse.duckdb_errors import duckdb_told, is_damage
from assets.warehouse.seam import WarehouseDamaged
from assets.workplace import EngineLimits

_UNREADABLE = (
    "a release that is compared is damaged, or the marts as they stand are: see that the disk is sound; "
    "thoatngheo publish --rollback RELEASE puts a kept release back, thoatngheo backfill with --force makes "
    "the marts anew"
)


@contextmanager
def scratch(limits: EngineLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory; what does not fit goes where the engine's own goes.

    Raises
    ------
    WarehouseDamaged
        Rows of a release, or of the marts as they stand, are not as they were written: what is
        compared is read late, when nobody knows any more from which of the two files.
    """
    limits.temp.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": limits.threads,
        "memory_limit": limits.memory,
        "temp_directory": str(limits.temp),
    }
    with duckdb.connect(config=config) as duck:
        try:
            yield duck
        except duckdb.Error as error:
            if is_damage(str(error)):
                raise WarehouseDamaged(_UNREADABLE) from None
            raise


def show_marts(duck: duckdb.DuckDBPyConnection, pipeline: Path, marts: Iterable[str]) -> list[str]:
    """The marts as they stand in the pipeline's own file, under the schema `after`; those that are there."""
    quoted = str(pipeline).replace("'", "''")
    with duckdb_told():
        duck.execute(f"ATTACH '{quoted}' AS pipeline (READ_ONLY)")
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'pipeline' AND schema_name = ?"
    held = {name for (name,) in duck.execute(query, [MART_SCHEMA]).fetchall()}
    duck.execute(f"CREATE SCHEMA IF NOT EXISTS {AFTER}")
    shown = [name for name in marts if name in held]
    for name in shown:
        duck.execute(f'CREATE VIEW {AFTER}."{name}" AS SELECT * FROM pipeline.{MART_SCHEMA}."{name}"')
    return shown
