"""Where and with what the layers work: the home's folders and the run's fixed facts.

Belongs here: paths inside the home and the values that every layer is handed. Does not belong
here: reading settings (that is `pipelines.settings`) or any work on the files.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
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
    def warehouse(self) -> Path:
        """The embedded warehouse, where the settings name no other."""
        return self.root / "warehouse.duckdb"

    @property
    def changes(self) -> Path:
        """What every release changed, since records began: carried from release to release."""
        return self.root / "release_changes.parquet"

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

    @property
    def judging(self) -> Path:
        """Where a year's typed records, names among them, stand while they are judged."""
        return self.root / "judging"

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
            raise HomeUnusable(
                f"THOATNGHEO_HOME {self.root} cannot be used as a folder: {why}; mount it for writing, "
                "give the pipeline's user the right to it, or name another folder"
            ) from error

    def pseudonym_key(self) -> bytes:
        """The home's own secret for pseudonyms, made on first use.

        Raises
        ------
        HomeUnusable
            It cannot be made or read, or is not whole.
        """
        path = self.root / "pseudonym.key"
        try:
            if not path.exists():
                self._make_key(path)
            key = bytes.fromhex(path.read_text().strip())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise HomeUnusable(f"{path.name} in the home cannot be made or read: {why}") from error
        except ValueError:
            key = b""
        if len(key) < _KEY_BYTES:
            raise HomeUnusable(
                f"{path.name} in the home is not whole: put back a backup of it; without one remove it, "
                "then every pseudonym is another one and all years are judged anew"
            )
        return key

    def _make_key(self, path: Path) -> None:
        """Under a passing name first: half a key would be taken for a whole one by every later run."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=self.root, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            # A second name is given to nothing that exists: another process may have been first.
            with suppress(FileExistsError):
                os.link(beside, path)
        except OSError:
            Path(beside).rename(path)  # a file system without second names
        finally:
            Path(beside).unlink(missing_ok=True)


@dataclass(frozen=True)
class EngineLimits:
    """Limits of DuckDB: threads, memory (such as `8GB`), folder for what does not fit."""

    threads: int
    memory: str
    temp: Path


@dataclass(frozen=True)
class Workplace:
    """What every layer is handed: home, drops, province, secret, limits, warehouse.

    `keep_releases` is how many releases stay in the warehouse, the one that stands among them;
    `commune_events` the file of the deployment's own changes of communes, the home's where None.
    """

    home: Home
    drops: str
    province: str
    sources: Path
    pseudonym_key: bytes
    engine: EngineLimits
    warehouse_url: str
    keep_releases: int
    commune_events: Path | None = None
