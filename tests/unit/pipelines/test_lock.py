"""The lock of a home: who holds it, who waits for it, and every run that takes it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from pipelines.lock import Busy, exclusive, held_here, hold_until_exit, holder, lock_file
from pipelines.run_lock import locked_workplace
from pipelines.settings import Settings
from tests.unit.pipelines.locks import held


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home")


def test_a_lock_tells_its_holder_and_is_free_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "home" / "refresh.lock"
    assert holder(path) is None
    process = held(path, 60)
    assert f"process {process.pid} since" in (holder(path) or "")
    with pytest.raises(Busy, match=f"process {process.pid} since"), exclusive(path):
        pass
    process.kill()
    process.wait()
    assert holder(path) is None
    with exclusive(path):
        assert held_here(path)
        assert holder(path) is not None
        with pytest.raises(Busy), exclusive(path):
            pass
        assert held_here(path)
    assert not held_here(path)


def test_a_run_waits_for_the_lock_and_says_so_once(tmp_path: Path) -> None:
    path, told = tmp_path / "refresh.lock", list[str]()
    process = held(path, 2.5)
    with pytest.raises(Busy):
        hold_until_exit(path, 0, told.append)
    began = time.monotonic()
    code = (
        "import sys; from pathlib import Path; from pipelines.lock import *;"
        "hold_until_exit(Path(sys.argv[1]), 60, print); print(held_here(Path(sys.argv[1])))"
    )
    waited = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert time.monotonic() - began < 30
    assert f"process {process.pid}" in waited.stdout.splitlines()[0]
    assert waited.stdout.splitlines()[1:] == ["True"]
    process.wait()
    assert holder(path) is None


def test_every_run_holds_the_lock_before_its_first_step(settings: Settings) -> None:
    workplace = settings.workplace()
    path = lock_file(workplace.home.root)

    @dg.op(required_resource_keys={"workplace"})
    def look(context) -> None:  # type: ignore[no-untyped-def]
        assert context.resources.workplace == workplace
        assert held_here(path)

    @dg.job(resource_defs={"workplace": locked_workplace(workplace, patience=0)})
    def line() -> None:
        look()

    with exclusive(path):
        assert line.execute_in_process().success
    process = held(path, 60)
    with pytest.raises(dg.DagsterResourceFunctionError) as raised:
        line.execute_in_process()
    assert isinstance(raised.value.__cause__, Busy)
    process.kill()
    process.wait()
