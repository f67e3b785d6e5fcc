"""What DuckDB says of its files, told as one of the warehouse's own failures.

Belongs here: which words mean which failure. Does not belong here: what is tried again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import sqlalchemy as sa

from assets.warehouse.seam import WarehouseBusy

# DuckDB tells a lock by these words alone, as one kind of IOException among many.
_LOCKED = re.compile(r'Could not set lock on file "(?P<path>[^"]*)".*?\(PID (?P<process>\d+)\)', re.DOTALL)


def locked(text: str) -> str | None:
    """Which file which other process holds, as a sentence with its fix; None where none is said to."""
    found = _LOCKED.search(text)
    if not found:
        return None
    name = found["path"].rsplit("/", 1)[-1]
    return (
        f"{name} is open in another program (process {found['process']}), the last release stays: close it "
        "there, or open it read-only, then refresh again"
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn a file that another program holds into an error that says so.

    Raises
    ------
    WarehouseBusy
        Another process has the file open for writing.
    """
    try:
        yield
    except (sa.exc.DBAPIError, duckdb.IOException) as error:
        if told := locked(str(error)):
            raise WarehouseBusy(told) from None
        raise
