"""The embedded warehouse: a DuckDB file, built beside and put in place by one rename.

A reader that has the old file open keeps the old release until it opens the file again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assets.warehouse.contents import (
    MART_SCHEMA,
    RELEASE_COLUMNS,
    RELEASE_COMMENT,
    MartContents,
    ReleaseContents,
    checksum_of,
)
from assets.warehouse.seam import PublicationFailed

class DuckDBFile:
    """A DuckDB file that readers open read-only."""

    def __init__(self, url: sa.URL) -> None:
        self._path = Path(str(url.database)).absolute()

    def publish(self, contents: ReleaseContents) -> None:
        """Build the release beside, verify it, and rename it into place."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        try:
            self._build(beside, contents)
            os.replace(beside, self._path)
        finally:
            beside.unlink(missing_ok=True)
            Path(f"{beside}.wal").unlink(missing_ok=True)

    def current_release(self) -> dict[str, Any] | None:
        """The newest row of the table `release`."""
        if not self._path.exists():
            return None
        engine = sa.create_engine(f"duckdb:///{self._path}?access_mode=read_only")
        query = f"SELECT * FROM {MART_SCHEMA}.release ORDER BY published_at DESC, release_id DESC LIMIT 1"
        try:
            with engine.connect() as connection:
                return dict(connection.execute(sa.text(query)).mappings().one())
        finally:
            engine.dispose()

    def _remove_leftovers(self) -> None:
        """What a killed publication left beside the warehouse."""
        for path in self._path.parent.glob(f".{self._path.name}.*.new*"):
            path.unlink(missing_ok=True)

    def _build(self, path: Path, contents: ReleaseContents) -> None:
        engine = sa.create_engine(f"duckdb:///{path}")
        try:
            with engine.connect() as connection:
                source = str(contents.source).replace("'", "''")
                connection.execute(sa.text(f"ATTACH '{source}' AS pipeline (READ_ONLY)"))
                connection.execute(sa.text(f"CREATE SCHEMA {MART_SCHEMA}"))
                for mart in contents.marts:
                    _copy(connection, mart)
                _write_releases(connection, contents)
                connection.commit()
                connection.execute(sa.text("DETACH pipeline"))
                connection.execute(sa.text("CHECKPOINT"))
                connection.commit()
        finally:
            engine.dispose()


def _copy(connection: sa.Connection, mart: MartContents) -> None:
    target = f"{MART_SCHEMA}.{mart.name}"
    columns = ", ".join(f'"{c.name}" {c.data_type}' for c in mart.columns)
    connection.execute(sa.text(f"CREATE TABLE {target} ({columns})"))
    # Sorted, so that the same rows give the same file.
    connection.execute(sa.text(f"INSERT INTO {target} SELECT * FROM pipeline.{target} ORDER BY ALL"))
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
    rows = [dict(row) for row in (*contents.history, contents.release)]
    connection.execute(sa.text(f"INSERT INTO {target} ({names}) VALUES ({values})"), rows)
    _comment(connection, target, RELEASE_COMMENT, {c.name: c.comment for c in RELEASE_COLUMNS})


def _comment(connection: sa.Connection, target: str, table: str, columns: dict[str, str]) -> None:
    connection.execute(sa.text(f"COMMENT ON TABLE {target} IS {_quoted(table)}"))
    for name, comment in columns.items():
        connection.execute(sa.text(f'COMMENT ON COLUMN {target}."{name}" IS {_quoted(comment)}'))


def _quoted(text: str) -> str:
    # A colon would be taken for a bind parameter.
    return "'" + text.replace("'", "''").replace(":", "\\:") + "'"
