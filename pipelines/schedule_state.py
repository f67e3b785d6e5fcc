"""When the next night is, and whether anybody is there to start it.

Belongs here: reading the schedule's and the daemon's state. Does not belong here: the schedule
itself (`pipelines.schedules`) or how its state is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorStatus
from dagster._utils.schedules import get_next_cron_tick

from assets.workplace import Home
from pipelines.partitions import TIMEZONE
from pipelines.schedules import NIGHTLY

# The daemon tells every 30 s that it lives; on a busy machine some of that is lost.
_ALIVE_SECONDS = 300.0
_SCHEDULER = "SCHEDULER"


@dataclass(frozen=True)
class ScheduleState:
    """The next night.

    Parameters
    ----------
    next_tick
        With the province's zone.
    heartbeat
        The scheduler's last sign of life (UTC); None where it never gave one.
    alive
        Whether that was just now.
    switched_off
        Somebody stopped the schedule in the UI.
    """

    cron: str
    timezone: str
    next_tick: datetime
    heartbeat: datetime | None
    alive: bool
    switched_off: bool


def next_tick(cron: str, now: datetime) -> datetime:
    """The first tick after a moment, as the daemon computes it."""
    return get_next_cron_tick(cron, now, TIMEZONE)


def schedule_state(instance: dg.DagsterInstance | None, cron: str, now: datetime) -> ScheduleState:
    """The next night of a home.

    Parameters
    ----------
    instance
        The home's Dagster instance; None where it has none yet.
    cron
        When the schedule ticks.
    now
        This moment, with its zone.
    """
    beat = instance.get_daemon_heartbeats().get(_SCHEDULER) if instance else None
    heard = datetime.fromtimestamp(beat.timestamp, UTC) if beat else None
    age = (now - heard).total_seconds() if heard else None
    return ScheduleState(
        cron=cron,
        timezone=TIMEZONE,
        next_tick=next_tick(cron, now),
        heartbeat=heard,
        # A clock that was set back makes no dead daemon alive.
        alive=age is not None and abs(age) < _ALIVE_SECONDS,
        switched_off=_switched_off(instance) if instance else False,
    )


def has_instance(home: Home) -> bool:
    """Whether the home has a Dagster instance: to ask must not make one."""
    return (home.dagster / "dagster.yaml").exists()


def _switched_off(instance: dg.DagsterInstance) -> bool:
    states = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
    ours = [state for state in states if state.instigator_name == NIGHTLY]
    return bool(ours) and all(state.status == InstigatorStatus.STOPPED for state in ours)
