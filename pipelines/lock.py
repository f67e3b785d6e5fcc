"""One refresh at a time in a home: a lock that the system releases when its holder dies.

Belongs here: taking the lock and saying who holds it. Does not belong here: what is done under it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path


class Busy(Exception):
    """Another refresh or backfill of this home is running: retryable."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file of a home.

    Raises
    ------
    Busy
        Another process holds it; the message names it and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise Busy(f"a refresh is running already ({holder}); wait for it, or stop it first") from error
        file.truncate(0)
        file.write(f"process {os.getpid()} since {datetime.now().astimezone():%Y-%m-%d %H:%M}")
        file.flush()
        yield
