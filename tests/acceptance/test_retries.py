"""What may pass is tried again with growing waits; what needs mending is not.

The step is the real one in a real run, the warehouses are real; what it publishes is small.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
import sqlalchemy as sa

from assets import published, retries
from assets.published import PublicationHeld, Release, published_assets
from assets.warehouse import (
    PublicationFailed,
    ReleaseContents,
    WarehouseBusy,
    WarehouseUnavailable,
    WarehouseUnsupported,
    open_warehouse,
)
from assets.workplace import Workplace
from pipelines.partitions import yearly
from pipelines.settings import Settings
from tests.acceptance.releases import Maker, client, rows

_Attempt = Callable[[int], Any]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.02)
    return Settings(_env_file=None, home=tmp_path / "home").workplace()


@pytest.fixture
def run(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> Callable[[_Attempt], dg.ExecuteInProcessResult]:
    """Run the step of publication; each attempt is told its number."""

    def start(attempt: _Attempt) -> dg.ExecuteInProcessResult:
        attempts = iter(range(1, 100))

        def publish(_: Workplace) -> Release:
            attempt(next(attempts))
            return Release("r", "c", ())

        monkeypatch.setattr(published, "publish", publish)
        assets = published_assets(workplace, yearly())
        return dg.materialize(
            [assets],
            partition_key="2024",
            resources={"workplace": dg.ResourceDefinition.hardcoded_resource(workplace)},
            raise_on_error=False,
        )

    return start


def _waits(result: dg.ExecuteInProcessResult) -> list[float]:
    again = [e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY]
    return [round(e.step_retry_data.seconds_to_wait, 3) for e in again]


@contextmanager
def _open_elsewhere(path: Path) -> Iterator[Callable[[], None]]:
    """The file is open for writing in another program, until it is let go."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        yield lambda: process.communicate(b"") and None
        process.kill()


def test_waits_grow() -> None:
    assert [retries.wait_before(n) for n in range(3)] == [5, 20, 80]


def test_a_file_that_another_program_writes_to_is_waited_for(
    run: Callable[[_Attempt], dg.ExecuteInProcessResult], maker: Maker, tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.duckdb"
    warehouse = open_warehouse(f"duckdb:///{path}")
    warehouse.publish(maker.small("r1"))
    contents = maker.small("r2")
    with _open_elsewhere(path) as let_go:

        def attempt(number: int) -> None:
            if number == 3:
                let_go()
            warehouse.publish(contents)

        result = run(attempt)
    assert result.success
    assert _waits(result) == [0.02, 0.08]
    assert (warehouse.current_release() or {})["release_id"] == "r2"
    assert [r["release_id"] for r in warehouse.releases()] == ["r2", "r1"]
    assert not list(tmp_path.glob(".*"))


def test_one_that_stays_open_is_named_and_the_release_stays(
    run: Callable[[_Attempt], dg.ExecuteInProcessResult], maker: Maker, tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.duckdb"
    warehouse = open_warehouse(f"duckdb:///{path}")
    warehouse.publish(maker.small("r1"))
    contents = maker.small("r2")
    with _open_elsewhere(path):
        result = run(lambda _: warehouse.publish(contents))
        with pytest.raises(
            WarehouseBusy, match=r"warehouse.duckdb is open in another program \(process \d+\)"
        ):
            warehouse.current_release()
    assert not result.success
    assert _waits(result) == [0.02, 0.08, 0.32]
    assert (warehouse.current_release() or {})["release_id"] == "r1"
    assert sorted(p.name for p in tmp_path.glob("*.duckdb*")) == ["warehouse.duckdb"]


def test_the_pipeline_s_own_file_held_elsewhere_is_busy_too(maker: Maker, tmp_path: Path) -> None:
    contents = maker.small("r1")
    with _open_elsewhere(contents.source), pytest.raises(WarehouseBusy, match=r"r1\.duckdb is open"):
        open_warehouse(f"duckdb:///{tmp_path / 'warehouse.duckdb'}").publish(contents)


def test_a_dropped_connection_is_tried_again(
    run: Callable[[_Attempt], dg.ExecuteInProcessResult], maker: Maker, database: sa.URL
) -> None:
    warehouse = open_warehouse(database.render_as_string(hide_password=False))
    warehouse.publish(maker.small("r1"))
    contents = maker.small("r2", rows=50_000)
    seen: list[str] = []

    def attempt(number: int) -> None:
        if number == 1:
            _cut_off_while(database, warehouse.publish, contents, seen)
        warehouse.publish(contents)

    result = run(attempt)
    assert seen == ["WarehouseUnavailable"]
    assert result.success
    assert _waits(result) == [0.02]
    assert rows(database, "SELECT DISTINCT release_id FROM marts.credit") == [("r2",)]


def _cut_off_while(
    url: sa.URL, publish: Callable[[ReleaseContents], None], contents: ReleaseContents, seen: list[str]
) -> None:
    """Publish, while the server ends the connection as soon as it copies rows."""
    over = threading.Event()

    def cut() -> None:
        query = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'thoatngheo' AND datname = current_database() AND query LIKE 'COPY%'"
        )
        with suppress(psycopg.Error), client(url, autocommit=True) as connection:
            while not over.is_set() and not connection.execute(query).fetchall()[0][0]:
                over.wait(0.005)

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        publish(contents)
    except WarehouseUnavailable as error:
        seen.append(type(error).__name__)
        raise
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "error", [WarehouseUnsupported("no"), PublicationHeld("held"), PublicationFailed("rows"), ValueError("x")]
)
def test_what_needs_mending_is_not_tried_again(
    run: Callable[[_Attempt], dg.ExecuteInProcessResult], error: Exception
) -> None:
    attempts: list[int] = []

    def attempt(number: int) -> None:
        attempts.append(number)
        raise error

    result = run(attempt)
    assert not result.success
    assert attempts == [1] and _waits(result) == []
