"""Tables of a release that PostgreSQL keeps, brought into a DuckDB connection.

The rows go through a CSV file: the server writes it and DuckDB reads it several times faster than
Python could hand over row by row. Numbers come as the shortest text that is read back as the same.

Belongs here: the way of the rows. Does not belong here: which release (`postgres`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import duckdb
import psycopg
import sqlalchemy as sa

from assets.warehouse.postgres_schemas import execute
from assets.warehouse.types import duckdb_type

# Written unquoted for no value only: the same two characters in a text are quoted.
_NONE = r"\N"
_READ = (
    "SELECT * FROM read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
    " new_line = '\\n', nullstr = ?, allow_quoted_nulls = false, max_line_size = 33554432,"
)


def lend_tables(
    connection: sa.Connection, held: str, duck: duckdb.DuckDBPyConnection, schema: str, tables: Iterable[str]
) -> list[str]:
    """Copy tables out of a schema; those that are not there are left out.

    Parameters
    ----------
    connection
        In the transaction that sees the release.
    held
        The schema in the warehouse.
    schema
        The schema in DuckDB; it is made.

    Returns
    -------
    list
        The tables that are there.
    """
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names(schema=held))
    lent = [name for name in tables if name in present]
    duck.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    # Text of dates as DuckDB reads it, whatever the role's own setting is.
    execute(connection, "SET LOCAL datestyle = 'ISO, YMD'")
    # A file without a name: nothing is left of it, however this ends.
    [(folder,)] = duck.execute("SELECT current_setting('temp_directory')").fetchall()
    for name in lent:
        types = {c["name"]: duckdb_type(c["type"]) for c in inspector.get_columns(name, schema=held)}
        declared = ", ".join(f"{_text(column)}: {_text(kind)}" for column, kind in types.items())
        with tempfile.TemporaryFile(dir=folder if Path(folder).is_dir() else None) as file:
            _write(connection, held, name, types, file)
            query = f'CREATE TABLE {schema}."{name}" AS {_READ} columns = {{{declared}}})'
            duck.execute(query, [f"/dev/fd/{file.fileno()}", _NONE])
    return lent


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _write(connection: sa.Connection, held: str, name: str, columns: Iterable[str], file: IO[bytes]) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    listed = psycopg.sql.SQL(", ").join(psycopg.sql.Identifier(column) for column in columns)
    statement = psycopg.sql.SQL("COPY {} ({}) TO STDOUT (FORMAT csv, NULL {})").format(
        psycopg.sql.Identifier(held, name), listed, psycopg.sql.Literal(_NONE)
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            file.write(block)
    file.flush()
