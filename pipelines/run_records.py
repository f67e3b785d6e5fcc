"""What the home's Dagster instance knows of runs: under way, dead, asked for, ended.

Belongs here: reading run records, and ending those whose process died. Does not belong here: what
follows from them (`pipelines.requests`, `pipelines.alerts`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from assets.catalogue import PUBLISHED_STEP, is_up_to_the_marts
from assets.failing import Failing
from assets.published import WAITS_TAG
from pipelines.alerts import Ended, Publication, advice, open_failures, told_cause
from pipelines.backfill import announced_years
from pipelines.causes import telling
from pipelines.dead_runs import end_dead, free_slots_of_the_ended
from pipelines.jobs import BACKFILL, REFRESH
from pipelines.killed_runs import KILLED, was_killed
from pipelines.lock import Busy, exclusive, holder
from pipelines.requests import KILLED_TAG, PROCESS_TAG, Standing, seen_tag, years_of

_WAITING = (DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED)
_ALIVE = (DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING)
_ENDED = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE)
_HISTORY = 200


def standing(
    instance: dg.DagsterInstance,
    lock: Path,
    digests: Mapping[int, str],
    *,
    suspects: Collection[str] = (),
    claimed: Collection[int] = (),
) -> tuple[Standing, frozenset[str]]:
    """What stands in the way of asking, once runs whose process died have been ended.

    Parameters
    ----------
    instance
        The home's Dagster instance.
    lock
        The home's lock file.
    digests
        What was seen of the drops, by year: looked for among the runs asked for.
    suspects
        Runs that were unfinished without the lock at the last look; still so, they are dead.
    claimed
        Years that were asked for a moment ago and have no run yet.

    Returns
    -------
    tuple
        The standing, and the suspects of this look.
    """
    holds, suspected = _end_dead(instance, lock, suspects)
    unfinished = instance.get_runs(dg.RunsFilter(statuses=[*_WAITING, *_ALIVE]))
    busy = frozenset(year for run in unfinished for year in years_of(run.tags))
    asked, killed = {}, set()
    for year, digest in digests.items():
        runs = instance.get_runs(dg.RunsFilter(tags={seen_tag(year): digest}), limit=2)
        if len(runs) == 1 and KILLED_TAG in runs[0].tags:
            killed.add(year)
        elif runs:
            asked[year] = runs[0].run_id
    promised = announced_years(lock.parent)
    return Standing(holds, busy.union(claimed), promised, asked, frozenset(killed)), suspected


def _end_dead(
    instance: dg.DagsterInstance, lock: Path, suspects: Collection[str]
) -> tuple[str | None, frozenset[str]]:
    """Report dead runs failed; who holds the lock, else which runs are suspected.

    Under the lock a run that once held it is dead for certain. One that never came so far may
    be about to take it: only the next look knows.
    """
    free_slots_of_the_ended(instance)
    found, under_way = holder(lock), dg.RunsFilter(statuses=list(_ALIVE))
    if found or not instance.get_runs(under_way, limit=1):
        return found, frozenset()
    try:
        with exclusive(lock):
            alive = instance.get_runs(under_way)
            dead = [run for run in alive if PROCESS_TAG in run.tags or run.run_id in suspects]
            end_dead(instance, dead)
            return None, frozenset(run.run_id for run in alive if run not in dead)
    except Busy as busy:
        return busy.holder, frozenset()


def ended(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Ended:
    """How a run ended, with the cause of its first failure and how far publication came."""
    failed = run.status == DagsterRunStatus.FAILURE
    where, cause = _cause(instance, run) if failed else ("", "")
    return Ended(
        run_id=run.run_id,
        job=run.job_name,
        years=years_of(run.tags),
        success=run.status == DagsterRunStatus.SUCCESS,
        whole=run.job_name in (REFRESH, BACKFILL),
        waits=WAITS_TAG in run.tags,
        where=where,
        cause=cause,
        publication=_publication(instance, run) if failed else "done",
    )


def history_before(instance: dg.DagsterInstance, run_id: str) -> list[Ended]:
    """The runs that ended before this one, oldest first, of the last two hundred."""
    records = instance.get_run_records(dg.RunsFilter(statuses=list(_ENDED)), limit=_HISTORY)
    records = sorted(records, key=lambda record: (record.end_time or 0, record.storage_id))
    ids = [record.dagster_run.run_id for record in records]
    until = ids.index(run_id) if run_id in ids else len(ids)
    return [ended(instance, record.dagster_run) for record in records[:until]]


def open_runs(
    instance: dg.DagsterInstance,
    published: datetime | None,
    to_make: Callable[[], Collection[int] | None],
) -> list[Failing]:
    """The failed runs of whose years at least one has not been made and released since.

    Parameters
    ----------
    published
        When the newest release was made (UTC, without a zone), None where none was: it is the end of
        a run that failed in publication alone or was killed, whoever made it and over whatever years.
    to_make
        The years that a refresh would make now; None where that cannot be known.
    """
    found: list[Failing] = []
    left = cache(to_make)
    for failed in open_failures(history_before(instance, "")):
        # A killed run has no step that failed; what it left undone, the next release held or made.
        if failed.where in ("", PUBLISHED_STEP) and published and published > _end(instance, failed.run_id):
            continue
        if _leaves_years_stale(failed) and (years := left()) is not None and not {*failed.years} & {*years}:
            continue
        name = f"run {failed.run_id[:8]} of {failed.job}"
        told = failed.cause.splitlines()[0] if failed.cause else "unknown"
        found += [
            Failing("error", name, year, failed.where or "run", told, advice(failed.cause))
            for year in (failed.years or (None,))
        ]
    return found


def _leaves_years_stale(failed: Ended) -> bool:
    """Whether the step that failed is one without which its years are stale.

    Where none of them is, the cause is gone and nothing was left undone, though no run came after: a file
    that could not be used was taken back, say, and the next refresh finds nothing to do.
    """
    return bool(failed.years) and is_up_to_the_marts(failed.where)


def _end(instance: dg.DagsterInstance, run_id: str) -> datetime:
    record = instance.get_run_record_by_id(run_id)
    moment = (record.end_time if record else None) or 0.0
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)


def _publication(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Publication:
    """How far the step that publishes came in a run."""
    kinds = {DagsterEventType.STEP_START, DagsterEventType.STEP_SUCCESS}
    logs = instance.all_logs(run.run_id, of_type=kinds)
    seen = {
        event.event_type
        for entry in logs
        if (event := entry.dagster_event) and event.step_key == PUBLISHED_STEP
    }
    if DagsterEventType.STEP_SUCCESS in seen:
        return "done"
    return "begun" if seen else "not begun"


def _cause(instance: dg.DagsterInstance, run: dg.DagsterRun) -> tuple[str, str]:
    """The step that failed first, blank where none did, and why."""
    for entry in instance.all_logs(run.run_id, of_type=DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        if event is None:
            continue
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            return event.step_key or "", told_cause("Failure", str(data.user_failure_data.description))
        if error := telling(data.error):
            return event.step_key or "", told_cause(error.cls_name or "", error.message)
    if was_killed(instance, run):
        return "", KILLED
    for entry in instance.all_logs(run.run_id, of_type=DagsterEventType.PIPELINE_FAILURE):
        event = entry.dagster_event
        if event is None:
            continue
        # A run that was reported failed from outside has a message and no error.
        error = telling(getattr(event.event_specific_data, "error", None))
        if error:
            return "", told_cause(error.cls_name or "", error.message)
        return "", told_cause("Failure", event.message or "unknown")
    return "", "unknown"
