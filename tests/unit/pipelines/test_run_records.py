"""What run records say: under way, dead, failed and why, over or still open."""

from __future__ import annotations

from collections.abc import Callable
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
from pipelines.alerts import open_failures
from pipelines.partitions import yearly
from pipelines.requests import PROCESS_TAG, range_tags, seen_tag
from pipelines.run_records import ended, history_before, open_runs, standing
from tests.unit.pipelines.locks import held

Runs = Callable[..., dg.DagsterRun]


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
    process = held(tmp_path / "lock", 60)
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
