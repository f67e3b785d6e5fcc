"""Drops in a folder, pulled into a home of their own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.journal import FILE, PULL_ATTEMPT, Journal
from assets.pulling.databases import DatabaseSource
from assets.pulling.pull import Pull
from assets.pulling.sources import DropStore
from assets.workplace import Home


@dataclass
class Drops:
    """The drops of survey_total in 2024."""

    root: Path
    home: Home
    journal: Journal
    clock: int = 1_733_000_000

    @property
    def folder(self) -> Path:
        return self.root / "survey_total" / "2024"

    def write(self, name: str, text: str, *, later: int = 10) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock += later
        (self.folder / name).write_text(text)
        os.utime(self.folder / name, (self.clock, self.clock))

    def pull(self, url: str | None = None, database: DatabaseSource | None = None) -> dict[str, str]:
        """Outcome by file name."""
        run = Pull(self.home, self.journal, "survey_total", 2024)
        return {o.file_name: o.outcome for o in run.run(DropStore(url or str(self.root)), database)}

    def states(self) -> list[tuple[str, int, str]]:
        """Name, version and state of every landed file, by name and version."""
        rows = self.journal.rows(sa.select(FILE).order_by(FILE.c.file_name, FILE.c.version))
        return [(r["file_name"], r["version"], r["state"]) for r in rows]

    def attempts(self) -> list[tuple[str, str, str | None]]:
        rows = self.journal.rows(sa.select(PULL_ATTEMPT).order_by(PULL_ATTEMPT.c.id))
        return [(r["file_name"], r["outcome"], r["detail"]) for r in rows]

    def landed(self) -> list[bytes]:
        folder = self.home.landing / "survey_total" / "2024"
        return sorted(p.read_bytes() for p in folder.glob("[!.]*"))


@pytest.fixture
def drops(tmp_path: Path) -> Drops:
    home = Home(tmp_path / "home")
    home.prepare()
    return Drops(tmp_path / "drops", home, Journal(home.journal))
