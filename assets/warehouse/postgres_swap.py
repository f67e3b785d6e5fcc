"""The moment at which readers come to see another release.

A rename alone is not enough: names are looked up anew for every statement, at any isolation level,
so a transaction with a statement before the rename and one after it would see two releases. The
swap therefore locks every table of the release that stands first. A transaction that has read one
of them is waited for; one that has not yet waits, finds the names changed, and reads the new ones.

Belongs here: locks, patience, the two renames. Does not belong here: which schemas there are.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

import psycopg
import sqlalchemy as sa
from psycopg import sql

from assets.warehouse.contents import MART_SCHEMA
from assets.warehouse.postgres_errors import NOT_IN_TIME, sqlstate
from assets.warehouse.postgres_schemas import execute, finish, set_aside, standing_tables
from assets.warehouse.seam import WarehouseBusy

# One publication at a time in a database, whatever machine it comes from.
_ADVISORY_KEY = 0x7468_6F61_7420
_FIRST_WAIT_MS = 40
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0


def alone(connection: sa.Connection, patience: float) -> None:
    """Hold off every other publication until this connection ends.

    Raises
    ------
    WarehouseBusy
        Another one is at work.
    """

    def attempt(_: int) -> bool:
        with connection.begin():
            held = connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_KEY)))
            return bool(held.scalar_one())

    _until(attempt, patience, lambda: "another publication is at work in it")


def swap(connection: sa.Connection, incoming: str, release_id: str, patience: float) -> str | None:
    """Put a schema in the place of the one that stands; the name of the one set aside.

    Raises
    ------
    WarehouseBusy
        Readers held their tables for longer than the patience.
    """
    longest = _longest_wait(connection)
    aside: list[str | None] = []

    def attempt(number: int) -> bool:
        try:
            with connection.begin():
                _lock_readers_out(connection, min(_FIRST_WAIT_MS * 2**number, longest))
                aside.append(set_aside(connection))
                finish(connection, incoming, release_id)
        except (sa.exc.OperationalError, psycopg.OperationalError) as error:
            aside.clear()
            if sqlstate(error) in NOT_IN_TIME:
                return False
            raise
        return True

    _until(attempt, patience, lambda: _holders(connection))
    return aside[-1]


def _until(attempt: Callable[[int], bool], patience: float, who: Callable[[], str]) -> None:
    """Try again with growing pauses, in which those who queue get their turn."""
    deadline = time.monotonic() + patience
    for number in itertools.count():
        if attempt(min(number, 16)):
            return
        if time.monotonic() >= deadline:
            raise WarehouseBusy(
                f"the warehouse was busy for {patience:.0f} s, the last release stays: {who()}. "
                "Let it end, or end it with pg_terminate_backend; then refresh again"
            )
        pause = min(_FIRST_PAUSE * 2 ** min(number, 16), _LONGEST_PAUSE)
        time.sleep(min(pause * random.uniform(0.5, 1.5), max(deadline - time.monotonic(), 0)))


def _longest_wait(connection: sa.Connection) -> int:
    """How long one attempt may wait for locks, in milliseconds.

    Two readers that take the tables in opposite orders can close a circle with the swap. The
    server then ends whoever waited for `deadlock_timeout`: the swap leaves long before that, so
    that it is never a reader.
    """
    with connection.begin():
        query = "SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'"
        return max(int(connection.execute(sa.text(query)).scalar_one()) // 3, 1)


def _lock_readers_out(connection: sa.Connection, wait_ms: int) -> None:
    tables = standing_tables(connection)
    if not tables:
        return
    # lock_timeout counts for each table anew; statement_timeout bounds them together.
    execute(connection, f"SET LOCAL lock_timeout = {wait_ms}")
    execute(connection, f"SET LOCAL statement_timeout = {wait_ms}")
    listed = sql.SQL(", ").join(sql.Identifier(MART_SCHEMA, t) for t in tables)
    execute(connection, "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", listed)
    execute(connection, "SET LOCAL statement_timeout = 0")


def _holders(connection: sa.Connection) -> str:
    """Who holds a table of the release that stands: process and role, never the query."""
    query = sa.text(
        "SELECT DISTINCT a.pid, a.usename, a.application_name, date_trunc('second', a.xact_start)"
        " FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
        " WHERE n.nspname = :marts AND l.granted AND a.pid <> pg_backend_pid() ORDER BY 4 LIMIT 5"
    )
    with connection.begin():
        rows = connection.execute(query, {"marts": MART_SCHEMA}).all()
    told = "; ".join(f"process {p} of role {u} ({a or 'no name'}) since {since}" for p, u, a, since in rows)
    return told or "its tables were held, by whom is not known any more"
