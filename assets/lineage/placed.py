"""The records of a file that were not accepted, each with the unit in which it lies.

A rejected, repeated or replaced record is kept without a unit. It is found here as the judgement
found it: the file's places are read and resolved again, by the same rules.

Belongs here: that, for one file. Does not belong here: counting over files (`files`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.judging.files import JudgedFile
from assets.judging.parse import parse_file
from assets.judging.place import place_file
from assets.judging.supersede import RowHasher, cell_names, exact_copies
from assets.places.gazetteer import Gazetteer
from assets.raw_store import RawFile, read_raw
from checks.contract import Contract

# A record's position in its file.
Position = tuple[str | None, int]


# The first and the last day.
Days = tuple[date, date]


@dataclass(frozen=True)
class Asked:
    """Which records are asked for: of these units (none: of all), and of these days."""

    units: Collection[str]
    days: Days | None = None


@dataclass
class LeftOut:
    """Records of one file that were left out, of some units alone.

    Parameters
    ----------
    unplaced
        Rejected records of the whole file whose unit could not be told.
    """

    quarantined: Counter[str] = field(default_factory=Counter)
    duplicate: int = 0
    superseded: int = 0
    unplaced: int = 0


def left_out(
    path: Path,
    file: JudgedFile,
    contract: Contract,
    year: int,
    gazetteer: Gazetteer,
    asked: Asked,
    accepted: Collection[Position],
    quarantined: dict[Position, str],
) -> LeftOut:
    """What became of a file's records that were not accepted, as far as they lie in some units.

    Parameters
    ----------
    path
        The file's records as text.
    asked
        Which records are asked for.
    accepted
        The positions of its accepted records.
    quarantined
        The reason of each rejected record, by its position.
    """
    raw = read_raw(path)
    placed = _placed(raw, file, contract, year, gazetteer)
    inside = _inside(placed, asked)
    known = placed["unit_id"].is_valid().to_pylist()
    positions = list(zip(placed["source_sheet"].to_pylist(), placed["source_row"].to_pylist(), strict=True))
    copies = _copies(raw, file, contract, len(positions) - len(accepted) - len(quarantined))
    found = LeftOut()
    for n, position in enumerate(positions):
        if position in quarantined:
            found.unplaced += not known[n]
            found.quarantined[quarantined[position]] += inside[n]
        elif position not in accepted and inside[n]:
            found.duplicate += bool(copies[n])
            found.superseded += not copies[n]
    found.quarantined = +found.quarantined
    return found


def _placed(raw: RawFile, file: JudgedFile, contract: Contract, year: int, gazetteer: Gazetteer) -> pa.Table:
    """The file's records with their units, read no further than a place needs."""
    needed = _needed(contract) & set(raw.table.column_names)
    table = raw.table.select([name for name in raw.table.column_names if name in needed])
    parsed = parse_file(replace(raw, table=table), contract, year)
    return place_file(parsed, raw.sheets, contract, year, file.file_name, gazetteer)


def _needed(contract: Contract) -> set[str]:
    place = contract.place
    named = {place.code, place.name, place.village, place.district, place.date, place.date_end}
    named |= {"area_type", "review_date"}
    if contract.period:
        named.add(contract.period.column)
    if contract.year_end_default:
        named.add(contract.year_end_default.column)
    return {name for name in named if name} | {"source_sheet", "source_row"}


def _inside(placed: pa.Table, asked: Asked) -> list[bool]:
    inside = pa.repeat(True, len(placed))
    if asked.units:
        wanted = pa.array(sorted(asked.units), pa.string())
        inside = pc.is_in(placed["unit_id"].combine_chunks(), wanted)
    if asked.days:
        first, last = (pa.scalar(day, pa.date32()) for day in asked.days)
        days = placed["record_date"]
        inside = pc.and_(inside, pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last)))
    found: list[bool] = inside.to_pylist()
    return found


def _copies(raw: RawFile, file: JudgedFile, contract: Contract, others: int) -> np.ndarray:
    """Which records repeat an earlier one of their file; in a replaced file nothing was compared."""
    if file.replaced or others <= 0:
        return np.zeros(len(raw.table), dtype=bool)
    with RowHasher(threads=1) as hasher:
        hashes = hasher.rows(raw.table, cell_names(raw.table))
    return exact_copies(raw.table, hashes, contract.place)


def positions_in(path: Path, sha256: str) -> set[Position]:
    """Where the records of one file stand that a Parquet file of a year holds."""
    if not path.exists():
        return set()
    columns = ["source_sheet", "source_row"]
    table = pq.read_table(path, columns=columns, filters=[("file_hash", "=", sha256)], partitioning=None)
    return set(zip(*(table[name].to_pylist() for name in columns), strict=True))
