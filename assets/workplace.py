"""Where and with what the layers work: the home's folders and the run's fixed facts.

Belongs here: paths inside the home and the values that every layer is handed. Does not belong
here: reading settings (that is `pipelines.settings`) or any work on the files.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

_KEY_BYTES = 32


class HomeUnusable(Exception):
    """The home cannot be made or written to: permanent."""


@dataclass(frozen=True)
class Home:
    """The private data directory. One folder a layer, under the layer's own name."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def reference(self) -> Path:
        return self.root / "reference"

    @property
    def journal(self) -> Path:
        return self.root / "journal.sqlite"

    @property
    def duckdb(self) -> Path:
        return self.root / "pipeline.duckdb"

    @property
    def data_docs(self) -> Path:
        return self.root / "data_docs"

    @property
    def forms(self) -> Path:
        return self.root / "forms"

    @property
    def dbt(self) -> Path:
        return self.root / "dbt"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    def landed_file(self, table: str, year: int, sha256: str, suffix: str) -> Path:
        return self.landing / table / str(year) / f"{sha256}{suffix}"

    def raw_file(self, table: str, year: int, sha256: str) -> Path:
        return self.root / "raw" / table / f"year={year}" / f"{sha256}.parquet"

    def partition(self, layer: str, table: str, year: int) -> Path:
        """The one Parquet file of a table and year in `accepted`, `quarantine` or `quality`."""
        return self.root / layer / table / f"year={year}" / f"{table}.parquet"

    def prepare(self) -> None:
        """Make the home, readable by its user alone.

        Raises
        ------
        HomeUnusable
            It cannot be made, or not be written to.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            os.chmod(self.root, 0o700)
            for folder in (self.landing, self.reference, self.data_docs, self.dbt, self.dagster):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise HomeUnusable(f"THOATNGHEO_HOME {self.root} cannot be used as a folder: {why}") from error

    def pseudonym_key(self) -> bytes:
        """The home's own secret for pseudonyms, made on first use."""
        path = self.root / "pseudonym.key"
        if not path.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
        return bytes.fromhex(path.read_text().strip())


@dataclass(frozen=True)
class EngineLimits:
    """Limits of DuckDB: threads, memory (such as `8GB`), folder for what does not fit."""

    threads: int
    memory: str
    temp: Path


@dataclass(frozen=True)
class Workplace:
    """What every layer is handed: home, drops, province, secret, limits, warehouse."""

    home: Home
    drops: str
    province: str
    sources: Path
    pseudonym_key: bytes
    engine: EngineLimits
    warehouse_url: str
