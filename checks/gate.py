"""The gate before publication: what stands against a release, from stored evidence.

Pure: it is handed the evidence, and says what holds a release, with value, bound and what to do.
Evidence that is missing counts as failed. Nothing is published over an objection; the last release
stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks.large_change import LargeChange, by_mart_year_and_bound
from checks.plausible import Movement

# In the detail of a blocking check: what kept it from being made.
BROKEN = "broken"
_COUNTS = ("accepted", "quarantined", "duplicate", "superseded")
_REFRESH = "thoatngheo refresh --year"
_ONE_LIST = (
    "save the file that is on another date's list again under its own name, on the list of its date: what it "
    "held is superseded whole"
)
_NOT_JUDGED = "landed but not judged"
_BOUND = "mend the drop, or change the bound in the contract with its date and reason"


@dataclass(frozen=True)
class Objection:
    """One thing that holds a release.

    Parameters
    ----------
    where
        Table, mart or dbt model.
    year
        None where it concerns no single year.
    check
        Which check.
    found
        What was found.
    bound
        What was asked for.
    todo
        How to go on.
    """

    where: str
    year: int | None
    check: str
    found: str
    bound: str
    todo: str

    def __str__(self) -> str:
        place = f"{self.where} {self.year}" if self.year else self.where
        return f"{place}: {self.check}: {self.found}; asked: {self.bound}; {self.todo}"


@dataclass(frozen=True)
class Judged:
    """What is on record of the accepted records of a table and year.

    Parameters
    ----------
    files
        Fingerprint of the files that they were made from.
    everything
        Fingerprint of all that they were made from: the checks carry the same.
    counts
        Records landed, accepted, quarantined, duplicate and superseded.
    stored
        Records in the accepted file now; None where it is not there.
    placed_by_others
        What they were placed by that is another one now, in words: the list of communes, the province.
    """

    files: str
    everything: str
    counts: Mapping[str, int]
    stored: int | None
    placed_by_others: tuple[str, ...] = ()


@dataclass(frozen=True)
class YearEvidence:
    """What is on record for one table and year of a release.

    `landed` is the fingerprint of the files that are landed; `judged` None where no records are
    accepted; `checks` the latest result of every check, `expected` the names of those that there
    must be, the ones in `own` carrying the fingerprint of the judgement.
    """

    table: str
    year: int
    landed: str
    judged: Judged | None
    checks: tuple[Mapping[str, Any], ...]
    expected: tuple[str, ...]
    own: tuple[str, ...] = ()


@dataclass(frozen=True)
class DbtFinding:
    """A model or test that a release needs and that did not come to a good end."""

    kind: str
    name: str
    on: str
    status: str
    failures: int | None


@dataclass(frozen=True)
class DbtEvidence:
    """What is on record of dbt's models and error tests, and whether they ran on these inputs."""

    on_record: bool
    on_these_inputs: bool
    findings: tuple[DbtFinding, ...]


@dataclass(frozen=True)
class Evidence:
    """All that the gate looks at.

    `untransformed` are the years whose accepted records the marts were not (successfully) made
    from; `movements` are empty for a first release. `large_changes` are those that nobody approved;
    `approval` is the one by which others go out. `incomparable` says why the release that stands
    cannot be compared with; blank where it can, or none stands.
    """

    years: tuple[YearEvidence, ...]
    untransformed: tuple[int, ...]
    dbt: DbtEvidence
    movements: tuple[Movement, ...]
    large_changes: tuple[LargeChange, ...] = ()
    approval: Mapping[str, Any] | None = None
    incomparable: str = ""


def objections(evidence: Evidence) -> list[Objection]:
    """Why a release must not be published; empty where nothing stands against it."""
    found = [objection for entry in evidence.years for objection in _of_year(entry)]
    found += (on_another_map := list(_of_places(evidence.years)))
    found += [_untransformed(year) for year in sorted(evidence.untransformed)]
    found += _of_dbt(evidence)
    found += [_moved(movement) for movement in evidence.movements if movement.too_far]
    found += [_incomparable(evidence.incomparable)] if evidence.incomparable else []
    # Half of the years on another map: what moved is known, and can be approved, once all stand on one.
    large = () if on_another_map else evidence.large_changes
    return found + [_large(changes) for changes in by_mart_year_and_bound(large)]


def _of_year(entry: YearEvidence) -> Iterator[Objection]:
    by_name = {check["check_name"]: check for check in entry.checks}
    failed = [by_name[n] for n in entry.expected if n in by_name and _blocks(by_name[n])]
    for check in failed:
        yield from _failed(entry, check)
    if failed:
        # What was judged before stays on record beside the failing checks: no second objection.
        return
    again = f"{_REFRESH} {entry.year}"
    if entry.judged is None and not set(entry.expected) & by_name.keys():
        # Landed and nothing more, as by a run that was killed: one objection, not one a check.
        yield Objection(entry.table, entry.year, "inputs", _NOT_JUDGED, "records of the files landed", again)
        return
    for name in entry.expected:
        if name not in by_name:
            yield Objection(entry.table, entry.year, name, "no result on record", "a passed check", again)
    if entry.judged is None or entry.judged.files != entry.landed:
        found = "judged from other inputs than those landed" if entry.judged else _NOT_JUDGED
        yield Objection(entry.table, entry.year, "inputs", found, "records of the files landed", again)
        return
    others = [n for n in entry.own if n in by_name and by_name[n]["fingerprint"] != entry.judged.everything]
    if others:
        found = f"{', '.join(others)} looked at other records than those accepted"
        yield Objection(entry.table, entry.year, "inputs", found, "checks of these records", again)
    yield from _of_records(entry, entry.judged, again)


def _is_blocked(entry: YearEvidence) -> bool:
    """Whether a check of the year holds it: what was judged before it is no second objection."""
    return any(_blocks(check) for check in entry.checks if check["check_name"] in entry.expected)


def _blocks(check: Mapping[str, Any]) -> bool:
    return bool(check["blocking"]) and not check["passed"]


def _failed(entry: YearEvidence, check: Mapping[str, Any]) -> Iterator[Objection]:
    """A blocking check that failed; of the table rules each one that stops the year."""
    name, detail = check["check_name"], check["detail"]
    if BROKEN in detail:
        todo = "a fault of the pipeline: keep the file, report it; the other years went on"
        yield Objection(entry.table, entry.year, name, str(detail[BROKEN]), "a year that can be made", todo)
    elif name == "shape":
        found = f"none of {check['evaluated']} files can be read"
        todo = "see the refusals in thoatngheo status, and ask the office for a file again"
        yield Objection(entry.table, entry.year, name, found, "one that can", todo)
    elif name == "reconciliation":
        found = f"records unaccounted for in {'; '.join(detail.get('files', []))}"
        todo = "a fault of the pipeline: keep the home, report it"
        asked = "landed = accepted + quarantined + duplicate + superseded"
        yield Objection(entry.table, entry.year, name, found, asked, todo)
    else:
        stopping = {n: e for n, e in detail.items() if e.get("outcome") == "stop_year"} or detail
        for rule, found_of in stopping.items():
            places = found_of.get("places")
            found = f"{rule} {found_of['value']:.3g}" + (f": {', '.join(places)}" if places else "")
            todo = _ONE_LIST if places else _BOUND
            yield Objection(entry.table, entry.year, name, found, _limits(found_of), todo)


def _limits(entry: Mapping[str, Any]) -> str:
    low, high = entry.get("minimum"), entry.get("maximum")
    said = [f"at least {low:g}" if low is not None else "", f"at most {high:g}" if high is not None else ""]
    return " and ".join(text for text in said if text) or "none"


def _of_records(entry: YearEvidence, judged: Judged, again: str) -> Iterator[Objection]:
    counts = judged.counts
    outcomes = sum(counts[name] for name in _COUNTS)
    if outcomes != counts["landed"]:
        found = f"{counts['landed']:,} records landed, {outcomes:,} with an outcome"
        todo = "a fault of the pipeline: keep the home, report it"
        yield Objection(entry.table, entry.year, "reconciliation", found, "equal counts", todo)
    if judged.stored != counts["accepted"]:
        there = "no file" if judged.stored is None else f"{judged.stored:,} records"
        found = f"{there} where {counts['accepted']:,} records were accepted"
        yield Objection(entry.table, entry.year, "accepted", found, "the file as it was written", again)


def _of_places(years: Iterable[YearEvidence]) -> Iterator[Objection]:
    """Years that stand on another list of communes than the map of the release: one objection a year.

    The marts carry every year over the present map: units of another list would be carried by shares, and
    to communes, that are no longer theirs.
    """
    tables: dict[int, list[str]] = {}
    others: dict[int, dict[str, None]] = {}
    for entry in years:
        if entry.judged and entry.judged.placed_by_others and not _is_blocked(entry):
            tables.setdefault(entry.year, []).append(entry.table)
            others.setdefault(entry.year, {}).update(dict.fromkeys(entry.judged.placed_by_others))
    for year in sorted(tables):
        yield Objection(
            tables[year][0] if len(tables[year]) == 1 else f"{len(tables[year])} tables",
            year,
            "communes",
            f"placed before {' and '.join(others[year])} changed",
            "all years placed by the list of communes that holds now",
            f"thoatngheo refresh makes every such year; or thoatngheo backfill {year}",
        )


def _untransformed(year: int) -> Objection:
    return Objection(
        "dbt",
        year,
        "transformation",
        "its accepted records have not gone through the transformation",
        "models and tests passed on them",
        f"{_REFRESH} {year}; where dbt failed, see the objections on dbt",
    )


def _of_dbt(evidence: Evidence) -> Iterator[Objection]:
    dbt, asked = evidence.dbt, "every model and error test passed on exactly these inputs"
    if not dbt.on_record:
        todo = "thoatngheo refresh, or backfill a year"
        yield Objection("dbt", None, "dbt", "no results on record", asked, todo)
        return
    if not dbt.on_these_inputs and not evidence.untransformed:
        todo = "thoatngheo backfill a year: dbt then tests all of them"
        yield Objection("dbt", None, "dbt", "models and tests last ran on other inputs", asked, todo)
    for finding in dbt.findings:
        count = f" ({finding.failures:,} rows)" if finding.failures else ""
        todo = (
            "the model and its input contradict each other: dbt/last_run.log in the home; mend, then refresh"
        )
        if finding.status in ("was not run", "skipped"):
            todo = "thoatngheo backfill a year: only the whole graph counts"
        yield Objection(
            finding.on, None, f"dbt {finding.kind} {finding.name}", f"{finding.status}{count}", asked, todo
        )


def _moved(movement: Movement) -> Objection:
    kind = "rows of the mart" if movement.year is None else "accepted records"
    place = (
        f"dbt_project/models/marts/{movement.name}.yml"
        if movement.year is None
        else f"checks/contracts/{movement.name}.yaml"
    )
    todo = (
        f"look for what is missing or doubled; if it is right, change release in {place} with date and "
        "reason, then thoatngheo refresh"
    )
    return Objection(
        movement.name, movement.year, "row_count", f"{kind}: {movement.found}", movement.allowed, todo
    )


def _incomparable(why: str) -> Objection:
    """What moved since is not known, and what is not known counts as failed."""
    todo = (
        "see thoatngheo releases: thoatngheo publish --rollback RELEASE lets a kept one stand, then "
        "thoatngheo refresh; where none is kept, move the damaged file away, then thoatngheo publish"
    )
    asked = "past years' values compared with the release that stands"
    return Objection("warehouse", None, "change", why, asked, todo)


def _large(changes: list[LargeChange]) -> Objection:
    """All changes of a mart and year beyond one bound, which need a person's word; the largest told."""
    largest, bound = changes[0], changes[0].bound
    more = f"; and {len(changes) - 1} more" if len(changes) > 1 else ""
    floor = f" or {bound.floor:g}" if bound.floor else ""
    return Objection(
        largest.mart,
        largest.year,
        "change",
        largest.found + more,
        f"a past year's value within {bound.maximum:.0%}{floor} of the last release since {bound.since}",
        "thoatngheo diff --pending shows them first, with their files; if they are right: thoatngheo approve "
        "--reason TEXT, then thoatngheo publish",
    )
