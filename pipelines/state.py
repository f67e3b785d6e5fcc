"""The state of a home, as one thing: years, what fails, releases, the next night.

Belongs here: gathering it, and its machine-readable form. Does not belong here: tables and colours
(`pipelines.cli.status_summary`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets.errors import FORESEEN
from assets.failing import Failing, what_fails
from assets.journal import ACCEPTED_STATE, Journal
from assets.releases import (
    ListedRelease,
    list_releases,
    published_at,
    put_back_by_decision,
    standing_trouble,
)
from assets.staleness import StaleYears, stale_years
from assets.workplace import Home, Workplace
from pipelines.lock import holder, lock_file
from pipelines.partitions import known_years
from pipelines.run_records import open_runs
from pipelines.runner import open_instance
from pipelines.schedule_state import ScheduleState, has_instance, schedule_state
from pipelines.settings import Settings

_COUNTS = ("files", "refused_files", "landed", "accepted", "quarantined", "duplicate", "superseded")


@dataclass(frozen=True)
class HomeState:
    """What stands where.

    Parameters
    ----------
    counts
        Rows of `accepted_state`, a table and year each.
    stale
        None where the drops cannot be looked at; then `unseen` says why.
    running
        Who holds the home's lock; None where nobody does.
    release_unknown
        Why it is not known which release stands; blank where it is, or where none does.
    rolled_back
        The rollback in force, as the journal holds it.
    """

    counts: tuple[Mapping[str, Any], ...]
    stale: StaleYears | None
    unseen: str
    running: str | None
    release_unknown: str
    failing: tuple[Failing, ...]
    releases: tuple[ListedRelease, ...]
    rolled_back: Mapping[str, Any] | None
    schedule: ScheduleState

    @property
    def standing(self) -> ListedRelease | None:
        """The release that readers see."""
        return next((release for release in self.releases if release.stands), None)

    @property
    def years(self) -> tuple[int, ...]:
        """Years with records, or with something to do."""
        found = {row["year"] for row in self.counts if row["landed"]}
        return tuple(sorted(found.union(self.stale.years if self.stale else ())))

    @property
    def ok(self) -> bool:
        """Nothing holds publication or keeps readers from the release, and no run's failure is open."""
        return not any(entry.severity == "error" for entry in self.failing)

    def word(self, year: int) -> str:
        """A year's state in a word."""
        if any(f.severity == "error" and f.year == year for f in self.failing):
            return "held"
        if self.stale and year in self.stale.reasons:
            return "stale"
        if self.release_unknown:
            return "not known"
        standing = self.standing
        return "published" if standing and year in standing.years else "not published"


def state_of(settings: Settings, now: datetime | None = None) -> HomeState:
    """Look at a home; nothing is changed."""
    workplace = settings.workplace()
    journal = Journal(workplace.home.journal)
    running = holder(lock_file(workplace.home.root))
    failing = what_fails(workplace, journal, with_marts=running is None)
    stale, unseen = _stale(settings, journal)
    failing += _out_of_range(stale) if stale else []
    # What the warehouse does not answer is told of the warehouse already.
    if unseen and unseen not in {entry.found for entry in failing}:
        todo = "bring the drop store or source back: mounted? reachable?"
        failing.append(Failing("error", "drops", None, "can be seen", unseen, todo))
    releases, release_unknown = _releases(workplace, journal)
    standing = next((r.release_id for r in releases if r.stands), None)
    with _instance(workplace.home) as instance:
        to_make = None if stale is None else stale.years
        failing += open_runs(instance, published_at(journal), lambda: to_make) if instance else []
        schedule = schedule_state(instance, settings.nightly, now or datetime.now(UTC))
    order = sa.select(ACCEPTED_STATE).order_by(ACCEPTED_STATE.c.table_name, ACCEPTED_STATE.c.year)
    return HomeState(
        counts=tuple(journal.rows(order)),
        stale=stale,
        unseen=unseen,
        running=running,
        release_unknown=release_unknown,
        failing=tuple(sorted(failing, key=lambda entry: entry.severity != "error")),
        releases=releases,
        rolled_back=put_back_by_decision(journal, standing),
        schedule=schedule,
    )


def _stale(settings: Settings, journal: Journal) -> tuple[StaleYears | None, str]:
    try:
        return stale_years(settings.workplace(), journal), ""
    except FORESEEN as error:
        return None, str(error)


def _releases(workplace: Workplace, journal: Journal) -> tuple[tuple[ListedRelease, ...], str]:
    """The releases, and why it is not known which of them stands."""
    try:
        return tuple(list_releases(workplace, journal)), standing_trouble(workplace)
    except FORESEEN as error:
        return (), str(error)


def _out_of_range(stale: StaleYears) -> list[Failing]:
    """Drops of years that no run makes: named, and taken out of the stale ones."""
    known = known_years()
    todo = f"move them to their year; years run from {min(known)} to {max(known)}"
    others = [year for year in stale.years if year not in known]
    return [
        Failing("warning", "drops", year, "year out of range", stale.reasons.pop(year)[0], todo)
        for year in others
    ]


@contextmanager
def _instance(home: Home) -> Iterator[dg.DagsterInstance | None]:
    if not has_instance(home):
        yield None
        return
    with open_instance(home) as instance:
        yield instance


def as_json(state: HomeState) -> dict[str, Any]:
    """The state for programs: plain values, moments in ISO 8601 with their zone."""
    standing = state.standing
    return {
        "ok": state.ok,
        "refresh_running": state.running,
        "years": {str(year): _year(state, year) for year in state.years},
        "drops_unseen": state.unseen or None,
        "failing": [asdict(entry) for entry in state.failing],
        "release_unknown": state.release_unknown or None,
        "release": _release(standing) if standing else None,
        "releases": [_release(release) for release in state.releases],
        "rolled_back": {k: v for k, v in state.rolled_back.items() if k != "id"}
        if state.rolled_back
        else None,
        "schedule": {
            "cron": state.schedule.cron,
            "timezone": state.schedule.timezone,
            "next_tick": state.schedule.next_tick.isoformat(),
            "switched_off": state.schedule.switched_off,
            "daemon_alive": state.schedule.alive,
            "daemon_heartbeat": state.schedule.heartbeat.isoformat() if state.schedule.heartbeat else None,
        },
    }


def _year(state: HomeState, year: int) -> dict[str, Any]:
    rows = [row for row in state.counts if row["year"] == year]
    return {
        "state": state.word(year),
        "stale": list(state.stale.reasons.get(year, ())) if state.stale else None,
        "tables": {row["table_name"]: {name: row[name] for name in _COUNTS} for row in rows},
    }


def _release(release: ListedRelease) -> dict[str, Any]:
    moment = release.published_at.replace(tzinfo=UTC)
    return {
        **asdict(release),
        "published_at": moment.isoformat(),
        "age_hours": round((datetime.now(UTC) - moment).total_seconds() / 3600, 2),
        "can_be_put_back": release.can_be_put_back,
    }
