"""The schemas of the releases: how they are named, found, opened to readers, and removed.

`marts` is the release that stands, `marts_<release>` one that is kept, `marts_new_<release>` one
that is being loaded. The schema's comment says which release it is and travels with a rename;
schemas without such a comment are somebody else's and are never touched.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from assets.warehouse.contents import MART_SCHEMA
from assets.warehouse.postgres_errors import NOT_IN_TIME, sqlstate
from assets.warehouse.seam import WarehouseUnsupported

_LOG = logging.getLogger(__name__)
_UNFINISHED = "Unfinished release "
_FINISHED = "Release "
_DROP_WAIT_MS = 300
_DEPENDENT_OBJECTS = "2BP01"


@dataclass(frozen=True)
class ReleaseSchema:
    """A schema that holds a release."""

    name: str
    release_id: str
    finished: bool


def staging_name(release_id: str) -> str:
    return f"{MART_SCHEMA}_new_{release_id}"


def kept_name(release_id: str) -> str:
    return f"{MART_SCHEMA}_{release_id}"


def execute(connection: sa.Connection, statement: str, *names: str | sql.Composable) -> psycopg.Cursor[Any]:
    """Run a statement on the driver's connection; each `{}` is a name, or what is given."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    parts = [sql.Identifier(n) if isinstance(n, str) else n for n in names]
    return raw.execute(sql.SQL(statement).format(*parts))  # type: ignore[arg-type]


def release_schemas(connection: sa.Connection) -> list[ReleaseSchema]:
    """All schemas of releases, newest release first."""
    query = sa.text(
        "SELECT nspname, obj_description(oid, 'pg_namespace') AS said FROM pg_catalog.pg_namespace"
        " WHERE nspname = :marts OR starts_with(nspname, :prefix)"
    )
    rows = connection.execute(query, {"marts": MART_SCHEMA, "prefix": f"{MART_SCHEMA}_"}).all()
    found = [
        ReleaseSchema(name, said.removeprefix(word), word == _FINISHED)
        for name, said in rows
        for word in (_FINISHED, _UNFINISHED)
        if said and said.startswith(word)
    ]
    return sorted(found, key=lambda schema: schema.release_id, reverse=True)


def standing(connection: sa.Connection) -> ReleaseSchema | None:
    """The release that readers see."""
    return next((s for s in release_schemas(connection) if s.name == MART_SCHEMA), None)


def create_staging(connection: sa.Connection, release_id: str) -> str:
    """An empty schema for a release that is about to be loaded."""
    name = staging_name(release_id)
    execute(connection, "CREATE SCHEMA {}", name)
    execute(connection, "COMMENT ON SCHEMA {} IS {}", name, sql.Literal(_UNFINISHED + release_id))
    return name


def finish(connection: sa.Connection, name: str, release_id: str) -> None:
    """Give a schema the name under which readers look."""
    execute(connection, "ALTER SCHEMA {} RENAME TO {}", name, MART_SCHEMA)
    execute(connection, "COMMENT ON SCHEMA {} IS {}", MART_SCHEMA, sql.Literal(_FINISHED + release_id))


def set_aside(connection: sa.Connection) -> str | None:
    """Give the release that stands its own name; the new name, or None where none stands.

    Raises
    ------
    WarehouseUnsupported
        The schema is not one of ours, and something is in it.
    """
    if current := standing(connection):
        execute(connection, "ALTER SCHEMA {} RENAME TO {}", MART_SCHEMA, kept_name(current.release_id))
        return kept_name(current.release_id)
    try:
        # Made by hand, perhaps with rights on it; what is in it must not be lost.
        execute(connection, "DROP SCHEMA IF EXISTS {} RESTRICT", MART_SCHEMA)
    except psycopg.errors.DependentObjectsStillExist as error:
        raise WarehouseUnsupported(
            f"the schema {MART_SCHEMA} holds tables that were not published from here; rename it, or give "
            "another database in THOATNGHEO_WAREHOUSE_URL"
        ) from error
    return None


def check_readers(connection: sa.Connection, readers: Iterable[str]) -> None:
    """Every role that is to read exists.

    Raises
    ------
    WarehouseUnsupported
        One does not.
    """
    for role in readers:
        query = sa.text("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = :role")
        if not connection.execute(query, {"role": role}).first():
            raise WarehouseUnsupported(
                f"THOATNGHEO_WAREHOUSE_URL: there is no role {role} to read the marts; CREATE ROLE it on the "
                "server, or take reader= out of the URL"
            )


def grant(connection: sa.Connection, name: str, readers: Iterable[str]) -> None:
    """Let roles read everything in a schema."""
    for role in readers:
        execute(connection, "GRANT USAGE ON SCHEMA {} TO {}", name, role)
        execute(connection, "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", name, role)


def remove_leftovers(connection: sa.Connection) -> None:
    """Drop what publications that were killed left behind."""
    with connection.begin():
        leftovers = [s for s in release_schemas(connection) if not s.finished]
    for schema in leftovers:
        _drop(connection, schema, "CASCADE")


def prune(connection: sa.Connection, keep: int, spare: str | None) -> None:
    """Drop the oldest kept releases.

    Parameters
    ----------
    keep
        How many releases stay, the one that stands among them.
    spare
        The schema that was set aside just now: a reader may be about to open a table in it.
    """
    with connection.begin():
        kept = [s for s in release_schemas(connection) if s.finished and s.name != MART_SCHEMA]
    for schema in kept[max(keep - 1, 0) :]:
        if schema.name != spare:
            _drop(connection, schema, "RESTRICT")


def _drop(connection: sa.Connection, schema: ReleaseSchema, what_depends: str) -> None:
    """Drop a schema unless somebody holds on to it; then the next publication tries again."""
    try:
        with connection.begin():
            execute(connection, f"SET LOCAL lock_timeout = {_DROP_WAIT_MS}")
            execute(connection, f"SET LOCAL statement_timeout = {_DROP_WAIT_MS}")
            if tables := tables_of(connection, schema.name):
                listed = sql.SQL(", ").join(sql.Identifier(schema.name, t) for t in tables)
                execute(connection, f"DROP TABLE {{}} {what_depends}", listed)
            execute(connection, f"DROP SCHEMA {{}} {what_depends}", schema.name)
    except (sa.exc.DBAPIError, psycopg.Error) as error:
        if sqlstate(error) not in (*NOT_IN_TIME, _DEPENDENT_OBJECTS):
            raise
        why = "something depends on it" if sqlstate(error) == _DEPENDENT_OBJECTS else "it is being read"
        _LOG.warning("schema %s is left in the warehouse: %s", schema.name, why)


def tables_of(connection: sa.Connection, name: str) -> list[str]:
    """The tables of a schema, by name."""
    query = sa.text("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = :name ORDER BY 1")
    return list(connection.execute(query, {"name": name}).scalars())


def standing_tables(connection: sa.Connection) -> list[str]:
    """The tables that readers see, in the order in which they are locked."""
    return tables_of(connection, MART_SCHEMA)
