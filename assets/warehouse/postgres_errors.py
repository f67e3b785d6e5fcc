"""What PostgreSQL says, told as one of the warehouse's own failures.

Belongs here: which SQLSTATE is which failure, and words that hold no password. Does not belong
here: what is tried again (`postgres_swap`) or who is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from assets.shown_url import hide_secrets_of
from assets.warehouse.seam import WarehouseUnavailable, WarehouseUnsupported

# Classes of SQLSTATE: connection, resources (full disk, too many clients), operator, system.
_PASSING = ("08", "53", "57P", "58")
_NO_PRIVILEGE = "42501"
# What a connection is refused for has no SQLSTATE in the driver: only these words. A server that speaks
# another language is taken for a lost one, and asked again in vain.
_REFUSED = re.compile(
    r"password authentication failed|no password supplied|authentication failed for user"
    r"|no pg_hba\.conf entry|is not permitted to log in|not currently accepting connections"
    r'|(role|database) "[^"]*" does not exist|certificate verify failed|does not support SSL'
    r"|root certificate file",
    re.IGNORECASE,
)
_WRONG_URL = re.compile(
    r"invalid \w+ value:|invalid port number|invalid connection option|bad value for"
    r"|invalid value for parameter|invalid integer value",
    re.IGNORECASE,
)
# A lock was not had in time: lock_timeout, statement_timeout, or a deadlock that was found first.
NOT_IN_TIME = ("55P03", "57014", "40P01")


def driver_error(error: BaseException) -> psycopg.Error | None:
    """The driver's own error in one of SQLAlchemy's."""
    inner = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return inner if isinstance(inner, psycopg.Error) else None


def sqlstate(error: BaseException) -> str:
    """The five letters, or none where the server never spoke."""
    inner = driver_error(error)
    return (inner.sqlstate or "") if inner else ""


@contextmanager
def server_told(url: sa.URL) -> Iterator[None]:
    """Turn a lost server, a refused role, and rights that lack, into errors with a name and a fix.

    Raises
    ------
    WarehouseUnavailable
        The server cannot be reached, or went away or ran out of room.
    WarehouseUnsupported
        The server does not let the role of the URL in, or it may not do what publication needs; or
        the URL says what no server is asked for.
    """
    try:
        yield
    except (sa.exc.DBAPIError, psycopg.Error) as error:
        # Told alone, not as the cause of something: whoever shows the innermost error shows this one.
        state, reason = sqlstate(error), _reason(error, url)
        if not state and _WRONG_URL.search(reason):
            raise WarehouseUnsupported(
                f"warehouse {place(url)}: {reason}; mend that part of THOATNGHEO_WAREHOUSE_URL"
            ) from None
        if not state and _REFUSED.search(reason):
            raise WarehouseUnsupported(
                f"warehouse {place(url)}: {reason}; mend role, password, database or sslmode in "
                "THOATNGHEO_WAREHOUSE_URL, or let the role in on the server; the last release stays"
            ) from None
        if state.startswith(_PASSING) or (not state and _is_lost(error)):
            raise WarehouseUnavailable(
                f"warehouse {place(url)}: {reason}; the last release stays. See that the server runs, has "
                "room, and takes the role and password of THOATNGHEO_WAREHOUSE_URL; then refresh again"
            ) from None
        if state == _NO_PRIVILEGE:
            raise WarehouseUnsupported(
                f"warehouse {place(url)}: {reason}; the role of THOATNGHEO_WAREHOUSE_URL must own the schema "
                f"marts and may make schemas: GRANT CREATE ON DATABASE {url.database} TO {url.username}"
            ) from None
        raise


def place(url: sa.URL) -> str:
    """Host and database, nothing else of the URL."""
    host = url.host or next(iter(_listed(url.query.get("host"))), "(local socket)")
    return f"{host}/{url.database}"


def _listed(value: tuple[str, ...] | str | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _is_lost(error: BaseException) -> bool:
    return isinstance(driver_error(error), (psycopg.OperationalError, psycopg.InterfaceError))


def _reason(error: BaseException, url: sa.URL) -> str:
    """The first line of what the server or the driver said; a detail line could quote a row."""
    inner = driver_error(error)
    said = (inner.diag.message_primary if inner else None) or str(inner or error)
    line = next((text.strip() for text in said.splitlines() if text.strip()), "no answer")
    return hide_secrets_of(url, line)
