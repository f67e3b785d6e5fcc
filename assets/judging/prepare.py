"""A file of a year before it is settled against others: parsed, placed, hashed and set down.

Belongs here: what one process does alone with some files. Does not belong here: comparing files
(`gather`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.judging.files import JudgedFile
from assets.judging.parse import parse_file
from assets.judging.pieces import Pieces
from assets.judging.place import place_file
from assets.judging.supersede import RowHasher, cell_names, exact_copies, slot_table
from assets.places.gazetteer import Gazetteer
from assets.raw_store import read_raw
from assets.workplace import Home
from checks.contract import load_contract


@dataclass(frozen=True)
class FilesTask:
    """Some readable files of a year, under their numbers."""

    home: Home
    gazetteer: Gazetteer
    table: str
    year: int
    files: tuple[tuple[int, JudgedFile], ...]
    pieces: Pieces
    threads: int


@dataclass(frozen=True)
class PreparedFile:
    """What must be known of a file's records to settle them against other files.

    `copies` are records that repeat an earlier one; `content` and `slots` 64-bit hashes of what a
    record says and of what it speaks of.
    """

    copies: np.ndarray
    content: np.ndarray
    slots: np.ndarray


def prepare_files(task: FilesTask) -> list[PreparedFile]:
    """Parse and place the records of files, and set them down."""
    contract = load_contract(task.table)
    prepared = []
    with RowHasher(task.threads) as hasher:
        for number, file in task.files:
            raw = read_raw(task.home.raw_file(task.table, task.year, file.sha256))
            content = hasher.rows(raw.table, cell_names(raw.table))
            copies = exact_copies(raw.table, content, contract.place)
            parsed = parse_file(raw, contract, task.year)
            placed = place_file(parsed, raw.sheets, contract, task.year, file.file_name, task.gazetteer)
            slots = hasher.rows(slot_table(placed, contract), list(contract.slot.by))
            task.pieces.put(number, placed)
            prepared.append(PreparedFile(copies, content, slots))
    return prepared
