"""One refresh at a time in a home: a lock that the system releases when its holder dies.

Belongs here: taking the lock and saying who holds it. Does not belong here: what is done under it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

# The locks that this process holds, by their files.
_HELD: dict[Path, IO[str]] = {}
_LOOK_AGAIN = 1.0
A_LOOK = 0.5


class Busy(Exception):
    """Another refresh or backfill of this home is running: retryable."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"a refresh is running already ({holder}); wait for it, or stop it first")
        self.holder = holder


@contextmanager
def exclusive(
    path: Path, patience: float = A_LOOK, tell: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold the lock file of a home.

    Parameters
    ----------
    path
        The lock file.
    patience
        Seconds to wait: by default a moment, in which whoever only looks who holds the lock has a
        share in it.
    tell
        Hears once who is waited for.

    Raises
    ------
    Busy
        Another process holds it; the message names it and since when.
    """
    hold_until_exit(path, patience, tell)
    try:
        yield
    finally:
        _HELD.pop(path.absolute()).close()


def lock_file(root: Path) -> Path:
    """The lock file of a home."""
    return root / "refresh.lock"


def held_here(path: Path) -> bool:
    """Whether this process holds the lock."""
    return path.absolute() in _HELD


def holder(path: Path) -> str | None:
    """Who holds the lock; None where nobody does."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip() or "another process"
    return None


def hold_until_exit(path: Path, patience: float, tell: Callable[[str], None]) -> None:
    """Hold the lock file until this process ends; wait for another holder.

    It is not given back before the process ends, so that whoever takes it next finds every run
    of an earlier holder ended, or knows that it died.

    Parameters
    ----------
    path
        The lock file.
    patience
        Seconds to wait.
    tell
        Hears once who is waited for.

    Raises
    ------
    Busy
        Another process held it all the time.
    """
    deadline = time.monotonic() + patience
    told = False
    while True:
        try:
            return _take(path)
        except Busy as busy:
            if time.monotonic() >= deadline:
                raise
            if not told:
                tell(f"waiting: {busy}")
                told = True
            time.sleep(min(_LOOK_AGAIN, max(deadline - time.monotonic(), 0.0)))


def _take(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        found = file.read().strip() or "another process"
        file.close()
        raise Busy(found) from error
    file.truncate(0)
    file.write(f"process {os.getpid()} since {datetime.now().astimezone():%Y-%m-%d %H:%M}")
    file.flush()
    _HELD[path.absolute()] = file
