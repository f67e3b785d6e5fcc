"""Keep a judged year: written beside and renamed, counted from what was written, journalled.

A year that is stopped, or whose records do not add up, keeps what it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assets.journal import ACCEPTED_STATE, CHECK_RESULT, Journal, now, upsert
from assets.judging.accept import accepted_table
from assets.judging.judge import Judgement, examples
from assets.judging.quality import file_counts, quality_table
from assets.judging.quarantine import quarantine_table
from assets.raw_store import write_parquet
from assets.workplace import Home
from checks.reconciliation import FileCount, unreconciled


@dataclass(frozen=True)
class CheckReport:
    """One check of a table and year: what was looked at, what failed, where the first ones stand."""

    name: str
    passed: bool
    blocking: bool
    evaluated: int
    failed: int
    detail: dict[str, Any]


@dataclass(frozen=True)
class KeptYear:
    """What became of a table and year."""

    table: str
    year: int
    counts: dict[str, int]
    checks: tuple[CheckReport, ...]

    @property
    def blocked(self) -> list[CheckReport]:
        return [check for check in self.checks if check.blocking and not check.passed]


@dataclass(frozen=True)
class Fingerprints:
    """What a judgement depends on: everything, and the files alone."""

    everything: str
    files: str


def keep_year(
    judgement: Judgement, home: Home, journal: Journal, key: bytes, fingerprints: Fingerprints
) -> KeptYear:
    """Write a judgement, unless it is stopped or does not add up; journal its checks in any case."""
    accepted = accepted_table(judgement, key)
    quarantine = quarantine_table(judgement, home)
    counts = file_counts(judgement, accepted, quarantine)
    checks = (*_rule_checks(judgement), _table_check(judgement), _reconciliation(counts))
    kept = KeptYear(judgement.contract.table, judgement.year, _totals(judgement, counts), checks)
    if not kept.blocked:
        table, year = kept.table, kept.year
        # The journal's fingerprint comes last: a run killed in between does the year again.
        write_parquet(home.partition("quarantine", table, year), quarantine)
        write_parquet(home.partition("quality", table, year), quality_table(judgement))
        write_parquet(home.partition("accepted", table, year), accepted)
    _journal(kept, journal, fingerprints)
    return kept


def _rule_checks(judgement: Judgement) -> list[CheckReport]:
    groups: dict[str, dict[str, Any]] = {}
    size = len(judgement.records.live)
    for verdict in judgement.validation.verdicts:
        group = groups.setdefault(verdict.rule.group, {})
        if verdict.failed:
            group[verdict.rule.name] = {
                "records": verdict.failed,
                "outcome": verdict.rule.outcome,
                "rule": verdict.rule.description,
                "examples": examples(judgement, verdict),
            }
    return [
        CheckReport(f"rules_{name}", not found, False, size, sum(f["records"] for f in found.values()), found)
        for name, found in groups.items()
    ]


def _table_check(judgement: Judgement) -> CheckReport:
    broken: dict[str, dict[str, Any]] = {
        v.rule.name: {
            "value": v.value,
            "minimum": v.rule.minimum,
            "maximum": v.rule.maximum,
            "outcome": v.rule.outcome,
            "rule": v.rule.description,
        }
        for v in judgement.table_verdicts
        if not v.passed
    }
    for verdict in judgement.validation.verdicts:
        if verdict.failed and verdict.rule.outcome in ("stop_year", "warn"):
            broken[verdict.rule.name] = {
                "value": verdict.failed,
                "minimum": None,
                "maximum": 0,
                "outcome": verdict.rule.outcome,
                "rule": verdict.rule.description,
            }
    return CheckReport(
        "table_rules", not broken, bool(judgement.stopped), len(judgement.table_verdicts), len(broken), broken
    )


def _reconciliation(counts: Mapping[str, FileCount]) -> CheckReport:
    open_files = unreconciled(counts)
    return CheckReport(
        "reconciliation", not open_files, True, len(counts), len(open_files), {"files": open_files[:20]}
    )


def _totals(judgement: Judgement, counts: Mapping[str, FileCount]) -> dict[str, int]:
    files = [f for f in judgement.files if f.refusal is None]
    return {
        "landed": sum(c.landed for c in counts.values()),
        "accepted": sum(c.accepted for c in counts.values()),
        "quarantined": sum(c.quarantined for c in counts.values()),
        "duplicate": sum(c.duplicate for c in counts.values()),
        "superseded": sum(c.superseded for c in counts.values()),
        "files": len(files),
        "refused_files": len(judgement.files) - len(files),
    }


def _journal(kept: KeptYear, journal: Journal, fingerprints: Fingerprints) -> None:
    key = {"table_name": kept.table, "year": kept.year}
    checks = [
        {
            **key,
            "check_name": check.name,
            "passed": check.passed,
            "blocking": check.blocking,
            "evaluated": check.evaluated,
            "failed": check.failed,
            "detail": check.detail,
            "fingerprint": fingerprints.everything,
            "at": now(),
        }
        for check in kept.checks
    ]
    with journal.transaction() as connection:
        upsert(connection, CHECK_RESULT, checks)
        if not kept.blocked:
            state = {"fingerprint": fingerprints.everything, "files_fingerprint": fingerprints.files}
            upsert(connection, ACCEPTED_STATE, [{**key, **state, "at": now(), **kept.counts}])
