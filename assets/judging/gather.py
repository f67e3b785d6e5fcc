"""All files of a table and year parsed, placed, and settled against each other.

Belongs here: what has to be known of all files before any record can be judged: copies, what a
newer file replaces, files and keys that contradict. Does not belong here: any rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from assets.crew import in_order
from assets.judging.empty import empty_raw
from assets.judging.files import JudgedFile
from assets.judging.older import OlderFiles, files_behind, files_beside
from assets.judging.parse import parse_file
from assets.judging.pieces import Pieces
from assets.judging.place import place_file
from assets.judging.prepare import FilesTask, PreparedFile, prepare_files
from assets.judging.supersede import conflicting_keys, contest, repeated, slot_frame
from assets.places.gazetteer import Gazetteer
from assets.workplace import Workplace
from checks.contract import Contract


@dataclass(frozen=True)
class Gathered:
    """The records of a year, by file, and what each is before any rule looks at it.

    Attributes
    ----------
    numbers
        The readable files' numbers, oldest first.
    sizes
        The records of each of them.
    duplicate, superseded, overlapping, conflicting
        One flag a record, over the files in their order.
    older
        Which files stand behind or beside newer ones.
    """

    pieces: Pieces
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    duplicate: np.ndarray
    superseded: np.ndarray
    overlapping: np.ndarray
    conflicting: np.ndarray
    older: OlderFiles = field(default_factory=OlderFiles)

    @property
    def starts(self) -> np.ndarray:
        """The position of each file's first record, and the number of all records."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    @property
    def live(self) -> np.ndarray:
        """Whether the rules judge a record."""
        found: np.ndarray = ~(self.duplicate | self.superseded)
        return found


@contextmanager
def gathered(
    workplace: Workplace, files: tuple[JudgedFile, ...], contract: Contract, year: int, gazetteer: Gazetteer
) -> Iterator[Gathered]:
    """Parse and place every readable file, and settle which record holds."""
    numbers = [number for number, file in enumerate(files) if file.readable]
    records = sum(files[number].records for number in numbers)
    with Pieces(workplace.home.judging, len(numbers), records) as pieces:
        if not numbers:
            yield _nothing(pieces, contract, year, gazetteer)
            return
        yield _settle(
            pieces,
            numbers,
            files,
            contract,
            _prepared(workplace, files, contract, year, gazetteer, numbers, pieces),
        )


def _prepared(
    workplace: Workplace,
    files: tuple[JudgedFile, ...],
    contract: Contract,
    year: int,
    gazetteer: Gazetteer,
    numbers: list[int],
    pieces: Pieces,
) -> list[PreparedFile]:
    """Every readable file prepared: those of a large year one by one, by several processes."""
    workers = workplace.engine.threads if pieces.on_disk else 1
    # Many small files go in shares, a few large ones one by one.
    size = max(1, len(numbers) // (8 * workers))
    shares = [numbers[i : i + size] for i in range(0, len(numbers), size)] if workers > 1 else [numbers]
    tasks = [
        FilesTask(
            workplace.home,
            gazetteer,
            contract.table,
            year,
            tuple((number, files[number]) for number in share),
            pieces,
            max(workplace.engine.threads // workers, 1),
        )
        for share in shares
    ]
    return [file for made in in_order(prepare_files, tasks, workers) for file in made]


def _settle(
    pieces: Pieces,
    numbers: list[int],
    files: tuple[JudgedFile, ...],
    contract: Contract,
    prepared: list[PreparedFile],
) -> Gathered:
    sizes = tuple(len(file.content) for file in prepared)
    duplicate = np.concatenate([file.copies for file in prepared])
    content = np.concatenate([file.content for file in prepared])
    slots = np.concatenate([file.slots for file in prepared])
    superseded, overlapping, conflicting = (np.zeros(len(duplicate), dtype=bool) for _ in range(3))
    found = Gathered(pieces, tuple(numbers), sizes, duplicate, superseded, overlapping, conflicting)
    # What no other record shares a slot with stands alone; only the others are looked at closely. Where files
    # hold slots whole every record is: one that is alone in its village may still stand beside a newer list.
    suspects = np.arange(len(slots)) if contract.slot.kind == "whole" else repeated(slots)
    if not suspects.size:
        return found
    file_index = np.repeat(np.array(numbers, dtype=np.int32), sizes)[suspects]
    ranks = np.array([file.rank for file in files], dtype=np.int64)[file_index]
    frame = slot_frame(_rows(found, suspects, [*contract.slot.by, "unit_id", "place_issue"]), contract)
    out = duplicate[suspects]
    settled = contest(frame, ranks, file_index, content[suspects], out, contract)
    out = out | settled.superseded
    found.superseded[suspects] = settled.superseded
    found.overlapping[suspects] = settled.overlapping
    found.conflicting[suspects] = conflicting_keys(frame, file_index, out | settled.overlapping, contract)
    counts = ~(out | settled.overlapping)
    beside = files_beside(frame, file_index, counts, settled.superseded, files)
    return replace(found, older=OlderFiles(files_behind(file_index, settled.holder), beside))


def _rows(found: Gathered, positions: np.ndarray, columns: list[str]) -> pa.Table:
    """Some columns of the records at ascending positions of the year."""
    names = list(dict.fromkeys(columns))
    starts = found.starts
    tables = []
    for which, number in enumerate(found.numbers):
        low, high = np.searchsorted(positions, [starts[which], starts[which + 1]])
        if high > low:
            table = found.pieces.get(number, names)
            tables.append(table.take(pa.array(positions[low:high] - starts[which])))
    return pa.concat_tables(tables)


def _nothing(pieces: Pieces, contract: Contract, year: int, gazetteer: Gazetteer) -> Gathered:
    """No record, but every column: each rule still reports."""
    raw = empty_raw(contract)
    pieces.put(-1, place_file(parse_file(raw, contract, year), raw.sheets, contract, year, "", gazetteer))
    nothing = np.zeros(0, dtype=bool)
    return Gathered(pieces, (-1,), (0,), nothing, nothing, nothing, nothing)
