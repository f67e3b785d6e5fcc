"""One whole line on a home of its own: its drops, its command, what it published.

Belongs here: the handles by which tests start the line and look at what it left. Does not belong
here: any expectation of what that should be.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd
from rich.console import Console

from pipelines.settings import Settings

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@cache
def _outer_environment() -> dict[str, str]:
    """The environment of the tests, as it was before a run in this process set variables of its own."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("THOATNGHEO_", "DAGSTER_"))}


@dataclass(frozen=True)
class Line:
    """A home of the pipeline under a folder, with its drops inside."""

    home: Path

    @property
    def drops(self) -> Path:
        return self.home / "drops"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def settings(self) -> Settings:
        """The home's settings, whatever the environment of the tests says."""
        return Settings(
            _env_file=None,
            home=self.home,
            drops=str(self.drops),
            sources=None,
            province="19",
            warehouse_url=f"duckdb:///{self.warehouse}",
            duckdb_threads=2,
            duckdb_memory="1GB",
            duckdb_temp=self.home / "tmp",
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which the command works on this home."""
        return _outer_environment() | {
            "THOATNGHEO_HOME": str(self.home),
            "THOATNGHEO_DUCKDB_THREADS": "2",
            "THOATNGHEO_DUCKDB_MEMORY": "1GB",
            "DAGSTER_HOME": str(self.home / "dagster"),
        }

    def sample(
        self, years: Sequence[int], scale: float, defects: Literal["realistic", "none"], seed: int = 1
    ) -> None:
        """Write sample extracts into the drops."""
        from pipelines.sample import write_sample

        write_sample(self.drops, years=years, scale=scale, seed=seed, defects=defects)

    def refresh(self, *years: int) -> tuple[bool, str]:
        """The nightly refresh in this process, of these years or of what changed; and what it told."""
        from pipelines.cli.commands import run_refresh

        told = io.StringIO()
        success = run_refresh(self.settings, years or None, Console(file=told, width=200))
        return success, told.getvalue()

    def command(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The command `thoatngheo` as a scheduler starts it: a process of its own."""
        return self._run([str(BIN / "thoatngheo"), *arguments], variables)

    def module(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python module, run in a process of its own."""
        return self._run([sys.executable, "-m", name, *arguments], {})

    def _run(self, command: list[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment | dict(variables),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the published warehouse answers."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def frame(self, query: str) -> pd.DataFrame:
        """The same as a frame."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).df()

    def journal(self, query: str) -> list[dict[str, Any]]:
        """What the journal answers."""
        with sqlite3.connect(f"file:{self.home / 'journal.sqlite'}?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def checksums(self) -> dict[str, str]:
        """The newest release's checksum of every mart."""
        import json

        newest = "SELECT marts FROM marts.release ORDER BY published_at DESC, release_id DESC LIMIT 1"
        return {name: entry["checksum"] for name, entry in json.loads(self.rows(newest)[0][0]).items()}

    def planted(self) -> pd.DataFrame:
        """The manifest of what the sample planted, files by their bare names."""
        frame = pd.read_csv(
            self.drops / "manifest.csv", keep_default_na=False, dtype={"sheet": str, "column": str}
        )
        return frame.assign(file=frame["file"].str.rsplit("/", n=1).str[-1])

    def parquet(self, layer: str, table: str) -> pd.DataFrame:
        """All years of a table in a layer of the home."""
        pattern = str(self.home / layer / table / "year=*" / "*.parquet")
        query = f"SELECT * FROM read_parquet('{pattern}', hive_partitioning = true, union_by_name = true)"
        return duckdb.sql(query).df()

    def drop(self, table: str, year: int, name: str) -> Path:
        """Where a drop of this name lies; its folder exists."""
        folder = self.drops / table / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], *, separator: str = ";") -> None:
    """A CSV file as an office sends it: the labels of the first row, then the rows."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
