"""The counts behind `data_quality`: every file's records by outcome and reason."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from assets.judging.arrow_types import QUALITY_SCHEMA
from assets.judging.judge import Judgement
from checks.reconciliation import FileCount

Key = tuple[int, str, str]


def quality_table(judgement: Judgement) -> pa.Table:
    """One row a file, outcome and reason that occurs. A refused file is a row with 0 records."""
    counts = _counts(judgement)
    rows = [
        {
            "table_name": judgement.contract.table,
            "file_hash": judgement.files[number].sha256,
            "file_name": judgement.files[number].file_name,
            "outcome": outcome,
            "reason": reason,
            "records": records,
        }
        for (number, outcome, reason), records in sorted(counts.items())
    ]
    return pa.Table.from_pylist(rows, schema=QUALITY_SCHEMA)


def _counts(judgement: Judgement) -> Counter[Key]:
    counts: Counter[Key] = Counter()
    records, decided = judgement.records, judgement.outcomes
    live_files = records.file_index[records.live]
    for number, file in enumerate(judgement.files):
        if file.refusal is not None:
            counts[(number, "file_refused", file.refusal["reason"])] = 0
        for kind, rows in file.skipped.items():
            counts[(number, "skipped", kind)] += rows
        if file.replaced and file.records:
            counts[(number, "superseded", file.reason)] += file.records
    _tally(counts, records.file_index[records.duplicate], "duplicate")
    _tally(counts, records.file_index[records.superseded & ~records.duplicate], "superseded")
    _tally(counts, live_files[~decided.rejected], "accepted")
    for rule, name in enumerate(decided.names):
        _tally(counts, live_files[decided.reason == rule], "quarantined", name)
    flagged, rules = decided.flagged
    accepted = ~decided.rejected[flagged] if len(flagged) else np.zeros(0, dtype=bool)
    for rule in np.unique(rules[accepted]):
        _tally(counts, live_files[flagged[accepted & (rules == rule)]], "flagged", decided.names[rule])
    return counts


def _tally(counts: Counter[Key], files: np.ndarray, outcome: str, reason: str | None = None) -> None:
    for number, records in zip(*np.unique(files, return_counts=True), strict=True):
        counts[(int(number), outcome, reason or outcome)] += int(records)


def file_counts(judgement: Judgement, accepted: pa.Table, quarantine: pa.Table) -> dict[str, FileCount]:
    """Every file's records by outcome, accepted and quarantined ones counted in what is written."""
    records = judgement.records
    taken = _by_hash(accepted)
    rejected = _by_hash(quarantine)
    result = {}
    for number, file in enumerate(judgement.files):
        of_file = records.file_index == number
        duplicate = int((of_file & records.duplicate).sum())
        superseded = int((of_file & records.superseded & ~records.duplicate).sum())
        result[f"{file.file_name} {file.sha256}"] = FileCount(
            file_name=file.file_name,
            landed=file.records,
            accepted=taken.get(file.sha256, 0) if file.readable else 0,
            quarantined=rejected.get(file.sha256, 0) if file.readable else 0,
            duplicate=duplicate,
            superseded=superseded + (file.records if file.replaced else 0),
        )
    return result


def _by_hash(table: pa.Table) -> dict[str, int]:
    counted = table["file_hash"].value_counts().to_pylist()
    return {entry["values"]: entry["counts"] for entry in counted}
