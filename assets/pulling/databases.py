"""Tables that are pulled from a database instead of a file, as `sources.yaml` names them.

Belongs here: that file, and the answer to its queries. Does not belong here: drops (`sources`), or
keeping what came (landing).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
import yaml

from assets.pulling.sources import SourcesInvalid, SourceUnavailable

# What drivers raise for a server that is away, restarts or drops a connection.
_MAY_PASS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)


class AnswerUnusable(SourceUnavailable):
    """A database has no answer to what is asked: its driver, tables or query have to be mended."""


@dataclass(frozen=True)
class DatabaseSource:
    """One table pulled from a database; `:year` is bound in the query."""

    table: str
    url: str
    query: str
    years: tuple[int, ...]

    def file_name(self, year: int) -> str:
        return f"{self.table}_{year}_database.parquet"

    def pull(self, year: int) -> bytes:
        """What the query returns for a year, as Parquet bytes (the same rows give the same bytes).

        Raises
        ------
        SourceUnavailable
            It did not answer, or cannot (`AnswerUnusable`).
        """
        try:
            engine = sa.create_engine(self.url)
            with engine.connect() as connection:
                frame = pd.read_sql(sa.text(self.query), connection, params={"year": year})
        except (sa.exc.SQLAlchemyError, pd.errors.DatabaseError, ImportError) as error:
            # The driver's own words may quote the URL with its password or a row: only the kind is told,
            # and no cause is kept that the run's log would show.
            inner = error.__cause__ if isinstance(error, pd.errors.DatabaseError) else error
            kind = SourceUnavailable if isinstance(inner, _MAY_PASS) else AnswerUnusable
            raise kind(f"database of {self.table} {year}: {type(inner or error).__name__}") from None
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer)
        return buffer.getvalue()


def load_sources(path: Path, tables: tuple[str, ...]) -> dict[str, DatabaseSource]:
    """The databases named in `sources.yaml`, by table; none where the file is absent.

    Raises
    ------
    SourcesInvalid
        The file names an unknown table, or an entry lacks `url` or `query`.
    """
    if not path.exists():
        return {}
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        # The parser's own words quote the line, which may hold a password: only the place is told.
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise SourcesInvalid(f"{path.name}: no valid YAML{where}; mend the file") from None
    if not isinstance(data, dict):
        raise SourcesInvalid(f"{path.name}: must map a table to its url and query")
    sources = {}
    for table, entry in data.items():
        if table not in tables:
            raise SourcesInvalid(f"{path.name}: no table {table!r}; known: {', '.join(tables)}")
        if not isinstance(entry, dict) or not {"url", "query", "years"} <= set(entry):
            raise SourcesInvalid(f"{path.name}: {table} needs `url`, `query` and `years`")
        sources[table] = DatabaseSource(
            table, str(entry["url"]), str(entry["query"]), _years(path, table, entry)
        )
    return sources


def _years(path: Path, table: str, entry: dict[str, Any]) -> tuple[int, ...]:
    years = entry["years"]
    if not isinstance(years, list) or not all(isinstance(year, int) for year in years):
        raise SourcesInvalid(f"{path.name}: {table} needs `years` as a list such as [2023, 2024]")
    return tuple(years)
