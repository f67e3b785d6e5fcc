"""A home with a few small marts that can be changed and published, without dbt or any drops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from assets.changes import chain
from assets.changes.asof import VINTAGE, Vintage, make_vintage
from assets.changes.sides import scratch
from assets.journal import Journal
from assets.published import Release, make_release
from assets.release_history import known_releases
from assets.releases import warehouse_of
from assets.warehouse.contents import describe_mart
from assets.workplace import Workplace
from pipelines.settings import Settings

RATE = "poverty_rate"
GRAIN = ("year", "geography", "commune_code")
MARTS = {
    RATE: GRAIN,
    "credit": ("month", "commune_code"),
    "dim_commune": ("commune_code", "valid_from"),
}
_CREATE = """
    CREATE SCHEMA marts;
    CREATE TABLE marts.poverty_rate (year INTEGER NOT NULL, geography VARCHAR NOT NULL, commune_code VARCHAR,
        poor_households DOUBLE, poor_rate DOUBLE, households_source VARCHAR, is_final BOOLEAN);
    CREATE TABLE marts.credit (month DATE NOT NULL, commune_code VARCHAR NOT NULL, outstanding DECIMAL(28,6),
        clients BIGINT);
    CREATE TABLE marts.dim_commune (commune_code VARCHAR NOT NULL, commune_name VARCHAR, valid_from DATE NOT NULL,
        valid_to DATE, is_current BOOLEAN);
"""


@dataclass(frozen=True)
class SmallMarts:
    """The home, and the handles by which its marts are changed and looked at."""

    settings: Settings

    @property
    def workplace(self) -> Workplace:
        return self.settings.workplace()

    @property
    def journal(self) -> Journal:
        return Journal(self.workplace.home.journal)

    def run(self, statement: str, parameters: Any = None) -> None:
        """A statement on the pipeline's own marts."""
        with duckdb.connect(str(self.workplace.home.duckdb)) as connection:
            connection.execute(statement, parameters)

    def publish(self, **how: Any) -> Release:
        """Publish the marts as they stand, an hour after the last release."""
        made = len(known_releases(self.journal, warehouse_of(self.workplace)))
        moment = datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(hours=made)
        nodes = {name: {"grain": list(grain)} for name, grain in MARTS.items()}
        engine = sa.create_engine(f"duckdb:///{self.workplace.home.duckdb}?access_mode=read_only")
        try:
            with engine.connect() as connection:
                marts = tuple(describe_mart(connection, name, node, "marts") for name, node in nodes.items())
        finally:
            engine.dispose()
        return make_release(self.workplace, self.journal, marts, clock=lambda: moment, **how)

    def releases(self) -> list[dict[str, Any]]:
        return known_releases(self.journal, warehouse_of(self.workplace))

    def changes(self, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        """What the table `release_change` of the release that stands says."""
        with scratch(self.workplace.engine) as duck:
            warehouse_of(self.workplace).lend(duck, "now", ["release_change"])
            query = f"SELECT {columns} FROM now.release_change WHERE {where} ORDER BY ALL"
            return duck.execute(query).fetchall()

    def now(self, mart: str = RATE) -> list[tuple[Any, ...]]:
        """The rows of the pipeline's own mart."""
        with duckdb.connect(str(self.workplace.home.duckdb), read_only=True) as connection:
            return connection.execute(f"SELECT * FROM marts.{mart} ORDER BY ALL").fetchall()

    def vintage(self, release_id: str, mart: str = RATE) -> tuple[Vintage, list[tuple[Any, ...]]]:
        """A mart as it was in a release."""
        warehouse = warehouse_of(self.workplace)
        with scratch(self.workplace.engine) as duck:
            chain.load(duck, self.workplace.home.changes, warehouse, self.releases())
            made = make_vintage(duck, warehouse, self.releases(), release_id, mart, MARTS[mart])
            return made, duck.execute(f"SELECT * FROM {VINTAGE} ORDER BY ALL").fetchall()


def small_marts(folder: Path, warehouse_url: str = "", keep: int = 7) -> SmallMarts:
    """A home with empty marts, nothing published."""
    settings = Settings(
        _env_file=None, home=folder / "home", drops=str(folder / "drops"), warehouse_url=warehouse_url,
        keep_releases=keep, duckdb_threads=1, duckdb_memory="500MB",
    )  # fmt: skip
    home = SmallMarts(settings)
    home.workplace.home.prepare()
    home.run(_CREATE)
    return home


def rate(home: SmallMarts, rows: Mapping[tuple[int, str], float]) -> None:
    """Rows of `poverty_rate` as reported, by year and commune."""
    for (year, commune), poor in rows.items():
        home.run(
            "INSERT INTO marts.poverty_rate VALUES (?, 'as_reported', ?, ?, ? / 1000, 'sent', true)",
            [year, commune, poor, poor],
        )
