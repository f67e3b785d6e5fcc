"""Releases go forward in time whatever the clock does, and none is forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.journal import RELEASE, Journal
from assets.release_history import known_releases, moment_after
from assets.warehouse.duckdb_file import DuckDBFile
from tests.acceptance.releases import Maker

_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _at(moment: datetime) -> dict[str, Any]:
    return {"published_at": moment.replace(tzinfo=None).isoformat(timespec="seconds")}


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (_NOON + timedelta(seconds=5.7), _NOON + timedelta(seconds=5)),
        (_NOON, _NOON + timedelta(seconds=1)),
        (_NOON - timedelta(days=400), _NOON + timedelta(seconds=1)),
        ((_NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=7))), _NOON + timedelta(hours=1)),
    ],
    ids=["later", "the same second", "set back by a year", "another zone"],
)
def test_the_next_moment_is_later_than_every_other(clock: datetime, expected: datetime) -> None:
    releases = [_at(_NOON), _at(_NOON - timedelta(days=3))]
    assert moment_after(clock, releases) == expected.replace(tzinfo=None)


def test_the_first_release_has_the_clock_s_moment() -> None:
    assert moment_after(_NOON, []) == _NOON.replace(tzinfo=None)


def test_a_clock_that_is_set_back_is_told(caplog: pytest.LogCaptureFixture) -> None:
    moment_after(_NOON - timedelta(hours=2), [_at(_NOON)])
    assert "set the clock" in caplog.text


def test_moments_never_meet_however_the_clock_jumps() -> None:
    releases: list[dict[str, Any]] = []
    for jump in (0, 0, -3600, 10, -86400 * 365, 0, 86400, -1):
        moment = moment_after(_NOON + timedelta(seconds=jump), releases)
        releases.append({"published_at": moment.isoformat()})
    assert all(a["published_at"] < b["published_at"] for a, b in pairwise(releases))


def test_a_release_that_was_published_and_not_journalled_is_taken_from_the_warehouse(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    warehouse = DuckDBFile(sa.make_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}"))
    assert known_releases(journal, warehouse) == []
    contents = Maker(tmp_path).small("r1")
    warehouse.publish(contents)
    [found] = known_releases(journal, warehouse)
    assert (found["release_id"], found["published_at"]) == ("r1", contents.release["published_at"])
    assert found["years"] == json.loads(contents.release["years"])
    assert journal.rows(sa.select(RELEASE)) == [found] == known_releases(journal, warehouse)


def test_a_warehouse_that_cannot_be_read_holds_no_release_up(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"no database at all" * 1000)
    journal = Journal(tmp_path / "journal.sqlite")
    assert known_releases(journal, DuckDBFile(sa.make_url(f"duckdb:///{path}"))) == []
