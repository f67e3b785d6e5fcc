"""A real daemon and UI, a night as it comes: the tick, the release, a held year, its correction.

Every minute is a night here, and the drop sensor looks every fifteen seconds. One home, one story, told
in order by the fixture; the tests look at what it left.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from pipelines.lock import exclusive, lock_file
from pipelines.requests import PROCESS_TAG, years_of
from pipelines.runner import open_instance, prepare_instance
from tests.acceptance.test_web_page import _ask, _free_port, _wait
from tests.integration.line import BIN, ROOT, Line
from tests.unit.pipelines.servers import Sink, mail_server, web_server

_PATIENCE = 400
_TOTALS = "tong-so-ho_20231220.parquet"
_REPOSITORY = 'repositoryName: "__repository__", repositoryLocationName: "thoatngheo"'
_INSTIGATORS = f"(repositorySelector: {{{_REPOSITORY}}})"
_ARRIVING, _UNCHANGED = "still arriving", "nothing changed since the last refresh"
_TICKS = "ticks(limit: 200) {status skipReason runIds}"


@dataclass
class Night:
    """What the story left: runs in their order, ticks as the UI shows them, marts, notices."""

    line: Line
    mails: Sink
    posts: Sink
    runs: list[dg.DagsterRun] = field(default_factory=list)
    ticks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    page: str = ""
    page_runs: list[dg.DagsterRun] = field(default_factory=list)
    page_after: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Iterator[Night]:
    line = Line(tmp_path_factory.mktemp("night") / "home")
    prepare_instance(line.settings.workplace().home)
    office = line.home / "tmp" / "office"
    Line(office).sample((2023, 2024), 0.002, "none")
    with ExitStack() as stack:
        mails, posts = stack.enter_context(mail_server()), stack.enter_context(web_server())
        address = stack.enter_context(_servers(line, mails, posts))
        instance = stack.enter_context(open_instance(line.settings.workplace().home))
        told = Night(line, mails, posts)
        _story(told, instance, address, office / "drops")
        yield told


@contextmanager
def _servers(line: Line, mails: Sink, posts: Sink) -> Iterator[str]:
    """The daemon and the web server, as the systemd units start them."""
    port = _free_port()
    environment = line.environment | {
        "THOATNGHEO_NIGHTLY": "* * * * *",
        "THOATNGHEO_SENSOR_SECONDS": "15",
        "THOATNGHEO_ALERT_URL": posts.url,
        "THOATNGHEO_ALERT_EMAIL": "pipeline@example.vn",
        "THOATNGHEO_SMTP_URL": mails.url,
    }
    daemon = [str(BIN / "dagster-daemon"), "run", "-w", "workspace.yaml"]
    page = [str(BIN / "dagster-webserver"), "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    started = []
    with (line.home / "tmp" / "servers.log").open("wb") as log:
        try:
            for command in (daemon, page):
                started.append(
                    subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
                )
            _wait(f"http://127.0.0.1:{port}", started[1])
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in started:
                process.terminate()
            for process in started:
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _story(night: Night, instance: dg.DagsterInstance, address: str, office: Path) -> None:
    def finished(count: int) -> list[dg.DagsterRun]:
        ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
        runs = instance.get_runs(ended)
        return runs if len(runs) >= count else []

    drops, line = night.line.drops, night.line
    _until("the sensor's first look", lambda: _ticks(address)["drops"])
    # The files come just before the hour strikes; the sensor needs two looks, the schedule one.
    _until("the end of a minute", lambda: 56 <= datetime.now().second <= 58, pause=0.2)
    office.rename(drops)
    _until("the first run", lambda: finished(1))
    night.before = _state(line)
    _until("a quiet tick", lambda: _is_quiet(address))

    # A person switches the nights off: they would ask again for the year that failed, as nights do, and how
    # often would be a matter of seconds.
    _switch_nights(address, on=False)
    good = drops / "survey_total" / "2023" / _TOTALS
    frame = pd.read_parquet(good)
    _put(good, frame.assign(commune_code="99999", commune_name="Xã Không Có"))
    _until("a look at a file that arrives", lambda: _ARRIVING in _newest(address, "drops"))
    # Somebody works on the home by hand until it is met.
    with exclusive(lock_file(line.home)):
        _until("a look at a home that is held", lambda: _is_held(_newest(address, "drops")))
    _until("the run of the broken file", lambda: finished(2))
    _until("the notice of the failure", lambda: night.mails.mails and night.posts.posts)
    night.held = _state(line)

    # A few households: twice as many would be a change that waits for a person.
    _put(good, frame.assign(households_total=frame["households_total"] + (frame.index == 0) * 3))
    _until("the run of the correction", lambda: finished(3))
    _until("the notice of the recovery", lambda: len(night.mails.mails) > 1 and len(night.posts.posts) > 1)
    night.after = _state(line)
    _switch_nights(address, on=True)
    struck = len(_ticks(address)["nightly"])
    _until("one more night", lambda: len(_ticks(address)["nightly"]) > struck and _is_quiet(address))
    night.runs = sorted(
        instance.get_runs(), key=lambda run: instance.get_run_record_by_id(run.run_id).storage_id
    )  # type: ignore[union-attr]
    night.ticks = _ticks(address)
    _range_from_the_page(night, instance, address)


def _range_from_the_page(night: Night, instance: dg.DagsterInstance, address: str) -> None:
    """What the page asks for when somebody materialises all assets over a range of years."""
    nodes = _ask(address, "{assetNodes {assetKey {path} isExecutable}}")["assetNodes"]
    keys = [node["assetKey"]["path"] for node in nodes if node["isExecutable"]]
    chosen = ", ".join(f"{{path: {json.dumps(path)}}}" for path in keys)
    asked = _ask(
        address,
        f'mutation {{launchPartitionBackfill(backfillParams: {{partitionNames: ["2023", "2024"], '
        f"assetSelection: [{chosen}]}}) {{__typename ... on LaunchBackfillSuccess {{backfillId}} "
        "... on PythonError {message}}}",
    )["launchPartitionBackfill"]
    assert asked["__typename"] == "LaunchBackfillSuccess", asked

    def ended() -> bool:
        backfill = instance.get_backfill(asked["backfillId"])
        assert backfill
        night.page = backfill.status.value
        return night.page not in ("REQUESTED", "FAILING")

    _until("the range from the page", ended)
    night.page_runs = list(instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": asked["backfillId"]})))
    night.page_after = _state(night.line)


def _put(path: Path, frame: pd.DataFrame) -> None:
    """As a careful office sends it: written beside, then renamed."""
    beside = path.with_suffix(".part")
    frame.to_parquet(beside)
    beside.replace(path)


def _until(what: str, met: Callable[[], Any], pause: float = 1.0) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not met():
        assert time.monotonic() < deadline, f"waited {_PATIENCE} s for {what}"
        time.sleep(pause)


def _ticks(address: str) -> dict[str, list[dict[str, Any]]]:
    """The ticks of every instigator, newest first, as the UI shows them."""
    found = _ask(
        address,
        f"{{schedulesOrError{_INSTIGATORS} {{... on Schedules {{results {{name scheduleState {{{_TICKS}}}}}}}}}"
        f" sensorsOrError{_INSTIGATORS} {{... on Sensors {{results {{name sensorState {{{_TICKS}}}}}}}}}}}",
    )
    ticks = {s["name"]: s["scheduleState"]["ticks"] for s in found["schedulesOrError"]["results"]}
    return ticks | {s["name"]: s["sensorState"]["ticks"] for s in found["sensorsOrError"]["results"]}


def _newest(address: str, name: str) -> str:
    """Why the last tick asked for nothing; nothing where it asked."""
    return _ticks(address)[name][0]["skipReason"] or ""


def _is_quiet(address: str) -> bool:
    """Whether neither schedule nor sensor found anything to ask for at the last tick."""
    ticks = _ticks(address)
    return all(ticks[name][0]["skipReason"] == _UNCHANGED for name in ("nightly", "drops"))


def _is_held(reason: str) -> bool:
    return "queued or running" in reason or "a refresh is running" in reason


def _switch_nights(address: str, *, on: bool) -> None:
    """The schedule's switch on the page."""
    nightly = f'scheduleSelector: {{{_REPOSITORY}, scheduleName: "nightly"}}'
    if on:
        call = f"startSchedule({nightly})"
    else:
        state = _ask(address, f"{{scheduleOrError({nightly}) {{... on Schedule {{scheduleState {{id}}}}}}}}")
        call = f"stopRunningSchedule(id: {json.dumps(state['scheduleOrError']['scheduleState']['id'])})"
    answer = _ask(address, f"mutation {{{call} {{... on ScheduleStateResult {{scheduleState {{status}}}}}}}}")
    assert list(answer.values()) == [{"scheduleState": {"status": "RUNNING" if on else "STOPPED"}}], answer


def _state(line: Line) -> dict[str, Any]:
    rates = line.frame("SELECT * FROM marts.poverty_rate").astype(str)
    return {
        "at": time.time(),
        "checksums": line.checksums(),
        "releases": line.rows("SELECT release_id FROM marts.release ORDER BY published_at, release_id"),
        "judged": {
            (r["table_name"], r["year"]): r["at"] for r in line.journal("SELECT * FROM accepted_state")
        },
        "transformed": {r["year"]: r["at"] for r in line.journal("SELECT * FROM transformed_state")},
        "rates": {year: frame.sort_values(list(frame)).to_csv() for year, frame in rates.groupby("year")},
    }


def test_the_schedule_ticks_and_its_run_publishes(night: Night) -> None:
    first = night.runs[0]
    assert first.tags["dagster/schedule_name"] == "nightly"
    assert first.status == dg.DagsterRunStatus.SUCCESS
    assert years_of(first.tags) == (2023, 2024)
    assert len(night.before["releases"]) == 1
    assert set(night.before["rates"]) >= {"2023", "2024"}


def test_three_states_are_three_runs_however_often_it_is_looked(night: Night) -> None:
    assert [(years_of(run.tags), run.status.value) for run in night.runs] == [
        ((2023, 2024), "SUCCESS"),
        ((2023,), "FAILURE"),
        ((2023,), "SUCCESS"),
    ]
    assert len(night.ticks["nightly"]) >= 3 and len(night.ticks["drops"]) >= 6
    asked = [tick for name in ("nightly", "drops") for tick in night.ticks[name] if tick["runIds"]]
    assert sorted(i for tick in asked for i in tick["runIds"]) == sorted(run.run_id for run in night.runs)


def test_every_tick_that_asks_nothing_says_why(night: Night) -> None:
    for name in ("nightly", "drops"):
        for tick in night.ticks[name]:
            assert tick["status"] in ("SUCCESS", "SKIPPED", "STARTED"), (name, tick)
            if tick["status"] == "SKIPPED":
                assert tick["skipReason"], (name, tick)
    reasons = [tick["skipReason"] or "" for name in ("nightly", "drops") for tick in night.ticks[name]]
    assert any(_ARRIVING in reason for reason in reasons)
    assert _UNCHANGED in reasons
    assert any(map(_is_held, reasons))


def test_a_run_of_the_daemon_holds_the_home_s_lock(night: Night) -> None:
    assert all(run.tags[PROCESS_TAG].isdigit() for run in night.runs)


def test_a_held_year_leaves_the_release(night: Night) -> None:
    assert night.held["checksums"] == night.before["checksums"]
    assert night.held["releases"] == night.before["releases"]


def test_a_correction_restates_its_year_alone(night: Night) -> None:
    assert len(night.after["releases"]) == 2
    judged, now = night.before["judged"], night.after["judged"]
    assert {key for key in now if now[key] != judged.get(key)} == {("survey_total", 2023)}
    transformed = night.after["transformed"]
    assert transformed[2024] == night.before["transformed"][2024]
    assert transformed[2023] > night.before["transformed"][2023]
    assert night.after["rates"]["2024"] == night.before["rates"]["2024"]
    assert night.after["rates"]["2023"] != night.before["rates"]["2023"]


def test_a_range_from_the_page_is_one_run_that_publishes_the_same(night: Night) -> None:
    assert night.page == "COMPLETED_SUCCESS"
    (run,) = night.page_runs
    assert run.status == dg.DagsterRunStatus.SUCCESS and years_of(run.tags) == (2023, 2024)
    after, before = night.page_after, night.after
    assert after["rates"] == before["rates"]
    assert all(after["transformed"][year] > before["transformed"][year] for year in (2023, 2024))


def test_failure_and_recovery_are_told_once_by_every_way(night: Night) -> None:
    subjects = [mail["Subject"] for mail in night.mails.mails]
    assert len(subjects) == 2
    assert "refresh of 2023 failed" in subjects[0]
    assert "refresh of 2023 succeeded again" in subjects[1]
    assert [post["kind"] for post in night.posts.posts] == ["failure", "recovery"]
    assert [post["run_id"] for post in night.posts.posts] == [run.run_id for run in night.runs[1:]]
    body = night.mails.mails[0].get_content()
    for words in (
        "What (việc gì)",
        "Why (vì sao)",
        "What next (làm gì)",
        "survey_total",
        "last release stays",
    ):
        assert words in body, body
    log = (night.line.home / "alerts.log").read_text(encoding="utf-8")
    assert all(subject in log for subject in subjects)
