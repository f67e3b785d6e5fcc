"""The files of a table and year: what each of them gave to some communes, and what was left out of it.

Belongs here: counting a year's records by file and sheet. Does not belong here: which years and
communes are asked for, or how a left-out record is placed (`placed`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from assets.journal import FILE, RAW_FILE, Journal
from assets.judging.files import JudgedFile, files_of
from assets.lineage.placed import Asked, Days, LeftOut, Position, left_out, positions_in
from assets.places.gazetteer import Gazetteer
from assets.workplace import Home
from checks.contract import load_contract

# Sheet, unit, standard and number of accepted records.
_Share = tuple[str | None, str | None, str | None, int]
OUTCOMES = ("accepted", "quarantined", "duplicate", "superseded")


@dataclass(frozen=True)
class Outcomes:
    """Records by what became of them; together those that landed."""

    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    superseded: int = 0

    @property
    def landed(self) -> int:
        return self.accepted + self.quarantined + self.duplicate + self.superseded

    def plus(self, other: Outcomes) -> Outcomes:
        return Outcomes(*(getattr(self, name) + getattr(other, name) for name in OUTCOMES))


@dataclass(frozen=True)
class FileShare:
    """One version of one file, and its records of the communes that are asked for.

    Parameters
    ----------
    sheets
        Accepted records of those communes by sheet; blank is a file without sheets.
    units
        The same by unit.
    standards
        The same by poverty standard, where the table has one.
    reasons
        Rejected records of those communes by reason.
    unplaced
        Rejected records of the whole file whose commune could not be told; None where nobody looked.
    contract
        The fingerprint of the contract under which the file was read.
    in_release
        Whether the release that stands was made from it.
    """

    table: str
    year: int
    file_name: str
    sha256: str
    version: int
    state: str
    landed_at: str
    contract: str
    refusal: str | None
    records: Outcomes
    whole: Outcomes
    landed: int
    sheets: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    standards: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    unplaced: int | None = 0
    in_release: bool = True

    @property
    def concerned(self) -> bool:
        """Whether it gave anything to these communes, or had something of theirs left out."""
        return self.records.landed > 0


def file_shares(
    home: Home,
    journal: Journal,
    table: str,
    year: int,
    gazetteer: Gazetteer,
    units: Collection[str],
    released: Collection[str],
    days: Days | None = None,
) -> tuple[FileShare, ...]:
    """Every file of a table and year with its records of some units.

    Parameters
    ----------
    units
        Unit ids; none where every record counts.
    released
        SHA-256 of the files of this table and year from which the release was made.
    days
        Only records of these days count, where a number is one of a month.
    """
    whole = _whole(home, table, year)
    accepted = _accepted(home, table, year, set(units), days)
    reasons = _quarantined(home, table, year)
    versions = _versions(journal, table, year)
    shares = []
    for file in files_of(home, journal, table, year):
        row = versions[file.file_name, file.sha256]
        counts = whole[file.file_name, file.sha256]
        mine: list[_Share] = accepted.get(file.sha256, []) if file.readable else []
        rejected = reasons.get(file.sha256, {}) if file.readable else {}
        out = _left_out(home, table, year, file, counts, rejected, gazetteer, units, days)
        quarantined = sum(out.quarantined.values())
        share = FileShare(
            table=table,
            year=year,
            file_name=file.file_name,
            sha256=file.sha256,
            version=row["version"],
            state=row["state"],
            landed_at=row["landed_at"],
            contract=row["reader"].rsplit(".", 1)[0],
            refusal=file.refusal["reason"] if file.refusal else None,
            records=Outcomes(sum(n for *_, n in mine), quarantined, out.duplicate, out.superseded),
            whole=counts,
            landed=file.records,
            sheets=_summed((sheet or "", n) for sheet, _, _, n in mine),
            units=_summed((unit or "", n) for _, unit, _, n in mine),
            standards=_summed((standard, n) for *_, standard, n in mine if standard),
            reasons=dict(sorted(out.quarantined.items())),
            unplaced=out.unplaced,
            in_release=file.sha256 in released,
        )
        shares.append(share)
    return tuple(shares)


def _summed(pairs: Any) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, n in pairs:
        found[key] += n
    return dict(sorted(found.items()))


def _whole(home: Home, table: str, year: int) -> Mapping[tuple[str, str], Outcomes]:
    """The records of every file as a whole, as its judgement counted them."""
    path = home.partition("quality", table, year)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    if path.exists():
        for row in pq.read_table(path, partitioning=None).to_pylist():
            if row["outcome"] in OUTCOMES:
                counts[row["file_name"], row["file_hash"]][row["outcome"]] += row["records"]
    return defaultdict(Outcomes, {key: Outcomes(**dict(found)) for key, found in counts.items()})


def _accepted(
    home: Home, table: str, year: int, units: set[str], days: Days | None
) -> dict[str, list[_Share]]:
    """Accepted records of some units and days by file: sheet, unit, standard, number."""
    path = home.partition("accepted", table, year)
    if not path.exists():
        return {}
    names = ["file_hash", "source_sheet", "unit_id", "standard"]
    present = [name for name in names if name in pq.read_schema(path).names]
    terms = [pc.field("unit_id").isin(list(units))] if units else []
    if days:
        terms += [pc.field("record_date") >= days[0], pc.field("record_date") <= days[1]]
    where = reduce(and_, terms) if terms else None
    found = pq.read_table(path, columns=present, filters=where, partitioning=None)
    by_file: dict[str, list[_Share]] = defaultdict(list)
    for row in found.group_by(present).aggregate([([], "count_all")]).to_pylist():
        share = (row["source_sheet"], row["unit_id"], row.get("standard"), row["count_all"])
        by_file[row["file_hash"]].append(share)
    return by_file


def _quarantined(home: Home, table: str, year: int) -> dict[str, dict[Position, str]]:
    """The reason of every rejected record by file and position."""
    path = home.partition("quarantine", table, year)
    if not path.exists():
        return {}
    names = ["file_hash", "source_sheet", "source_row", "reason"]
    found: dict[str, dict[Position, str]] = defaultdict(dict)
    for row in pq.read_table(path, columns=names, partitioning=None).to_pylist():
        found[row["file_hash"]][row["source_sheet"], row["source_row"]] = row["reason"]
    return found


def _versions(journal: Journal, table: str, year: int) -> dict[tuple[str, str], dict[str, Any]]:
    """What the journal holds of every version of a file that was read."""
    query = (
        sa.select(FILE, RAW_FILE.c.reader)
        .join(
            RAW_FILE,
            (RAW_FILE.c.table_name == FILE.c.table_name)
            & (RAW_FILE.c.year == FILE.c.year)
            & (RAW_FILE.c.sha256 == FILE.c.sha256),
        )
        .where(FILE.c.table_name == table, FILE.c.year == year)
    )
    return {(row["file_name"], row["sha256"]): row for row in journal.rows(query)}


def _left_out(
    home: Home,
    table: str,
    year: int,
    file: JudgedFile,
    whole: Outcomes,
    rejected: dict[Position, str],
    gazetteer: Gazetteer,
    units: Collection[str],
    days: Days | None,
) -> LeftOut:
    """What of the file was left out, of these units; nothing is read where nothing was."""
    if file.refusal is not None or whole.landed == whole.accepted:
        return LeftOut()
    path = home.raw_file(table, year, file.sha256)
    accepted = set() if file.replaced else positions_in(home.partition("accepted", table, year), file.sha256)
    of = Asked(units, days)
    return left_out(path, file, load_contract(table).of_year(year), year, gazetteer, of, accepted, rejected)
