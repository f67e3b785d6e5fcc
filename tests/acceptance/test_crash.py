"""SIGKILL at random moments: a whole release at every moment, and nothing lost or left by the next.

How many kills there are says THOATNGHEO_CRASH_KILLS (100 for the long run, whose counts stand in
docs/crash_tests.md), and how many of them are in a refresh THOATNGHEO_CRASH_REFRESHES (a fifth; half in
the long run); the rest are in a publication. Half of each are into the
file and half into PostgreSQL. THOATNGHEO_CRASH_SEED repeats the moments of a run that failed.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.acceptance.crash import (
    ADDED,
    YEAR,
    Kill,
    Moments,
    Target,
    Twins,
    copy_of,
    correct,
    journal_faults,
    kill,
    litter,
    refreshed,
    standing,
    start,
    timed,
)
from tests.integration.line import Line

_KILLS = int(os.environ.get("THOATNGHEO_CRASH_KILLS", "8"))
_REFRESHES = max(int(os.environ.get("THOATNGHEO_CRASH_REFRESHES", _KILLS // 5)) // 2, 1)
_PUBLICATIONS = max(_KILLS // 2 - _REFRESHES, 1)
_SEED = int(os.environ.get("THOATNGHEO_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
# After so many kills one after the other comes a refresh that is let end.
_CHAIN = 5
_WAREHOUSES = ("duckdb", "postgresql")
pytestmark = pytest.mark.timeout(max(900, 120 * _KILLS))


@pytest.fixture
def target(
    request: pytest.FixtureRequest, twins: Twins, tmp_path: Path, tell: Callable[[str], None]
) -> Target:
    """A home before the correction, whose release stands in the warehouse of the test's parameter."""
    tell(f"seed {_SEED}: repeat with THOATNGHEO_CRASH_SEED={_SEED}")
    if request.param == "duckdb":
        return copy_of(twins.before, tmp_path / "home")
    url = request.getfixturevalue("database").render_as_string(hide_password=False)
    target = copy_of(twins.before, tmp_path / "home", url)
    (target.line.home / "warehouse.duckdb").unlink()
    _publish(str(target.line.home), url)
    return target


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Say something that is seen even where the test succeeds or the machine goes down."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {text}", end="", flush=True)

    return say


def _settings(home: str, url: str) -> Settings:
    return Settings.model_validate({**dict(Line(Path(home)).settings), "warehouse_url": url})


def _publish(home: str, url: str) -> None:
    from assets.published import publish

    publish(_settings(home, url).workplace())


def _is_one_of(target: Target, twins: Twins, told: object) -> str:
    """Which of the two states stands, whole."""
    _, checksums = standing(target, twins.columns)
    states = [state for state, expected in twins.checksums.items() if expected == checksums]
    assert states, f"neither the old release nor the new one stands after {told}"
    return states[0]


@pytest.mark.parametrize("target", _WAREHOUSES, indirect=True)
def test_a_killed_refresh_leaves_a_whole_release_and_the_next_one_ends_as_if_nothing_were(
    target: Target, twins: Twins, tell: Callable[[str], None]
) -> None:
    correct(target.line, ADDED)
    state, number = "before", 0
    moments = Moments(_SEED + target.is_file, _REFRESHES)
    for number, (share, whom) in enumerate(moments, 1):
        # The first second or two go to starting Python.
        seconds = 1.0 + share * (twins.seconds - 1.0)
        done = kill(start(target, "refresh", "--year", str(YEAR)), number, seconds, whom)
        if done.too_late:
            moments.once_more(share, whom)
        now = _is_one_of(target, twins, done)
        assert now == state or now == "after", f"an older release came back after {done}"
        state = now
        tell(f"refresh: {done}; {state} stands")
        if number % _CHAIN == 0:
            refreshed(target)
            _ends_as_undisturbed(target, twins, done)
    refreshed(target)
    _ends_as_undisturbed(target, twins, f"all {number} kills")


def _ends_as_undisturbed(target: Target, twins: Twins, told: object) -> None:
    assert _is_one_of(target, twins, told) == "after"
    assert litter(target, twins.after) == [], told
    assert journal_faults(target.line) == [], told
    attempts = "SELECT table_name, year, file_name, outcome, sha256, count(*) AS n FROM pull_attempt"
    grouped = f"{attempts} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    # A file that was landed before the kill is not landed again.
    assert target.line.journal(grouped) == twins.after.journal(grouped), told


@pytest.mark.parametrize("target", _WAREHOUSES, indirect=True)
def test_a_killed_publication_leaves_a_whole_release(
    target: Target, twins: Twins, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """Two homes take turns, so that no mart of one release is the same as the other's by chance."""
    homes = {
        "before": str(target.line.home),
        "after": str(copy_of(twins.after, tmp_path / "after").line.home),
    }
    # Forked from a process that has imported everything, so that the moments fall into publication.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["assets.published", "assets.warehouse.postgres", __name__])
    # The first one waits for those imports.
    _in_process(context, homes["before"], target.url).join()
    usual = timed(lambda: _in_process(context, homes["before"], target.url).join())
    moments = Moments(_SEED + 2 + target.is_file, _PUBLICATIONS)
    for number, (share, whom) in enumerate(moments, 1):
        before = standing(target, twins.columns)
        state = ("after", "before")[number % 2]
        process = _in_process(context, homes[state], target.url)
        process.join(share * usual)
        process.kill()
        process.join()
        done = Kill(number, share * usual, "publication", process.exitcode == 0)
        if done.too_late:
            moments.once_more(share, whom)
        after = standing(target, twins.columns)
        assert after == before or after[1] == twins.checksums[state], done
        tell(f"{done}: {'the new' if after != before else 'the old'} release stands")
        undisturbed = _in_process(context, homes[state], target.url)
        usual = timed(undisturbed.join)
        assert undisturbed.exitcode == 0, done
        assert standing(target, twins.columns)[1] == twins.checksums[state], done
        assert litter(target, twins.after) == [], done


def _in_process(
    context: multiprocessing.context.ForkServerContext, home: str, url: str
) -> multiprocessing.context.ForkServerProcess:
    process = context.Process(target=_publish, args=(home, url))
    process.start()
    return process
