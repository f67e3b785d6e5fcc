"""The standing list in Dagster: one check on the releases that says what fails right now.

A run evaluates it after publication. A run that fails never comes so far, so a sensor looks too,
and writes the check anew whenever the list has changed.

Belongs here: the check and its sensor. Does not belong here: what is on the list (`assets.failing`,
`pipelines.run_records`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg

from assets.catalogue import as_table, asset_key
from assets.errors import FORESEEN
from assets.failing import Failing, what_fails
from assets.journal import Journal
from assets.releases import published_at
from assets.staleness import stale_years
from assets.workplace import Workplace
from pipelines.lock import holder, lock_file
from pipelines.run_records import open_runs

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


def standing_sensor(workplace: Workplace, seconds: int) -> dg.SensorDefinition:
    """Writes the check whenever the list has changed since the last look."""

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
        digest = hashlib.sha256(json.dumps([asdict(entry) for entry in found]).encode()).hexdigest()[:16]
        if digest == context.cursor:
            return dg.SkipReason(f"the same {len(found)} entries as at the last look")
        evaluation = dg.AssetCheckEvaluation(asset_key=_RELEASE, check_name=STANDING, **_verdict(found))
        return dg.SensorResult(asset_events=[evaluation], cursor=digest)

    return look


def _to_make(workplace: Workplace, journal: Journal) -> tuple[int, ...] | None:
    """The years that a refresh would make now; None where the drops cannot be looked at."""
    try:
        return stale_years(workplace, journal).years
    except FORESEEN:
        return None


def _verdict(found: Sequence[Failing]) -> dict[str, Any]:
    """Failed where anything is on the list; an error only where something is."""
    errors = sum(entry.severity == "error" for entry in found)
    return {
        "passed": not found,
        "severity": dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        "description": f"{errors} errors, {len(found) - errors} warnings",
        "metadata": {"failing": as_table(found), "errors": errors, "warnings": len(found) - errors},
    }
