"""The warehouse that BI tools read: one release at a time, all marts or none.

Belongs here: the seam between a release and the databases it can be put into, a module each.
Does not belong here: whether a release may be published (`checks.gate`).
"""

from __future__ import annotations

import sqlalchemy as sa

from assets.warehouse.contents import MartContents, ReleaseContents
from assets.warehouse.duckdb_file import DuckDBFile
from assets.warehouse.seam import Warehouse, WarehouseUnsupported

__all__ = ["MartContents", "ReleaseContents", "Warehouse", "WarehouseUnsupported", "open_warehouse"]


def open_warehouse(url: str) -> Warehouse:
    """The warehouse of a SQLAlchemy URL.

    Raises
    ------
    WarehouseUnsupported
        No publication is known for this kind of database.
    """
    try:
        parsed = sa.engine.make_url(url)
    except sa.exc.ArgumentError as error:
        # What was set is not quoted: it may hold a password.
        raise WarehouseUnsupported(
            "THOATNGHEO_WAREHOUSE_URL: no SQLAlchemy URL; give a file such as duckdb:////data/warehouse.duckdb"
        ) from error
    kind = parsed.get_backend_name()
    if kind == "duckdb" and parsed.database and parsed.database != ":memory:":
        return DuckDBFile(parsed)
    raise WarehouseUnsupported(
        f"THOATNGHEO_WAREHOUSE_URL: no publication into {kind!r}; give a file such as duckdb:////data/warehouse.duckdb"
    )
