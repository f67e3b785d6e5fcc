"""The nightly schedule: once a night, the years whose files, contracts, seeds or code changed.

Belongs here: when the night is, and the look that it takes. Does not belong here: which years are
stale (`assets.staleness`) or what is asked for them (`pipelines.requests`).
"""

from __future__ import annotations

import dagster as dg

from assets.errors import FORESEEN
from assets.journal import Journal
from assets.staleness import changed_drops, landed_years, stale_years
from assets.workplace import Workplace
from pipelines.claims import ASKED, asking
from pipelines.jobs import REFRESH
from pipelines.lock import lock_file
from pipelines.partitions import TIMEZONE, known_years
from pipelines.requests import plan_night
from pipelines.run_records import standing

NIGHTLY = "nightly"
_WHAT = "Every night: years whose drops, contracts, seeds or code changed, old years included (hằng đêm)."


def nightly(workplace: Workplace, cron: str) -> dg.ScheduleDefinition:
    """The schedule on `refresh`, in the province's own time zone."""

    @dg.schedule(
        name=NIGHTLY,
        job_name=REFRESH,
        cron_schedule=cron,
        execution_timezone=TIMEZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_WHAT,
    )
    def tick(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        try:
            journal = Journal(workplace.home.journal)
            stale, drops = stale_years(workplace, journal), changed_drops(workplace, journal)
        except FORESEEN as error:
            # Told by the sensors, which look every few minutes: at the same drops, sources and journal that
            # of the drops, at the warehouse, away or refusing us, that of the standing list.
            return dg.SkipReason(f"what changed cannot be known: {error}")
        with asking(context.instance, workplace.home.dagster / ASKED) as claims:
            found, _ = standing(context.instance, lock_file(workplace.home.root), {}, claimed=claims.years)
            known = known_years()
            empty = set(known) - landed_years(journal) - set(stale.years)
            plan = plan_night(stale, drops, found, known, empty)
            claims.add(plan.requests)
        return list(plan.requests) or dg.SkipReason(plan.sentence)

    return tick
