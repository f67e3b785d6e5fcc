"""What a judged year came to, added up batch by batch.

Belongs here: counts by file, outcome, reason and rule, and where the first failing records stand.
Does not belong here: judging, or writing anything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from assets.judging.files import JudgedFile
from assets.judging.ground import ListedGround, Overlapping
from assets.judging.judge import Judgement, examples
from assets.judging.older import OlderFiles
from checks.contract import Contract, Rule
from checks.reconciliation import FileCount
from checks.rules import all_rules
from checks.table_rules import TableCounts, TableVerdict, judge_table
from checks.validation_result import added, reduced

# A file's number, an outcome and a reason.
Key = tuple[int, str, str]
_EXAMPLES = 3
# Beside the outcomes of records: by which method the commune of each accepted one was found.
PLACED = "placed"


@dataclass
class RuleTally:
    """One rule over a year: how many records break it, and where the first of them stand."""

    rule: Rule
    failed: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


class YearTally:
    """The counts of a table and year.

    Attributes
    ----------
    quality
        Records by file, outcome and reason; of files as a whole only in what was merged.
    rules
        Every rule of the table, in the contract's order.
    """

    def __init__(self, contract: Contract, year: int) -> None:
        self.contract, self.year = contract, year
        self.files: tuple[JudgedFile, ...] = ()
        self.quality: Counter[Key] = Counter()
        self.rules = {rule.name: RuleTally(rule) for rule in all_rules(contract.table)}
        self.judged = 0
        self._written: dict[str, Counter[str]] = {"accepted": Counter(), "quarantined": Counter()}
        self._results: dict[str, list[Any]] = {}
        self.meta: Any = None
        self.older = OlderFiles()
        self.ground = ListedGround(contract.table_rules)

    def add(self, judgement: Judgement, accepted: pa.Table, quarantine: pa.Table) -> None:
        """Count a part; accepted and quarantined records are counted in what is written of them."""
        self.files, self.meta = judgement.files, judgement.validation.meta
        self.older = judgement.older
        self.judged += len(judgement.records.live)
        self._count_records(judgement)
        self._count_places(judgement, accepted)
        self._count_rules(judgement)
        self.ground.add(accepted)
        for kind, table in (("accepted", accepted), ("quarantined", quarantine)):
            for entry in table["file_hash"].value_counts().to_pylist():
                self._written[kind][entry["values"]] += entry["counts"]

    def merge(self, other: YearTally) -> None:
        """Add what another part of the year came to."""
        if not self.meta:
            self.files, self.meta, self.older = other.files, other.meta, other.older
            self._count_files()
        self.judged += other.judged
        self.ground.merge(other.ground)
        self.quality.update(other.quality)
        for kind, counted in other._written.items():
            self._written[kind].update(counted)
        for name, tally in other.rules.items():
            mine = self.rules[name]
            mine.failed += tally.failed
            mine.examples += tally.examples[: _EXAMPLES - len(mine.examples)]
        for name, results in other._results.items():
            self._results.setdefault(name, []).extend(results)

    def _count_files(self) -> None:
        for number, file in enumerate(self.files):
            if file.refusal is not None:
                self.quality[(number, "file_refused", file.refusal["reason"])] = 0
            for kind, rows in file.skipped.items():
                self.quality[(number, "skipped", kind)] += rows
            if file.replaced and file.records:
                self.quality[(number, "superseded", file.reason)] += file.records

    def _count_records(self, judgement: Judgement) -> None:
        records, decided = judgement.records, judgement.outcomes
        live_files = records.file_index[records.live]
        self._count(records.file_index[records.duplicate], "duplicate")
        self._count(records.file_index[records.superseded & ~records.duplicate], "superseded")
        self._count(live_files[~decided.rejected], "accepted")
        for rule, name in enumerate(decided.names):
            self._count(live_files[decided.reason == rule], "quarantined", name)
        flagged, rules = decided.flagged
        accepted = ~decided.rejected[flagged] if len(flagged) else np.zeros(0, dtype=bool)
        for rule in np.unique(rules[accepted]):
            self._count(live_files[flagged[accepted & (rules == rule)]], "flagged", decided.names[rule])

    def _count_places(self, judgement: Judgement, accepted: pa.Table) -> None:
        """How the accepted records' communes were found; a target of the whole province has none."""
        numbers = {(f.sha256, f.file_name): number for number, f in enumerate(judgement.files)}
        keys = ["file_hash", "file_name", "place_method"]
        for row in accepted.group_by(keys).aggregate([([], "count_all")]).to_pylist():
            if row["place_method"]:
                number = numbers[row["file_hash"], row["file_name"]]
                self.quality[(number, PLACED, row["place_method"])] += row["count_all"]

    def _count(self, files: np.ndarray, outcome: str, reason: str | None = None) -> None:
        for number, records in zip(*np.unique(files, return_counts=True), strict=True):
            self.quality[(int(number), outcome, reason or outcome)] += int(records)

    def _count_rules(self, judgement: Judgement) -> None:
        for verdict in judgement.validation.verdicts:
            tally = self.rules[verdict.rule.name]
            tally.failed += verdict.failed
            if verdict.failed and len(tally.examples) < _EXAMPLES:
                tally.examples += examples(judgement, verdict, _EXAMPLES - len(tally.examples))
        for name, result in judgement.validation.results.items():
            self._results.setdefault(name, []).append(reduced(result))

    def file_counts(self) -> dict[str, FileCount]:
        """Every file's records by outcome."""
        counts = {}
        for number, file in enumerate(self.files):
            counts[f"{file.file_name} {file.sha256}"] = FileCount(
                file_name=file.file_name,
                landed=file.records,
                accepted=self._written["accepted"][file.sha256] if file.readable else 0,
                quarantined=self._written["quarantined"][file.sha256] if file.readable else 0,
                duplicate=self.quality[(number, "duplicate", "duplicate")],
                superseded=sum(self.quality[(number, "superseded", r)] for r in {"superseded", file.reason}),
            )
        return counts

    def older_files(self) -> list[str]:
        """A sentence for every file that counts for nothing, or beside newer ones, since its date is older.

        A corrected file that is dated before the one that it should replace does nothing without a word;
        one of a commune that sent a newer list adds the villages that the newer one no longer has.
        """
        told = []
        for number, file in enumerate(self.files):
            superseded = self.quality[(number, "superseded", "superseded")]
            left = file.records - superseded - self.quality[(number, "duplicate", "duplicate")]
            behind = [self.files[n] for n in self.older.behind.get(number, ())]
            newer = [f for f in behind if f.rank > file.rank and f.arrived < file.arrived]
            if not file.readable:
                continue
            if superseded and not left and newer:
                told.append(
                    f"{file.file_name}: older by its date than files that came before it, such as "
                    f"{newer[0].file_name}, which hold the place of all its {superseded:,} records; "
                    "nothing of it counts"
                )
            elif beside := self.older.beside.get(number):
                told.append(
                    f"{file.file_name}: older by its date than {self.files[beside[0]].file_name} of the same "
                    f"commune; {beside[1]:,} records of it count beside that one, in villages that it lacks"
                )
        return told

    def table_verdicts(self, previous: int | None, overlapping: Overlapping) -> tuple[TableVerdict, ...]:
        """The verdicts on the year as a whole.

        Parameters
        ----------
        previous
            Records of the year before.
        overlapping
            Says which units share ground.
        """
        outcomes: Counter[str] = Counter()
        for (_, outcome, _), records in self.quality.items():
            outcomes[outcome] += records
        counts = TableCounts(
            landed=sum(f.records for f in self.files),
            duplicate=outcomes["duplicate"],
            superseded=outcomes["superseded"],
            quarantined=outcomes["quarantined"],
            flags={name: t.failed for name, t in self.rules.items() if t.rule.outcome == "flag"},
            previous=previous,
            complete=self.year < date.today().year,
            twice=self.ground.twice(overlapping),
        )
        return judge_table(self.contract.table_rules, counts)

    def results(self) -> dict[str, Any]:
        """The library's results by rule, in the contract's order, with counts alone."""
        return {name: added(self._results[name]) for name in self.rules if name in self._results}
