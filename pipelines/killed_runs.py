"""Runs whose process was killed: how they are recognised, and which years they left behind.

Dagster's code server sees the dead process first, mostly, and reports the run in words that name no
cause; its event just before them does.

Belongs here: recognising such a run, and whose years are owed another. Does not belong here: ending one
that still stands as running (`pipelines.dead_runs`) or what is asked for (`pipelines.requests`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from assets.staleness import UNPUBLISHED, StaleYears
from pipelines.requests import AGAIN_TAG, KILLED_TAG, years_of

KILLED = "The process was killed before the run ended."
# Dagster's words for a run of which it knows no more, and those for a dead process in the event before.
_NO_CAUSE = "This run has been marked as failed from outside the execution context."
_DEAD = re.compile(r"process for \S+ (was terminated by signal \d+|unexpectedly exited with code)")
# A killed run that so many others came after is the night's.
_NEWEST = 50


def was_killed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a failed run ended with its process, not by a step or an error that is on record."""
    if run.status != DagsterRunStatus.FAILURE:
        return False
    if KILLED_TAG in run.tags:
        return True
    if instance.all_logs(run.run_id, of_type=DagsterEventType.STEP_FAILURE):
        return False
    ends = _events(instance, run, DagsterEventType.PIPELINE_FAILURE)
    if any(event.message == KILLED for event in ends):
        return True
    if not any(event.message == _NO_CAUSE for event in ends):
        return False
    engine = _events(instance, run, DagsterEventType.ENGINE_EVENT)
    if any(_DEAD.search(event.message or "") for event in engine):
        return True
    # One that never left the queue has the queue's error; nothing told at all is a process that is gone.
    return not any(getattr(event.event_specific_data, "error", None) for event in engine)


def _events(
    instance: dg.DagsterInstance, run: dg.DagsterRun, kind: DagsterEventType
) -> list[dg.DagsterEvent]:
    return [e.dagster_event for e in instance.all_logs(run.run_id, of_type=kind) if e.dagster_event]


def owed_years(instance: dg.DagsterInstance) -> dict[int, str]:
    """The years whose newest run was killed, each with that run's id; such runs are tagged.

    A run that was asked for because another was killed leaves none: once more, and not a third time. Nor
    does one that any other run over the year came after.
    """
    newest: dict[int, dg.DagsterRun] = {}
    for run in instance.get_runs(limit=_NEWEST):
        for year in years_of(run.tags):
            newest.setdefault(year, run)
    killed = set()
    for run in {run.run_id: run for run in newest.values()}.values():
        if was_killed(instance, run):
            if KILLED_TAG not in run.tags:
                instance.add_run_tags(run.run_id, {KILLED_TAG: "true"})
            if AGAIN_TAG not in run.tags:
                killed.add(run.run_id)
    return {year: run.run_id for year, run in newest.items() if run.run_id in killed}


def left_stale(stale: StaleYears, owed: Mapping[int, str]) -> StaleYears:
    """Of the years that killed runs covered, those that are stale still.

    A run that was killed while it published leaves the last year stale, whichever years it covered. The
    run's id is part of the evidence: a state that two runs left is asked for after each of them.
    """
    left = StaleYears()
    for year in stale.years:
        unpublished = UNPUBLISHED.issuperset(stale.reasons[year])
        run_id = owed.get(year, max(owed.values(), default="") if unpublished else "")
        if run_id:
            for reason in stale.reasons[year]:
                left.add(year, reason, f"{run_id} {stale.digest(year)}")
    return left
