"""An office that sends small files, and the way from them to a judged year."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter
from pydantic import SecretStr

from assets.journal import Journal
from assets.judging.accept import accepted_table
from assets.judging.files import files_of
from assets.judging.gather import gathered
from assets.judging.judge import Judgement, judge
from assets.judging.keep import Fingerprints, KeptYear, keep_year
from assets.judging.part import JudgedPart
from assets.judging.quarantine import quarantine_table
from assets.judging.tally import YearTally
from assets.judging.year import judge_year, year_parts
from assets.places.events import built_in_events
from assets.places.gazetteer import Gazetteer, build_gazetteer
from assets.places.reference import build_reference
from assets.places.source import read_source
from assets.pulling.pull import Pull
from assets.pulling.sources import DropStore
from assets.raw import read_year
from assets.workplace import Workplace
from checks.contract import Contract, load_contract
from pipelines.settings import Settings

KEY = b"k" * 32
# One moment of modification for all files: their names alone carry dates.
MODIFIED = 1_733_000_000


@dataclass(frozen=True)
class Office:
    """One table and year of drops, in a home of its own."""

    workplace: Workplace
    journal: Journal
    contract: Contract
    year: int
    gazetteer: Gazetteer

    @property
    def drops(self) -> Path:
        return Path(self.workplace.drops) / self.contract.table / str(self.year)

    def send(self, name: str, *lines: str) -> None:
        """Put a CSV with semicolons into the drops."""
        path = self.drops / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(path, (MODIFIED, MODIFIED))

    def send_sheets(self, name: str, sheets: dict[str, list[list[object]]]) -> None:
        """Put a workbook into the drops."""
        path = self.drops / name
        path.parent.mkdir(parents=True, exist_ok=True)
        book = xlsxwriter.Workbook(path)
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        book.close()
        os.utime(path, (MODIFIED, MODIFIED))

    def _pull(self) -> None:
        home, table = self.workplace.home, self.contract.table
        Pull(home, self.journal, table, self.year).run(DropStore(self.workplace.drops), None)
        read_year(self.workplace, self.journal, self.contract, self.year)

    def parts(self) -> Iterator[JudgedPart]:
        """Pull, read and judge what lies in the drops."""
        self._pull()
        return judge_year(self.workplace, self.journal, self.contract, self.year, self.gazetteer)

    def judge(self) -> Judgement:
        """Pull, read and judge what lies in the drops, which is little: one part."""
        self._pull()
        files = files_of(self.workplace.home, self.journal, self.contract.table, self.year)
        with gathered(self.workplace, files, self.contract, self.year, self.gazetteer) as found:
            (part,) = year_parts(found, files, self.contract, self.year)
            return judge(part)

    def tally(self, judgement: Judgement) -> YearTally:
        """What a year of one part comes to."""
        of_part, of_year = (YearTally(self.contract, self.year) for _ in range(2))
        quarantine = quarantine_table(judgement, self.workplace.home)
        of_part.add(judgement, accepted_table(judgement, KEY), quarantine)
        of_year.merge(of_part)
        return of_year

    def keep(self, fingerprint: str = "f") -> KeptYear:
        """Judge, and write what came of it."""
        fingerprints = Fingerprints(fingerprint, fingerprint)
        return keep_year(
            self.parts(), self.contract, self.year, self.workplace, self.journal, fingerprints, None,
            self.gazetteer.overlapping,
        )  # fmt: skip


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return build_gazetteer(build_reference(read_source(), built_in_events()), "19")


@pytest.fixture
def office(tmp_path: Path, gazetteer: Gazetteer) -> Callable[..., Office]:
    """An office that answers for one table and year; each call has a home of its own."""
    made = 0

    def make(table: str, year: int = 2024, processes: int = 1) -> Office:
        nonlocal made
        made += 1
        root = tmp_path / str(made)
        workplace = Settings(
            _env_file=None,
            home=root / "home",
            drops=str(root / "drops"),
            province="19",
            pseudonym_key=SecretStr(KEY.decode()),
            duckdb_threads=processes,
        ).workplace()
        return Office(workplace, Journal(workplace.home.journal), load_contract(table), year, gazetteer)

    return make
