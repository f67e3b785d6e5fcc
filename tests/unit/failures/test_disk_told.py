"""A disk that is full or read-only is told as that, whoever met it."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.disk import disk_trouble, told_trouble
from assets.journal import RELEASE, Journal, JournalDamaged
from assets.workplace import HomeUnusable

_HOME = Path("/srv/home")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EFBIG, "File too large"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("disk I/O error"),
        RuntimeError('IO Error: Could not write file "x": No space left on device'),
    ],
)
def test_a_full_disk(error: Exception) -> None:
    trouble = disk_trouble(error, _HOME)
    assert isinstance(trouble, HomeUnusable)
    for words in ("no room to write", "/srv/home", "Free space", "the last release stays"):
        assert words in str(trouble)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EROFS, "Read-only file system", "/srv/home/journal.sqlite"),
        PermissionError(errno.EACCES, "Permission denied", "/srv/home/landing"),
        sqlite3.OperationalError("attempt to write a readonly database"),
        sqlite3.OperationalError("unable to open database file"),
    ],
)
def test_a_home_that_cannot_be_written_to(error: Exception) -> None:
    trouble = disk_trouble(error, _HOME)
    assert trouble is not None
    assert "cannot be written to" in str(trouble) and "Mount it for writing" in str(trouble)


def test_the_cause_behind_an_error_counts() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as inner:
            raise ValueError("the step failed") from inner
    except ValueError as error:
        assert disk_trouble(error, _HOME) is not None


def test_other_errors_are_none_of_the_disk_s() -> None:
    assert disk_trouble(ValueError("household_size 60"), _HOME) is None
    # A drop that may not be read is the office's.
    assert disk_trouble(PermissionError(errno.EACCES, "Permission denied", "/drops/x.csv"), _HOME) is None
    assert told_trouble("mart credit: wrote 3 rows where 4 were to be published", _HOME) is None


def test_a_journal_on_a_full_disk_is_not_called_damaged(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow: the limit is there for every user."""
    program = (
        "import resource, sys; from pathlib import Path; from assets.journal import Journal\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: Journal(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    path = tmp_path / "journal.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("HomeUnusable no room to write"), done.stdout + done.stderr
    # What was begun is gone on with when there is room.
    assert Journal(path).rows(sa.select(RELEASE)) == []


def test_a_damaged_journal_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"no journal" * 1000)
    with pytest.raises(JournalDamaged, match="put back a backup"):
        Journal(path)
