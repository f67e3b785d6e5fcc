"""Pull one table and year: what is new is copied unchanged under its SHA-256, all is journalled.

A file is opened only when its size or modification time differs from what was last seen. What
was landed stays; a file of the same name with new content is a new version of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import IO, Any

import sqlalchemy as sa

from assets.journal import FILE, PULL_ATTEMPT, Journal, now, upsert
from assets.pulling.databases import AnswerUnusable, DatabaseSource
from assets.pulling.file_dates import file_date
from assets.pulling.home_copy import HALF_COPIED, HomeCopy
from assets.pulling.rest import require_at_rest
from assets.pulling.sources import DropFile, DropStore, SourceUnavailable, sha256_of, told_of_store
from assets.workplace import Home


@dataclass(frozen=True)
class PullOutcome:
    """What became of one attempt: landed, replaced, unchanged, same_content, unsupported or failed.

    `may_pass` is whether the same attempt may succeed in a moment: its database did not answer.
    """

    file_name: str
    outcome: str
    sha256: str | None = None
    detail: str | None = None
    may_pass: bool = False


class Pull:
    """The pull of one table and year into landing."""

    def __init__(self, home: Home, journal: Journal, table: str, year: int) -> None:
        self._home, self._journal, self._table, self._year = home, journal, table, year
        self._known = {row["file_name"]: row for row in current_files(journal, table, year, states=_SEEN)}
        versions = journal.rows(
            sa.select(FILE.c.file_name, sa.func.max(FILE.c.version).label("version"))
            .where(FILE.c.table_name == table, FILE.c.year == year)
            .group_by(FILE.c.file_name)
        )
        self._versions = {row["file_name"]: row["version"] for row in versions}

    def run(self, store: DropStore, database: DatabaseSource | None) -> list[PullOutcome]:
        """Pull what is there now; files no longer there are marked withdrawn, and stay in landing."""
        if self._known.keys() - ({database.file_name(self._year)} if database else set()):
            store.require()
        self._remove_leftovers()
        outcomes = [self._pull_file(store, file) for file in store.files(self._table, self._year)]
        if database and self._year in database.years:
            outcomes.append(self._pull_database(database))
        self._mark_withdrawn({outcome.file_name for outcome in outcomes})
        return outcomes

    def _remove_leftovers(self) -> None:
        """What killed pulls left half copied; an hour is longer than any copy that still goes on."""
        folder = self._home.landing / self._table / str(self._year)
        for path in folder.glob(f"{HALF_COPIED}*"):
            if path.stat().st_mtime < time.time() - 3600:
                path.unlink(missing_ok=True)

    def _pull_file(self, store: DropStore, file: DropFile) -> PullOutcome:
        known = self._known.get(file.name)
        # A store that tells no time (0.0) may hold other content of the same size.
        if known and file.modified and (known["size"], known["modified"]) == (file.size, file.modified):
            return self._seen_again(known)
        if file.unsupported:
            return self._record(PullOutcome(file.name, "unsupported", detail=file.unsupported))
        try:
            require_at_rest(store, file)
            with store.open(file) as stream:
                whole = partial(store.require_unchanged, file)
                return self._land(stream, file.name, file.suffix, file.modified, whole)
        except OSError as error:
            # Of the drop alone: what fails of the home while it is copied is no OSError (`HomeCopy`).
            detail = told_of_store(error, "the drop could not be read")
            return self._record(PullOutcome(file.name, "failed", detail=detail))

    def _pull_database(self, database: DatabaseSource) -> PullOutcome:
        name = database.file_name(self._year)
        try:
            content = database.pull(self._year)
        except SourceUnavailable as error:
            may_pass = not isinstance(error, AnswerUnusable)
            return self._record(PullOutcome(name, "failed", detail=str(error), may_pass=may_pass))
        return self._land(BytesIO(content), name, ".parquet", 0.0)

    def _land(
        self,
        stream: IO[bytes],
        name: str,
        suffix: str,
        modified: float,
        require_whole: Callable[[int], None] = lambda copied: None,
    ) -> PullOutcome:
        with HomeCopy(self._home, self._home.landing / self._table / str(self._year)) as copy:
            sha256 = sha256_of(stream, copy)
            size = copy.finish()
            require_whole(size)
            copy.keep(self._home.landed_file(self._table, self._year, sha256, suffix))
        return self._keep(name, sha256, size, modified)

    def _keep(self, name: str, sha256: str, size: int, modified: float) -> PullOutcome:
        known = self._known.get(name)
        if known and known["sha256"] == sha256:
            outcome = PullOutcome(name, "unchanged", sha256)
        else:
            detail = _older(known, modified) if known else None
            outcome = PullOutcome(name, "replaced" if known else "landed", sha256, detail)
        row: dict[str, Any] = {
            "table_name": self._table,
            "year": self._year,
            "file_name": name,
            "sha256": sha256,
            "version": self._versions.get(name, 0) + (outcome.outcome != "unchanged"),
            "size": size,
            "modified": modified,
            "file_date": self._date(outcome, modified),
            "landed_at": now(),
            "state": "current",
        }
        with self._journal.transaction() as connection:
            if outcome.outcome == "replaced":
                self._set_state(connection, name, "replaced")
            upsert(connection, FILE, [row])
            connection.execute(PULL_ATTEMPT.insert().values(**self._attempt(outcome, size)))
        return outcome

    def _date(self, outcome: PullOutcome, modified: float) -> str:
        """Of the name, else of modification; content without either stays of the day it first came."""
        known = self._known.get(outcome.file_name)
        if known and outcome.outcome == "unchanged" and not modified:
            return str(known["file_date"])
        return file_date(outcome.file_name, modified or _seconds_now()).isoformat()

    def _seen_again(self, known: dict[str, Any]) -> PullOutcome:
        if known["state"] == "withdrawn":
            with self._journal.transaction() as connection:
                self._set_state(connection, known["file_name"], "current", only="withdrawn")
        return PullOutcome(known["file_name"], "unchanged", known["sha256"])

    def _set_state(self, connection: sa.Connection, name: str, state: str, only: str | None = None) -> None:
        statement = FILE.update().where(
            FILE.c.table_name == self._table, FILE.c.year == self._year, FILE.c.file_name == name
        )
        if only:
            statement = statement.where(FILE.c.state == only)
        connection.execute(statement.values(state=state))

    def _mark_withdrawn(self, present: set[str]) -> None:
        gone = [n for n, row in self._known.items() if n not in present and row["state"] == "current"]
        with self._journal.transaction() as connection:
            for name in gone:
                self._set_state(connection, name, "withdrawn", only="current")

    def _record(self, outcome: PullOutcome) -> PullOutcome:
        with self._journal.transaction() as connection:
            connection.execute(PULL_ATTEMPT.insert().values(**self._attempt(outcome, None)))
        return outcome

    def _attempt(self, outcome: PullOutcome, size: int | None) -> dict[str, Any]:
        return {
            "at": now(),
            "table_name": self._table,
            "year": self._year,
            "file_name": outcome.file_name,
            "outcome": outcome.outcome,
            "sha256": outcome.sha256,
            "size": size,
            "detail": outcome.detail,
        }


def _older(known: dict[str, Any], modified: float) -> str | None:
    """That a file is older than the version it was put over; it is taken, since it lies there now."""
    if not modified or not known["modified"] or modified >= known["modified"]:
        return None
    was, now_is = (datetime.fromtimestamp(m, UTC) for m in (known["modified"], modified))
    return (
        f"older than the version that it replaces: changed {now_is:%Y-%m-%d %H:%M}, "
        f"the other {was:%Y-%m-%d %H:%M} (UTC)"
    )


_SEEN = ("current", "withdrawn")


def _seconds_now() -> float:
    return time.time()


def current_files(
    journal: Journal, table: str, year: int, states: tuple[str, ...] = ("current", "withdrawn", "replaced")
) -> list[dict[str, Any]]:
    """The landed files of a table and year in these states, oldest first.

    A withdrawn file leaves its records in place; a replaced one is superseded by its successor.
    """
    query = (
        sa.select(FILE)
        .where(FILE.c.table_name == table, FILE.c.year == year, FILE.c.state.in_(states))
        .order_by(FILE.c.file_date, FILE.c.modified, FILE.c.file_name, FILE.c.version)
    )
    return journal.rows(query)
