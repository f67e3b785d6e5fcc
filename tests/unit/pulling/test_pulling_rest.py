"""A drop that is being written to is left for the next look; one that has come to rest is taken."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from assets.pulling import rest
from tests.unit.pulling.conftest import Drops


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited; none of them passes."""
    found: list[float] = []
    monkeypatch.setattr(rest.time, "sleep", found.append)
    return found


def _young(drops: Drops, name: str, age: float = 0.0) -> Path:
    drops.write(name, "x")
    moment = time.time() - age
    os.utime(drops.folder / name, (moment, moment))
    return drops.folder / name


@pytest.mark.parametrize("age", [5.0, -5.0, 3600.0 * 24])
def test_a_drop_that_is_not_young_is_not_waited_for(drops: Drops, waits: list[float], age: float) -> None:
    _young(drops, "a.csv", age)
    assert drops.pull() == {"a.csv": "landed"}
    assert waits == []


@pytest.mark.parametrize("age", [0.0, 1.5, -1.0])
def test_a_young_drop_that_rests_is_taken(drops: Drops, waits: list[float], age: float) -> None:
    _young(drops, "a.csv", age)
    assert drops.pull() == {"a.csv": "landed"}
    (waited,) = waits
    assert 0 < waited <= rest.SECONDS


def test_drops_written_together_cost_one_wait(drops: Drops) -> None:
    for number in range(5):
        _young(drops, f"{number}.csv")
    began = time.monotonic()
    assert set(drops.pull().values()) == {"landed"}
    assert time.monotonic() - began < 2 * rest.SECONDS


def test_a_drop_that_somebody_writes_to_line_by_line_is_left_and_taken_when_it_is_whole(
    drops: Drops,
) -> None:
    path, ended = _young(drops, "a.csv"), threading.Event()

    def write() -> None:
        while not ended.wait(0.1):
            with path.open("a", encoding="utf-8") as file:
                file.write("one line more\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert drops.pull() == {"a.csv": "failed"}
    finally:
        ended.set()
        writer.join()
    ((_, _, detail),) = drops.attempts()
    assert "it is being written to, and is taken at the next look" in (detail or "")
    assert drops.landed() == []
    assert drops.pull() == {"a.csv": "landed"}
    assert drops.landed() == [path.read_bytes()]
