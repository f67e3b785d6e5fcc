"""The files of a table and year as the judgement sees them: their age, state and readability."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from assets.journal import RAW_FILE, Journal
from assets.pulling.pull import current_files
from assets.workplace import Home

SAME_CONTENT = "same_content"


@dataclass(frozen=True)
class JudgedFile:
    """One version of one file.

    `rank` orders by age: greater is newer, equal is of one date. All records of a `replaced` file
    are superseded: it was overwritten under its own name by a version that can be read, or
    (`reason` same_content) a newer name brought the same bytes. A `refusal` says why the file could
    not be read; such a file has no records, and its predecessor stands. `arrived` is when it was landed.
    """

    file_name: str
    sha256: str
    rank: int
    replaced: bool
    records: int
    skipped: dict[str, int]
    refusal: dict[str, Any] | None
    reason: str = "superseded"
    arrived: str = ""

    @property
    def readable(self) -> bool:
        return self.refusal is None and not self.replaced


def files_of(home: Home, journal: Journal, table: str, year: int) -> tuple[JudgedFile, ...]:
    """The files of a table and year, oldest first; of one content, its newest name counts."""
    landed = current_files(journal, table, year)
    read = {
        row["sha256"]: row
        for row in journal.rows(
            sa.select(RAW_FILE).where(RAW_FILE.c.table_name == table, RAW_FILE.c.year == year)
        )
    }
    ranks = _ranks(landed)
    standing = _standing_versions(landed, read)
    chosen: dict[str, JudgedFile] = {}
    passed: list[JudgedFile] = []
    for row, rank in zip(landed, ranks, strict=True):
        raw = read.get(row["sha256"])
        if raw is None:
            continue
        file = JudgedFile(
            file_name=row["file_name"],
            sha256=row["sha256"],
            rank=rank,
            replaced=row["version"] < standing.get(row["file_name"], 0),
            records=raw["records"],
            skipped=raw["skipped"],
            refusal=raw["refusal"],
            arrived=row["landed_at"],
        )
        known = chosen.get(file.sha256)
        newer = known is None or known.replaced or not file.replaced
        older = known if newer else file
        if older is not None:
            passed.append(replace(older, replaced=True, reason=SAME_CONTENT))
        if newer:
            chosen[file.sha256] = file
    return tuple(sorted((*chosen.values(), *passed), key=lambda f: (f.rank, f.file_name)))


def _standing_versions(landed: list[dict[str, Any]], read: dict[str, dict[str, Any]]) -> dict[str, int]:
    """The newest version of every file name that can be read."""
    standing: dict[str, int] = {}
    for row in landed:
        raw = read.get(row["sha256"])
        if raw is not None and raw["refusal"] is None:
            standing[row["file_name"]] = max(standing.get(row["file_name"], 0), row["version"])
    return standing


def _ranks(landed: list[dict[str, Any]]) -> list[int]:
    """Equal dates (of the name, then of modification) give equal ranks."""
    ages = [(row["file_date"], row["modified"]) for row in landed]
    order = {age: rank for rank, age in enumerate(sorted(set(ages)))}
    return [order[age] for age in ages]
