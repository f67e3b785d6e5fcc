"""The embedded warehouse: a DuckDB file, built beside and put in place by one rename.

A reader that has the old file open keeps the old release until it opens the file again. The
releases before it are kept beside it (`duckdb_kept`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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
from assets.warehouse.duckdb_errors import duckdb_told
from assets.warehouse.duckdb_kept import kept, prune, put_back, set_aside
from assets.warehouse.duckdb_look import counts_in, release_in
from assets.warehouse.duckdb_place import put_in_place
from assets.warehouse.seam import (
    KEEP,
    NOTHING_PUBLISHED,
    PublicationFailed,
    ReleaseUnknown,
    WarehouseBusy,
    WarehouseDamaged,
)
from assets.warehouse.whole import published_counts, require_whole


class DuckDBFile:
    """A DuckDB file that readers open read-only."""

    def __init__(self, url: sa.URL, *, keep: int = KEEP, own: Path | None = None) -> None:
        self._path = Path(str(url.database)).absolute()
        self._keep = keep
        self._own = own.absolute() if own else None

    def publish(self, contents: ReleaseContents) -> None:
        """Build the release beside, verify it, and rename it into place.

        Raises
        ------
        WarehouseUnsupported
            What stands was not published from here.
        WarehouseBusy
            Another program writes to the file that stands, or to the pipeline's own.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        release_id = str(contents.release["release_id"])
        try:
            with duckdb_told():
                self._build(beside, contents)
            _require(beside, release_id)
            set_aside(self._path, self._own)
            put_in_place(beside, self._path)
            # Whoever writes to it already could open it.
            with suppress(WarehouseBusy):
                _require(self._path, release_id)
            prune(self._path, self._keep)
        finally:
            beside.unlink(missing_ok=True)
            Path(f"{beside}.wal").unlink(missing_ok=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """The file as it stands, read-only; a release that is put in place meanwhile is not seen."""
        if self.current_release() is None:
            raise ReleaseUnknown(NOTHING_PUBLISHED)
        engine = sa.create_engine(f"duckdb:///{self._path}?access_mode=read_only")
        try:
            with duckdb_told(self._path), engine.connect() as connection:
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
        path = self._file_of(release_id)
        with duckdb_told(path):
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
        """The newest row of the table `release`.

        Raises
        ------
        WarehouseDamaged
            It cannot be read.
        WarehouseUnsupported
            What stands was not published from here.
        """
        return release_in(self._path)

    def whole_release(self) -> dict[str, Any] | None:
        """The same, once its marts were seen to be there with their rows."""
        row = self.current_release()
        if row:
            require_whole(row, counts_in(self._path, published_counts(row)))
        return row

    def releases(self) -> list[dict[str, Any]]:
        """The kept releases, newest first, each with `is_current`; none is where what stands is damaged."""
        current = self._readable_release() or {}
        found = {row["release_id"]: row for row in (*kept(self._path).values(), current) if row}
        return [
            {**found[name], "is_current": name == current.get("release_id")}
            for name in sorted(found, reverse=True)
        ]

    def rollback(self, release_id: str) -> None:
        """Put a kept release back; the one that stands is kept in its turn, a damaged one moved aside."""
        rows = self.releases()
        wanted = next((row for row in rows if row["release_id"] == release_id), None)
        if wanted is None:
            raise self._unknown(release_id)
        if not wanted["is_current"]:
            set_aside(self._path, self._own)
            put_back(self._path, release_id)
            with suppress(WarehouseBusy):
                _require(self._path, release_id)

    def _readable_release(self) -> dict[str, Any] | None:
        try:
            return self.current_release()
        except WarehouseDamaged:
            return None

    def _file_of(self, release_id: str | None) -> Path:
        """The file of a kept release, by default of the one that stands."""
        if release_id is None:
            if self.current_release() is None:
                raise ReleaseUnknown(NOTHING_PUBLISHED)
            return self._path
        if (self._readable_release() or {}).get("release_id") == release_id:
            return self._path
        for file, row in kept(self._path).items():
            if row["release_id"] == release_id:
                return file
        # Where what stands is damaged it may be the one: that is told, not that there is none.
        self.current_release()
        raise self._unknown(release_id)

    def _unknown(self, release_id: str) -> ReleaseUnknown:
        listed = ", ".join(row["release_id"] for row in self.releases()) or "none"
        return ReleaseUnknown(f"no release {release_id} is kept beside the warehouse; kept: {listed}")

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


def _require(path: Path, release_id: str) -> None:
    """Open a file as readers will: it holds this release."""
    found = release_in(path)
    if found is None or found["release_id"] != release_id:
        held = found["release_id"] if found else "no release"
        raise PublicationFailed(f"{path.name} holds {held} where {release_id} was put; refresh again")


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
