"""A part of a table and year judged: every rule's verdict, every record's outcome.

Belongs here: from parsed and settled records to judged ones. Does not belong here: which parts
there are (`year`), or what is written (`keep`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.judging.batch import ArrowBatch
from assets.judging.files import JudgedFile
from assets.judging.older import OlderFiles
from assets.judging.pieces import Pieces
from assets.judging.verdicts import Outcomes, outcomes
from assets.values import value_class
from checks.contract import Contract, load_contract
from checks.rules import OVERLAPPING, all_rules
from checks.validation import Validation, Verdict, validate

_CONFLICTING = "note__conflicting_key"


@dataclass
class BatchRecords:
    """The parsed records of some files of a year, and what each is before any rule looks at it.

    `file_index` numbers the files of the year, not of the batch.
    """

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
    """A judged batch of a table and year, not yet written; a small year is one batch."""

    contract: Contract
    year: int
    files: tuple[JudgedFile, ...]
    records: BatchRecords
    validation: Validation
    outcomes: Outcomes
    older: OlderFiles


@dataclass(frozen=True)
class Part:
    """Consecutive files of a gathered year, judged at once.

    Attributes
    ----------
    numbers, sizes
        The files and how many records each has.
    duplicate, superseded, overlapping, conflicting
        One flag a record of the part.
    known
        Verdicts on these records that were found with the whole year, and the library's results.
    older
        Which files of the whole year stand behind or beside newer ones.
    """

    table: str
    year: int
    files: tuple[JudgedFile, ...]
    pieces: Pieces
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    duplicate: np.ndarray
    superseded: np.ndarray
    overlapping: np.ndarray
    conflicting: np.ndarray
    known: Validation | None
    older: OlderFiles

    @property
    def name(self) -> str:
        """Tells the parts of a year apart."""
        return f"{self.numbers[0]}"


def judge(part: Part) -> Judgement:
    """Validate the records of a part and decide what each comes to."""
    contract = load_contract(part.table)
    records = BatchRecords(
        _records(part),
        np.repeat(np.array(part.numbers, dtype=np.int32), part.sizes),
        part.duplicate,
        part.superseded,
    )
    apart = {v.rule.name for v in part.known.verdicts} if part.known else set()
    here = tuple(rule for rule in all_rules(part.table) if rule.name not in apart)
    live = ~(part.duplicate | part.superseded)
    validation = validate(part.table, here, ArrowBatch(records.table, live, part.year))
    if part.known:
        validation = _joined(validation, part.known, contract)
    decided = outcomes(validation.verdicts, records.file_index[records.live])
    return Judgement(contract, part.year, part.files, records, validation, decided, part.older)


def _records(part: Part) -> pa.Table:
    """The part's records with what was settled of them."""
    table = pa.concat_tables([part.pieces.get(number) for number in part.numbers])
    nothing = pa.scalar(None, pa.string())
    issue = pc.if_else(pa.array(part.overlapping), pa.scalar(OVERLAPPING), nothing)
    table = table.append_column("files_issue", issue)
    if _CONFLICTING in table.column_names:
        position = table.column_names.index(_CONFLICTING)
        table = table.set_column(position, _CONFLICTING, pa.array(part.conflicting))
    return table


def _joined(validation: Validation, known: Validation, contract: Contract) -> Validation:
    """Further verdicts at their rules' places in the contract's order."""
    verdicts = {v.rule.name: v for v in (*validation.verdicts, *known.verdicts)}
    ordered = tuple(verdicts[rule.name] for rule in all_rules(contract.table))
    return Validation(ordered, {**validation.results, **known.results}, validation.meta)


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
