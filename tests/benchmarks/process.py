"""One process measured: wall and processor seconds, and the memory of its whole tree over time.

Belongs here: starting, sampling, ending. Does not belong here: what is run.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PAUSE = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


class ProcessFailed(Exception):
    """A measured process ended with an error; the message ends with what it said last."""


@dataclass(frozen=True)
class Look:
    """A process tree at one moment.

    Parameters
    ----------
    at
        Seconds since 1970.
    resident
        Bytes. Pages that processes share count once for each, so the truth is a little lower.
    cpu
        Processor seconds so far, ended descendants included.
    """

    at: float
    resident: int
    cpu: float


@dataclass(frozen=True)
class Measured:
    """What a process and its descendants took.

    Parameters
    ----------
    wall, cpu
        Seconds; `cpu` is user and system time of all of them. On a machine that others use too,
        `cpu` is the steadier of the two.
    started
        Moment of the start, seconds since 1970.
    looks
        The tree at moments, ten a second.
    """

    wall: float
    cpu: float
    started: float
    output: str
    looks: list[Look] = field(repr=False)

    @property
    def peak(self) -> int:
        """Highest resident bytes of the tree at one moment."""
        return max((look.resident for look in self.looks), default=0)

    def peak_between(self, start: float, end: float) -> int:
        """Highest resident bytes between two moments; of the look before where none lies there."""
        within = [look.resident for look in self.looks if start <= look.at <= end]
        before = [look.resident for look in self.looks if look.at < start]
        return max(within or before[-1:], default=0)

    def cpu_between(self, start: float, end: float) -> float:
        """Processor seconds between two moments, between the looks next to them in proportion."""
        return self._cpu_at(end) - self._cpu_at(start)

    def _cpu_at(self, moment: float) -> float:
        known = [
            (self.started, 0.0),
            *((k.at, k.cpu) for k in self.looks),
            (self.started + self.wall, self.cpu),
        ]
        after = bisect_left([at for at, _ in known], moment)
        if not after or after == len(known):
            return known[min(after, len(known) - 1)][1]
        (at, cpu), (next_at, next_cpu) = known[after - 1], known[after]
        return cpu + (next_cpu - cpu) * (moment - at) / max(next_at - at, 1e-9)


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measured:
    """Run a command to its end.

    Raises
    ------
    ProcessFailed
        It ended with another code than 0.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "last_command.log"
    started, began = time.time(), time.perf_counter()
    with log.open("w+", encoding="utf-8") as target:
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=folder,
            stdout=target,
            stderr=subprocess.STDOUT,
            text=True,
        )
        looks: list[Look] = []
        done = threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, looks, done), daemon=True)
        sampler.start()
        # `wait4` tells the processor time of this one tree, whatever else was started before.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        done.set()
        sampler.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_text(encoding="utf-8")
    if process.returncode:
        raise ProcessFailed(f"{' '.join(command)} ended with {process.returncode}:\n{output[-4000:]}")
    # Each misses something: the one who was not waited for, the other who came and went between two looks.
    cpu = max(usage.ru_utime + usage.ru_stime, looks[-1].cpu if looks else 0.0)
    return Measured(wall, cpu, started, output, looks)


def _sample(root: int, looks: list[Look], done: threading.Event) -> None:
    # By process, for good: a worker that its parent does not wait for would take its time with it.
    spent: dict[int, float] = {}
    while not done.wait(_PAUSE):
        tree = _tree(root)
        for pid in tree:
            spent[pid] = max(spent.get(pid, 0.0), _processor(pid))
        looks.append(Look(time.time(), sum(map(_resident, tree)), sum(spent.values())))


def _tree(root: int) -> list[int]:
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                left += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            # It ended between two looks.
            continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _processor(pid: int) -> float:
    """A process's own user and system seconds."""
    try:
        # The name in brackets may hold blanks; what is counted stands behind it.
        values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in values[11:13]) / _TICKS
