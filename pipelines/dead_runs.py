"""Ending runs whose process died, and giving back what they held.

Belongs here: what is written of a run that is known to be dead. Does not belong here: how that is known
(`pipelines.run_records`, `pipelines.killed_runs`).
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from pipelines.killed_runs import KILLED
from pipelines.requests import KILLED_TAG


def end_dead(instance: dg.DagsterInstance, dead: Iterable[dg.DagsterRun]) -> None:
    """Report runs failed, and give back their pool slots. Only called under the home's lock."""
    for run in dead:
        # The slots first: who is killed in between leaves the run unfinished, and the next one does both.
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        instance.add_run_tags(run.run_id, {KILLED_TAG: "true"})
        instance.report_run_failed(run, KILLED)
    free_slots_of_the_ended(instance)


def free_slots_of_the_ended(instance: dg.DagsterInstance) -> None:
    """Give back the pool slots of runs that have ended.

    Dagster reports a run failed whose process is gone, and leaves its slots: the next run would wait for
    them without end.
    """
    storage = instance.event_log_storage
    keys = storage.get_concurrency_keys()
    holders = set().union(*(storage.get_concurrency_info(key).active_run_ids for key in keys))
    for run_id in holders | storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
