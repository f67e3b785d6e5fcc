"""What run records say: under way, dead, asked for; the lock; the looks of schedule and sensor."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from assets.accepted import accepted_asset
from assets.catalogue import PUBLISHED_STEP, TRANSFORMED_STEP, is_up_to_the_marts
from assets.landing import landing_asset
from assets.places.events import EventsUnusable
from assets.raw import raw_asset
from assets.reference import reference_asset
from assets.warehouse import WarehouseUnavailable
from pipelines.alerts import open_failures
from pipelines.channels import Channels
from pipelines.claims import asking
from pipelines.lock import Busy, exclusive, held_here, hold_until_exit, holder, lock_file
from pipelines.partitions import known_years, yearly
from pipelines.requests import PROCESS_TAG, UNCHANGED, range_tags, seen_tag, years_of
from pipelines.run_lock import locked_workplace
from pipelines.run_records import ended, history_before, open_runs, standing
from pipelines.schedules import nightly
from pipelines.sensors import Look, drop_sensor
from pipelines.settings import Settings

HOLDER = """
import sys, time
from pathlib import Path
from pipelines.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
Runs = Callable[..., dg.DagsterRun]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture
def run(instance: dg.DagsterInstance) -> Runs:
    @dg.job(name="refresh")
    def refresh() -> None:
        """Nothing."""

    def make(status: DagsterRunStatus, years: tuple[int, ...], **tags: str) -> dg.DagsterRun:
        named = {name.replace("__", "/"): value for name, value in tags.items()}
        return instance.create_run_for_job(refresh, status=status, tags=range_tags(years) | named)

    return make


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home")


def _drop(settings: Settings, year: int, text: str = "x") -> Path:
    path = Path(settings.drops) / "loan_ledger" / str(year) / "sao-ke.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _held(path: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_a_lock_tells_its_holder_and_is_free_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "home" / "refresh.lock"
    assert holder(path) is None
    process = _held(path, 60)
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
    process = _held(path, 2.5)
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
    process = _held(path, 60)
    with pytest.raises(dg.DagsterResourceFunctionError) as raised:
        line.execute_in_process()
    assert isinstance(raised.value.__cause__, Busy)
    process.kill()
    process.wait()


def test_runs_under_way_keep_their_years(instance: dg.DagsterInstance, run: Runs, tmp_path: Path) -> None:
    run(DagsterRunStatus.CANCELING, (2021, 2022))
    run(DagsterRunStatus.NOT_STARTED, (2024,))
    run(DagsterRunStatus.SUCCESS, (2019,))
    found, _ = standing(instance, tmp_path / "lock", {})
    assert found.busy == {2021, 2022, 2024}
    assert found.holder is None


def test_a_run_that_held_the_lock_and_lost_it_is_dead(
    instance: dg.DagsterInstance, run: Runs, tmp_path: Path
) -> None:
    dead = run(DagsterRunStatus.STARTED, (2024,), **{PROCESS_TAG: "7"})
    process = _held(tmp_path / "lock", 60)
    found, _ = standing(instance, tmp_path / "lock", {})
    assert found.busy == {2024} and found.holder
    process.kill()
    process.wait()
    found, suspects = standing(instance, tmp_path / "lock", {})
    assert (found.busy, found.holder, suspects) == (frozenset(), None, frozenset())
    after = instance.get_run_by_id(dead.run_id)
    assert after and after.status == DagsterRunStatus.FAILURE
    assert ended(instance, after).cause == "The process was killed before the run ended."


def test_a_run_that_never_held_the_lock_is_dead_at_the_second_look(
    instance: dg.DagsterInstance, run: Runs, tmp_path: Path
) -> None:
    silent = run(DagsterRunStatus.STARTING, (2024,))
    found, suspects = standing(instance, tmp_path / "lock", {})
    assert (found.busy, suspects) == ({2024}, {silent.run_id})
    found, suspects = standing(instance, tmp_path / "lock", {}, suspects=suspects)
    assert (found.busy, suspects) == (frozenset(), frozenset())


def test_a_state_that_was_asked_for_is_known_and_a_killed_run_counts_half(
    instance: dg.DagsterInstance, run: Runs, tmp_path: Path
) -> None:
    first = run(DagsterRunStatus.FAILURE, (2024,), **{seen_tag(2024): "abc"})
    run(DagsterRunStatus.FAILURE, (2023,), **{seen_tag(2023): "abc", "thoatngheo/killed": "true"})
    found, _ = standing(instance, tmp_path / "lock", {2022: "abc", 2023: "abc", 2024: "abc"})
    assert found.asked == {2024: first.run_id}
    assert found.killed == {2023}
    run(DagsterRunStatus.FAILURE, (2023,), **{seen_tag(2023): "abc", "thoatngheo/killed": "true"})
    found, _ = standing(instance, tmp_path / "lock", {2023: "abc"})
    assert set(found.asked or ()) == {2023} and not found.killed


def test_the_innermost_cause_of_a_failed_step_is_told(instance: dg.DagsterInstance) -> None:
    @dg.op
    def breaks() -> None:
        try:
            raise OSError(28, "No space left on device")
        except OSError as error:
            raise ValueError("could not keep Nguyễn Văn A") from error

    @dg.op
    def held() -> None:
        raise dg.Failure("nothing is published, the last release stays", allow_retries=False)

    def of(node: dg.OpDefinition) -> dg.DagsterRun:
        @dg.job(name="refresh")
        def refresh() -> None:
            node()

        result = refresh.execute_in_process(instance=instance, raise_on_error=False, tags=range_tags((2024,)))
        return result.dagster_run

    first = ended(instance, of(breaks))
    assert (first.where, first.years) == ("breaks", (2024,))
    assert first.cause == "[Errno 28] No space left on device"
    second = ended(instance, of(held))
    assert second.cause == "nothing is published, the last release stays"
    history = history_before(instance, second.run_id)
    assert [run.run_id for run in history] == [first.run_id]
    assert open_failures(history) == history


@pytest.mark.parametrize(
    ("fails_at", "came"), [("before", "not begun"), ("published", "begun"), ("forms", "done")]
)
def test_how_far_publication_came_is_read_from_the_run(
    instance: dg.DagsterInstance, fails_at: str, came: str
) -> None:
    def made(step: str) -> dg.OpDefinition:
        @dg.op(name=step, ins={"after": dg.In(dg.Nothing)})
        def body() -> None:
            if step == fails_at:
                raise OSError(28, "No space left on device")

        return body

    @dg.job(name="refresh")
    def refresh() -> None:
        made("forms")(after=made("published")(after=made("before")()))

    result = refresh.execute_in_process(instance=instance, raise_on_error=False)
    assert ended(instance, result.dagster_run).publication == came


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


def _fails_in(step: str, instance: dg.DagsterInstance, years: tuple[int, ...]) -> dg.DagsterRun:
    """A refresh of these years of which this step fails."""

    @dg.op(name=step)
    def fails() -> None:
        raise EventsUnusable(["commune_events.csv, row 2: no such code"])

    @dg.job(name="refresh")
    def refresh() -> None:
        fails()

    done = refresh.execute_in_process(instance=instance, tags=range_tags(years), raise_on_error=False)
    return done.dagster_run


@pytest.mark.parametrize(
    ("to_make", "open_years"),
    [((), []), ((2024,), []), ((2022, 2024), [2021, 2022]), (None, [2021, 2022])],
)
def test_a_failure_whose_cause_was_taken_back_ends_with_its_years(
    instance: dg.DagsterInstance, to_make: tuple[int, ...] | None, open_years: list[int]
) -> None:
    """A bad file of events is removed: the next refresh has nothing to do, and no run ends the failure."""
    _fails_in("reference", instance, (2021, 2022))
    found = open_runs(instance, None, lambda: to_make)
    assert [entry.year for entry in found] == open_years


def test_the_steps_up_to_the_marts_are_known_by_the_assets_own_names() -> None:
    years, table = yearly(), "survey_total"
    made = [
        reference_asset(years),
        *(make(table, years) for make in (landing_asset, raw_asset, accepted_asset)),
    ]
    assert [asset.op.name for asset in made] == [
        "reference", f"landing_{table}", f"raw_{table}", f"accepted_{table}",
    ]  # fmt: skip
    assert all(is_up_to_the_marts(asset.op.name) for asset in made)
    assert is_up_to_the_marts(TRANSFORMED_STEP)
    assert not any(is_up_to_the_marts(step) for step in ("", PUBLISHED_STEP, "forms", "reference_of_others"))


@pytest.mark.parametrize("step", ["published", "forms"])
def test_what_no_year_is_stale_for_stays_open(instance: dg.DagsterInstance, step: str) -> None:
    """Such as forms that were not written: the years are made, and the failure is not over."""
    _fails_in(step, instance, (2021,))
    assert [entry.check for entry in open_runs(instance, None, lambda: ())] == [step]
