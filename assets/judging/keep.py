"""Keep a judged year: written beside and renamed, counted from what was written, journalled.

A year that is stopped, or whose records do not add up, keeps what it had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from assets.journal import ACCEPTED_STATE, CHECK_RESULT, Journal, now, upsert
from assets.judging.arrow_types import accepted_schema
from assets.judging.data_docs import write_page
from assets.judging.ground import Overlapping
from assets.judging.part import JudgedPart
from assets.judging.quality import quality_table
from assets.judging.tally import YearTally
from assets.raw_store import ParquetFile, write_parquet
from assets.workplace import Workplace
from checks.contract import Contract
from checks.reconciliation import FileCount, unreconciled

# In the detail of the reconciliation: files that count for nothing, or beside newer ones, by their dates.
OLDER = "older"


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
    """What a judgement depends on: everything, the files alone, and every part by its name."""

    everything: str
    files: str
    parts: Mapping[str, str] = field(default_factory=dict)


def keep_year(
    parts: Iterator[JudgedPart],
    contract: Contract,
    year: int,
    workplace: Workplace,
    journal: Journal,
    fingerprints: Fingerprints,
    previous: int | None,
    overlapping: Overlapping,
) -> KeptYear:
    """Write a judged year, unless it is stopped or does not add up; journal its checks in any case.

    Parameters
    ----------
    parts
        The judged parts of the year, as `judge_year` gives them.
    previous
        Records of the year before (without copies and superseded ones), None where there is none.
    overlapping
        Says which units share ground.
    """
    home, table = workplace.home, contract.table
    tally = YearTally(contract, year)
    rejected: list[pa.Table] = []
    with ParquetFile(home.partition("accepted", table, year), accepted_schema(contract)) as written:
        for part in parts:
            tally.merge(part.tally)
            rejected.append(part.quarantine)
            written.add(part.accepted_records())
        counts = tally.file_counts()
        closing = _reconciliation(counts, tally.older_files())
        checks = (*_rule_checks(tally), _table_check(tally, previous, overlapping), closing)
        kept = KeptYear(table, year, _totals(tally, counts), checks)
        if not kept.blocked:
            # The journal's fingerprint comes last: a run killed in between does the year again.
            write_parquet(home.partition("quarantine", table, year), pa.concat_tables(rejected))
            write_parquet(home.partition("quality", table, year), quality_table(tally))
            written.keep()
    _journal(kept, journal, fingerprints)
    write_page(home.data_docs, tally)
    return kept


def _rule_checks(tally: YearTally) -> list[CheckReport]:
    groups: dict[str, dict[str, Any]] = {}
    for entry in tally.rules.values():
        group = groups.setdefault(entry.rule.group, {})
        if entry.failed:
            group[entry.rule.name] = {
                "records": entry.failed,
                "outcome": entry.rule.outcome,
                "rule": entry.rule.description,
                "examples": entry.examples,
            }
    return [
        CheckReport(
            f"rules_{name}", not found, False, tally.judged, sum(f["records"] for f in found.values()), found
        )
        for name, found in groups.items()
    ]


def _table_check(tally: YearTally, previous: int | None, overlapping: Overlapping) -> CheckReport:
    verdicts = tally.table_verdicts(previous, overlapping)
    broken: dict[str, dict[str, Any]] = {
        v.rule.name: {
            "value": v.value,
            "minimum": v.rule.minimum,
            "maximum": v.rule.maximum,
            "outcome": v.rule.outcome,
            "rule": v.rule.description,
        }
        | ({"places": list(v.places)} if v.places else {})
        for v in verdicts
        if not v.passed
    }
    for entry in tally.rules.values():
        if entry.failed and entry.rule.outcome in ("stop_year", "warn"):
            broken[entry.rule.name] = {
                "value": entry.failed,
                "minimum": None,
                "maximum": 0,
                "outcome": entry.rule.outcome,
                "rule": entry.rule.description,
            }
    stopped = any(entry["outcome"] == "stop_year" for entry in broken.values())
    return CheckReport("table_rules", not broken, stopped, len(verdicts), len(broken), broken)


def _reconciliation(counts: Mapping[str, FileCount], older: list[str]) -> CheckReport:
    open_files = unreconciled(counts)
    detail = {"files": open_files[:20]} | ({OLDER: older[:20]} if older else {})
    return CheckReport("reconciliation", not open_files, True, len(counts), len(open_files), detail)


def _totals(tally: YearTally, counts: Mapping[str, FileCount]) -> dict[str, int]:
    files = [f for f in tally.files if f.refusal is None]
    return {
        "landed": sum(c.landed for c in counts.values()),
        "accepted": sum(c.accepted for c in counts.values()),
        "quarantined": sum(c.quarantined for c in counts.values()),
        "duplicate": sum(c.duplicate for c in counts.values()),
        "superseded": sum(c.superseded for c in counts.values()),
        "files": len(files),
        "refused_files": len(tally.files) - len(files),
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
            state = {
                "fingerprint": fingerprints.everything,
                "made_from": dict(fingerprints.parts),
                "files_fingerprint": fingerprints.files,
            }
            upsert(connection, ACCEPTED_STATE, [{**key, **state, "at": now(), **kept.counts}])
