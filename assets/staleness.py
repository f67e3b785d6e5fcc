"""Which years a refresh must touch, and why: what changed since they were last made.

Belongs here: comparing drops, journal, contracts, code and seeds. Does not belong here: acting on
it (schedule, sensor and command do).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from assets.accepted import check_names, current_inputs
from assets.again import ASKED_AGAIN
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, FILE, TRANSFORMED_STATE, Journal
from assets.judging.fingerprint import differing, fingerprint_of
from assets.places.events import EventsUnusable
from assets.pulling.databases import DatabaseSource, load_sources
from assets.pulling.sources import DropFile, DropStore, SourceUnavailable
from assets.reference import reference_is_outdated
from assets.releases import newest_release, put_back_by_decision, whole_release
from assets.transformed import project_changed, transformed_state, untransformed_years
from assets.workplace import Workplace
from checks.contract import TABLES, load_contract

_EVENTS_CHANGED = "the communes or their changes differ from those that the year was placed by"
NOT_PUBLISHED = "transformed but not published"
_NOT_PUT_BACK = "the warehouse does not hold the release that was put back"
_NOT_THE_LAST = "the warehouse does not hold the last release"
# A year that is stale for one of these alone is made; readers do not see it.
UNPUBLISHED = frozenset({NOT_PUBLISHED, _NOT_PUT_BACK, _NOT_THE_LAST})


@dataclass
class StaleYears:
    """The years that need a refresh, each with its reasons in the order found."""

    reasons: dict[int, list[str]] = field(default_factory=dict)
    evidence: dict[int, set[str]] = field(default_factory=dict)

    def add(self, year: int, reason: str, evidence: str = "") -> None:
        """Note a reason; `evidence` tells two states apart that have the same reason."""
        known = self.reasons.setdefault(year, [])
        if reason not in known:
            known.append(reason)
        self.evidence.setdefault(year, set()).add(f"{reason} {evidence}")

    def digest(self, year: int) -> str:
        """A hash over what was seen of a year: the same until something changes again."""
        return hashlib.sha256("\n".join(sorted(self.evidence[year])).encode()).hexdigest()[:16]

    def joined(self, other: StaleYears) -> StaleYears:
        """These years and those of another look, with the reasons and the evidence of both."""
        both = StaleYears()
        for stale in (self, other):
            for year in stale.reasons:
                known = both.reasons.setdefault(year, [])
                known += [reason for reason in stale.reasons[year] if reason not in known]
                both.evidence.setdefault(year, set()).update(stale.evidence[year])
        return both

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(self.reasons))


def stale_years(workplace: Workplace, journal: Journal) -> StaleYears:
    """Every year whose drops, contracts, seeds or code changed since it was last made."""
    stale = StaleYears()
    _changed_drops(workplace, journal, stale)
    _changed_databases(workplace, journal, stale)
    _changed_communes(workplace, journal, stale)
    _changed_judgement(workplace, journal, stale)
    _changed_transformation(workplace, journal, stale)
    _unpublished(workplace, journal, stale)
    return stale


def changed_drops(workplace: Workplace, journal: Journal) -> StaleYears:
    """The years whose drops differ from those landed; only what differs in time alone is opened."""
    stale = StaleYears()
    _changed_drops(workplace, journal, stale)
    return stale


def _changed_drops(workplace: Workplace, journal: Journal, stale: StaleYears) -> None:
    store = DropStore(workplace.drops)
    databases = load_sources(workplace.sources, TABLES)
    known = _landed(journal)
    if any(set(names) - _of_database(databases, *place) for place, names in known.items()):
        store.require()
    for table in TABLES:
        landed_years = {year for name, year in known if name == table}
        for year in sorted(landed_years.union(store.years(table))):
            seen = dict(known.get((table, year), {}))
            for file in store.files(table, year):
                if file.suffix and _is_changed(store, journal, file, seen.pop(file.name, None)):
                    stale.add(year, f"{table}: {file.name} is new or changed", f"{file.size} {file.modified}")
            for name in seen.keys() - _of_database(databases, table, year):
                stale.add(year, f"{table}: {name} was withdrawn")


def _is_changed(store: DropStore, journal: Journal, file: DropFile, landed: _Landed | None) -> bool:
    """Size and time first; only where the time alone differs is the file read and hashed.

    Where the hash is the same the new time is noted, so that the file is not read at every look.
    """
    if landed is None or landed.size != file.size:
        return True
    if file.modified and landed.modified == file.modified:
        return False
    try:
        if store.sha256(file) != landed.sha256:
            return True
    except OSError:
        return True
    with journal.transaction() as connection:
        touched = FILE.update().where(
            FILE.c.table_name == file.table,
            FILE.c.year == file.year,
            FILE.c.file_name == file.name,
            FILE.c.sha256 == landed.sha256,
        )
        connection.execute(touched.values(modified=file.modified))
    return False


def _of_database(databases: Mapping[str, DatabaseSource], table: str, year: int) -> set[str]:
    """The name under which a table's database answer is landed: no drop, so it is never withdrawn."""
    return {databases[table].file_name(year)} if table in databases else set()


class _Landed(NamedTuple):
    """What is on record of a landed file: what tells whether the drop is another one now."""

    size: int
    modified: float
    sha256: str


def _landed(journal: Journal) -> Mapping[tuple[str, int], dict[str, _Landed]]:
    found: dict[tuple[str, int], dict[str, _Landed]] = {}
    for row in journal.rows(sa.select(FILE).where(FILE.c.state == "current")):
        of_year = found.setdefault((row["table_name"], row["year"]), {})
        of_year[row["file_name"]] = _Landed(row["size"], row["modified"], row["sha256"])
    return found


def _changed_databases(workplace: Workplace, journal: Journal, stale: StaleYears) -> None:
    for table, source in load_sources(workplace.sources, TABLES).items():
        for year in source.years:
            try:
                digest = hashlib.sha256(source.pull(year)).hexdigest()
            except SourceUnavailable as error:
                stale.add(year, str(error))
                continue
            query = sa.select(FILE).filter_by(
                table_name=table, year=year, file_name=source.file_name(year), sha256=digest, state="current"
            )
            if not journal.rows(query):
                stale.add(year, f"{table}: its database answers differently")


def _changed_communes(workplace: Workplace, journal: Journal, stale: StaleYears) -> None:
    """Other communes, or other weights, put every record that was placed by the old ones in question."""
    try:
        reason = _EVENTS_CHANGED if reference_is_outdated(workplace, date.today()) else ""
    except EventsUnusable as error:
        reason = error.problems[0]
    if reason:
        for row in journal.rows(sa.select(ACCEPTED_STATE.c.year).distinct()):
            stale.add(row["year"], reason)


def _changed_judgement(workplace: Workplace, journal: Journal, stale: StaleYears) -> None:
    judged = {(r["table_name"], r["year"]): r for r in journal.rows(sa.select(ACCEPTED_STATE))}
    results = _judged_from(journal)
    landed = journal.rows(sa.select(FILE.c.table_name, FILE.c.year).distinct())
    for row in landed:
        table, year = row["table_name"], row["year"]
        if table not in TABLES:
            continue
        expected = current_inputs(workplace, journal, load_contract(table), year)
        known = judged.get((table, year))
        if known is None:
            stale.add(year, f"{table}: landed but not judged, or held by a check")
        elif known["fingerprint"] != fingerprint_of(expected):
            stale.add(year, f"{table}: {_what_differs(known, expected)}")
        elif not workplace.home.partition("accepted", table, year).exists():
            stale.add(year, f"{table}: its accepted records are no longer in the home")
        elif results.get((table, year), set()) - {known["fingerprint"]}:
            # Such as under another province for a night: what was held then is no evidence on what stands.
            stale.add(year, f"{table}: its checks last ran on other inputs than its accepted records")


def _judged_from(journal: Journal) -> dict[tuple[str, int], set[str]]:
    """What the judgements' results on record were made from, as fingerprints by table and year."""
    found: dict[tuple[str, int], set[str]] = {}
    for row in journal.rows(sa.select(CHECK_RESULT)):
        if row["table_name"] in TABLES and row["check_name"] in check_names(row["table_name"]):
            found.setdefault((row["table_name"], row["year"]), set()).add(row["fingerprint"])
    return found


def _what_differs(known: Mapping[str, Any], expected: Mapping[str, str]) -> str:
    """Which of the things that a year was judged from are others now."""
    if known["fingerprint"] == ASKED_AGAIN:
        return "asked for again"
    others = differing(known["made_from"], expected)
    if not known["made_from"] or not others:
        return "contract, code or files differ from those it was judged by"
    return f"changed since it was judged: {', '.join(others)}"


def _changed_transformation(workplace: Workplace, journal: Journal, stale: StaleYears) -> None:
    anew = project_changed(journal)
    for year in untransformed_years(journal, workplace.home):
        told = "models or seeds of the dbt project" if anew else "accepted records"
        stale.add(year, f"{told} changed since the year was transformed")


def _unpublished(workplace: Workplace, journal: Journal, stale: StaleYears) -> None:
    if not stale.reasons and (missing := publication_missing(workplace, journal)):
        stale.add(max(made_years(journal)), missing)


def made_years(journal: Journal) -> set[int]:
    """The years that were taken through all layers up to the marts."""
    return {r["year"] for r in journal.rows(sa.select(TRANSFORMED_STATE)) if r["year"]}


def landed_years(journal: Journal) -> set[int]:
    """The years of which anything ever came."""
    return {row["year"] for row in journal.rows(sa.select(FILE.c.year).distinct())}


def publication_missing(workplace: Workplace, journal: Journal) -> str:
    """Why what is made is not what readers see; blank where it is, or nothing is made."""
    if not made_years(journal):
        return ""
    released = newest_release(journal)
    if not released or released["state"] != transformed_state(journal):
        return NOT_PUBLISHED
    standing = whole_release(workplace)
    found = standing["release_id"] if standing else None
    if decided := put_back_by_decision(journal, found):
        # What somebody put back stays, as long as there is nothing new to publish.
        if found != decided["release_id"]:
            return _NOT_PUT_BACK
    elif found != released["release_id"]:
        return _NOT_THE_LAST
    return ""
