"""Rows into PostgreSQL and back: COPY in, keys, and a checksum over what the server then holds.

Belongs here: everything inside the one transaction that fills a staging schema. Does not belong
here: how readers come to see it (`postgres_swap`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, ColumnCollectionConstraint

from assets.warehouse.change_table import NO_CHANGES, change_rows
from assets.warehouse.contents import (
    MART_SCHEMA,
    RELEASE_COLUMNS,
    MartColumn,
    MartContents,
    ReleaseContents,
    digest,
    hash_query,
)
from assets.warehouse.postgres_errors import sqlstate
from assets.warehouse.postgres_tables import release_tables
from assets.warehouse.seam import PublicationFailed

_LOG = logging.getLogger(__name__)
_BATCH = 20_000
_DATA_ERROR = "22"
_FOREIGN_KEY = "23503"


def load(connection: sa.Connection, contents: ReleaseContents, schema: str) -> None:
    """Create, fill, verify and index the tables of a release in an empty schema.

    Raises
    ------
    PublicationFailed
        The server holds other rows than the pipeline counted.
    """
    metadata = release_tables(contents.marts, schema)
    keys = _keys_apart(metadata)
    with duckdb.connect(str(contents.source), read_only=True) as source:
        places = [(mart, f'{MART_SCHEMA}."{mart.name}"') for mart in contents.marts]
        places.append((contents.changes or NO_CHANGES, change_rows(contents.changes_file)))
        for mart, place in places:
            table = metadata.tables[f"{schema}.{mart.name}"]
            table.create(connection)
            _fill(connection, source.execute(_ordered(mart, place)), mart, table)
            _verify(connection, mart, table)
    release = metadata.tables[f"{schema}.release"]
    release.create(connection)
    listed = [
        tuple(row.get(c.name) for c in RELEASE_COLUMNS) for row in (*contents.history, contents.release)
    ]
    _copy(connection, release, [listed])
    _add_keys(connection, keys)
    for table in metadata.tables.values():
        # Otherwise autovacuum comes later and holds a lock when the next release is put in place.
        connection.execute(sa.text(f"ANALYZE {quoted(connection, table)}"))


def quoted(connection: sa.Connection, table: sa.Table) -> str:
    """Schema and table as an SQL name."""
    return connection.dialect.identifier_preparer.format_table(table)


def _keys_apart(metadata: sa.MetaData) -> list[AddConstraint]:
    """Keys are added when the rows are in: one sort a key, and foreign keys find their targets."""
    keys: list[AddConstraint] = []
    kinds: tuple[type[ColumnCollectionConstraint], ...] = (
        sa.PrimaryKeyConstraint,
        sa.UniqueConstraint,
        sa.ForeignKeyConstraint,
    )
    for kind in kinds:
        for table in metadata.tables.values():
            # A table without a primary key has an empty one.
            mine = [c for c in table.constraints if isinstance(c, kind)]
            keys.extend(AddConstraint(c) for c in mine if len(c.columns))
    return keys


def _add_keys(connection: sa.Connection, keys: Sequence[AddConstraint]) -> None:
    for key in keys:
        table = key.element.table.name
        try:
            with connection.begin_nested():
                connection.execute(key)
        except sa.exc.IntegrityError as error:
            if sqlstate(error) == _FOREIGN_KEY:
                # Readers lose nothing by it; holding the release back would be worse.
                _LOG.warning("mart %s: rows without their dimension; left without that foreign key", table)
                continue
            raise PublicationFailed(f"mart {table}: two rows share the key that its model states") from error


def _ordered(mart: MartContents, place: str) -> str:
    names = ", ".join(f'"{c.name}"' for c in mart.columns)
    order = ", ".join(f'"{name}"' for name in mart.grain) or "ALL"
    return f"SELECT {names} FROM {place} ORDER BY {order}"


def _fill(
    connection: sa.Connection, rows: duckdb.DuckDBPyConnection, mart: MartContents, table: sa.Table
) -> None:
    try:
        _copy(connection, table, iter(lambda: rows.fetchmany(_BATCH), []))
    except psycopg.DataError as error:
        # What the server says quotes the line: the name of the mart has to do.
        raise PublicationFailed(
            f"mart {mart.name}: a value has no place in its column (SQLSTATE {error.sqlstate or _DATA_ERROR})"
        ) from None


def _copy(connection: sa.Connection, table: sa.Table, batches: Iterable[Sequence[tuple[Any, ...]]]) -> None:
    """Copy rows into a table that was created in this transaction.

    FREEZE makes them visible to every snapshot. A reader whose snapshot is older than this load,
    and who first looks at the marts after the swap, must not find them empty.
    """
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    statement = f"COPY {quoted(connection, table)} ({names}) FROM STDIN (FREEZE)"
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        for batch in batches:
            for row in batch:
                copy.write_row(row)


def _verify(connection: sa.Connection, mart: MartContents, table: sa.Table) -> None:
    held = checksum_held(connection, mart.columns, table)
    if held != (mart.rows, mart.checksum):
        raise PublicationFailed(
            f"mart {mart.name}: the server holds {held[0]} rows where {mart.rows} were to be published, "
            "or their content differs"
        )


def checksum_held(
    connection: sa.Connection, columns: Sequence[MartColumn], table: sa.Table
) -> tuple[int, str]:
    """Rows and checksum of a table as the server gives it back, summed as the pipeline sums its own."""
    names = [c.name for c in columns]
    declared = ", ".join(f'"{c.name}" {c.data_type}' for c in columns)
    rows = total = 0
    with duckdb.connect() as scratch:
        scratch.execute(f"CREATE TABLE held ({declared})")
        schema: pa.Schema = scratch.sql("SELECT * FROM held").to_arrow_table().schema  # type: ignore[union-attr]
        for batch in _batches(connection, table, names):
            arrays = [pa.array(v, type=f.type) for v, f in zip(zip(*batch, strict=True), schema, strict=True)]
            scratch.register("batch", pa.Table.from_arrays(arrays, schema=schema))
            scratch.execute("INSERT INTO held SELECT * FROM batch")
            [part] = scratch.execute(hash_query("held", names)).fetchall()
            scratch.unregister("batch")
            scratch.execute("TRUNCATE held")
            rows, total = rows + int(part[0]), total + int(part[1])
    return rows, digest(rows, total)


def _batches(
    connection: sa.Connection, table: sa.Table, names: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    listed = ", ".join(f'"{name}"' for name in names)
    query = f"COPY {quoted(connection, table)} ({listed}) TO STDOUT (FORMAT binary)"
    with _cursor(connection) as cursor:
        # Asked for, not assumed: these are the types that the server has, not those it was to have.
        cursor.execute(f"SELECT {listed} FROM {quoted(connection, table)} LIMIT 0")
        types = [column.type_code for column in cursor.description or ()]
        with cursor.copy(query) as copy:
            copy.set_types(types)
            batch: list[tuple[Any, ...]] = []
            for row in copy.rows():
                batch.append(row)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
            if batch:
                yield batch


def _cursor(connection: sa.Connection) -> psycopg.Cursor[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw.cursor()
