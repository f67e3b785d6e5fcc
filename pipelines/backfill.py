"""A backfill in pieces: how its years are divided, who may go first, and what others know of it.

Belongs here: the rules between a backfill of the command and the runs of the daemon. Does not belong
here: a run itself (`pipelines.runner`), what a person reads (`pipelines.cli`).
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import dagster as dg
from dagster import DagsterRunStatus

from pipelines.lock import Busy, holder

# Years that one run makes: a night that comes in between waits for no more than these. At full size
# a year takes minutes, and what a run costs whatever it makes is a tenth of three of them.
PIECE = 3
_UNDER_WAY = (DagsterRunStatus.QUEUED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED)
# The daemon looks at its queue every five seconds; then a process has to start.
_SECONDS_TO_START = 120.0
_LOOK_AGAIN = 1.0


def pieces(years: Iterable[int], size: int, empty: Collection[int] = ()) -> list[tuple[int, ...]]:
    """Spans of years with at most so many to be made in each, oldest first.

    Parameters
    ----------
    years
        The years to be made.
    size
        How many of them a span holds at most.
    empty
        Years of which nothing ever came: a span may go on over them, at no cost. Over a year that is
        made already it does not.

    Examples
    --------
    >>> pieces([2016, 2017, 2018, 2019, 2021], 3, empty={2020})
    [(2016, 2017, 2018), (2019, 2020, 2021)]
    """
    found: list[list[int]] = []
    made = 0
    for year in sorted(set(years)):
        between = range(found[-1][-1] + 1, year) if found else range(0)
        if found and made < size and all(y in empty for y in between):
            found[-1] += [*between, year]
            made += 1
        else:
            found.append([year])
            made = 1
    return [tuple(span) for span in found]


def announcement_file(root: Path) -> Path:
    """The file by which a home's backfill tells which years it has still to make."""
    return root / "backfill.lock"


@dataclass
class Announcement:
    """The years that a living backfill has still to make, as others read them."""

    _file: IO[str]

    def tell(self, years: Iterable[int]) -> None:
        """These years are left."""
        self._file.seek(0)
        self._file.truncate(0)
        self._file.write(json.dumps({"process": os.getpid(), "years": sorted(years)}))
        self._file.flush()


@contextmanager
def announced(root: Path, years: Iterable[int]) -> Iterator[Announcement]:
    """Tell others of a home which years a backfill has still to make, as long as it lives.

    Raises
    ------
    Busy
        Another backfill of the home is at work.
    """
    path = announcement_file(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            left = _read(path)
            raise Busy(f"a backfill with {len(left)} years left") from error
        announcement = Announcement(file)
        announcement.tell(years)
        yield announcement


def announced_years(root: Path) -> frozenset[int]:
    """The years that a living backfill has still to make; none where none lives."""
    path = announcement_file(root)
    if not path.exists():
        return frozenset()
    with path.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(path)
    return frozenset()


def _read(path: Path) -> frozenset[int]:
    try:
        return frozenset(json.loads(path.read_text(encoding="utf-8"))["years"])
    except (ValueError, KeyError, TypeError):
        return frozenset()  # just being written


def let_others_go_first(
    instance: dg.DagsterInstance,
    lock: Path,
    tell: Callable[[str], None],
    *,
    daemon_alive: bool,
    patience: float = _SECONDS_TO_START,
) -> bool:
    """Between two pieces: wait until the runs that stand in the queue, or hold the home, have ended.

    Parameters
    ----------
    instance
        The home's Dagster instance.
    lock
        The home's lock file, which this process does not hold.
    tell
        Hears once who goes first.
    daemon_alive
        Whether anybody is there to start a run that is queued.
    patience
        Seconds for which the lock may stay free while a run stands in the queue: after that it is
        taken for one that will not come.

    Returns
    -------
    bool
        Whether anybody went first.
    """
    waited, free_since = False, time.monotonic()
    while True:
        holds = holder(lock)
        if holds:
            free_since = time.monotonic()
        elif not _others(instance, daemon_alive) or time.monotonic() - free_since > patience:
            return waited
        if not waited:
            tell(f"letting others go first: {holds or 'a run stands in the queue'}")
        waited = True
        time.sleep(_LOOK_AGAIN)


def _others(instance: dg.DagsterInstance, daemon_alive: bool) -> bool:
    """Whether a run is about to take the home's lock."""
    statuses = [s for s in _UNDER_WAY if daemon_alive or s != DagsterRunStatus.QUEUED]
    return bool(instance.get_runs(dg.RunsFilter(statuses=statuses), limit=1))
