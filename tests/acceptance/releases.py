"""Small releases to publish, and how a client looks at the warehouse that they are put into."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import sqlalchemy as sa

from assets.warehouse import ReleaseContents
from assets.warehouse.contents import describe_mart

ROWS = 40
# Every row of every mart says which release it belongs to.
MARTS = {
    "dim_standard": (
        "CREATE TABLE marts.dim_standard (standard VARCHAR NOT NULL, release_id VARCHAR, rural_line BIGINT)",
        "INSERT INTO marts.dim_standard SELECT 'VN-' || i, $id, i * 1000 FROM range($n) t(i)",
        ("standard",),
    ),
    "poverty_rate": (
        "CREATE TABLE marts.poverty_rate (year INTEGER NOT NULL, commune_code VARCHAR NOT NULL,"
        " standard VARCHAR NOT NULL, release_id VARCHAR, poor_rate DOUBLE)",
        "INSERT INTO marts.poverty_rate SELECT 2024, 'xã ' || i, 'VN-' || i, $id, i / 7 FROM range($n) t(i)",
        ("year", "commune_code", "standard"),
    ),
    "credit": (
        "CREATE TABLE marts.credit (month DATE NOT NULL, commune_code VARCHAR, release_id VARCHAR,"
        " outstanding DECIMAL(28,6))",
        "INSERT INTO marts.credit SELECT DATE '2024-01-01', nullif('xã ' || i, 'xã 0'), $id, i / 3"
        " FROM range($n) t(i)",
        ("month", "commune_code"),
    ),
}


def node(*grain: str, description: str = "", columns: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the dbt manifest says of a mart."""
    described = {name: {"description": text} for name, text in (columns or {}).items()}
    return {"description": description, "columns": described, "grain": list(grain)}


class Maker:
    """Makes a pipeline's DuckDB file a release."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def small(self, release_id: str, rows: int = ROWS) -> ReleaseContents:
        """Three marts, a dimension and a foreign key among them."""
        source = self._folder / f"{release_id}.duckdb"
        with duckdb.connect(str(source)) as connection:
            connection.execute("CREATE SCHEMA marts")
            for create, insert, _ in MARTS.values():
                connection.execute(create)
                connection.execute(insert, {"id": release_id, "n": rows})
        return self.contents(
            source, release_id, {name: node(*grain) for name, (_, _, grain) in MARTS.items()}
        )

    def of(
        self, release_id: str, nodes: Mapping[str, Mapping[str, Any]], *statements: str
    ) -> ReleaseContents:
        """The marts that some statements make in the schema `marts`."""
        source = self._folder / f"{release_id}.duckdb"
        with duckdb.connect(str(source)) as connection:
            connection.execute("CREATE SCHEMA marts")
            for statement in statements:
                connection.execute(statement)
        return self.contents(source, release_id, nodes)

    def contents(
        self, source: Path, release_id: str, nodes: Mapping[str, Mapping[str, Any]]
    ) -> ReleaseContents:
        engine = sa.create_engine(f"duckdb:///{source}?access_mode=read_only")
        try:
            with engine.connect() as connection:
                marts = tuple(describe_mart(connection, name, n, "marts") for name, n in nodes.items())
        finally:
            engine.dispose()
        self._number += 1
        moment = datetime(2026, 11, 23, 2) + timedelta(seconds=self._number)
        counts = {mart.name: {"rows": mart.rows, "checksum": mart.checksum} for mart in marts}
        row = {
            "release_id": release_id, "published_at": moment.isoformat(), "code_version": "1",
            "years": "[2024]", "inputs": "{}", "marts": json.dumps(counts), "checksum": "c",
            "records": None, "withdrawn_at": None,
        }  # fmt: skip
        return ReleaseContents(source, marts, row, ())


def client(url: sa.URL, **options: Any) -> psycopg.Connection[Any]:
    """A reader's connection, as any program makes it."""
    plain = url.set(drivername="postgresql").difference_update_query(["reader"])
    return psycopg.connect(plain.render_as_string(hide_password=False), **options)


def rows(url: sa.URL, query: str) -> list[tuple[Any, ...]]:
    """The answer to one query."""
    with client(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def schemas(url: sa.URL) -> list[str]:
    """The schemas of the warehouse, leftovers among them."""
    return [
        name
        for (name,) in rows(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'marts%' ORDER BY 1")
    ]
