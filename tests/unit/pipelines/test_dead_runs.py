"""Runs whose process died are ended, and hold nothing that the next one would wait for without end."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.dead_runs import end_dead, free_slots_of_the_ended
from pipelines.killed_runs import KILLED, was_killed

_POOL = "duckdb"


@dg.job
def refresh() -> None:
    """Nothing."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        made.event_log_storage.set_concurrency_slots(_POOL, 1)
        yield made


def _working(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run that holds the pool's only slot."""
    run = instance.create_run_for_job(refresh, status=DagsterRunStatus.STARTED)
    assert _claims(instance, run)
    return run


def _claims(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    return instance.event_log_storage.claim_concurrency_slot(_POOL, run.run_id, "transformed").is_claimed


def test_a_dead_run_is_reported_killed_and_holds_no_slot(instance: dg.DagsterInstance) -> None:
    end_dead(instance, [dead := _working(instance)])
    ended = instance.get_run_by_id(dead.run_id)
    assert ended is not None and was_killed(instance, ended)
    assert _working(instance)


def test_who_is_killed_while_it_ends_a_run_leaves_it_to_the_next(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = _working(instance)
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(instance, "report_run_failed", lambda *_: (_ for _ in ()).throw(SystemExit))
        end_dead(instance, [dead])
    assert instance.get_runs(dg.RunsFilter(statuses=[DagsterRunStatus.STARTED])) == [
        instance.get_run_by_id(dead.run_id)
    ]
    end_dead(instance, instance.get_runs())
    assert [run.status for run in instance.get_runs()] == [DagsterRunStatus.FAILURE]


def test_slots_of_a_run_that_somebody_else_reported_dead_are_given_back(instance: dg.DagsterInstance) -> None:
    """As Dagster's code server does, or who was killed between the report and the slots."""
    dead = _working(instance)
    instance.report_run_failed(dead, KILLED)
    waiting = instance.create_run_for_job(refresh, status=DagsterRunStatus.STARTED)
    assert not _claims(instance, waiting)
    free_slots_of_the_ended(instance)
    assert _claims(instance, waiting)


def test_a_run_under_way_keeps_its_slot(instance: dg.DagsterInstance) -> None:
    _working(instance)
    free_slots_of_the_ended(instance)
    assert not _claims(instance, instance.create_run_for_job(refresh, status=DagsterRunStatus.STARTED))
