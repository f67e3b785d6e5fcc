"""The standing list: what is failing right now, whatever run it came from.

Belongs here: putting it together from journal, home and warehouse. Does not belong here: failed
runs (`pipelines.run_records`), or how the list is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from assets.errors import FORESEEN, RETRYABLE
from assets.evidence import gather
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, FILE, PULL_ATTEMPT, RAW_FILE, Journal
from assets.judging.keep import OLDER
from assets.places.events import EventsUnusable
from assets.project import manifest_nodes
from assets.pulling.databases import load_sources
from assets.pulling.sources import SourcesInvalid
from assets.reference import require_reference
from assets.releases import decision, put_back_by_decision, warehouse_of
from assets.warehouse import WarehouseDamaged
from assets.warehouse.contents import MART_SCHEMA
from assets.workplace import Workplace
from checks.contract import TABLES, load_contract
from checks.gate import Objection, objections

# Checks that fail without a run that fails. Whoever cannot look at the warehouse asks for no run.
REACHABLE = "reachable"
USABLE = "usable"
NO_ANSWER = "answers"
# A damaged file of ours: it counts as no release, so the next night publishes one in its place.
_READABLE = "readable"


@dataclass(frozen=True)
class Failing:
    """One thing that is failing.

    Parameters
    ----------
    severity
        `error` where it holds publication, keeps readers from a release, or leaves out of it all that a
        database holds anew; else `warning`.
    where
        Table, mart, dbt model, `warehouse`, or the database of a table.
    year
        None where it concerns no single year.
    check
        Which check.
    found
        What was found, with the bound where there is one.
    todo
        What to do.
    """

    severity: Literal["error", "warning"]
    where: str
    year: int | None
    check: str
    found: str
    todo: str


def what_fails(workplace: Workplace, journal: Journal, *, with_marts: bool = True) -> list[Failing]:
    """Everything that is failing now: what holds publication first, then what only warns.

    Parameters
    ----------
    with_marts
        Whether the pipeline's DuckDB file is opened: not while a refresh of another process may be
        about to write it, which a reader would keep from it.
    """
    found = [*_of_release(workplace, journal), *_held(workplace, journal, with_marts)]
    found += _of_places(workplace)
    found += [*_warnings(journal), *_refused(journal), *_not_pulled(workplace, journal), *_older(journal)]
    return sorted(found, key=lambda entry: entry.severity != "error")


def held_now(workplace: Workplace, journal: Journal, with_marts: bool = True) -> list[Objection]:
    """What would hold a release of the marts as they stand; nothing in a home that has judged nothing."""
    judged = (sa.select(table.c.year).limit(1) for table in (ACCEPTED_STATE, CHECK_RESULT))
    if not any(journal.rows(query) for query in judged):
        return []
    return objections(gather(workplace, journal, mart_counts(workplace) if with_marts else {}))


def mart_counts(workplace: Workplace) -> dict[str, int]:
    """Rows of the marts in the pipeline's own file; none where there is none, or it cannot be read."""
    if not workplace.home.duckdb.exists():
        return {}
    names = [
        node["name"]
        for node in manifest_nodes(workplace)
        if node["resource_type"] == "model" and node["fqn"][1] == MART_SCHEMA
    ]
    engine = sa.create_engine(f"duckdb:///{workplace.home.duckdb}?access_mode=read_only")
    try:
        with engine.connect() as connection:
            return {
                name: int(
                    connection.execute(sa.text(f"SELECT count(*) FROM {MART_SCHEMA}.{name}")).scalar_one()
                )
                for name in names
            }
    except sa.exc.SQLAlchemyError:
        return {}
    finally:
        engine.dispose()


def _of_places(workplace: Workplace) -> Iterator[Failing]:
    """Rows of the deployment's own events that no map can be made from: the next run would fail."""
    try:
        require_reference(workplace, date.today())
    except EventsUnusable as error:
        todo = "mend the row that is named (docs/geography.md): until then every run fails"
        yield Failing("error", "communes", None, "events", str(error), todo)


def _held(workplace: Workplace, journal: Journal, with_marts: bool) -> Iterator[Failing]:
    try:
        held = held_now(workplace, journal, with_marts)
    except FORESEEN:
        return  # the warehouse cannot be looked at, which is told by itself
    for objection in held:
        found = f"{objection.found}; asked: {objection.bound}"
        yield Failing("error", objection.where, objection.year, objection.check, found, objection.todo)


def _of_release(workplace: Workplace, journal: Journal) -> Iterator[Failing]:
    try:
        standing = warehouse_of(workplace).whole_release()
    except FORESEEN as error:
        todo = "see docs/runbook.md: readers may be cut off too"
        yield Failing("error", "warehouse", None, _why_not(error), str(error), todo)
        return
    held = standing["release_id"] if standing else None
    if decided := put_back_by_decision(journal, held):
        reason = decided["reason"] or "no reason given"
        found = (
            f"{decided['instead_of']} was withdrawn at {decided['at']} by {decided['decided_by']}: {reason}"
        )
        if held == decided["release_id"]:
            todo = "mend what was wrong and refresh; or thoatngheo publish"
            yield Failing("warning", "warehouse", None, "rolled back", f"{held} stands; {found}", todo)
        else:
            found = f"it holds {held or 'no release'}, not {decided['release_id']}; {found}"
            todo = f"thoatngheo publish --rollback {decided['release_id']}"
            yield Failing("error", "warehouse", None, "rolled back", found, todo)
    elif (begun := decision(journal)) and not begun["done_at"] and begun["release_id"] != held:
        found = f"a rollback to {begun['release_id']} at {begun['at']} did not come to its end; {held} stands"
        todo = f"thoatngheo publish --rollback {begun['release_id']}, or leave it"
        yield Failing("warning", "warehouse", None, "rollback", found, todo)


def _why_not(error: Exception) -> str:
    """The check that a warehouse fails which cannot be looked at."""
    if isinstance(error, RETRYABLE):
        return REACHABLE
    return _READABLE if isinstance(error, WarehouseDamaged) else USABLE


def _warnings(journal: Journal) -> Iterator[Failing]:
    """Rules of a whole table and year that warn: jumps, copies, many records set aside."""
    query = (
        sa.select(CHECK_RESULT)
        .where(CHECK_RESULT.c.check_name == "table_rules", CHECK_RESULT.c.passed.is_(False))
        .order_by(CHECK_RESULT.c.table_name, CHECK_RESULT.c.year)
    )
    for row in journal.rows(query):
        known = {rule.name for rule in load_contract(row["table_name"]).table_rules}
        for name, entry in row["detail"].items():
            if entry.get("outcome") == "warn" and name in known:
                found = f"{entry['value']:.3g}, asked: {_limits(entry)} ({entry['rule']})"
                todo = "look at the counts in thoatngheo status and at the year's Data Docs; ask the office"
                yield Failing("warning", row["table_name"], row["year"], name, found, todo)


def _limits(entry: dict[str, Any]) -> str:
    said = [
        f"{word} {entry[key]:g}"
        for word, key in (("at least", "minimum"), ("at most", "maximum"))
        if entry.get(key) is not None
    ]
    return " and ".join(said)


def _refused(journal: Journal) -> Iterator[Failing]:
    same = (FILE.c.table_name == RAW_FILE.c.table_name, FILE.c.year == RAW_FILE.c.year)
    query = (
        sa.select(RAW_FILE.c.table_name, RAW_FILE.c.year, RAW_FILE.c.refusal, FILE.c.file_name)
        .join(FILE, sa.and_(*same, FILE.c.sha256 == RAW_FILE.c.sha256))
        .where(FILE.c.state == "current")
        .order_by(RAW_FILE.c.table_name, RAW_FILE.c.year, FILE.c.file_name)
    )
    for row in journal.rows(query):
        if row["refusal"] and row["table_name"] in TABLES:
            todo = "ask the office for the file again, under the same name"
            message = row["refusal"]["message"]
            yield Failing("warning", row["table_name"], row["year"], "refused file", message, todo)


def _not_pulled(workplace: Workplace, journal: Journal) -> Iterator[Failing]:
    """Files whose last attempt failed or that have no format of ours, and databases that do not answer."""
    asked = _asked_of_databases(workplace)
    silent: dict[str, list[str]] = {}
    for row in _newest_attempts(journal, PULL_ATTEMPT.c.outcome.in_(("failed", "unsupported"))):
        found = f"{row['file_name']}: {row['detail'] or row['outcome']}"
        if (row["table_name"], row["year"], row["file_name"]) in asked:
            silent.setdefault(row["table_name"], []).append(row["detail"] or found)
            continue
        todo = "the next refresh tries again; a file of no known format has to be sent in another"
        yield Failing("warning", row["table_name"], row["year"], "not pulled", found, todo)
    for table, details in silent.items():
        # Of no single year: a year is held by its errors, and nothing is held by these.
        todo = "see whether it answers, and what it is asked (sources.yaml); the next night asks again"
        yield Failing("error", f"database of {table}", None, NO_ANSWER, "; ".join(details), todo)


def _asked_of_databases(workplace: Workplace) -> set[tuple[str, int, str]]:
    """Table, year and name of every answer that is asked of a database; one no longer named is none."""
    try:
        sources = load_sources(workplace.sources, TABLES)
    except SourcesInvalid:
        return set()  # told by itself: no look at the drops succeeds
    return {(table, year, of.file_name(year)) for table, of in sources.items() for year in of.years}


def _older(journal: Journal) -> Iterator[Failing]:
    """Files that are older than what they were to replace: put over it, or beside it under another name."""
    todo = "ask the office which of the two holds; send that one under the same name, newly saved"
    replaced = sa.and_(PULL_ATTEMPT.c.outcome == "replaced", PULL_ATTEMPT.c.detail.is_not(None))
    for row in _newest_attempts(journal, replaced):
        found = f"{row['file_name']}: {row['detail']}; it counts"
        yield Failing("warning", row["table_name"], row["year"], "older file", found, todo)
    query = (
        sa.select(CHECK_RESULT)
        .where(CHECK_RESULT.c.check_name == "reconciliation")
        .order_by(CHECK_RESULT.c.table_name, CHECK_RESULT.c.year)
    )
    for row in journal.rows(query):
        for told in row["detail"].get(OLDER, ()):
            yield Failing("warning", row["table_name"], row["year"], "older file", told, todo)


def _newest_attempts(journal: Journal, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """Of every file the last attempt to pull it, where that is such a one."""
    columns = (PULL_ATTEMPT.c.table_name, PULL_ATTEMPT.c.year, PULL_ATTEMPT.c.file_name)
    newest = sa.select(sa.func.max(PULL_ATTEMPT.c.id)).group_by(*columns)
    return journal.rows(sa.select(PULL_ATTEMPT).where(PULL_ATTEMPT.c.id.in_(newest), where))
