"""Work by several processes: the order of results, what is raised, and that nobody outlives the parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets.crew import WorkerLost, in_order


def double(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


def refuse(number: int) -> int:
    if number == 2:
        raise ValueError(f"no {number}")
    return number


def die(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def linger(folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(120)


def test_results_come_in_the_order_of_the_items_from_other_processes() -> None:
    found = list(in_order(double, range(5), workers=2))
    assert [value for value, _ in found] == [0, 2, 4, 6, 8]
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.parametrize(("workers", "items"), [(1, 3), (2, 1)])
def test_one_worker_or_one_item_stays_here(workers: int, items: int) -> None:
    assert {process for _, process in in_order(double, range(items), workers)} == {os.getpid()}


def test_an_error_of_a_task_is_the_caller_s() -> None:
    with pytest.raises(ValueError, match="no 2"):
        list(in_order(refuse, range(4), workers=2))


def test_a_killed_worker_is_told_of() -> None:
    with pytest.raises(WorkerLost, match="THOATNGHEO_DUCKDB_THREADS=1"):
        list(in_order(die, range(4), workers=2))


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    call = (
        "from assets.crew import in_order; from tests.unit.test_crew import linger; "
        f"list(in_order(linger, [{str(tmp_path)!r}] * 2, workers=2))"
    )
    parent = subprocess.Popen([sys.executable, "-c", call])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    while any(_alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_alive(worker) for worker in workers)


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
