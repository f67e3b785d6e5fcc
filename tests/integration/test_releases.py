"""A home's releases through the whole line: put back, left alone, held by counts, new again."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from rich.console import Console

from assets.catalogue import asset_key
from assets.changes.look import Wanted
from assets.published import publish
from pipelines.channels import Channels
from pipelines.cli.change_commands import run_approve, run_diff
from pipelines.cli.commands import run_status
from pipelines.cli.release_commands import run_publish, run_rollback
from pipelines.runner import instance_of
from pipelines.standing_check import STANDING, standing_sensor
from tests.integration.line import Line, write_csv
from tests.integration.odd_files import persons

YEAR = 2024
TABLE = "health_card"
ADDED = 35


@dataclass
class Story:
    """What each step left: what it told, and the release that stood after it."""

    line: Line
    told: dict[str, str] = field(default_factory=dict)
    success: dict[str, bool] = field(default_factory=dict)
    stood: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, int] = field(default_factory=dict)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    check: dict[str, Any] = field(default_factory=dict)
    commune: str = ""

    def step(self, name: str, what: Callable[[Console], bool | None]) -> None:
        told = io.StringIO()
        self.success[name] = bool(what(Console(file=told, width=220)))
        self.told[name] = " ".join(told.getvalue().split())
        newest = "SELECT release_id FROM marts.release ORDER BY published_at DESC, release_id DESC LIMIT 1"
        self.stood[name] = self.line.rows(newest)[0][0]
        self.recorded[name] = self.line.journal("SELECT count(*) AS n FROM release")[0]["n"]
        shown = io.StringIO()
        run_status(self.line.settings, Console(file=shown, width=220), as_json=True)
        self.state[name] = json.loads(shown.getvalue())

    def refresh(self, name: str) -> None:
        def run(console: Console) -> bool:
            success, told = self.line.refresh()
            console.print(told, markup=False, soft_wrap=True)
            return success

        self.step(name, run)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Story:
    line = Line(tmp_path_factory.mktemp("releases") / "home")
    line.sample((YEAR,), 0.003, "none")
    told = Story(line)
    told.refresh("first")
    told.step("again", lambda console: run_publish(line.settings, console))
    first = told.stood["first"]
    told.step("back", lambda c: run_rollback(line.settings, first, "communes doubled", c))
    told.refresh("nothing new")
    told.step("as a run does", lambda _: publish(line.settings.workplace()).stays is not None)
    whole = _halved(line)
    told.refresh("halved")
    told.check = _standing_check(line)
    told.step("held", lambda console: run_publish(line.settings, console))
    _restored(whole)
    told.refresh("restored")
    told.commune = _many_more_poor(line)
    told.refresh("many more poor")
    told.step("what moved", lambda c: run_diff(line.settings, (), Wanted(), True, c, as_json=True))
    told.step("approved", lambda c: run_approve(line.settings, "a village was missing", c))
    told.step("let out", lambda c: run_publish(line.settings, c))
    return told


def _halved(line: Line) -> tuple[Path, bytes]:
    path = next(path for path in (line.drops / TABLE / str(YEAR)).iterdir() if path.suffix == ".csv")
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    _write(path, b"".join(lines[: len(lines) // 2]))
    return path, content


def _restored(whole: tuple[Path, bytes]) -> None:
    path, content = whole
    # Not byte for byte: what was replaced does not come back by itself.
    _write(path, content + b"\r\n")


def _write(path: Path, content: bytes) -> None:
    moment = path.stat().st_mtime + 60
    path.write_bytes(content)
    os.utime(path, (moment, moment))


def _many_more_poor(line: Line) -> str:
    """A list of one village more, years later: enough households to need somebody's word."""
    [(commune,)] = line.rows(
        "SELECT commune_code FROM marts.poverty_rate WHERE geography = 'as_reported' "
        f"AND year = {YEAR} ORDER BY poor_households, 1 LIMIT 1"
    )
    blank = {"CCCD chủ hộ": "", "Người rà soát": "", "Chủ hộ": "Ma Thị Mới", "Phân loại": "Hộ nghèo"}
    row = persons(commune)["survey_household"] | blank | {"Thôn/xóm/tổ": "Xóm Mới"}
    rows = [row | {"Mã hộ": str(number)} for number in range(ADDED)]
    write_csv(line.drop("survey_household", YEAR, f"ra-soat_{commune}_{YEAR}1222.csv"), rows)
    return commune


def _standing_check(line: Line) -> dict[str, Any]:
    """Two looks of the standing sensor, and the check as Dagster holds it then."""
    workplace = line.settings.workplace()
    sensor = standing_sensor(workplace, Channels(workplace.home.root / "alerts.log"), 300)
    with instance_of(workplace.home) as instance:
        one = sensor.evaluate_tick(dg.build_sensor_context(instance))
        (event,) = one.asset_events
        assert isinstance(event, dg.AssetCheckEvaluation)
        instance.report_runless_asset_event(event)
        other = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=one.cursor))
        key = dg.AssetCheckKey(asset_key("published", "release"), STANDING)
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
        return {"event": event, "again": other.skip_message, "status": record.status.value}


def test_publish_makes_a_release_of_the_marts_as_they_stand(story: Story) -> None:
    assert story.success["first"] and story.success["again"]
    assert story.stood["again"] > story.stood["first"]
    assert story.recorded["again"] == 2


def test_a_good_home_fails_in_nothing(story: Story) -> None:
    state = story.state["first"]
    assert state["ok"] and state["failing"] == []
    assert state["years"][str(YEAR)]["state"] == "published"
    assert state["schedule"]["next_tick"].endswith("T02:00:00+07:00")


def test_what_was_put_back_outlives_nights_with_nothing_new(story: Story) -> None:
    assert story.stood["back"] == story.stood["first"]
    assert "nothing to do" in story.told["nothing new"]
    assert "put back by a rollback" in story.told["nothing new"]
    # Nor does a run that somebody starts over unchanged years bring the withdrawn one back.
    assert story.success["as a run does"]
    for name in ("nothing new", "as a run does"):
        assert (story.stood[name], story.recorded[name]) == (story.stood["first"], 2)
    back = story.state["nothing new"]["rolled_back"]
    assert (back["instead_of"], back["reason"]) == (story.stood["again"], "communes doubled")


def test_half_of_a_table_holds_publication_by_its_count(story: Story) -> None:
    assert not story.success["halved"]
    assert story.stood["halved"] == story.stood["first"]
    told = story.told["halved"]
    assert "Publication is held" in told and "row_count" in told and TABLE in told
    assert "release in checks/contracts/health_card.yaml" in told
    assert not story.success["held"] and "Publication is held" in story.told["held"]
    state = story.state["halved"]
    assert not state["ok"] and state["years"][str(YEAR)]["state"] == "held"
    errors = [entry for entry in state["failing"] if entry["severity"] == "error"]
    assert [entry["check"] for entry in errors] == ["row_count", "published"]


def test_the_run_s_failure_says_it_in_plain_words(story: Story) -> None:
    with instance_of(story.line.settings.workplace().home) as instance:
        # The newest first: the later one is held by a change.
        _, failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        entries = instance.all_logs(failed.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    (data,) = [entry.dagster_event.step_failure_data for entry in entries if entry.dagster_event]
    text = str(data.user_failure_data.description)
    assert f"{TABLE} {YEAR}: row_count: accepted records" in text
    table = data.user_failure_data.metadata["objections"]
    assert [record.data["check"] for record in table.records] == ["row_count"]


def test_the_standing_check_lists_it_until_it_changes(story: Story) -> None:
    event = story.check["event"]
    assert not event.passed and event.severity == dg.AssetCheckSeverity.ERROR
    listed = [record.data["check"] for record in event.metadata["failing"].records]
    assert listed == ["row_count", "rolled back", "published"]
    assert story.check["again"].startswith("the same 3 entries")
    assert story.check["status"] == "FAILED"


def test_new_input_is_published_as_ever_and_ends_the_rollback(story: Story) -> None:
    assert story.success["restored"], story.told["restored"]
    assert story.stood["restored"] > story.stood["again"]
    assert story.state["restored"]["rolled_back"] is None
    assert story.state["restored"]["failing"] == []
    withdrawn = story.line.rows("SELECT release_id FROM marts.release WHERE withdrawn_at IS NOT NULL")
    assert withdrawn == [(story.stood["again"],)]
    records = story.line.rows("SELECT records FROM marts.release ORDER BY release_id DESC LIMIT 1")[0][0]
    counted = story.line.journal(f"SELECT accepted FROM accepted_state WHERE table_name = '{TABLE}'")
    assert json.loads(records)[TABLE][str(YEAR)] == counted[0]["accepted"] > 0


def test_a_large_change_of_a_past_year_waits_for_a_person(story: Story) -> None:
    assert not story.success["many more poor"]
    assert story.stood["many more poor"] == story.stood["restored"]
    told = story.told["many more poor"]
    assert "Publication is held" in told and f"of {story.commune}" in told and "thoatngheo approve" in told
    errors = [entry for entry in story.state["many more poor"]["failing"] if entry["severity"] == "error"]
    assert {entry["check"] for entry in errors} == {"change", "published"}


def test_what_is_held_is_told_by_commune_with_its_file(story: Story) -> None:
    found = json.loads(story.told["what moved"])
    (file,) = found["files"]
    assert file["name"] == f"ra-soat_{story.commune}_{YEAR}1222.csv" and file["is_new"]
    (change,) = [
        c
        for c in found["changes"]
        if c["column_name"] == "poor_households"
        and c["key"].get("commune_code") == story.commune
        and c["mart"] == "poverty_rate"
        and c["key"]["geography"] == "as_reported"
    ]
    assert change["difference"] == ADDED and change["commune_name"] and change["files"] == [file["sha256"]]


def test_an_approval_lets_it_out_with_its_record(story: Story) -> None:
    assert story.stood["approved"] == story.stood["restored"]
    assert "change" not in {entry["check"] for entry in story.state["approved"]["failing"]}
    assert story.success["let out"] and story.stood["let out"] > story.stood["restored"]
    (approval,) = story.line.journal("SELECT * FROM approval")
    assert (approval["reason"], approval["release_id"]) == ("a village was missing", story.stood["let out"])
    moved = story.line.rows(
        "SELECT difference FROM marts.release_change WHERE mart = 'poverty_rate' AND kind = 'changed'"
        " AND key ->> 'geography' = 'as_reported'"
        f" AND column_name = 'poor_households' AND commune_code = '{story.commune}'"
        f" AND release_id = '{story.stood['let out']}'"
    )
    assert moved == [(ADDED,)]
    approved = story.line.rows("SELECT release_id FROM marts.release WHERE approved_at IS NOT NULL")
    assert approved == [(story.stood["let out"],)]
