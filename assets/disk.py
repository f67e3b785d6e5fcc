"""Failures of the disk under the home: full, or not to be written to; told with the fix.

Belongs here: recognising them in an error, whoever raised it (the system, SQLite, DuckDB, dbt,
Dagster), and the sentence. Does not belong here: catching errors.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from assets.workplace import HomeUnusable

_FULL = re.compile(
    r"No space left on device|database or disk is full|Disk quota exceeded|File too large|disk I/O error",
    re.I,
)
_NOT_WRITABLE = re.compile(
    r"Read-only file system|readonly database|unable to open database file|Operation not permitted", re.I
)
_FULL_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_WRITABLE_NUMBERS = (errno.EROFS, errno.EPERM, errno.EACCES)
_MEGABYTE = 1_000_000


def disk_trouble(error: BaseException, home: Path) -> HomeUnusable | None:
    """The failure of the disk behind an error, or behind what caused it; None where there is none."""
    for inner in _chain(error):
        if told := _of_number(inner, home) or told_trouble(str(inner), home):
            return HomeUnusable(told)
    return None


def told_trouble(text: str, home: Path) -> str | None:
    """The same from an error's words alone; the sentence."""
    if _FULL.search(text):
        return _full(home)
    return _not_writable(home) if _NOT_WRITABLE.search(text) else None


def _of_number(error: BaseException, home: Path) -> str | None:
    if not isinstance(error, OSError):
        return None
    if error.errno in _FULL_NUMBERS:
        return _full(home)
    # A drop that may not be read is no failure of the home.
    of_home = isinstance(error.filename, str) and Path(error.filename).is_relative_to(home)
    return _not_writable(home) if error.errno in _NOT_WRITABLE_NUMBERS and of_home else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        yield inner
        inner = inner.__cause__ or inner.__context__


def _full(home: Path) -> str:
    try:
        room = f" ({shutil.disk_usage(home).free // _MEGABYTE} MB free)"
    except OSError:
        room = ""
    return (
        f"no room to write: the disk of THOATNGHEO_HOME {home}{room}, or that of the warehouse or of "
        "THOATNGHEO_DUCKDB_TEMP, is full, or a limit on files is reached; the last release stays. Free "
        "space, then refresh again: it goes on from what was finished"
    )


def _not_writable(home: Path) -> str:
    return (
        f"THOATNGHEO_HOME {home} cannot be written to; the last release stays. Mount it for writing, or give "
        "the pipeline's user the right to it, then refresh again"
    )
