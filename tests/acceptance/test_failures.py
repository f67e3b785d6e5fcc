"""What the machine does to a night: no room, no right to write, two at once, a clock set back.

Each ends with the last good release up, and a message that names the cause and the fix.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assets.journal import Journal
from assets.published import publish
from assets.staleness import stale_years
from assets.warehouse import open_warehouse
from pipelines.lock import holder, lock_file
from tests.acceptance.crash import ADDED, Target, Twins, copy_of, correct, kill, litter, standing, start
from tests.integration.line import BIN, ROOT, Line


@pytest.fixture
def target(twins: Twins, tmp_path: Path) -> Target:
    """A home with a release and a drop that was corrected since."""
    copy = copy_of(twins.before, tmp_path / "home")
    correct(copy.line, ADDED)
    return copy


def _private_mounts() -> list[str]:
    """The command that runs another where mounts are its own; skips where the system has none."""
    if not shutil.which("unshare") or not shutil.which("mount"):
        pytest.skip("no unshare or mount on this system")
    for options in (["--mount"], ["--mount", "--map-root-user"]):
        command = ["unshare", *options]
        tried = [*command, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/tmp"]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            return command
    pytest.skip("neither root nor a user who may have a mount namespace")


@pytest.fixture(scope="module")
def disk(twins: Twins, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The story of a home on a small disk, a kilobyte count of free space after the other."""
    folder = tmp_path_factory.mktemp("small") / "disk"
    module = [sys.executable, "-m", "tests.acceptance.small_disk", str(twins.before.home), str(folder)]
    command = [*_private_mounts(), *module, "0", "400", "3000"]
    done = subprocess.run(
        command, cwd=ROOT, env=twins.before.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def test_a_read_only_home_is_named_with_the_fix(disk: dict[str, Any], twins: Twins) -> None:
    [look] = [look for look in disk["failed"] if look["name"] == "read-only"]
    assert look["code"] == 1
    assert look["checksums"] == twins.checksums["before"]
    for words in ("THOATNGHEO_HOME", "Read-only file system", "mount it for writing"):
        assert words in look["told"], look["told"]
    assert "Traceback" not in look["told"]


def test_a_full_disk_is_named_with_the_fix_and_the_release_stays(disk: dict[str, Any], twins: Twins) -> None:
    looks = [look for look in disk["failed"] if look["name"] != "read-only"]
    assert len(looks) == 3
    for look in looks:
        assert look["code"] == 1, look
        assert look["checksums"] == twins.checksums["before"], look["name"]
        for words in ("no room to write", "Free space", "the last release stays"):
            assert words in look["told"], (look["name"], look["told"][-2000:])
        assert "Traceback" not in look["told"], (look["name"], look["told"][-2000:])


def test_when_there_is_room_again_the_refresh_ends_as_if_nothing_were(
    disk: dict[str, Any], twins: Twins
) -> None:
    assert disk["end"]["code"] == 0, disk["end"]["told"][-2000:]
    assert disk["end"]["checksums"] == twins.checksums["after"]


def test_a_limit_on_files_is_told_too(target: Target, twins: Twins) -> None:
    """What a full disk is to any user, root or not."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [str(BIN / "thoatngheo"), "refresh"],
        env=target.line.environment, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, told
    assert "no room to write" in told and "Traceback" not in told, told[-2000:]
    assert standing(target, twins.columns)[1] == twins.checksums["before"]


def test_of_two_refreshes_at_once_the_second_leaves_with_a_clear_word(target: Target, twins: Twins) -> None:
    lock = lock_file(target.line.home)
    first = start(target, "refresh")
    try:
        deadline = time.monotonic() + 120
        while not holder(lock):
            assert first.poll() is None and time.monotonic() < deadline, "the first one never took the lock"
            time.sleep(0.05)
        second = target.line.command("refresh", **target.variables)
        told = " ".join(second.stderr.split())
        assert second.returncode == 1, told
        assert f"a refresh is running already (process {first.pid} since" in told
        assert "wait for it, or stop it first" in told
        assert first.wait(600) == 0
    finally:
        kill(first, 1, 0, "group")
    assert standing(target, twins.columns)[1] == twins.checksums["after"]
    assert litter(target, twins.after) == []


def test_a_clock_that_was_set_back_changes_no_order(twins: Twins, tmp_path: Path) -> None:
    """The last release is the one published last, though the clock says that it came first."""
    target = copy_of(twins.after, tmp_path / "home")
    workplace = target.line.settings.workplace()
    now = datetime.now(UTC)
    clocks = (now + timedelta(days=400), now, now - timedelta(days=400))
    made = [publish(workplace, lambda clock=clock: clock).release_id for clock in clocks]  # type: ignore[misc]
    listed = [
        name for (name,) in target.line.rows("SELECT release_id FROM marts.release ORDER BY published_at")
    ]
    assert listed[-3:] == made == sorted(made)
    warehouse = open_warehouse(workplace.warehouse_url)
    assert [row["release_id"] for row in warehouse.releases()][:3] == made[::-1]
    assert (warehouse.current_release() or {})["release_id"] == made[-1]
    assert stale_years(workplace, Journal(workplace.home.journal)).years == ()
    status = target.line.command("status")
    assert status.returncode == 0
    told = " ".join(status.stdout.split())
    assert f"Release {made[-1]} stands: published " in told
    assert ", 0.0 h ago" in told
    warehouse.rollback(made[0])
    assert standing(target, twins.columns)[0] == made[0]


def test_what_a_killed_holder_held_is_free(twins: Twins, tmp_path: Path) -> None:
    """Lock, pool and run record: a refresh that was killed stands in nobody's way, nor is it still shown."""
    import dagster as dg

    from assets.catalogue import DUCKDB_POOL
    from pipelines.runner import _end_dead_runs, instance_of

    target = copy_of(twins.before, tmp_path / "home")
    kill(start(target, "refresh", "--year", "2024"), 1, 0.5 * twins.seconds, "group")
    line = Line(target.line.home)
    with instance_of(line.settings.workplace().home) as instance:
        _end_dead_runs(instance)
        unfinished = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
        assert instance.get_runs(unfinished) == []
        pool = instance.event_log_storage.get_concurrency_info(DUCKDB_POOL)
        assert (pool.active_slot_count, pool.pending_step_count) == (0, 0)
