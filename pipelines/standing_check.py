"""The standing list in Dagster: one check on the releases that says what fails right now.

A run evaluates it after publication. A run that fails never comes so far, so a sensor looks too,
writes the check anew whenever the list has changed, and tells what no failed run tells.

Belongs here: the check and its sensor. Does not belong here: what is on the list (`assets.failing`,
`pipelines.run_records`) or what of it is told (`pipelines.standing_news`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg
from pydantic import BaseModel, ValidationError

from assets.catalogue import as_table, asset_key
from assets.errors import FORESEEN
from assets.failing import Failing, what_fails
from assets.journal import Journal
from assets.releases import published_at
from assets.staleness import stale_years
from assets.workplace import Workplace
from pipelines.alerts import over_notice, standing_notice
from pipelines.channels import Channels
from pipelines.lock import holder, lock_file
from pipelines.run_records import open_runs
from pipelines.standing_news import news

STANDING = "nothing_fails"
_RELEASE = asset_key("published", "release")
_WHAT = "What fails right now, over all years and runs; errors hold publication (đang hỏng)."


def standing_check(workplace: Workplace) -> dg.AssetChecksDefinition:
    """The check as a run evaluates it; the runs' own failures are left to the sensor.

    A run that is about to succeed would find the failure that it ends.
    """

    @dg.asset_check(name=STANDING, asset=_RELEASE, description=_WHAT)
    def standing() -> dg.AssetCheckResult:
        found = what_fails(workplace, Journal(workplace.home.journal))
        return dg.AssetCheckResult(**_verdict(found))

    return standing


class StandingLook(BaseModel):
    """What the sensor remembers of its last look, in the cursor."""

    digest: str = ""
    looks: dict[str, int] = {}

    @classmethod
    def read(cls, cursor: str | None) -> StandingLook:
        """The last look; a blank one where there was none, or an older release wrote it."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()


def standing_sensor(workplace: Workplace, channels: Channels, seconds: int) -> dg.SensorDefinition:
    """Writes the check whenever the list has changed since the last look, and tells what is news."""

    @dg.sensor(
        name="standing",
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Keeps the check {STANDING} on the releases true between runs.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if running := holder(lock_file(workplace.home.root)):
            return dg.SkipReason(f"a refresh is running ({running}): what fails now is passing")
        journal = Journal(workplace.home.journal)
        found = what_fails(workplace, journal)
        found += open_runs(context.instance, published_at(journal), lambda: _to_make(workplace, journal))
        last = StandingLook.read(context.cursor)
        looks = _tell(channels, found, last.looks)
        digest = hashlib.sha256(json.dumps([asdict(entry) for entry in found]).encode()).hexdigest()[:16]
        now = StandingLook(digest=digest, looks=looks)
        if now == last:
            return dg.SkipReason(f"the same {len(found)} entries as at the last look")
        cursor = now.model_dump_json()
        if digest == last.digest:
            return dg.SensorResult(skip_reason=f"the same {len(found)} entries, told now", cursor=cursor)
        evaluation = dg.AssetCheckEvaluation(asset_key=_RELEASE, check_name=STANDING, **_verdict(found))
        return dg.SensorResult(asset_events=[evaluation], cursor=cursor)

    return look


def _to_make(workplace: Workplace, journal: Journal) -> tuple[int, ...] | None:
    """The years that a refresh would make now; None where the drops cannot be looked at."""
    try:
        return stale_years(workplace, journal).years
    except FORESEEN:
        return None


def _tell(channels: Channels, found: Sequence[Failing], before: Mapping[str, int]) -> dict[str, int]:
    """Tell what is news of the list; what the next look has to know."""
    look = news(found, before)
    if look.begun:
        channels.tell(standing_notice(look.begun))
    if look.over:
        channels.tell(over_notice(look.over))
    return dict(look.looks)


def _verdict(found: Sequence[Failing]) -> dict[str, Any]:
    """Failed where anything is on the list; an error only where something is."""
    errors = sum(entry.severity == "error" for entry in found)
    return {
        "passed": not found,
        "severity": dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        "description": f"{errors} errors, {len(found) - errors} warnings",
        "metadata": {"failing": as_table(found), "errors": errors, "warnings": len(found) - errors},
    }
