"""The embedded warehouse: a DuckDB file, built beside and put in place by one rename.

A reader that has the old file open keeps the old release until it opens the file again. The
releases before it are kept beside it (`duckdb_kept`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from assets.warehouse.change_table import NO_CHANGES, change_rows
from assets.warehouse.contents import (
    MART_SCHEMA,
    RELEASE_COLUMNS,
    RELEASE_COMMENT,
    MartContents,
    ReleaseContents,
    checksum_of,
)
from assets.warehouse.duckdb_errors import told_plainly
from assets.warehouse.duckdb_kept import kept, prune, put_back, release_in, set_aside
from assets.warehouse.seam import KEEP, NOTHING_PUBLISHED, PublicationFailed, ReleaseUnknown


class DuckDBFile:
    """A DuckDB file that readers open read-only."""

    def __init__(self, url: sa.URL, *, keep: int = KEEP) -> None:
        self._path = Path(str(url.database)).absolute()
        self._keep = keep

    def publish(self, contents: ReleaseContents) -> None:
        """Build the release beside, verify it, and rename it into place.

        Raises
        ------
        WarehouseBusy
            Another program writes to the file that stands, or to the pipeline's own.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        try:
            with told_plainly():
                self._build(beside, contents)
                set_aside(self._path)
            os.replace(beside, self._path)
            prune(self._path, self._keep)
        finally:
            beside.unlink(missing_ok=True)
            Path(f"{beside}.wal").unlink(missing_ok=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """The file as it stands, read-only; a release that is put in place meanwhile is not seen."""
        if not self._path.exists():
            raise ReleaseUnknown(NOTHING_PUBLISHED)
        engine = sa.create_engine(f"duckdb:///{self._path}?access_mode=read_only")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def lend(
        self,
        duck: duckdb.DuckDBPyConnection,
        schema: str,
        tables: Iterable[str],
        release_id: str | None = None,
    ) -> list[str]:
        """Views on the tables of a kept file, attached read-only to the caller's connection."""
        path = self._path
        current = (self.current_release() or {}).get("release_id")
        if release_id not in (None, current):
            path = next((f for f, row in kept(self._path).items() if row["release_id"] == release_id), path)
            if path == self._path:
                listed = ", ".join(row["release_id"] for row in self.releases()) or "none"
                raise ReleaseUnknown(f"no release {release_id} is kept beside the warehouse; kept: {listed}")
        elif current is None:
            raise ReleaseUnknown(NOTHING_PUBLISHED)
        with told_plainly():
            duck.execute(f"ATTACH {_quoted_path(path)} AS {schema}_file (READ_ONLY)")
        query = "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = ?"
        held = {name for (name,) in duck.execute(query, [f"{schema}_file", MART_SCHEMA]).fetchall()}
        duck.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        lent = [name for name in tables if name in held]
        for name in lent:
            duck.execute(
                f'CREATE VIEW {schema}."{name}" AS SELECT * FROM {schema}_file.{MART_SCHEMA}."{name}"'
            )
        return lent

    def current_release(self) -> dict[str, Any] | None:
        """The newest row of the table `release`."""
        with told_plainly():
            return release_in(self._path) if self._path.exists() else None

    def releases(self) -> list[dict[str, Any]]:
        """The kept releases, newest first, each with `is_current`."""
        current = self.current_release() or {}
        found = {row["release_id"]: row for row in (*kept(self._path).values(), current) if row}
        return [
            {**found[name], "is_current": name == current.get("release_id")}
            for name in sorted(found, reverse=True)
        ]

    def rollback(self, release_id: str) -> None:
        """Put a kept release back; the one that stands is kept in its turn."""
        rows = self.releases()
        wanted = next((row for row in rows if row["release_id"] == release_id), None)
        if wanted is None:
            listed = ", ".join(row["release_id"] for row in rows) or "none"
            raise ReleaseUnknown(f"no release {release_id} is kept beside the warehouse; kept: {listed}")
        if not wanted["is_current"]:
            with told_plainly():
                set_aside(self._path)
            put_back(self._path, release_id)

    def _remove_leftovers(self) -> None:
        """What a killed publication left beside the warehouse."""
        for path in self._path.parent.glob(f".{self._path.name}.*.new*"):
            path.unlink(missing_ok=True)

    def _build(self, path: Path, contents: ReleaseContents) -> None:
        engine = sa.create_engine(f"duckdb:///{path}")
        try:
            with engine.connect() as connection:
                connection.execute(sa.text(f"ATTACH {_quoted_path(contents.source)} AS pipeline (READ_ONLY)"))
                connection.execute(sa.text(f"CREATE SCHEMA {MART_SCHEMA}"))
                for mart in contents.marts:
                    _copy(connection, mart, f"pipeline.{MART_SCHEMA}.{mart.name}")
                _copy(connection, contents.changes or NO_CHANGES, change_rows(contents.changes_file))
                _write_releases(connection, contents)
                connection.commit()
                connection.execute(sa.text("DETACH pipeline"))
                connection.execute(sa.text("CHECKPOINT"))
                connection.commit()
        finally:
            engine.dispose()


def _copy(connection: sa.Connection, mart: MartContents, source: str) -> None:
    target = f"{MART_SCHEMA}.{mart.name}"
    columns = ", ".join(f'"{c.name}" {c.data_type}' for c in mart.columns)
    connection.execute(sa.text(f"CREATE TABLE {target} ({columns})"))
    # Sorted, so that the same rows give the same file.
    rows = f"INSERT INTO {target} SELECT * FROM {source} ORDER BY ALL".replace(":", "\\:")
    connection.execute(sa.text(rows))
    _comment(connection, target, mart.comment, {c.name: c.comment for c in mart.columns})
    written = checksum_of(connection, target, [c.name for c in mart.columns])
    if written != (mart.rows, mart.checksum):
        raise PublicationFailed(
            f"mart {mart.name}: wrote {written[0]} rows where {mart.rows} were to be published, "
            "or their content differs"
        )


def _write_releases(connection: sa.Connection, contents: ReleaseContents) -> None:
    target = f"{MART_SCHEMA}.release"
    columns = ", ".join(f"{c.name} {c.data_type}" for c in RELEASE_COLUMNS)
    connection.execute(sa.text(f"CREATE TABLE {target} ({columns}, PRIMARY KEY (release_id))"))
    names = ", ".join(c.name for c in RELEASE_COLUMNS)
    values = ", ".join(f":{c.name}" for c in RELEASE_COLUMNS)
    rows = [
        {c.name: row.get(c.name) for c in RELEASE_COLUMNS} for row in (*contents.history, contents.release)
    ]
    connection.execute(sa.text(f"INSERT INTO {target} ({names}) VALUES ({values})"), rows)
    _comment(connection, target, RELEASE_COMMENT, {c.name: c.comment for c in RELEASE_COLUMNS})


def _comment(connection: sa.Connection, target: str, table: str, columns: dict[str, str]) -> None:
    connection.execute(sa.text(f"COMMENT ON TABLE {target} IS {_quoted(table)}"))
    for name, comment in columns.items():
        connection.execute(sa.text(f'COMMENT ON COLUMN {target}."{name}" IS {_quoted(comment)}'))


def _quoted_path(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _quoted(text: str) -> str:
    # A colon would be taken for a bind parameter.
    return "'" + text.replace("'", "''").replace(":", "\\:") + "'"
