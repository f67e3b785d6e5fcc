"""The PostgreSQL warehouse: load beside, verify, swap by rename, keep the last releases.

Belongs here: the order of the steps. Does not belong here: what each does (`postgres_load`,
`postgres_schemas`, `postgres_swap`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import psycopg
import sqlalchemy as sa

from assets.warehouse.contents import MART_SCHEMA, ReleaseContents
from assets.warehouse.postgres_errors import server_told
from assets.warehouse.postgres_lend import lend_tables
from assets.warehouse.postgres_load import load
from assets.warehouse.postgres_look import require_marts, row_of, without_row
from assets.warehouse.postgres_schemas import (
    ReleaseSchema,
    check_readers,
    create_staging,
    execute,
    grant,
    kept_name,
    prune,
    release_schemas,
    remove_leftovers,
    standing,
)
from assets.warehouse.postgres_swap import alone, swap
from assets.warehouse.seam import (
    KEEP,
    PublicationFailed,
    ReleaseUnknown,
    WarehouseBusy,
    WarehouseUnsupported,
)

_LOG = logging.getLogger(__name__)
_PATIENCE = 60.0
_LOOKS = 5
_RESTLESS = "the releases changed at every look; ask again"
# UNIQUE NULLS NOT DISTINCT came with 15.
_OLDEST_SERVER = 150_000
_CONNECT = {"connect_timeout": "10", "application_name": "thoatngheo", "client_encoding": "utf8"}


class Postgres:
    """A PostgreSQL database in which the schema `marts` is the release that stands.

    Parameters
    ----------
    url
        SQLAlchemy URL; `reader=ROLE` in its query, once or more, names who may read.
    keep
        How many releases stay in the database.
    patience
        Seconds for which publication waits for readers to let go.
    """

    def __init__(self, url: sa.URL, *, keep: int = KEEP, patience: float = _PATIENCE) -> None:
        readers = url.query.get("reader", ())
        self._readers = (readers,) if isinstance(readers, str) else readers
        plain = url.set(drivername="postgresql+psycopg").difference_update_query(["reader"])
        self._url = plain.update_query_dict({k: v for k, v in _CONNECT.items() if k not in plain.query})
        self._keep = keep
        self._patience = patience

    def publish(self, contents: ReleaseContents) -> None:
        """Load and verify the release beside, then rename it into place."""
        release_id = str(contents.release["release_id"])
        with server_told(self._url), self._connection() as connection:
            alone(connection, self._patience)
            self._check_server(connection)
            remove_leftovers(connection)
            try:
                with connection.begin():
                    _refuse_twice(release_schemas(connection), release_id)
                    staging = create_staging(connection, release_id)
                    load(connection, contents, staging)
                    grant(connection, staging, self._readers)
                aside = swap(connection, staging, release_id, self._patience)
            except BaseException:
                # Where the connection itself is gone, the next publication does it.
                with suppress(sa.exc.SQLAlchemyError, psycopg.Error):
                    remove_leftovers(connection)
                raise
            self._tidy(connection, aside)

    def current_release(self) -> dict[str, Any] | None:
        """The row of the release that readers see now.

        Raises
        ------
        WarehouseDamaged
            Its table `release` is gone, or does not tell of it.
        """
        return self._standing(with_marts=False)

    def whole_release(self) -> dict[str, Any] | None:
        """The same, once its marts were seen to be there with their rows."""
        return self._standing(with_marts=True)

    def releases(self) -> list[dict[str, Any]]:
        """The kept releases, newest first, each with `is_current`; one without its own row is left out."""
        with server_told(self._url), self._connection() as connection:
            for _ in range(_LOOKS):
                with connection.begin():
                    found = _finished(connection)
                    rows = {schema: row_of(connection, schema) for schema in found}
                    # A publication may have renamed or dropped a schema between the list and the look.
                    if all(rows.values()) or _finished(connection) == found:
                        return _listed(rows)
            raise WarehouseBusy(_RESTLESS)

    def _standing(self, *, with_marts: bool) -> dict[str, Any] | None:
        with server_told(self._url), self._connection() as connection:
            for _ in range(_LOOKS):
                with connection.begin():
                    held = standing(connection)
                    if held is None or not held.finished:
                        return None
                    row = row_of(connection, held)
                    # What was read is locked against a swap; one between list and look shows now.
                    if standing(connection) != held:
                        continue
                    if row is None:
                        raise without_row(held)
                    if with_marts:
                        require_marts(connection, held, row)
                    return row
            raise WarehouseBusy(_RESTLESS)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction, which a publication waits for."""
        with server_told(self._url), self._connection() as connection, connection.begin():
            yield connection

    def lend(
        self,
        duck: duckdb.DuckDBPyConnection,
        schema: str,
        tables: Iterable[str],
        release_id: str | None = None,
    ) -> list[str]:
        """Tables in the caller's connection, with the rows of one moment."""
        with server_told(self._url), self._connection() as connection, connection.begin():
            kept = _finished(connection)
            held = next(
                (s for s in kept if release_id == s.release_id or (not release_id and s.name == MART_SCHEMA)),
                None,
            )
            if held is None:
                listed = ", ".join(s.release_id for s in kept) or "none"
                wanted = f"no release {release_id} is kept" if release_id else "no release stands"
                raise ReleaseUnknown(f"{wanted} in the warehouse; kept: {listed}")
            lent = lend_tables(connection, held.name, duck, schema, tables)
            # What was read is locked against a swap; one between the list and the first look shows now.
            if held not in release_schemas(connection):
                raise WarehouseBusy("another release was put in place meanwhile; ask again")
            return lent

    def rollback(self, release_id: str) -> None:
        """Put a kept release back; the one that stands is kept in its turn."""
        with server_told(self._url), self._connection() as connection:
            alone(connection, self._patience)
            with connection.begin():
                kept = _finished(connection)
                name = next((s.name for s in kept if s.release_id == release_id), None)
                if name == MART_SCHEMA:
                    return
                if name is None:
                    listed = ", ".join(s.release_id for s in kept) or "none"
                    raise ReleaseUnknown(f"no release {release_id} is kept in the warehouse; kept: {listed}")
                check_readers(connection, self._readers)
                grant(connection, name, self._readers)
            swap(connection, name, release_id, self._patience)

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        # Parameters stay out of messages; no pool, so that the advisory lock ends with the block.
        engine = sa.create_engine(self._url, poolclass=sa.NullPool, hide_parameters=True)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _check_server(self, connection: sa.Connection) -> None:
        with connection.begin():
            version = int(execute(connection, "SHOW server_version_num").fetchone()[0])  # type: ignore[index]
            encoding = execute(connection, "SHOW server_encoding").fetchone()[0]  # type: ignore[index]
            check_readers(connection, self._readers)
        if version < _OLDEST_SERVER:
            raise WarehouseUnsupported(f"PostgreSQL {version // 10_000}: 15 or newer is needed")
        if encoding != "UTF8":
            raise WarehouseUnsupported(
                f"the database {self._url.database} is encoded in {encoding}, which cannot hold Vietnamese; "
                "make one with ENCODING 'UTF8'"
            )

    def _tidy(self, connection: sa.Connection, aside: str | None) -> None:
        """The release stands already: what fails here is no failure of the publication."""
        try:
            prune(connection, self._keep, aside)
        except (sa.exc.SQLAlchemyError, psycopg.Error) as error:
            _LOG.warning("old releases are left in the warehouse: %s", type(error).__name__)


def _refuse_twice(schemas: list[ReleaseSchema], release_id: str) -> None:
    taken = {s.release_id for s in schemas} | {s.name for s in schemas}
    if release_id in taken or kept_name(release_id) in taken:
        raise PublicationFailed(f"release {release_id} is in the warehouse already")


def _finished(connection: sa.Connection) -> list[ReleaseSchema]:
    return [schema for schema in release_schemas(connection) if schema.finished]


def _listed(rows: Mapping[ReleaseSchema, dict[str, Any] | None]) -> list[dict[str, Any]]:
    for schema in (schema for schema, row in rows.items() if row is None):
        _LOG.warning("%s", without_row(schema))
    return [{**row, "is_current": schema.name == MART_SCHEMA} for schema, row in rows.items() if row]
