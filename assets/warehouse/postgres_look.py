"""Looking at releases in PostgreSQL: their rows, and whether the marts of one are all there.

Belongs here: reading, in a transaction of the caller's. Does not belong here: which schemas there
are (`postgres_schemas`), or looking again after a swap (`postgres`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from assets.warehouse.postgres_errors import sqlstate
from assets.warehouse.postgres_schemas import ReleaseSchema, execute, tables_of
from assets.warehouse.seam import WarehouseDamaged
from assets.warehouse.whole import MENDED_BY, published_counts, require_whole

# No such table, schema or column.
_GONE = ("42P01", "3F000", "42703")
_CORRUPTED = ("XX001", "XX002")


def row_of(connection: sa.Connection, schema: ReleaseSchema) -> dict[str, Any] | None:
    """The row of a schema's own release; None where its table `release` is gone, or tells of others only.

    A publication that renamed or dropped the schema since it was listed leaves the same to be seen:
    whoever asks lists the schemas again.
    """
    table = sa.table("release", sa.column("release_id"), schema=schema.name)
    query = sa.select(sa.text("*")).select_from(table).where(table.c.release_id == schema.release_id)
    try:
        with connection.begin_nested():
            row = connection.execute(query).mappings().one_or_none()
    except sa.exc.ProgrammingError as error:
        if sqlstate(error) not in _GONE:
            raise
        return None
    return dict(row) if row else None


def without_row(schema: ReleaseSchema) -> WarehouseDamaged:
    """The error that names a schema whose table `release` does not tell of its release."""
    return WarehouseDamaged(
        f"the schema {schema.name} holds release {schema.release_id}, but its table release is gone or does "
        f"not tell of it; {MENDED_BY}"
    )


def require_marts(connection: sa.Connection, schema: ReleaseSchema, row: dict[str, Any]) -> None:
    """Count the marts of a release in the same transaction in which its row was read.

    Raises
    ------
    WarehouseDamaged
        They are not as they were published, or a page cannot be read.
    """
    names = sorted(published_counts(row).keys() & set(tables_of(connection, schema.name)))
    try:
        held = _counted(connection, schema.name, names)
    except psycopg.Error as error:
        if sqlstate(error) not in _CORRUPTED:
            raise
        raise WarehouseDamaged(
            f"release {schema.release_id} cannot be read ({type(error).__name__}); {MENDED_BY}; see to the "
            "disk of the server too"
        ) from None
    require_whole(row, held)


def _counted(connection: sa.Connection, schema: str, names: Iterable[str]) -> dict[str, int]:
    counts = [
        sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(name), sql.Identifier(schema, name))
        for name in names
    ]
    return dict(execute(connection, "{}", sql.SQL(" UNION ALL ").join(counts)).fetchall()) if counts else {}
