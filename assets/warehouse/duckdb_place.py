"""The moment in which one file takes the place of another that readers open by its name.

DuckDB reads a file together with the log of writes beside it, `<name>.wal`. Publication leaves none;
a program that wrote to the warehouse and was killed does, and its log beside the next release would
keep every reader out. So it goes first, while nobody can write to the file.

Belongs here: the rename, the log, and moving what is damaged aside. Does not belong here: which
releases are kept (`duckdb_kept`).
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from assets.warehouse.seam import WarehouseBusy

_LOG = logging.getLogger(__name__)
_LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")


def put_in_place(beside: Path, path: Path) -> None:
    """Rename a file into place; no reader finds it beside the log of the one before it.

    Raises
    ------
    WarehouseBusy
        Another program writes to the file that stands.
    """
    with unwritten(path):
        for log in logs_of(path):
            _LOG.warning("%s is removed: a program that wrote to the warehouse was killed", log.name)
            log.unlink(missing_ok=True)
        os.replace(beside, path)


def move_aside(path: Path) -> Path:
    """Give a damaged file, and its log, a name that says so, under which it stays.

    Raises
    ------
    WarehouseBusy
        Another program writes to it.
    """
    aside = _free_name(path)
    link(path, aside)
    with unwritten(path):
        for log in logs_of(path):
            os.replace(log, log.with_name(log.name.replace(path.name, aside.name, 1)))
    _LOG.warning("the damaged file %s is kept as %s; remove it when it is of no use", path.name, aside.name)
    return aside


def logs_of(path: Path) -> list[Path]:
    """The log of writes beside a file, with those of a checkpoint that did not come to its end."""
    return [log for ending in _LOGS if (log := path.with_name(path.name + ending)).exists()]


@contextmanager
def unwritten(path: Path) -> Iterator[None]:
    """Let nobody write to a file, where there is one; whoever reads it is not disturbed.

    It is the lock that DuckDB takes. Nothing in this process may open and close the file meanwhile:
    the lock would end with that.

    Raises
    ------
    WarehouseBusy
        Somebody writes to it already.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield
        return
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise WarehouseBusy(
                f"{path.name} is open in another program, the last release stays: close it there, or open it "
                "read-only, then refresh again"
            ) from None
        yield


def link(source: Path, target: Path) -> None:
    """A second name costs nothing; where the file system has none, a copy under a passing name."""
    try:
        os.link(source, target)
    except OSError:
        passing = target.with_name(f".{source.name}.{os.getpid()}.new.copy")
        shutil.copy2(source, passing)
        os.replace(passing, target)


def _free_name(path: Path) -> Path:
    moment = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    names = (path.with_name(f"{path.name}.damaged-{moment}-{number}") for number in count(1))
    return next(name for name in names if not name.exists())
