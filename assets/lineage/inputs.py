"""What a mart was made from, as metadata of its asset: extracts by year, their contracts, their files.

Belongs here: the tables that Dagster's page of an asset shows. Does not belong here: one number's own
records (`explain`), nor columns (`column_book`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assets.catalogue import as_table
from assets.journal import ACCEPTED_STATE, FILE, RAW_FILE, Journal
from assets.lineage.graph import Step, Years, steps_to

# A province sends some hundred files a year; beyond this the page is no longer looked at.
_MOST_FILES = 1000


@dataclass(frozen=True)
class Input:
    """One extract table and year of a mart, with what became of its records."""

    table: str
    year: int
    files: int
    refused_files: int
    landed: int
    accepted: int
    quarantined: int
    duplicate: int
    superseded: int
    contract: str
    files_fingerprint: str


@dataclass(frozen=True)
class InputFile:
    """One file of a year: name, hash, records, and the contract under which it was read."""

    table: str
    file: str
    sha256: str
    version: int
    state: str
    records: int
    refused: str | None
    contract: str
    landed_at: str


class Inputs:
    """The inputs of all marts of a home, read once for a run."""

    def __init__(self, manifest: Mapping[str, Any], journal: Journal) -> None:
        self._manifest = manifest
        self._states = {(r["table_name"], r["year"]): r for r in journal.rows(sa.select(ACCEPTED_STATE))}
        self._files = _files(journal)
        self._known = {
            table: frozenset(y for t, y in self._states if t == table) for table, _ in self._states
        }

    def of_mart(self, mart: str, year: int) -> list[Input]:
        """The extracts that the rows of a mart and year are made from.

        Years from which only a denominator is carried are left out: `thoatngheo explain` follows them.
        """
        steps = [step for step in steps_to(self._manifest, mart) if step.layer in ("accepted", "quality")]
        found = {
            (t, y) for step in steps for t in self._tables(step) for y in self._years(step.years, t, year)
        }
        return [self._input(*key) for key in sorted(found) if key in self._states]

    def files_of(self, year: int) -> list[InputFile]:
        """Every file of a year, whatever the table; those that were replaced too."""
        return [file for (_, y), files in self._files.items() if y == year for file in files][:_MOST_FILES]

    def metadata(self, mart: str, year: int) -> dict[str, Any]:
        """The inputs of a mart and year as an asset's metadata; nothing where there are none."""
        found = self.of_mart(mart, year)
        return {"inputs": as_table(found)} if found else {}

    def _tables(self, step: Step) -> tuple[str, ...]:
        return tuple(self._known) if step.layer == "quality" else (step.name,)

    def _years(self, years: Years, table: str, year: int) -> tuple[int, ...]:
        return years.of(year, self._known.get(table, frozenset()))

    def _input(self, table: str, year: int) -> Input:
        state = self._states[table, year]
        counts = {name: state[name] for name in _COUNTS}
        contracts = sorted({file.contract for file in self._files.get((table, year), ())})
        return Input(
            table=table, year=year, contract=", ".join(contracts),
            files_fingerprint=state["files_fingerprint"], **counts,
        )  # fmt: skip


_COUNTS = ("files", "refused_files", "landed", "accepted", "quarantined", "duplicate", "superseded")


def _files(journal: Journal) -> dict[tuple[str, int], list[InputFile]]:
    same = [FILE.c[name] == RAW_FILE.c[name] for name in ("table_name", "year", "sha256")]
    query = (
        sa.select(FILE, RAW_FILE.c.reader, RAW_FILE.c.records, RAW_FILE.c.refusal)
        .join(RAW_FILE, sa.and_(*same))
        .order_by(FILE.c.table_name, FILE.c.year, FILE.c.file_name, FILE.c.version)
    )
    found: dict[tuple[str, int], list[InputFile]] = {}
    for row in journal.rows(query):
        file = InputFile(
            table=row["table_name"],
            file=row["file_name"],
            sha256=row["sha256"],
            version=row["version"],
            state=row["state"],
            records=row["records"],
            refused=row["refusal"]["reason"] if row["refusal"] else None,
            contract=row["reader"].rsplit(".", 1)[0],
            landed_at=row["landed_at"],
        )
        found.setdefault((row["table_name"], row["year"]), []).append(file)
    return found
