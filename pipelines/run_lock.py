"""The home's lock as part of every run: whoever starts it, a run holds it before its first step.

Belongs here: the resource that hands the workplace to a run once the lock is held. Does not belong
here: the lock itself (`pipelines.lock`).
"""

from __future__ import annotations

import os

import dagster as dg

from assets.again import ask_again
from assets.journal import Journal
from assets.leftovers import remove_leftovers
from assets.workplace import Workplace
from pipelines.lock import held_here, hold_until_exit, lock_file
from pipelines.requests import FORCE_TAG, PROCESS_TAG, years_of

# A backfill of ten years takes less; a holder that takes longer hangs, and is told of.
PATIENCE = 6 * 3600.0


def locked_workplace(workplace: Workplace, patience: float = PATIENCE) -> dg.ResourceDefinition:
    """The workplace, handed to a run when its process holds the home's lock.

    A run of the command holds it already; one of the daemon or the UI waits for it, and keeps it
    until its process ends.
    """

    def take(context: dg.InitResourceContext) -> Workplace:
        path = lock_file(workplace.home.root)
        if not held_here(path):
            log = context.log
            hold_until_exit(path, patience, log.warning if log else print)
            if context.instance and context.run_id:
                context.instance.add_run_tags(context.run_id, {PROCESS_TAG: str(os.getpid())})
        remove_leftovers(workplace)
        if context.run and context.run.tags.get(FORCE_TAG) == "true":
            ask_again(Journal(workplace.home.journal), years_of(context.run.tags))
        return workplace

    return dg.ResourceDefinition(take, description="Folders, limits and secrets; held by one run at a time.")
