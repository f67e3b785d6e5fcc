"""The record of all releases' changes: one Parquet file of the home, and a table in every release.

The file is written before the warehouse is told and never trusted for more than what is on record:
rows of a release that never stood (its publication was killed) are left out by the next one. What
the file lacks, since the home is younger than the warehouse or was put back from a backup, is taken
from the newest release that is kept.

Belongs here: reading and writing it. Does not belong here: finding changes (`compare`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from assets.warehouse import ReleaseUnknown, Warehouse
from assets.warehouse.change_table import CHANGE_COLUMNS, CHANGE_TABLE, change_rows

_LOG = logging.getLogger(__name__)
CHAIN = "chain"
_HELD = "held_chain"
_NAMES = ", ".join(c.name for c in CHANGE_COLUMNS)


def load(
    duck: duckdb.DuckDBPyConnection, file: Path, warehouse: Warehouse, releases: Sequence[Mapping[str, Any]]
) -> None:
    """Make the table `chain`: every change of the releases on record.

    Parameters
    ----------
    file
        The home's; it need not exist.
    releases
        Those on record, with `release_id` and `changes`.
    """
    known = [row["release_id"] for row in releases]
    _take(duck, change_rows(_readable(duck, file)), known)
    present = {name for (name,) in duck.execute(f"SELECT DISTINCT release_id FROM {CHAIN}").fetchall()}
    lacking = {row["release_id"] for row in releases if row.get("changes")} - present
    if lacking:
        _LOG.warning(
            "%s lacks changes of %s releases: they are taken from the warehouse", file.name, len(lacking)
        )
        _from_warehouse(duck, warehouse, lacking)


def _readable(duck: duckdb.DuckDBPyConnection, file: Path) -> Path | None:
    if not file.exists():
        return None
    try:
        duck.execute(f"SELECT count(*) FROM {change_rows(file)}").fetchall()
    except duckdb.Error:
        _LOG.warning("%s cannot be read and is made anew from the warehouse", file.name)
        return None
    return file


def _take(duck: duckdb.DuckDBPyConnection, rows: str, known: Collection[str]) -> None:
    duck.execute(
        f"CREATE OR REPLACE TABLE {CHAIN} AS SELECT {_NAMES} FROM {rows} WHERE list_contains(?, release_id)",
        [list(known)],
    )


def _from_warehouse(duck: duckdb.DuckDBPyConnection, warehouse: Warehouse, lacking: Collection[str]) -> None:
    """From the newest kept release, whose table holds those of all before it."""
    newest = next((row["release_id"] for row in warehouse.releases()), None)
    try:
        lent = warehouse.lend(duck, _HELD, [CHANGE_TABLE], newest)
    except ReleaseUnknown:
        return
    if lent:
        duck.execute(
            f"INSERT INTO {CHAIN} SELECT {_NAMES} FROM {_HELD}.{CHANGE_TABLE}"
            " WHERE list_contains(?, release_id)",
            [list(lacking)],
        )


def write(duck: duckdb.DuckDBPyConnection, file: Path, found: str) -> None:
    """Put the chain, with what was found now, in the place of the file; whole or not at all."""
    beside = file.with_name(f".{file.name}.new")
    quoted = str(beside).replace("'", "''")
    duck.execute(
        f"COPY (SELECT {_NAMES} FROM {CHAIN} UNION ALL SELECT {_NAMES} FROM {found} ORDER BY ALL)"
        f" TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)"
    )
    os.replace(beside, file)
