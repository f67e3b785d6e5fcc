"""What DuckDB says of its files, told as one of the warehouse's own failures.

Belongs here: which words mean which failure. Does not belong here: what is tried again, or what a
file holds (`duckdb_look`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import sqlalchemy as sa

from assets.warehouse.seam import WarehouseBusy, WarehouseDamaged

# DuckDB tells a lock by these words alone, as one kind of IOException among many.
_LOCKED = re.compile(r'Could not set lock on file "(?P<path>[^"]*)".*?\(PID (?P<process>\d+)\)', re.DOTALL)
# Damage too: some of it comes as an error without a kind.
_DAMAGED = re.compile(
    r"not a valid DuckDB database file|Could not read enough bytes|Corrupt(ed)? database file"
    r"|Failure while replaying WAL|does not match stored checksum|Failed to load metadata pointer",
    re.IGNORECASE,
)
_NOT_FOR_US = re.compile(r"database file with version number|newer version of DuckDB|encrypted database")
_LOG_AT_FAULT = re.compile(r"\bWAL\b")


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


def is_damage(text: str) -> bool:
    """Whether DuckDB says that what it read is not what it once wrote."""
    return bool(_DAMAGED.search(text))


def is_of_another_kind(text: str) -> bool:
    """Whether DuckDB says that the file is whole, but not for this version or without a key."""
    return bool(_NOT_FOR_US.search(text))


def damaged(path: Path, text: str) -> WarehouseDamaged:
    """The error that names the file and what is wrong with it, with the fix."""
    if _LOG_AT_FAULT.search(text):
        return WarehouseDamaged(
            f"the warehouse {path.name} cannot be read: beside it lies {path.name}.wal, which a program left "
            f"that wrote to it and was killed, and which does not belong to it; remove {path.name}.wal, "
            "which costs the release nothing"
        )
    return WarehouseDamaged(
        f"the warehouse {path.name} is damaged ({reason(path, text)}): thoatngheo publish --rollback RELEASE "
        "puts back one that thoatngheo releases lists as kept; where none is, move the file away, then "
        "thoatngheo publish"
    )


def reason(path: Path, text: str) -> str:
    """DuckDB's first line without its kind and the folders of this machine."""
    line = next((said.strip() for said in text.splitlines() if said.strip()), "it cannot be read")
    return re.sub(r"^(\([\w.]+\) )?(IO Error: )?", "", line).replace(str(path), path.name).rstrip(".!")


@contextmanager
def duckdb_told(warehouse: Path | None = None) -> Iterator[None]:
    """Turn a file that another program holds, or a damaged warehouse, into an error that says so.

    Parameters
    ----------
    warehouse
        The file that is read; without it damage is not told as the warehouse's.

    Raises
    ------
    WarehouseBusy
        Another process has the file open for writing.
    WarehouseDamaged
        The warehouse's file is not as it was written.
    """
    try:
        yield
    except (sa.exc.DBAPIError, duckdb.Error) as error:
        if told := locked(str(error)):
            raise WarehouseBusy(told) from None
        if warehouse and is_damage(str(error)):
            raise damaged(warehouse, str(error)) from None
        raise
