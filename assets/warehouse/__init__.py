"""The warehouse that BI tools read: one release at a time, all marts or none.

Belongs here: the seam between a release and the databases it can be put into, a module each.
Does not belong here: whether a release may be published (`checks.gate`).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from assets.warehouse.contents import MartContents, ReleaseContents
from assets.warehouse.duckdb_file import DuckDBFile
from assets.warehouse.seam import (
    KEEP,
    PublicationFailed,
    ReleaseUnknown,
    Warehouse,
    WarehouseBusy,
    WarehouseDamaged,
    WarehouseUnavailable,
    WarehouseUnsupported,
)

__all__ = [
    "MartContents",
    "PublicationFailed",
    "ReleaseContents",
    "ReleaseUnknown",
    "Warehouse",
    "WarehouseBusy",
    "WarehouseDamaged",
    "WarehouseUnavailable",
    "WarehouseUnsupported",
    "open_warehouse",
]

_GIVE = (
    "give a file such as duckdb:////data/warehouse.duckdb, or a database such as "
    "postgresql://role:password@host/database?reader=role"
)


def open_warehouse(url: str, *, keep: int = KEEP, own: Path | None = None) -> Warehouse:
    """The warehouse of a SQLAlchemy URL.

    Parameters
    ----------
    url
        SQLAlchemy URL.
    keep
        How many releases stay in it, the one that stands among them.
    own
        A file that only the pipeline writes, whatever is found in it: the one in its home.

    Raises
    ------
    WarehouseUnsupported
        No publication is known for this kind of database.
    """
    try:
        parsed = sa.engine.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        # What was set is not quoted, nor kept as the cause: it may hold a password.
        raise WarehouseUnsupported(f"THOATNGHEO_WAREHOUSE_URL: no SQLAlchemy URL; {_GIVE}") from None
    kind = parsed.get_backend_name()
    if kind == "duckdb" and parsed.database and parsed.database != ":memory:":
        return DuckDBFile(parsed, keep=keep, own=own)
    if kind in ("postgresql", "postgres") and parsed.database:
        # Its driver takes a quarter of a second to import, which a file does not need.
        from assets.warehouse.postgres import Postgres

        return Postgres(parsed, keep=keep)
    raise WarehouseUnsupported(f"THOATNGHEO_WAREHOUSE_URL: no publication into {kind!r}; {_GIVE}")
