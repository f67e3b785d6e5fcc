"""One process measured: wall and processor seconds, and the memory of its whole tree over time.

Belongs here: starting, sampling, ending. Does not belong here: what is run.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PAUSE = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ProcessFailed(Exception):
    """A measured process ended with an error; the message ends with what it said last."""


@dataclass(frozen=True)
class Measured:
    """What a process and its descendants took.

    Parameters
    ----------
    wall, cpu
        Seconds; `cpu` is user and system time of all of them. On a machine that others use too,
        `cpu` is the steadier of the two.
    memory
        (moment in seconds since 1970, resident bytes of the tree), ten a second. Pages that
        processes share count once for each, so the truth is a little lower.
    started
        Moment of the start, seconds since 1970.
    """

    wall: float
    cpu: float
    started: float
    output: str
    memory: list[tuple[float, int]] = field(repr=False)

    @property
    def peak(self) -> int:
        """Highest resident bytes of the tree at one moment."""
        return max((size for _, size in self.memory), default=0)

    def peak_between(self, start: float, end: float) -> int:
        """Highest resident bytes between two moments; of the sample nearest before where none lies there."""
        within = [size for at, size in self.memory if start <= at <= end]
        before = [size for at, size in self.memory if at < start]
        return max(within or before[-1:], default=0)


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
        memory: list[tuple[float, int]] = []
        done = threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, memory, done), daemon=True)
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
    return Measured(wall, usage.ru_utime + usage.ru_stime, started, output, memory)


def _sample(root: int, memory: list[tuple[float, int]], done: threading.Event) -> None:
    while not done.wait(_PAUSE):
        memory.append((time.time(), sum(map(_resident, _tree(root)))))


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
