"""The sensors: drops that came to rest ask for a refresh; failures and recoveries are told.

Belongs here: the looks that the daemon takes every few minutes. Does not belong here: what is asked
for (`pipelines.requests`), what a notice says (`pipelines.alerts`), how it is sent
(`pipelines.channels`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import dagster as dg
from dagster import DagsterRunStatus
from pydantic import BaseModel, Field, ValidationError

from assets.errors import FORESEEN
from assets.journal import Journal
from assets.staleness import StaleYears, changed_drops, stale_years
from assets.workplace import Workplace
from pipelines.alerts import (
    failure_notice,
    is_news,
    recovered,
    recovery_notice,
    seen_again_notice,
    unseen_notice,
)
from pipelines.channels import Channels
from pipelines.claims import ASKED, asking
from pipelines.jobs import REFRESH
from pipelines.killed_runs import left_stale, owed_years
from pipelines.lock import holder, lock_file
from pipelines.partitions import known_years
from pipelines.requests import plan_drops
from pipelines.run_records import ended, history_before, standing

DROPS, FAILURES, RECOVERIES = "drops", "failures", "recoveries"
_TOLD_AFTER = 2
_TELL_SECONDS = 30


class Look(BaseModel):
    """What the drop sensor remembers of its last look, in the cursor."""

    seen: dict[int, str] = {}
    suspects: frozenset[str] = frozenset()
    unseen: Annotated[int, Field(ge=0)] = 0
    # Killed runs after which everything was looked at: what they left is asked for once.
    settled: frozenset[str] = frozenset()

    @classmethod
    def read(cls, cursor: str | None) -> Look:
        """The last look; a blank one where there was none, or an older release wrote it."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()


@dataclass(frozen=True)
class _DropLook:
    """One look at the drops."""

    workplace: Workplace
    channels: Channels

    def take(self, instance: dg.DagsterInstance, last: Look) -> dg.SensorResult:
        try:
            drops = changed_drops(self.workplace, Journal(self.workplace.home.journal))
        except FORESEEN as error:
            return self._unseen(last, str(error))
        if last.unseen >= _TOLD_AFTER:
            self.channels.tell(seen_again_notice())
        digests = {year: drops.digest(year) for year in drops.years}
        owed = owed_years(instance)
        killed = self._left_by_killed({y: run for y, run in owed.items() if run not in last.settled})
        lock = lock_file(self.workplace.home.root)
        with asking(instance, self.workplace.home.dagster / ASKED) as claims:
            found, suspects = standing(instance, lock, digests, suspects=last.suspects, claimed=claims.years)
            plan = plan_drops(drops, found, known_years(), last.seen, killed)
            claims.add(plan.requests)
        could_ask = killed is not None and (plan.requests or not found.holder)
        settled = frozenset(owed.values()) if could_ask else last.settled.intersection(owed.values())
        cursor = Look(seen=digests, suspects=suspects, settled=settled).model_dump_json()
        if plan.requests:
            return dg.SensorResult(run_requests=list(plan.requests), cursor=cursor)
        return dg.SensorResult(skip_reason=plan.sentence, cursor=cursor)

    def _left_by_killed(self, owed: Mapping[int, str]) -> StaleYears | None:
        """The years that killed runs left stale; None where that cannot be known at this look.

        Everything is looked at, databases and fingerprints too, once after a run was killed: what it left
        undone (files landed and not judged) no listing of the drops shows.
        """
        if not owed:
            return StaleYears()
        if holder(lock_file(self.workplace.home.root)):
            return None
        try:
            stale = stale_years(self.workplace, Journal(self.workplace.home.journal))
        except FORESEEN:
            return None  # told by the standing list
        return left_stale(stale, owed)

    def _unseen(self, last: Look, cause: str) -> dg.SensorResult:
        """A store that is away for one look is a hiccup; after that it is told, once."""
        now = Look(suspects=last.suspects, unseen=last.unseen + 1, settled=last.settled)
        if now.unseen == _TOLD_AFTER:
            self.channels.tell(unseen_notice(cause))
        return dg.SensorResult(
            skip_reason=f"the drops cannot be looked at: {cause}", cursor=now.model_dump_json()
        )


def drop_sensor(workplace: Workplace, channels: Channels, seconds: int) -> dg.SensorDefinition:
    """Asks for the years whose drops changed by size or time: a listing, nothing is opened.

    After a run whose process was killed it looks at everything, and asks once more for what that left.
    """

    @dg.sensor(
        name=DROPS,
        job_name=REFRESH,
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Drops that changed and have come to rest: their years, once a state (tệp mới nhận).",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return _DropLook(workplace, channels).take(context.instance, Look.read(context.cursor))

    return look


def failure_sensor(channels: Channels, seconds: int) -> dg.SensorDefinition:
    """Tells a failed run, whoever started it; the same failure again only in the log of runs."""

    @dg.run_status_sensor(
        name=FAILURES,
        run_status=DagsterRunStatus.FAILURE,
        monitor_all_code_locations=True,
        minimum_interval_seconds=min(seconds, _TELL_SECONDS),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells what failed, why and what next: log, e-mail, webhook (báo lỗi).",
    )
    def tell(context: dg.RunStatusSensorContext) -> None:
        failed = ended(context.instance, context.dagster_run)
        if is_news(failed, history_before(context.instance, failed.run_id)):
            channels.tell(failure_notice(failed))

    return tell


def recovery_sensor(channels: Channels, seconds: int) -> dg.SensorDefinition:
    """Tells the success that ends a failure."""

    @dg.run_status_sensor(
        name=RECOVERIES,
        run_status=DagsterRunStatus.SUCCESS,
        monitor_all_code_locations=True,
        minimum_interval_seconds=min(seconds, _TELL_SECONDS),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells the first success after a failure (đã khôi phục).",
    )
    def tell(context: dg.RunStatusSensorContext) -> None:
        success = ended(context.instance, context.dagster_run)
        over = recovered(success, history_before(context.instance, success.run_id))
        if over:
            channels.tell(recovery_notice(success, over))

    return tell
