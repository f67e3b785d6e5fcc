"""What lies at a place: a release of ours, nothing, somebody else's database, or damage.

Belongs here: looking into a file, read-only. Does not belong here: what is done about it
(`duckdb_place`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from assets.warehouse.contents import MART_SCHEMA
from assets.warehouse.duckdb_errors import damaged, duckdb_told, is_damage, is_of_another_kind, reason
from assets.warehouse.seam import WarehouseUnsupported

_FILE = "looked_at"
_RELEASE = (MART_SCHEMA, "release")
_MAGIC = slice(8, 12)


def release_in(path: Path) -> dict[str, Any] | None:
    """The newest row of the table `release` in a file; None where no file is, or nothing in it.

    Raises
    ------
    WarehouseUnsupported
        It is no file, may not be read, or is a database that was not published from here.
    WarehouseDamaged
        It cannot be read as a database.
    WarehouseBusy
        Another program writes to it.
    """
    if path.is_dir():
        raise WarehouseUnsupported(
            f"THOATNGHEO_WAREHOUSE_URL: {path} is a folder; name a file in it, such as "
            f"duckdb:///{path / 'warehouse.duckdb'}"
        )
    if not path.exists():
        return None
    if not os.access(path, os.R_OK):
        raise WarehouseUnsupported(
            f"the warehouse {path.name} may not be read: give the pipeline's user the right to it, or "
            "another file in THOATNGHEO_WAREHOUSE_URL"
        )
    try:
        with duckdb_told(path):
            return _newest_row(path)
    except duckdb.Error as error:
        if is_of_another_kind(str(error)):
            raise WarehouseUnsupported(
                f"the warehouse {path.name} cannot be opened ({reason(path, str(error))}): nothing in it is "
                "touched; move it away, or give another file in THOATNGHEO_WAREHOUSE_URL"
            ) from None
        # Asked for in words only, what is no database may be taken for one of another kind.
        if is_damage(str(error)) or not _is_duckdb(path):
            raise damaged(path, str(error)) from None
        raise


def counts_in(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Rows of the marts of these names that are in a file, all of whose columns are fetched.

    A count alone comes from the file's head. A million rows of a dozen columns take 0.2 s.

    Raises
    ------
    WarehouseDamaged
        A page is not as it was written.
    WarehouseBusy
        Another program writes to it.
    """
    with duckdb_told(path), _attached(path) as duck:
        there = {name for schema, name in _relations(duck) if schema == MART_SCHEMA}
        return {name: _count(duck, name) for name in names if name in there}


def _count(duck: duckdb.DuckDBPyConnection, name: str) -> int:
    # `first` lets every value be fetched and costs least of all that do.
    query = f'SELECT count(*), first(COLUMNS(*)) FROM {_FILE}.{MART_SCHEMA}."{name}"'
    row = duck.execute(query).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _attached(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attached, not connected to: a connection is handed the file that this process opened under this
    name before, which may be the one that stood before a rename."""
    quoted = str(path).replace("'", "''")
    with duckdb.connect() as duck:
        duck.execute(f"ATTACH '{quoted}' AS {_FILE} (READ_ONLY)")
        yield duck


def _newest_row(path: Path) -> dict[str, Any] | None:
    with _attached(path) as duck:
        held = _relations(duck)
        rows = duck.execute(_query()).fetchall() if _RELEASE in held else []
        if rows:
            return dict(zip((column[0] for column in duck.description or ()), rows[0], strict=True))
    if not held:
        return None
    raise WarehouseUnsupported(
        f"{path.name} is a database that was not published from here (it holds no release of ours): nothing "
        "in it is touched; rename it, or give another file in THOATNGHEO_WAREHOUSE_URL"
    )


def _query() -> str:
    return f"SELECT * FROM {_FILE}.{'.'.join(_RELEASE)} ORDER BY published_at DESC, release_id DESC LIMIT 1"


def _relations(duck: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Schema and name of everything in the file that somebody made."""
    kinds = {"tables": "table_name", "views": "view_name", "sequences": "sequence_name"}
    parts = [
        f"SELECT schema_name, {name} FROM duckdb_{kind}() WHERE database_name = '{_FILE}'"
        + (" AND NOT internal" if kind != "sequences" else "")
        for kind, name in kinds.items()
    ]
    return set(duck.execute(" UNION ALL ".join(parts)).fetchall())


def _is_duckdb(path: Path) -> bool:
    """Whether a file begins as every file of DuckDB does."""
    with path.open("rb") as file:
        return file.read(_MAGIC.stop)[_MAGIC] == b"DUCK"
