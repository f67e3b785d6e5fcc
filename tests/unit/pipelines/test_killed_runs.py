"""A run whose process was killed under Dagster's own eyes: told as that, and asked for once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.events import EngineEventData
from dagster._utils import get_run_crash_explanation
from dagster._utils.error import SerializableErrorInfo

from assets.journal import FILE, Journal
from assets.staleness import StaleYears, changed_drops
from assets.workplace import Workplace
from pipelines.alerts import advice
from pipelines.channels import Channels
from pipelines.claims import ASKED
from pipelines.killed_runs import KILLED, left_stale, owed_years, was_killed
from pipelines.requests import AGAIN_TAG, KILLED_TAG, range_tags, years_of
from pipelines.run_records import ended
from pipelines.sensors import drop_sensor
from pipelines.settings import Settings


@dg.job(name="refresh")
def refresh() -> None:
    """Nothing."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Settings(_env_file=None, home=tmp_path / "home").workplace()


def _run(instance: dg.DagsterInstance, *years: int, **tags: str) -> dg.DagsterRun:
    named = {name.replace("__", "/"): value for name, value in tags.items()}
    return instance.create_run_for_job(
        refresh, status=DagsterRunStatus.STARTED, tags=range_tags(years) | named
    )


def _killed(instance: dg.DagsterInstance, run: dg.DagsterRun, exit_code: int = -9) -> dg.DagsterRun:
    """As Dagster's code server reports a child that is gone (`_check_for_orphaned_runs`)."""
    message = get_run_crash_explanation(f"Run execution process for {run.run_id}", exit_code)
    instance.report_engine_event(message, run)
    return _marked_failed(instance, run)


def _marked_failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    instance.report_run_failed(run)
    found = instance.get_run_by_id(run.run_id)
    assert found
    return found


@pytest.mark.parametrize("exit_code", [-9, -11, -15, 137])
def test_a_run_that_dagster_found_dead_is_told_in_our_words(
    instance: dg.DagsterInstance, exit_code: int
) -> None:
    failed = ended(instance, _killed(instance, _run(instance, 2024), exit_code))
    assert (failed.where, failed.cause) == ("", KILLED)
    assert "memory, restart" in advice(failed.cause)


def test_a_run_that_nobody_knows_more_of_was_killed(instance: dg.DagsterInstance) -> None:
    assert ended(instance, _marked_failed(instance, _run(instance, 2024))).cause == KILLED


def test_a_run_that_could_not_be_started_was_not_killed(instance: dg.DagsterInstance) -> None:
    run = _run(instance, 2024)
    error = EngineEventData.engine_error(SerializableErrorInfo("no such job", [], "LookupError"))
    instance.report_engine_event("Caught an unrecoverable error while dequeuing the run.", run, error)
    failed = _marked_failed(instance, run)
    assert not was_killed(instance, failed)
    assert owed_years(instance) == {}


def test_a_run_with_a_failed_step_was_not_killed(instance: dg.DagsterInstance) -> None:
    @dg.op
    def breaks() -> None:
        raise OSError(28, "No space left on device")

    @dg.job(name="refresh")
    def broken() -> None:
        breaks()

    done = broken.execute_in_process(instance=instance, raise_on_error=False, tags=range_tags((2024,)))
    assert not was_killed(instance, done.dagster_run)


def test_the_years_of_a_killed_run_are_owed_until_another_run_came(instance: dg.DagsterInstance) -> None:
    run = _killed(instance, _run(instance, 2023, 2024))
    assert owed_years(instance) == {2023: run.run_id, 2024: run.run_id}
    tagged = instance.get_run_by_id(run.run_id)
    assert tagged and KILLED_TAG in tagged.tags
    _run(instance, 2024)
    assert owed_years(instance) == {2023: run.run_id}


def test_a_run_that_was_asked_for_again_leaves_nothing_owed(instance: dg.DagsterInstance) -> None:
    _killed(instance, _run(instance, 2024))
    _killed(instance, _run(instance, 2024, **{AGAIN_TAG: "true"}))
    assert owed_years(instance) == {}


def test_only_what_is_stale_of_the_killed_runs_years_is_asked_for() -> None:
    stale = StaleYears()
    stale.add(2022, "loan_ledger: its database answers differently")
    stale.add(2024, "loan_ledger: landed but not judged, or held by a check")
    left = left_stale(stale, {2023: "a", 2024: "a"})
    assert left.years == (2024,)
    assert left.digest(2024) != left_stale(stale, {2024: "b"}).digest(2024), "once after each killed run"


def test_a_release_that_a_killed_run_left_unmade_is_asked_for_by_the_last_year() -> None:
    stale = StaleYears()
    stale.add(2026, "transformed but not published")
    assert left_stale(stale, {2024: "a"}).years == (2026,)
    assert left_stale(stale, {}).years == ()


def _land(workplace: Workplace) -> None:
    """A drop that was landed as it lies there, and not judged: where the run was killed."""
    path = Path(workplace.drops) / "loan_ledger" / "2024" / "sao-ke.csv"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    row = {
        "table_name": "loan_ledger",
        "year": 2024,
        "file_name": path.name,
        "sha256": "0" * 64,
        "version": 1,
        "size": 1,
        "modified": path.stat().st_mtime,
        "file_date": "2024-12-31",
        "landed_at": "2024-12-31T00:00:00",
        "state": "current",
    }
    journal = Journal(workplace.home.journal)
    journal.put(FILE, [row])
    assert changed_drops(workplace, journal).years == ()


def test_the_sensor_asks_once_for_what_a_killed_run_landed_and_did_not_judge(
    workplace: Workplace, instance: dg.DagsterInstance
) -> None:
    look = drop_sensor(workplace, Channels(workplace.home.root / "alerts.log"), 300)
    cursor: str | None = None

    def evaluate() -> list[dg.RunRequest]:
        nonlocal cursor
        result = look(dg.build_sensor_context(instance=instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        cursor = result.cursor
        return list(result.run_requests or [])

    _land(workplace)
    assert evaluate() == [], "what failed without a kill is the night's"
    _killed(instance, _run(instance, 2023, 2024))
    (request,) = evaluate()
    assert years_of(request.tags) == (2024,) and request.tags[AGAIN_TAG] == "true"
    assert "landed but not judged" in request.tags["thoatngheo/why"]
    assert evaluate() == []
    # Its run comes, and is killed too: that is the last.
    (workplace.home.dagster / ASKED).unlink()
    again = instance.create_run_for_job(refresh, status=DagsterRunStatus.STARTED, tags=dict(request.tags))
    assert evaluate() == []
    _killed(instance, again)
    assert evaluate() == [] and evaluate() == []
    # Another night's run that is killed counts anew, under a key that Dagster has not seen.
    _killed(instance, _run(instance, 2024))
    (later,) = evaluate()
    assert later.run_key != request.run_key


def test_a_killed_run_that_left_nothing_costs_one_look(
    workplace: Workplace, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def looked(*_: object) -> StaleYears:
        looks.append(1)
        return StaleYears()

    monkeypatch.setattr("pipelines.sensors.stale_years", looked)
    _killed(instance, _run(instance, 2024))
    look = drop_sensor(workplace, Channels(workplace.home.root / "alerts.log"), 300)
    cursor: str | None = None
    for _ in range(3):
        result = look(dg.build_sensor_context(instance=instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        cursor = result.cursor
    assert len(looks) == 1
