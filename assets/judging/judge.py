"""One table and year judged: from its raw files to accepted, quarantined and counted records.

Belongs here: the order of the steps and what is written. Does not belong here: the steps
themselves, each a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.journal import Journal
from assets.judging.batch import batch_frame
from assets.judging.files import JudgedFile, files_of
from assets.judging.parse import parse_file
from assets.judging.place import place_file
from assets.judging.supersede import (
    RowHasher,
    cell_names,
    conflicting_keys,
    contest,
    exact_copies,
    slot_frame,
)
from assets.judging.verdicts import Outcomes, outcomes
from assets.places.gazetteer import Gazetteer
from assets.raw_store import read_raw
from assets.values import value_class
from assets.workplace import Workplace
from checks.contract import Contract
from checks.rules import OVERLAPPING, all_rules
from checks.table_rules import TableCounts, TableVerdict, judge_table
from checks.validation import Validation, Verdict, validate


@dataclass
class YearRecords:
    """All parsed records of a table and year, and what each is before any rule looks at it."""

    table: pa.Table
    file_index: np.ndarray
    duplicate: np.ndarray
    superseded: np.ndarray

    @property
    def live(self) -> np.ndarray:
        """Positions of the records that the rules judge."""
        return np.flatnonzero(~(self.duplicate | self.superseded))


@dataclass
class Judgement:
    """A judged table and year, not yet written."""

    contract: Contract
    year: int
    files: tuple[JudgedFile, ...]
    records: YearRecords
    validation: Validation
    outcomes: Outcomes
    table_verdicts: tuple[TableVerdict, ...]
    flag_counts: dict[str, int] = field(default_factory=dict)

    @property
    def stopped(self) -> list[str]:
        """The rules that stop the year: of the table, or of a record."""
        of_table = [
            v.rule.name for v in self.table_verdicts if not v.passed and v.rule.outcome == "stop_year"
        ]
        of_records = [
            v.rule.name for v in self.validation.verdicts if v.failed and v.rule.outcome == "stop_year"
        ]
        return of_table + of_records


def judge_year(
    workplace: Workplace, journal: Journal, contract: Contract, year: int, gazetteer: Gazetteer,
    previous: int | None,
) -> Judgement:  # fmt: skip
    """Parse, place, settle and validate all records of a table and year.

    Parameters
    ----------
    previous
        Records of the year before (without copies and superseded ones), None where there is none.
    """
    files = files_of(workplace.home, journal, contract.table, year)
    records = _gather(workplace, files, contract, year, gazetteer)
    rules = all_rules(contract.table)
    live = records.live
    mask = pa.array(~(records.duplicate | records.superseded))
    validation = validate(contract.table, rules, batch_frame(records.table, mask, contract, rules, year))
    decided = outcomes(validation.verdicts, records.file_index[live])
    flags = {v.rule.name: v.failed for v in validation.verdicts if v.rule.outcome == "flag"}
    counts = TableCounts(
        landed=sum(f.records for f in files),
        duplicate=int(records.duplicate.sum()),
        superseded=int(records.superseded.sum()) + sum(f.records for f in files if f.replaced),
        quarantined=int(decided.rejected.sum()),
        flags=flags,
        previous=previous,
        complete=year < date.today().year,
    )
    verdicts = judge_table(contract.table_rules, counts)
    return Judgement(contract, year, files, records, validation, decided, verdicts, flags)


def _gather(
    workplace: Workplace, files: tuple[JudgedFile, ...], contract: Contract, year: int, gazetteer: Gazetteer
) -> YearRecords:
    pieces: list[pa.Table] = []
    copies: list[np.ndarray] = []
    content: list[np.ndarray] = []
    numbers: list[np.ndarray] = []
    with RowHasher(workplace.engine.threads) as hasher:
        for number, file in enumerate(files):
            if not file.readable:
                continue
            raw = read_raw(workplace.home.raw_file(contract.table, year, file.sha256))
            hashes = hasher.rows(raw.table, cell_names(raw.table))
            copies.append(exact_copies(raw.table, hashes, contract.place))
            content.append(hashes)
            parsed = parse_file(raw, contract, year)
            pieces.append(place_file(parsed, raw.sheets, contract, year, file.file_name, gazetteer))
            numbers.append(np.full(len(raw.table), number, dtype=np.int32))
    if not pieces:
        return _no_records(contract, year, gazetteer)
    table = pa.concat_tables(pieces)
    file_index = np.concatenate(numbers)
    duplicate = np.concatenate(copies)
    return _settle(table, file_index, duplicate, np.concatenate(content), files, contract)


def _settle(
    table: pa.Table, file_index: np.ndarray, duplicate: np.ndarray, content: np.ndarray,
    files: tuple[JudgedFile, ...], contract: Contract,
) -> YearRecords:  # fmt: skip
    ranks = np.array([file.rank for file in files], dtype=np.int64)[file_index]
    slots = slot_frame(table, contract)
    settled = contest(slots, ranks, file_index, content, duplicate, contract)
    out = duplicate | settled.superseded
    conflicts = conflicting_keys(slots, file_index, out | settled.overlapping, contract)
    nothing = pa.scalar(None, pa.string())
    issue = pc.if_else(pa.array(settled.overlapping), pa.scalar(OVERLAPPING), nothing)
    table = table.append_column("files_issue", issue)
    if "note__conflicting_key" in table.column_names:
        position = table.column_names.index("note__conflicting_key")
        table = table.set_column(position, "note__conflicting_key", pa.array(conflicts))
    return YearRecords(table, file_index, duplicate, settled.superseded)


def _no_records(contract: Contract, year: int, gazetteer: Gazetteer) -> YearRecords:
    """No record, but every column: each rule still reports."""
    from assets.judging.empty import empty_raw

    raw = empty_raw(contract)
    table = place_file(parse_file(raw, contract, year), raw.sheets, contract, year, "", gazetteer)
    table = table.append_column("files_issue", pa.nulls(0, pa.string()))
    nothing = np.zeros(0, dtype=bool)
    return YearRecords(table, np.zeros(0, dtype=np.int32), nothing, nothing)


def examples(judgement: Judgement, verdict: Verdict, limit: int = 3) -> list[dict[str, Any]]:
    """Where the first failing records stand, and the masked shape of what could not be read there.

    Never what a record says: `9.999,99` for a number, `text(12)` for anything of a person.
    """
    positions = judgement.records.live[verdict.failing[:limit]]
    table = judgement.records.table
    rows = table.select(["source_sheet", "source_row"]).take(positions).to_pylist()
    files = [judgement.files[n].file_name for n in judgement.records.file_index[positions]]
    found = [
        {"file": name, "sheet": row["source_sheet"], "row": row["source_row"]}
        for name, row in zip(files, rows, strict=True)
    ]
    if verdict.rule.kind == "readable":
        column = judgement.contract.column(verdict.rule.columns[0])
        texts = table[f"{column.name}__unreadable"].take(positions).to_pylist()
        for entry, text in zip(found, texts, strict=True):
            entry["value"] = value_class(text, personal=column.personal != "none") if text else None
    return found
