"""dbt ends with the run that started it, and two of them never work in one home."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assets import dbt_alone
from assets.transformed import dbt_resource
from pipelines.settings import Settings

_START = ["-I", "-S", dbt_alone.__file__]
# Stands for dbt: writes its number when it runs, and ends only when it is ended.
_SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
_PARENT = """
import subprocess, sys, os
subprocess.Popen(sys.argv[1:], env=os.environ | {"THOATNGHEO_RUN_PROCESS": str(os.getpid())}).wait()
"""


def _within(seconds: float, met: Callable[[], object]) -> bool:
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _started(folder: Path, name: str, program: str = "") -> tuple[subprocess.Popen[bytes], Path]:
    """A parent that starts a sleeper in dbt's place; where the sleeper says that it runs."""
    said = folder / name
    sleeper = [
        sys.executable,
        *_START,
        str(folder / "running.lock"),
        sys.executable,
        "-c",
        _SLEEPER,
        str(said),
    ]
    return subprocess.Popen([sys.executable, "-c", program or _PARENT, *sleeper]), said


def _free(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_dies_with_the_run(tmp_path: Path, how: signal.Signals) -> None:
    parent, said = _started(tmp_path, "said")
    assert _within(30, said.exists) and _within(5, said.read_text)
    child = int(said.read_text())
    assert _runs(child)
    assert not _free(tmp_path / "running.lock")
    parent.send_signal(how)
    parent.wait()
    assert _within(10, lambda: not _runs(child))
    assert _free(tmp_path / "running.lock")


_READS = """
import sys
from pathlib import Path
from assets.project import manifest_path
from pipelines.settings import Settings
manifest_path(Settings(_env_file=None, home=Path(sys.argv[1])).workplace())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_reading_the_project_ends_with_who_asked_for_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    parent = subprocess.Popen([sys.executable, "-c", _READS, str(home)])
    assert _within(30, lambda: _of_home(home) - {parent.pid})
    parent.kill()
    parent.wait()
    assert _within(10, lambda: not _of_home(home))
    assert not list(home.glob("dbt/*/manifest.json"))


def _of_home(home: Path) -> set[int]:
    """The processes that were told of a home."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            told = entry.read_bytes()
        except OSError:
            continue
        if str(home).encode() in told and _runs(int(entry.parent.name)):
            found.add(int(entry.parent.name))
    return found


def test_one_that_outlives_its_run_is_waited_for(tmp_path: Path) -> None:
    """Where no system ends it with its parent: the lock is held by the program itself."""
    orphan, said = _started(
        tmp_path, "first", "import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"
    )
    assert _within(30, said.exists) and _within(5, said.read_text)
    second, later = _started(tmp_path, "second")
    try:
        assert not _within(1, later.exists)
        os.kill(int(said.read_text()), signal.SIGKILL)
        assert _within(30, later.exists)
    finally:
        for process in (orphan, second):
            process.kill()
            process.wait()


def test_one_that_does_not_end_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "running.lock"
    monkeypatch.setattr(dbt_alone, "hold", lambda path: False)
    monkeypatch.setattr(dbt_alone, "die_with", lambda parent: None)
    with pytest.raises(SystemExit) as end:
        dbt_alone.main(str(lock), "/bin/true")
    assert end.value.code == 2
    event = json.loads(capsys.readouterr().out)
    assert event["info"]["level"] == "error"
    assert str(lock) in event["info"]["msg"] and "refresh again" in event["info"]["msg"]


def test_a_lock_that_is_held_is_waited_for_no_longer_than_the_patience(tmp_path: Path) -> None:
    lock = tmp_path / "running.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not dbt_alone.hold(str(lock), patience=0.3)
    assert dbt_alone.hold(str(lock), patience=0)


def test_a_run_that_is_gone_already_starts_nothing() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import dbt_alone; dbt_alone.die_with(1 << 22)"
    folder = str(Path(dbt_alone.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is gone" in done.stderr


def test_the_command_is_dbt_s_own_version_behind_the_start(tmp_path: Path) -> None:
    """Dagster would take Python's version for dbt's; and it starts executable, flags, arguments."""
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    dbt = dbt_resource(workplace)
    assert dbt._cli_version.major == 1
    command = [dbt.dbt_executable, *dbt.global_config_flags[: dbt.global_config_flags.index("--log-path")]]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, timeout=120)
    assert f"installed: {dbt._cli_version}" in done.stdout, done.stdout + done.stderr
    invocation = dbt.cli(["--version"])
    assert list(invocation.process.args)[: len(command)] == command
    invocation.process.communicate()
