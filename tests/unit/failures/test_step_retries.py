"""What may pass is tried again by the step that met it, with the same waits everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NoReturn

import dagster as dg
import pytest
import sqlalchemy as sa

from assets import accepted, landing, raw, retries
from assets.crew import WorkerLost
from assets.failing import what_fails
from assets.journal import PULL_ATTEMPT, Journal
from assets.workplace import Workplace
from pipelines.partitions import yearly
from pipelines.run_records import ended
from pipelines.settings import Settings

WAITS = [0.01, 0.04, 0.16]
KILLED = "a process that worked on the files was killed, most likely for want of memory"


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setattr(retries, "FIRST_WAIT", WAITS[0])
    return Settings(_env_file=None, home=tmp_path / "home").workplace()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def _run(asset: Any, workplace: Workplace, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [asset],
        partition_key="2024",
        instance=instance,
        resources={"workplace": dg.ResourceDefinition.hardcoded_resource(workplace)},
        raise_on_error=False,
    )


def _waits(result: dg.ExecuteInProcessResult) -> list[float]:
    again = [e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY]
    return [round(e.step_retry_data.seconds_to_wait, 3) for e in again]


def _lost(*_: Any) -> NoReturn:
    try:
        raise BrokenProcessPool("A process in the process pool was terminated abruptly")
    except BrokenProcessPool as error:
        raise WorkerLost(KILLED) from error


@pytest.mark.parametrize(
    ("make", "broken"),
    [(raw.raw_asset, "assets.raw.in_order"), (accepted.accepted_asset, "assets.accepted.accept_year")],
)
def test_a_lost_worker_is_waited_for_and_then_told_as_what_it_is(
    workplace: Workplace,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    make: Any,
    broken: str,
) -> None:
    monkeypatch.setattr(broken, _lost)
    result = _run(make("survey_total", yearly()), workplace, instance)
    assert not result.success
    assert _waits(result) == WAITS
    assert ended(instance, result.dagster_run).cause == KILLED


def test_a_worker_lost_once_costs_an_attempt_and_no_run(
    workplace: Workplace, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = raw.in_order, iter([True])

    def once(*arguments: Any) -> Any:
        return _lost() if next(calls, False) else real(*arguments)

    monkeypatch.setattr(raw, "in_order", once)
    result = _run(raw.raw_asset("survey_total", yearly()), workplace, instance)
    assert result.success
    assert _waits(result) == WAITS[:1]


@pytest.fixture
def office(workplace: Workplace, tmp_path: Path) -> Path:
    """Where a database is to lie that sources.yaml names; there is none yet."""
    path = tmp_path / "office" / "office.sqlite"
    workplace.sources.write_text(
        f"survey_total:\n  url: sqlite:///{path}\n  query: SELECT * FROM totals WHERE year = :year\n"
        "  years: [2024]\n",
        encoding="utf-8",
    )
    return path


def _make(office: Path) -> None:
    office.parent.mkdir()
    with sa.create_engine(f"sqlite:///{office}").begin() as connection:
        connection.execute(sa.text("CREATE TABLE totals AS SELECT 2024 AS year, '01840' AS commune_code"))


def _outcomes(workplace: Workplace) -> list[str]:
    query = sa.select(PULL_ATTEMPT.c.outcome).order_by(PULL_ATTEMPT.c.id)
    return [row["outcome"] for row in Journal(workplace.home.journal).rows(query)]


def test_a_database_that_stays_away_is_asked_again_then_left_out_and_stands_on_the_list(
    workplace: Workplace, instance: dg.DagsterInstance, office: Path
) -> None:
    result = _run(landing.landing_asset("survey_total", yearly()), workplace, instance)
    assert result.success, "the other tables go on"
    assert _waits(result) == WAITS
    assert _outcomes(workplace) == ["failed"] * 4
    (entry,) = what_fails(workplace, Journal(workplace.home.journal))
    assert (entry.severity, entry.where, entry.year) == ("error", "database of survey_total", None)
    assert entry.found == "database of survey_total 2024: OperationalError"
    assert "sources.yaml" in entry.todo
    _make(office)
    assert _run(landing.landing_asset("survey_total", yearly()), workplace, instance).success
    assert what_fails(workplace, Journal(workplace.home.journal)) == []


def test_a_database_that_comes_back_between_two_attempts_is_pulled(
    workplace: Workplace, instance: dg.DagsterInstance, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = landing.try_again

    def restarted(*arguments: Any) -> dg.RetryRequested:
        _make(office)
        return real(*arguments)

    monkeypatch.setattr(landing, "try_again", restarted)
    result = _run(landing.landing_asset("survey_total", yearly()), workplace, instance)
    assert _waits(result) == WAITS[:1]
    assert _outcomes(workplace) == ["failed", "landed"]
    metadata = result.asset_materializations_for_node("landing_survey_total")[0].metadata
    assert metadata["landed"].value == 1


def test_a_driver_that_is_not_there_is_not_waited_for(
    workplace: Workplace, instance: dg.DagsterInstance
) -> None:
    text = "survey_total: {url: 'nothing://u:geheim@host/db', query: SELECT 1, years: [2024]}"
    workplace.sources.write_text(text, encoding="utf-8")
    result = _run(landing.landing_asset("survey_total", yearly()), workplace, instance)
    assert result.success and _waits(result) == []
    assert _outcomes(workplace) == ["failed"]


def test_a_database_no_longer_named_is_no_error(
    workplace: Workplace, instance: dg.DagsterInstance, office: Path
) -> None:
    _run(landing.landing_asset("survey_total", yearly()), workplace, instance)
    workplace.sources.unlink()
    entries = what_fails(workplace, Journal(workplace.home.journal))
    assert [entry.severity for entry in entries] == ["warning"]
