"""The looks of schedule and sensor: what they ask for, skip, and never ask for twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from assets.warehouse import WarehouseUnavailable
from pipelines.channels import Channels
from pipelines.claims import asking
from pipelines.partitions import known_years
from pipelines.requests import UNCHANGED, range_tags, years_of
from pipelines.schedules import nightly
from pipelines.sensors import Look, drop_sensor
from pipelines.settings import Settings

Runs = Callable[..., dg.DagsterRun]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home")


def _drop(settings: Settings, year: int, text: str = "x") -> Path:
    path = Path(settings.drops) / "loan_ledger" / str(year) / "sao-ke.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_claim_ends_with_its_run_with_time_and_with_a_clock_set_back(
    instance: dg.DagsterInstance, run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "asked.json"
    with asking(instance, path) as claims:
        claims.add(
            [dg.RunRequest("a", tags=range_tags((2019, 2020))), dg.RunRequest("b", tags=range_tags((2024,)))]
        )
    with asking(instance, path) as claims:
        assert claims.years == {2019, 2020, 2024}
    run(DagsterRunStatus.SUCCESS, (2024,), dagster__run_key="b")
    with asking(instance, path) as claims:
        assert claims.years == {2019, 2020}
    for moment in (time.time() - 3600, time.time() + 3600):
        monkeypatch.setattr("pipelines.claims.time.time", lambda moment=moment: moment)
        text = path.read_text()
        with asking(instance, path) as claims:
            assert claims.years == frozenset()
        path.write_text(text)
    path.write_text('[{"key": "a"')
    with asking(instance, path) as claims:
        assert claims.years == frozenset()


def test_the_night_skips_asks_and_names(
    settings: Settings, instance: dg.DagsterInstance, run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = nightly(settings.workplace(), settings.nightly)
    assert (tick.cron_schedule, tick.execution_timezone) == ("0 2 * * *", "Asia/Ho_Chi_Minh")
    assert tick.default_status == dg.DefaultScheduleStatus.RUNNING

    def evaluate() -> dg.SkipReason | list[dg.RunRequest]:
        return tick(dg.build_schedule_context(instance=instance))  # type: ignore[return-value]

    skip = evaluate()
    assert isinstance(skip, dg.SkipReason) and skip.skip_message == UNCHANGED
    _drop(settings, 2019)
    _drop(settings, 2021)
    # Between them lies a year that has come and is made; over one that never came a run would go on.
    monkeypatch.setattr("pipelines.schedules.landed_years", lambda _: {2020})
    requests = evaluate()
    assert isinstance(requests, list)
    assert [years_of(r.tags) for r in requests] == [(2019,), (2021,)]
    again = evaluate()
    assert isinstance(again, dg.SkipReason)
    assert again.skip_message == "a run over 2019 is queued or running; a run over 2021 is queued or running"
    # The run of 2019 came and failed, that of 2021 was lost with the daemon.
    run(DagsterRunStatus.FAILURE, (2019,), **requests[0].tags, dagster__run_key=requests[0].run_key)
    monkeypatch.setattr("pipelines.claims._SECONDS", 0.0)
    later = evaluate()
    assert isinstance(later, list)
    assert [r.run_key for r in later] == [r.run_key for r in requests]


def test_a_night_that_cannot_ask_the_warehouse_says_so(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise WarehouseUnavailable("warehouse db: it does not answer")

    monkeypatch.setattr("pipelines.schedules.stale_years", away)
    skip = nightly(settings.workplace(), settings.nightly)(dg.build_schedule_context(instance=instance))
    assert isinstance(skip, dg.SkipReason)
    assert skip.skip_message == "what changed cannot be known: warehouse db: it does not answer"


def test_the_sensor_asks_at_the_second_look_and_never_twice(
    settings: Settings, instance: dg.DagsterInstance, run: Runs
) -> None:
    look = drop_sensor(settings.workplace(), Channels(settings.home / "alerts.log"), 300)
    assert look.minimum_interval_seconds == 300
    assert look.default_status == dg.DefaultSensorStatus.RUNNING

    def evaluate(cursor: str | None) -> dg.SensorResult:
        return look(dg.build_sensor_context(instance=instance, cursor=cursor))  # type: ignore[return-value]

    _drop(settings, 2019)
    first = evaluate(None)
    assert "still arriving" in (first.skip_reason.skip_message or "")
    second = evaluate(first.cursor)
    (request,) = second.run_requests
    assert years_of(request.tags) == (2019,)
    assert "queued or running" in (evaluate(second.cursor).skip_reason.skip_message or "")
    run(DagsterRunStatus.FAILURE, (2019,), **request.tags, dagster__run_key=request.run_key)
    third = evaluate(second.cursor)
    assert "the night asks again" in (third.skip_reason.skip_message or "")
    _drop(settings, 2019, "a corrected file")
    fourth = evaluate(evaluate(third.cursor).cursor)
    (corrected,) = fourth.run_requests
    assert corrected.run_key != request.run_key


def test_drops_that_vanish_are_told_once_and_their_return_too(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assets.pulling.sources import SourceUnavailable

    log = settings.home / "alerts.log"
    look = drop_sensor(settings.workplace(), Channels(log), 300)
    away = True

    def changed(*_: object) -> object:
        from assets.staleness import StaleYears

        if away:
            raise SourceUnavailable("the root of the drops (THOATNGHEO_DROPS) is not there; is it mounted?")
        return StaleYears()

    monkeypatch.setattr("pipelines.sensors.changed_drops", changed)
    cursor: str | None = None
    for expected in (0, 1, 1, 1):
        result = look(dg.build_sensor_context(instance=instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        assert "is it mounted?" in (result.skip_reason.skip_message or "")
        cursor = result.cursor
        told = log.read_text(encoding="utf-8") if log.exists() else ""
        assert told.count("cannot be seen") == expected
    away = False
    for _ in range(2):
        result = look(dg.build_sensor_context(instance=instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        cursor = result.cursor
    assert log.read_text(encoding="utf-8").count("can be seen again") == 1


def test_a_cursor_of_another_release_is_a_first_look() -> None:
    assert Look.read("old words") == Look.read(None) == Look()
    assert Look.read(Look(seen={2024: "a"}, unseen=2).model_dump_json()) == Look(seen={2024: "a"}, unseen=2)


def test_known_years_are_those_of_the_partitions() -> None:
    assert min(known_years()) == 2016
