"""A backfill as it goes: killed and started again, a year that fails beside one that is corrected.

One home, one story, told in order by the fixture; the tests look at what it left. The drops are those
of the clean home, whose own backfill nobody disturbed: in the end both publish the same.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess, Popen
from typing import Any

import pytest
import xlsxwriter

from checks.contract import TABLES
from pipelines.runner import instance_of
from tests.acceptance.crash import (
    ADDED,
    YEAR,
    Kill,
    Target,
    columns_of,
    correct,
    journal_faults,
    kill,
    litter,
    standing,
    start,
)
from tests.conftest import YEARS
from tests.integration.line import Line

_SEED = int(os.environ.get("THOATNGHEO_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
_RANGE = ("backfill", f"{YEARS[0]}-{YEARS[-1]}", "--at-once", "2")
# Tables and years of the first piece: two years with drops, and those between them.
_FIRST_PIECE = len(TABLES) * (YEARS[1] - YEARS[0] + 1)
_PATIENCE = 900
# The first test waits for the whole story.
_LONG = pytest.mark.timeout(3600)
_BROKEN = YEARS[0]


@dataclass
class Story:
    """What the story left."""

    clean: Line
    target: Target
    kills: list[Kill] = field(default_factory=list)
    made_between: list[dict[int, str]] = field(default_factory=list)
    end: CompletedProcess[str] | None = None
    made: dict[int, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    litter: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    again: CompletedProcess[str] | None = None
    runs_again: int = 0
    failed: CompletedProcess[str] | None = None
    failed_status: CompletedProcess[str] | None = None
    failed_made: dict[int, str] = field(default_factory=dict)
    failed_judged: dict[tuple[str, int], str] = field(default_factory=dict)
    failed_release: str = ""
    mended: CompletedProcess[str] | None = None
    mended_made: dict[int, str] = field(default_factory=dict)
    releases: list[str] = field(default_factory=list)

    @property
    def line(self) -> Line:
        return self.target.line


@pytest.fixture(scope="module")
def story(clean: Line, tmp_path_factory: pytest.TempPathFactory) -> Story:
    home = tmp_path_factory.mktemp("backfill") / "home"
    shutil.copytree(clean.drops, home / "drops")
    (home / "dbt").mkdir()
    story = Story(clean, Target(Line(home), f"duckdb:///{home / 'warehouse.duckdb'}"))
    _kills(story)
    story.end = story.line.command(*_RANGE)
    story.made, story.checksums = _made(story.line), story.line.checksums()
    story.litter, story.faults = litter(story.target, clean), journal_faults(story.line)
    runs = _runs(story.line)
    story.again = story.line.command(*_RANGE)
    story.runs_again = _runs(story.line) - runs
    _a_year_that_fails(story)
    return story


def _kills(story: Story) -> None:
    """While the first piece is judged, while it is transformed or published, and in the second piece."""
    chance = random.Random(_SEED)
    print(f"repeat with THOATNGHEO_CRASH_SEED={_SEED}")
    moments = [
        (chance.randrange(1, _FIRST_PIECE - 4), chance.uniform(0.0, 2.0), "group"),
        (_FIRST_PIECE, chance.uniform(0.0, 8.0), "parent"),
        (_FIRST_PIECE + chance.randrange(1, len(TABLES)), chance.uniform(0.0, 2.0), "group"),
    ]
    for number, (judged, seconds, whom) in enumerate(moments, 1):
        process = start(story.target, *_RANGE)
        _until_judged(process, story.line, judged)
        story.kills.append(kill(process, number, seconds, whom))
        story.made_between.append(_made(story.line))


def _until_judged(process: Popen[bytes], line: Line, count: int) -> None:
    """Wait until so many tables and years are judged."""
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and _count_judged(line) < count:
        assert time.monotonic() < deadline, (line.home / "dbt" / "killed.log").read_text(encoding="utf-8")
        time.sleep(0.2)


def _a_year_that_fails(story: Story) -> None:
    """All totals of one year are nowhere, those of another are corrected: both in one run."""
    line = story.line
    [good] = list((line.drops / "survey_total" / str(_BROKEN)).iterdir())
    assert good.suffix == ".xlsx"
    held = story.clean.drops / good.relative_to(line.drops)
    _nowhere(good)
    correct(line, ADDED)
    story.failed = line.command("backfill", f"{YEARS[0]}-{YEARS[-1]}", "--at-once", "9")
    story.failed_status = line.command("status")
    story.failed_made, story.failed_release = _made(line), _release(line)
    story.failed_judged = _judged(line)
    shutil.copyfile(held, good)
    story.mended = line.command(*_RANGE)
    story.mended_made = _made(line)
    story.releases = [row[0] for row in line.rows("SELECT release_id FROM marts.release ORDER BY 1")]


def _nowhere(path: Path) -> None:
    """A list of communes that no list knows, under the same headings."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    rows = [["99999", "Xã Không Có", 100 + number, 400] for number in range(200)]
    for number, row in enumerate([["Mã xã", "Tên xã", "Tổng số hộ", "Tổng số nhân khẩu"], *rows]):
        sheet.write_row(number, 0, row)
    book.close()


def _made(line: Line) -> dict[int, str]:
    """When each year was taken to the marts; nothing where the home has no journal yet."""
    if not (line.home / "journal.sqlite").exists():
        return {}
    return {row["year"]: row["at"] for row in line.journal("SELECT * FROM transformed_state WHERE year > 0")}


def _judged(line: Line) -> dict[tuple[str, int], str]:
    rows = line.journal("SELECT * FROM accepted_state WHERE year > 0")
    return {(row["table_name"], row["year"]): row["at"] for row in rows}


def _count_judged(line: Line) -> int:
    """Tables and years that are judged; none where the journal is just being made."""
    try:
        return len(_judged(line))
    except sqlite3.OperationalError:
        return 0


def _runs(line: Line) -> int:
    with instance_of(line.settings.workplace().home) as instance:
        return instance.get_runs_count()


def _release(line: Line) -> str:
    newest = "SELECT release_id FROM marts.release ORDER BY published_at DESC, release_id DESC LIMIT 1"
    return str(line.rows(newest)[0][0])


def _told(done: CompletedProcess[str] | None) -> str:
    assert done is not None
    return done.stdout + done.stderr


def _word(told: str, year: int) -> str:
    """The row of a year in the table of what became of it."""
    table = told.split("Years of the backfill")[1]
    return next(line for line in table.splitlines() if line.startswith(f"│ {year}"))


@_LONG
def test_killed_anywhere_and_started_again_it_ends_in_the_same_checksums(story: Story) -> None:
    assert story.end is not None and story.end.returncode == 0, _told(story.end)[-3000:]
    assert [done.too_late for done in story.kills[::2]] == [False, False], story.kills
    assert story.checksums == story.clean.checksums()
    columns = columns_of(story.clean.home / "pipeline.duckdb")
    assert standing(story.target, columns)[1]
    assert story.litter == []
    assert story.faults == []


@_LONG
def test_done_years_are_not_done_again(story: Story) -> None:
    kept = {year: at for made in story.made_between for year, at in made.items()}
    assert kept, "every kill came before the first piece was made"
    assert {year: story.made[year] for year in kept} == kept
    assert story.again is not None and story.again.returncode == 0, _told(story.again)
    assert "made already, and nothing changed since" in _told(story.again)
    assert story.runs_again == 0


@_LONG
def test_a_year_that_fails_is_named_and_does_not_undo_the_others(story: Story) -> None:
    told = _told(story.failed)
    assert story.failed is not None and story.failed.returncode == 1, told[-3000:]
    assert "failed" in _word(told, _BROKEN) and "survey_total" in _word(told, _BROKEN)
    assert "waits" in _word(told, YEAR) and "made; publication is held by" in told
    assert story.failed_made[YEAR] > story.made[YEAR]
    assert story.failed_judged["survey_total", YEAR] > story.made[YEAR]
    assert story.failed_made[YEARS[-1]] == story.made[YEARS[-1]]
    assert "Traceback" not in told


@_LONG
def test_status_names_the_year_too_and_ends_with_1(story: Story) -> None:
    told = _told(story.failed_status)
    assert story.failed_status is not None and story.failed_status.returncode == 1
    assert "survey_total" in told and "quarantine_share" in told


@_LONG
def test_once_it_is_mended_only_that_year_is_made_and_all_is_published(story: Story) -> None:
    told = _told(story.mended)
    assert story.mended is not None and story.mended.returncode == 0, told[-3000:]
    assert story.mended_made[_BROKEN] >= story.failed_made.get(_BROKEN, "")
    assert {year: story.mended_made[year] for year in YEARS[1:]} == {
        year: story.failed_made[year] for year in YEARS[1:]
    }
    assert "made already" in _word(told, YEAR)
    assert story.failed_release in story.releases and story.failed_release != story.releases[-1]


@_LONG
def test_the_state_is_json_for_programs(story: Story) -> None:
    state: dict[str, Any] = dict(_json(story.line.command("status", "--json")))
    assert state["ok"] is True
    assert all(not entry["stale"] for entry in state["years"].values())


def _json(done: CompletedProcess[str]) -> dict[str, Any]:
    import json

    return dict(json.loads(done.stdout))
