"""A published number followed back: its row, models, units, records and files.

Belongs here: putting the answer together from release, pipeline and journal. Does not belong here:
any single one of its questions, or how it is shown (`pipelines.cli.explain`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import sqlalchemy as sa

from assets.journal import ACCEPTED_STATE, Journal
from assets.lineage.counts import Counted, counted
from assets.lineage.files import FileShare, Outcomes, file_shares
from assets.lineage.graph import Step, Years, steps_to
from assets.lineage.placed import Days
from assets.lineage.row import Answer, Question, answer, require_mart
from assets.lineage.standing import ReleaseState, release_state
from assets.lineage.units import Denominator, UnitShare, denominators, units_of_row
from assets.places.gazetteer import load_gazetteer
from assets.project import manifest_of
from assets.published import mart_nodes
from assets.releases import warehouse_of
from assets.warehouse.duckdb_errors import duckdb_told
from assets.workplace import Workplace
from checks.contract import load_contract


@dataclass(frozen=True)
class TableShare:
    """The files of one table and year.

    Parameters
    ----------
    why
        Why records of that year are read.
    whole
        The year's records of all communes, as its judgement counted them.
    files
        Those that concern the communes that were asked for.
    unplaced_in
        Other files of the year with rejected records whose commune could not be told, and how many.
    """

    table: str
    year: int
    why: str
    contract: str
    contract_fingerprint: str
    whole: Outcomes
    files_of_year: int
    files: tuple[FileShare, ...]
    unplaced_in: Mapping[str, int]

    @property
    def records(self) -> Outcomes:
        """The records of the communes that were asked for, over all files."""
        total = Outcomes()
        for file in self.files:
            total = total.plus(file.records)
        return total


@dataclass(frozen=True)
class Explanation:
    """Where a published number comes from."""

    answer: Answer
    description: str
    release: ReleaseState
    steps: tuple[Counted, ...]
    others: tuple[str, ...]
    units: tuple[UnitShare, ...]
    denominators: tuple[Denominator, ...]
    tables: tuple[TableShare, ...]


def explain(workplace: Workplace, asked: Question) -> Explanation:
    """Follow a number of the release that stands back to its files; nothing is changed.

    Raises
    ------
    NothingToExplain
        No such mart, commune, year or row.
    ReleaseUnknown
        Nothing has been published.
    WarehouseBusy
        A run is writing the pipeline's own tables.
    """
    journal = Journal(workplace.home.journal)
    with duckdb_told(), warehouse_of(workplace).reading() as reading:
        nodes = mart_nodes(workplace)
        node = require_mart(nodes, asked.mart)
        found = answer(reading, node, asked)
    manifest = manifest_of(workplace)
    known = _judged(journal)
    with duckdb_told(), _pipeline(workplace) as own:
        units = units_of_row(own, _with_time(found))
        carried = _carried(own, asked.year, manifest, asked.mart, units)
        shifts = frozenset(d.year - asked.year for d in carried if d.year and asked.year) - {0}
        steps = steps_to(manifest, asked.mart, shifts)
        own_years = {step.name: step.years for step in steps_to(manifest, asked.mart)}
        rows = counted(own, steps, asked.year, _all_years(known), found.keys, units)
        release = release_state(workplace, journal, own, found)
    days = _days(found.keys.get("month"))
    return Explanation(
        answer=found,
        description=" ".join(str(node.get("description") or "").split()),
        release=release,
        steps=rows,
        others=tuple(f"{s.layer}.{s.name}" for s in steps if _is_other_source(s)),
        units=units,
        denominators=carried,
        tables=_tables(workplace, journal, steps, asked.year, known, units, release, days, own_years),
    )


def _pipeline(workplace: Workplace) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(workplace.home.duckdb), read_only=True)


def _with_time(found: Answer) -> dict[str, Any]:
    """The row's keys with its year, or its month where it has one."""
    keys = dict(found.keys)
    if "month" not in keys and found.question.year is not None:
        keys.setdefault("year", found.question.year)
    return keys


def _judged(journal: Journal) -> Mapping[str, frozenset[int]]:
    """The years of each table that have records."""
    years: dict[str, set[int]] = {}
    for row in journal.rows(sa.select(ACCEPTED_STATE).where(ACCEPTED_STATE.c.landed > 0)):
        years.setdefault(row["table_name"], set()).add(row["year"])
    return {table: frozenset(found) for table, found in years.items()}


def _all_years(known: Mapping[str, frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*known.values())


def _carried(
    own: duckdb.DuckDBPyConnection,
    year: int | None,
    manifest: Mapping[str, Any],
    mart: str,
    units: tuple[UnitShare, ...],
) -> tuple[Denominator, ...]:
    """Where the denominators come from, for a mart that has any."""
    names = {step.name for step in steps_to(manifest, mart)}
    if year is None or "int_denominator_unit_year" not in names:
        return ()
    return denominators(own, year, units)


def _is_other_source(step: Step) -> bool:
    return step.node["resource_type"] == "source" and step.layer != "accepted"


def _tables(
    workplace: Workplace,
    journal: Journal,
    steps: tuple[Step, ...],
    year: int | None,
    known: Mapping[str, frozenset[int]],
    units: tuple[UnitShare, ...],
    release: ReleaseState,
    days: Days | None,
    own_years: Mapping[str, Years],
) -> tuple[TableShare, ...]:
    if year is None:
        return ()
    gazetteer = load_gazetteer(workplace.home.reference, workplace.province)
    ids = {unit.unit_id for unit in units}
    monthly = _monthly(steps) if days else frozenset()
    found = []
    for step in steps:
        if step.layer not in ("accepted", "quality"):
            continue
        names = tuple(known) if step.layer == "quality" else (step.name,)
        for table in names:
            of_table = known.get(table, frozenset())
            for one in step.years.of(year, of_table):
                if one not in of_table:
                    continue
                released = release.files(table, one)
                of = days if table in monthly else None
                shares = file_shares(workplace.home, journal, table, one, gazetteer, ids, released, of)
                if of and one != year and not any(share.concerned for share in shares):
                    continue  # the month before lies in the same year
                found.append(_table(table, one, _why(one, year, step, own_years[step.name]), shares))
    return tuple(sorted(found, key=lambda t: (t.table, -t.year)))


def _days(month: date | None) -> Days | None:
    """The days of a month and of the one before it, from whose end amounts are followed."""
    if month is None:
        return None
    before = (month - timedelta(days=1)).replace(day=1)
    return before, month.replace(day=monthrange(month.year, month.month)[1])


def _monthly(steps: tuple[Step, ...]) -> frozenset[str]:
    """The extracts that are of months: their staging model tells the month of a record."""
    staged = [s.node for s in steps if s.layer == "staging" and "month" in s.node["columns"]]
    parents = {parent for node in staged for parent in node["depends_on"]["nodes"]}
    return frozenset(step.name for step in steps if step.node["unique_id"] in parents)


def _why(year: int, asked: int, step: Step, own: Years) -> str:
    """Why records of a year are read; `own` are the years of the step where nothing is carried."""
    if year == asked:
        return "the year itself"
    if year - asked in own.offsets:
        return "the year before"
    if year - asked in step.years.offsets:
        return f"a denominator is carried from {year}"
    return "looked through for other records of the same households or cases"


def _table(table: str, year: int, why: str, shares: tuple[FileShare, ...]) -> TableShare:
    whole = Outcomes()
    for share in shares:
        whole = whole.plus(share.whole)
    contract = load_contract(table).of_year(year)
    return TableShare(
        table, year, why, f"checks/contracts/{table}.yaml", contract.fingerprint, whole, len(shares),
        files=tuple(share for share in shares if share.concerned),
        unplaced_in={
            share.file_name: share.unplaced for share in shares if share.unplaced and not share.concerned
        },
    )  # fmt: skip
