"""The three nights, each run once for all tests of the folder, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from subprocess import CompletedProcess

import pytest

from tests.integration import nights
from tests.integration.line import Line


@dataclass
class Second:
    """The second night, what it replaced, and the same drops in a home that knew no first night."""

    night: nights.Night
    replaced: nights.Replaced
    fresh: Line
    fresh_told: str


@dataclass
class First:
    """The first night, and the command started once more when nothing had changed."""

    night: nights.Night
    again: CompletedProcess[str]
    again_status: CompletedProcess[str]
    releases: int


@dataclass
class Third:
    """The night that must be held: the command's end, and `status` after it."""

    line: Line
    done: CompletedProcess[str]
    status: CompletedProcess[str]
    warehouse_before: str


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> First:
    night = nights.first_night(tmp_path_factory.mktemp("nights"))
    assert night.success, night.told[-4000:]
    line = night.line
    again, status = line.command("refresh"), line.command("status")
    return First(night, again, status, len(line.rows("SELECT release_id FROM marts.release")))


@pytest.fixture(scope="session")
def second(first: First, tmp_path_factory: pytest.TempPathFactory) -> Second:
    line = first.night.line
    replaced = nights.change_drops(line)
    fresh = nights.second_home(line, tmp_path_factory.mktemp("fresh"))
    night = nights.night_of(line, *line.refresh())
    assert night.success, night.told[-4000:]
    success, told = fresh.refresh()
    assert success, told[-4000:]
    return Second(night, replaced, fresh, told)


@pytest.fixture(scope="session")
def third(second: Second) -> Third:
    line = second.night.line
    nights.break_year(line)
    done = line.command("refresh")
    return Third(line, done, line.command("status"), second.night.warehouse)
