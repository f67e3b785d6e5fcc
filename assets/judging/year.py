"""One table and year judged: from its raw files to what is written, part by part.

Belongs here: the order of the steps, and how a year is divided. Does not belong here: the steps
themselves, each a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from assets.crew import in_order
from assets.journal import Journal
from assets.judging.batch import ArrowBatch
from assets.judging.files import JudgedFile, files_of
from assets.judging.gather import Gathered, gathered
from assets.judging.judge import Part
from assets.judging.part import JudgedPart, PartTask, judge_part
from assets.places.gazetteer import Gazetteer
from assets.workplace import Workplace
from checks.bundles import inputs_of
from checks.contract import Contract, Rule
from checks.rules import all_rules
from checks.validation import Validation, Verdict, validate

# Records that are judged at once; a file is never divided, since a rule may stop a whole file.
BATCH = 300_000
# Kinds of rules that compare a record with others of its year, whatever file they stand in.
_OF_THE_YEAR = ("unique", "test_record")


def judge_year(
    workplace: Workplace, journal: Journal, contract: Contract, year: int, gazetteer: Gazetteer
) -> Iterator[JudgedPart]:
    """Parse, place, settle and validate all records of a table and year; at least one part."""
    files = files_of(workplace.home, journal, contract.table, year)
    with gathered(workplace, files, contract, year, gazetteer) as found:
        parts = year_parts(found, files, contract, year)
        tasks = [PartTask(part, workplace.home, workplace.pseudonym_key) for part in parts]
        yield from in_order(judge_part, tasks, workplace.engine.threads if found.pieces.on_disk else 1)


def year_parts(found: Gathered, files: tuple[JudgedFile, ...], contract: Contract, year: int) -> list[Part]:
    """A gathered year in parts, with the verdicts that need all of it."""
    ranges = list(_ranges(found.sizes))
    of_year = _of_the_year(found, contract, year) if len(ranges) > 1 else None
    return [_part(found, which, of_year, files, contract, year) for which in ranges]


def _ranges(sizes: tuple[int, ...]) -> Iterator[range]:
    """Consecutive files, as many at a time as hold a batch of records."""
    start, records = 0, 0
    for which, size in enumerate(sizes):
        if which > start and records + size > BATCH:
            yield range(start, which)
            start, records = which, 0
        records += size
    yield range(start, len(sizes))


def _part(
    found: Gathered,
    which: range,
    of_year: Validation | None,
    files: tuple[JudgedFile, ...],
    contract: Contract,
    year: int,
) -> Part:
    records = slice(int(found.starts[which.start]), int(found.starts[which.stop]))
    return Part(
        table=contract.table,
        year=year,
        files=files,
        pieces=found.pieces,
        numbers=found.numbers[which.start : which.stop],
        sizes=found.sizes[which.start : which.stop],
        duplicate=found.duplicate[records],
        superseded=found.superseded[records],
        overlapping=found.overlapping[records],
        conflicting=found.conflicting[records],
        known=_of_the_part(of_year, found, records) if of_year else None,
        older=found.older,
    )


def _of_the_year(found: Gathered, contract: Contract, year: int) -> Validation | None:
    """The verdicts, over all live records of the year, of the rules that compare records of it."""
    rules = tuple(r for r in all_rules(contract.table) if r.kind in _OF_THE_YEAR)
    if not rules:
        return None
    names = _needed(rules, found.pieces.columns(found.numbers[0]))
    table = pa.concat_tables([found.pieces.get(number, names) for number in found.numbers])
    return validate(contract.table, rules, ArrowBatch(table, found.live, year))


def _needed(rules: tuple[Rule, ...], available: list[str]) -> list[str]:
    wanted: set[str] = set().union(*(inputs_of(rule, available) for rule in rules))
    return [name for name in available if name in wanted]


def _of_the_part(of_year: Validation, found: Gathered, records: slice) -> Validation:
    """The year's verdicts on the records of a part; the first part carries the library's results."""
    live = found.live
    first, last = int(live[: records.start].sum()), int(live[: records.stop].sum())
    verdicts = tuple(_sliced(verdict, first, last) for verdict in of_year.verdicts)
    return Validation(verdicts, of_year.results if records.start == 0 else {}, of_year.meta)


def _sliced(verdict: Verdict, first: int, last: int) -> Verdict:
    failing = verdict.failing
    inside = failing[(failing >= first) & (failing < last)] - first
    return Verdict(verdict.rule, last - first, inside)
