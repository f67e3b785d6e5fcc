"""One night over a folder of hostile files: it succeeds, each has its outcome, its neighbours count."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.line import Line
from tests.unit.hostile import excel_cases, parquet_cases, text_cases
from tests.unit.hostile.case import PERSON_PART, Case, row, text

YEAR = 2024
TABLE = "survey_total"
DAY = f"{YEAR}1201"
CHOSEN = {
    "million-columns.csv", "cell-of-200-kb.csv", "sparse-5-gb.csv", "nul-bytes.csv", "utf-16-cut.csv",
    "cut-in-a-row.csv", "quotes-in-every-line.csv", "gz-bomb.csv.gz", "gz-cut.csv.gz", "header-only.csv",
    "zip-bomb-sheet.xlsx", "shared-text-repeated.xlsx", "far-corner.xlsx", "billion-laughs.xlsx",
    "zip-lying-size.xlsx", "other-program.xlsx", "encrypted.xlsx", "old-damaged.xls",
    "footer-cut.parquet", "nested.parquet", "long-text-repeated.parquet", "20000-columns.parquet",
}  # fmt: skip
# Records under names that no program expects; their communes do not exist.
NAMED = ("two\nlines.csv", "\x1b[31mđỏ.csv", "\u202evsc.csv", "'; DROP TABLE file;--.csv", "-rf ~.csv")
COPY, ELSEWHERE = f"sao-chep_{YEAR}1231.csv", f"nham-bang_{DAY}.csv"
PASSED_OVER = {"link.csv", "pipe.csv", "anh.jpg", "sparse-5-gb.csv"}


@dataclass(frozen=True)
class HostileNight:
    line: Line
    success: bool
    told: str
    cases: dict[str, Case]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Iterator[HostileNight]:
    line = Line(tmp_path_factory.mktemp("hostile") / "home")
    line.sample([YEAR], 0.003, "none")
    cases = {
        c.file: c for c in (*text_cases.CASES, *excel_cases.CASES, *parquet_cases.CASES) if c.file in CHOSEN
    }
    for name, case in cases.items():
        case.make(line.drop(TABLE, YEAR, name))
    for number, name in enumerate(NAMED, 1):
        sound = text(0) + ";".join(row(number)) + "\n"
        line.drop(TABLE, YEAR, name).write_text(sound, encoding="utf-8")
    neighbour = min(line.drop(TABLE, YEAR, "").glob("tong-so-ho_*"))
    shutil.copyfile(neighbour, line.drop(TABLE, YEAR, COPY))
    shutil.copyfile(neighbour, line.drop("loan_ledger", YEAR, ELSEWHERE))
    line.drop(TABLE, YEAR, "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(line.drop(TABLE, YEAR, "pipe.csv"))
    line.drop(TABLE, YEAR, "anh.jpg").write_bytes(b"\xff\xd8\xff")
    (line.drops / TABLE / "2023").symlink_to(Path("/etc"))
    success, told = line.refresh()
    yield HostileNight(line, success, told, cases)
    shutil.rmtree(line.home)


def test_the_night_succeeds_and_publishes(night: HostileNight) -> None:
    assert night.success, night.told[-4000:]
    assert night.line.rows("SELECT count(*) FROM marts.release") == [(1,)]


def test_each_refused_file_is_refused_for_its_reason(night: HostileNight) -> None:
    assert set(night.cases) == CHOSEN
    rows = night.line.journal(
        "SELECT file_name, refusal FROM raw_file JOIN file USING (table_name, year, sha256)"
        f" WHERE table_name = '{TABLE}' AND refusal IS NOT NULL AND refusal <> 'null'"
    )
    found = {r["file_name"]: json.loads(r["refusal"])["reason"] for r in rows}
    assert found == {name: case.outcome for name, case in night.cases.items() if name not in PASSED_OVER}


def test_what_is_no_file_of_ours_has_an_attempt(night: HostileNight) -> None:
    rows = night.line.journal("SELECT file_name, outcome FROM pull_attempt WHERE outcome <> 'landed'")
    assert {(r["file_name"], r["outcome"]) for r in rows} == {(name, "unsupported") for name in PASSED_OVER}


def test_every_record_that_landed_has_one_outcome(night: HostileNight) -> None:
    """landed = accepted + quarantined + duplicate + superseded, file by file."""
    landed = {
        r["sha256"]: r["records"]
        for r in night.line.journal(
            "SELECT DISTINCT sha256, records FROM raw_file"
            f" WHERE table_name = '{TABLE}' AND (refusal IS NULL OR refusal = 'null')"
        )
    }
    counted = night.line.rows(
        "SELECT file_hash, sum(records) FROM marts.data_quality"
        f" WHERE table_name = '{TABLE}' AND reason IS DISTINCT FROM 'same_content'"
        " AND outcome IN ('accepted', 'quarantined', 'duplicate', 'superseded') GROUP BY file_hash"
    )
    assert {file: int(records) for file, records in counted} == landed
    assert len(landed) >= 1 + len(NAMED)


def test_neighbours_are_accepted_whole_and_one_content_counts_once(night: HostileNight) -> None:
    outcomes = dict(
        night.line.rows(
            "SELECT file_name, string_agg(DISTINCT outcome) FROM marts.data_quality"
            f" WHERE table_name = '{TABLE}' AND outcome NOT IN ('file_refused', 'skipped', 'flagged', 'placed')"
            " AND reason IS DISTINCT FROM 'same_content' GROUP BY file_name"
        )
    )
    assert {name: outcomes.pop(name) for name in NAMED} == dict.fromkeys(NAMED, "quarantined")
    assert set(outcomes.values()) == {"accepted"}
    totals = night.line.parquet("accepted", TABLE)
    assert not totals.duplicated(["commune_code", "standard"]).any()


def test_the_same_file_in_another_table_is_refused_there(night: HostileNight) -> None:
    rows = night.line.rows(
        f"SELECT outcome, reason FROM marts.data_quality WHERE file_name = '{ELSEWHERE}' AND table_name = 'loan_ledger'"
    )
    assert len(rows) == 1 and rows[0][0] == "file_refused"


def test_nothing_tells_a_person_or_a_terminal_code(night: HostileNight) -> None:
    assert PERSON_PART not in night.told
    assert "\x1b[31m" not in night.told
    published = " ".join(map(str, night.line.rows("SELECT * FROM marts.data_quality")))
    assert PERSON_PART not in published
