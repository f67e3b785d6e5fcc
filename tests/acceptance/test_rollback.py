"""A rollback on both warehouses: what readers see, what the table `release` holds, and SIGKILL."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from assets.journal import RELEASE, ROLLBACK
from assets.published import _readable
from assets.releases import put_back_by_decision, warehouse_of, withdrawals
from assets.warehouse import ReleaseUnknown
from pipelines.cli.release_commands import run_releases, run_rollback
from tests.integration.line import ROOT
from tests.unit.releases.small_home import SmallHome, small_home

# Rolls back in a process that kills itself before or after the warehouse is told.
_KILLED = """
import os, signal, sys
from pathlib import Path
from assets.journal import Journal
from assets.releases import roll_back
from assets.warehouse.duckdb_file import DuckDBFile
from assets.warehouse.postgres import Postgres
from pipelines.settings import Settings

home, url, when = sys.argv[1:]
for kind in (DuckDBFile, Postgres):
    def rollback(self, release_id, real=kind.rollback):
        if when == "after":
            real(self, release_id)
        os.kill(os.getpid(), signal.SIGKILL)
    kind.rollback = rollback
settings = Settings(_env_file=None, home=Path(home), warehouse_url=url)
workplace = settings.workplace()
roll_back(workplace, Journal(workplace.home.journal), "r1", decided_by="lan", reason="first")
"""


@pytest.fixture(params=["duckdb", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallHome]:
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("database").render_as_string(hide_password=False)
    yield small_home(tmp_path, url)


def seen(home: SmallHome) -> tuple[str, list[str]]:
    """What a reader of the warehouse finds: the release of a mart's rows, and the table `release`."""
    url = sa.make_url(home.workplace.warehouse_url)
    if url.get_backend_name() == "duckdb":
        url = url.update_query_dict({"access_mode": "read_only"})
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            mart = connection.execute(sa.text("SELECT DISTINCT release_id FROM marts.credit")).scalar_one()
            listed = connection.execute(sa.text("SELECT release_id FROM marts.release ORDER BY 1")).scalars()
            return str(mart), list(listed)
    finally:
        engine.dispose()


def publish_with_history(home: SmallHome, release_id: str) -> dict[str, Any]:
    """Publish as the pipeline does: the table `release` holds every release before this one."""
    import dataclasses

    withdrawn = withdrawals(home.journal)
    history = tuple(_readable(row, withdrawn) for row in home.journal.rows(RELEASE.select()))
    contents = home.maker.small(release_id)
    warehouse_of(home.workplace).publish(dataclasses.replace(contents, history=history))
    return {row["release_id"]: row["withdrawn_at"] for row in history}


def command(home: SmallHome, release_id: str, reason: str = "") -> str:
    told = io.StringIO()
    run_rollback(home.settings, release_id, reason, Console(file=told, width=200))
    run_releases(home.settings, Console(file=told, width=200))
    return told.getvalue()


def test_readers_see_the_release_put_back_with_its_own_history(home: SmallHome) -> None:
    told = command(home, "r1", "communes doubled")
    assert "Release r1 stands again" in told
    assert [line.split()[1] for line in told.splitlines() if "│ r" in line] == ["r3", "r2", "r1"]
    assert next(line for line in told.splitlines() if "│ r1" in line).count("stands") == 1
    assert seen(home) == ("r1", ["r1"])
    assert home.stale().years == ()


def test_the_next_release_lists_what_was_withdrawn(home: SmallHome) -> None:
    command(home, "r2")
    noted = publish_with_history(home, "r4")
    assert seen(home) == ("r4", ["r1", "r2", "r3", "r4"])
    assert [name for name, at in noted.items() if at] == ["r3"]
    engine = sa.create_engine(home.workplace.warehouse_url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            query = "SELECT release_id FROM marts.release WHERE withdrawn_at IS NOT NULL"
            assert connection.execute(sa.text(query)).scalars().all() == ["r3"]
    finally:
        engine.dispose()


def test_an_unknown_release_changes_nothing(home: SmallHome) -> None:
    with pytest.raises(ReleaseUnknown, match=r"kept: r3 \(stands\), r2, r1"):
        command(home, "r9")
    assert seen(home)[0] == "r3"
    assert home.journal.rows(ROLLBACK.select()) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_rollback_ends_as_an_undisturbed_one(home: SmallHome, when: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(home.settings.home), home.workplace.warehouse_url, when],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    assert seen(home)[0] == ("r3" if when == "before" else "r1")
    # A night in between changes nothing, whichever stands.
    assert home.stale().years == ()
    command(home, "r1", "second")
    assert seen(home) == ("r1", ["r1"]) and home.stale().years == ()
    (row,) = home.journal.rows(ROLLBACK.select())
    assert row["reason"] == "first" and row["done_at"]
    assert put_back_by_decision(home.journal, "r1") is not None
