"""Work on a year's files by several processes: as many as the engine may use threads.

Belongs here: starting the processes, handing out tasks, and seeing that none outlives its parent.
Does not belong here: any task. A task is a function of a module and what it is handed; what it
returns is small, and large results are files.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
# Loaded once by the process from which the others are forked: the rules' library takes seconds.
_LOADED = ("assets.judging.part", "assets.judging.prepare", "assets.raw", "great_expectations")


class WorkerLost(Exception):
    """A worker process was killed from outside, most likely for want of memory: retryable."""


def in_order(task: Callable[[T], R], items: Sequence[T], workers: int) -> Iterator[R]:
    """The results of a task on every item, in the order of the items.

    With one worker or one item the task runs here.

    Raises
    ------
    WorkerLost
        A worker was killed.
    """
    if workers < 2 or len(items) < 2:
        yield from map(task, items)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_LOADED))
    with ProcessPoolExecutor(
        min(workers, len(items)), context, initializer=_end_with, initargs=(os.getpid(),)
    ) as pool:
        futures = [pool.submit(task, item) for item in items]
        try:
            for number, future in enumerate(futures):
                yield future.result()
                # Let go of what was handed over already: results of a year are held one at a time.
                futures[number] = None  # type: ignore[call-overload]
        except BrokenProcessPool as error:
            raise WorkerLost(
                "a process that worked on the files was killed, most likely for want of memory; "
                "free some, or set THOATNGHEO_DUCKDB_THREADS=1"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _end_with(parent: int) -> None:
    """Have this process end when the one that handed out the work is gone, however it ended.

    The system's own signal at a parent's death does not help: the parent of a worker is the
    process that it was forked from, which lives as long as a worker does.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    try:
        handle = os.pidfd_open(parent)
        select.select([handle], [], [])
    except OSError:
        # Gone already, or a system without such handles: then it is asked after now and then.
        while _alive(parent):
            time.sleep(1)
    os._exit(1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
