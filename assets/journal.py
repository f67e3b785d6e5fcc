"""The journal: what was pulled, read, checked and released, in one SQLite file of the home.

Belongs here: the journal's tables and the few ways to write and ask them. Does not belong here:
decisions made from what it says (gate, staleness), nor anything of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assets.disk import disk_trouble

_METADATA = sa.MetaData()

PULL_ATTEMPT = sa.Table(
    "pull_attempt",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("table_name", sa.String, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("sha256", sa.String),
    sa.Column("size", sa.Integer),
    sa.Column("detail", sa.String),
)

FILE = sa.Table(
    "file",
    _METADATA,
    sa.Column("table_name", sa.String, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("file_name", sa.String, primary_key=True),
    sa.Column("sha256", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("file_date", sa.String, nullable=False),
    sa.Column("landed_at", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
)

RAW_FILE = sa.Table(
    "raw_file",
    _METADATA,
    sa.Column("table_name", sa.String, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("sha256", sa.String, primary_key=True),
    sa.Column("reader", sa.String, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("skipped", sa.JSON, nullable=False),
    sa.Column("unknown_columns", sa.JSON, nullable=False),
    sa.Column("refusal", sa.JSON),
)

ACCEPTED_STATE = sa.Table(
    "accepted_state",
    _METADATA,
    sa.Column("table_name", sa.String, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("fingerprint", sa.String, nullable=False),
    # What the fingerprint is made of, by name; blank where a version judged that did not note it.
    sa.Column("made_from", sa.JSON, nullable=True),
    sa.Column("files_fingerprint", sa.String, nullable=False),
    sa.Column("landed", sa.Integer, nullable=False),
    sa.Column("accepted", sa.Integer, nullable=False),
    sa.Column("quarantined", sa.Integer, nullable=False),
    sa.Column("duplicate", sa.Integer, nullable=False),
    sa.Column("superseded", sa.Integer, nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("refused_files", sa.Integer, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

CHECK_RESULT = sa.Table(
    "check_result",
    _METADATA,
    sa.Column("table_name", sa.String, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("check_name", sa.String, primary_key=True),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("blocking", sa.Boolean, nullable=False),
    sa.Column("evaluated", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

TRANSFORMED_STATE = sa.Table(
    "transformed_state",
    _METADATA,
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

RELEASE = sa.Table(
    "release",
    _METADATA,
    sa.Column("release_id", sa.String, primary_key=True),
    sa.Column("published_at", sa.String, nullable=False),
    sa.Column("code_version", sa.String, nullable=False),
    sa.Column("years", sa.JSON, nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("marts", sa.JSON, nullable=False),
    sa.Column("checksum", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    # Accepted records by table and year; blank in releases of versions that did not note them.
    sa.Column("records", sa.JSON, nullable=True),
    # The release that stood before, and how many values moved since; blank where nothing was compared.
    sa.Column("compared_with", sa.String),
    sa.Column("changes", sa.Integer),
    sa.Column("approved_at", sa.String),
)

# A person's decisions to let an earlier release stand. A row without `done_at` was not finished.
ROLLBACK = sa.Table(
    "rollback",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("release_id", sa.String, nullable=False),
    sa.Column("instead_of", sa.String),
    # The newest release on record at that moment: a newer one ends the decision.
    sa.Column("newest", sa.String),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("done_at", sa.String),
)

# A person's agreement to a change beyond its bound, for one content: these inputs against that release.
APPROVAL = sa.Table(
    "approval",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("compared_with", sa.String, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("held", sa.JSON, nullable=False),
    sa.Column("approved_by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    # The release that went out by it; once that is on record the approval is used up.
    sa.Column("release_id", sa.String),
)

# What dbt's tests and models came to, the last time that they ran.
DBT_RESULT = sa.Table(
    "dbt_result",
    _METADATA,
    sa.Column("unique_id", sa.String, primary_key=True),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("failures", sa.Integer),
    # What the tables were made from when the node ran (`transformed_state`).
    sa.Column("state", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class JournalDamaged(Exception):
    """The journal's file is no journal: permanent."""


class Journal:
    """The journal of one home. Every write is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not a text: a `?` in it would end the path, and the journal would lie outside the private home.
        url = sa.URL.create("sqlite", database=str(path))
        self._engine = sa.create_engine(url, connect_args={"timeout": 60})
        try:
            _METADATA.create_all(self._engine)
            self._add_missing_columns()
        except sa.exc.DatabaseError as error:
            if trouble := disk_trouble(error, path.parent):
                raise trouble from error
            raise JournalDamaged(
                f"{path.name} in the home cannot be read ({type(error).__name__}): put back a backup of it, "
                "or move it away; then everything is pulled and judged anew, "
                "and the history of releases begins again"
            ) from error

    def _add_missing_columns(self) -> None:
        """Bring the journal of an earlier version up to this one's columns.

        What is added is blank, so that what was judged or read without it is done again.
        """
        inspector = sa.inspect(self._engine)
        with self._engine.begin() as connection:
            for table in _METADATA.sorted_tables:
                present = {column["name"] for column in inspector.get_columns(table.name)}
                for column in table.columns:
                    if column.name not in present:
                        kind = column.type.compile(self._engine.dialect)
                        connection.execute(
                            sa.text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")
                        )

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction: all of it or nothing."""
        with self._engine.begin() as connection:
            yield connection

    def rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        """The answer to a query, a dict a row."""
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def put(self, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert rows, each replacing the one of its primary key."""
        with self.transaction() as connection:
            upsert(connection, table, rows)


def upsert(connection: sa.Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows inside a transaction, each replacing the one of its primary key."""
    values = [dict(row) for row in rows]
    if not values:
        return
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in values[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), values)
