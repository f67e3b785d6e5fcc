"""Three nights of one home: the first drops, what came after them, and what must be held.

Each night is run once; what it left is kept beside, since the next one changes the home.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tests.integration.line import Line, write_csv
from tests.integration.odd_files import YEAR, persons, write_bad_files, write_persons

YEARS = (2024, 2025)
MARTS = ("poverty_rate", "credit", "housing_support", "health_access", "sanitation", "data_quality")
CORRECTED = f"tong-so-ho_{YEAR}1220.csv"
# A home this small has few communes with a whole list: more would be a change that waits for a person.
ADDED_HOUSEHOLDS = 5
EMPTY = "nha-o_20261001.csv"


@dataclass
class Night:
    """What one night left in the home."""

    line: Line
    success: bool
    told: str
    checksums: dict[str, str] = field(default_factory=dict)
    marts: dict[str, pd.DataFrame] = field(default_factory=dict)
    warehouse: str = ""
    inputs: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)


def night_of(line: Line, success: bool, told: str) -> Night:
    """The state of the home after a night."""
    marts = {name: line.frame(f"SELECT * FROM marts.{name}") for name in MARTS}
    newest = "SELECT inputs FROM marts.release ORDER BY published_at DESC, release_id DESC LIMIT 1"
    return Night(
        line, success, told, line.checksums(), marts, content_hash(line.warehouse),
        line.rows(newest)[0][0], line.journal("SELECT * FROM file ORDER BY file_name, version"),
    )  # fmt: skip


def content_hash(path: Path) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True)
class Replaced:
    """The slot that the second night's newer file covers, and what stood there."""

    commune: str
    village: str
    file: str
    older_file: str
    records: int
    others: int


def first_night(folder: Path) -> Night:
    """Two years without defects, one on each side of the merger."""
    line = Line(folder / "home")
    line.sample(YEARS, 0.003, "none")
    return night_of(line, *line.refresh())


def change_drops(line: Line) -> Replaced:
    """One file corrected, a newer list of one village, persons to recognise, and bad input."""
    path = line.drop("survey_total", YEAR, CORRECTED)
    lines = path.read_bytes().decode("utf-16").splitlines()
    cells = lines[1].split("\t")
    cells[2] = str(int(cells[2]) + ADDED_HOUSEHOLDS)
    path.write_bytes("\r\n".join([lines[0], "\t".join(cells), *lines[2:], ""]).encode("utf-16"))
    moment = path.stat().st_mtime + 60
    os.utime(path, (moment, moment))
    replaced = _newer_list(line)
    write_persons(line, replaced.commune)
    write_bad_files(line, replaced.commune)
    return replaced


def _newer_list(line: Line) -> Replaced:
    listed = line.parquet("accepted", "survey_household")
    listed = listed[listed["year"] == YEAR]
    sizes = listed.groupby(["commune_code", "file_name", "village"]).size()
    several = sizes.groupby(level=["commune_code", "file_name"]).transform("size") > 1
    commune, older, village = sizes[several].index[0]
    records = int(sizes[commune, older, village])
    name = f"ra-soat_{commune}_{YEAR}1220.csv"
    row = persons(commune)["survey_household"] | {
        "Thôn/xóm/tổ": village, "Phân loại": "Hộ nghèo", "Chủ hộ": "Ma Thị Mới", "CCCD chủ hộ": "",
        "Người rà soát": "",
    }  # fmt: skip
    write_csv(line.drop("survey_household", YEAR, name), [row])
    others = int(sizes[commune, older].sum()) - records
    return Replaced(commune, village, name, older, records, others)


def break_year(line: Line) -> None:
    """Nearly all targets of 2025 are another year's, and the one housing file of 2026 is empty."""
    row = {"Năm": "2019", "Mã xã": "", "Giá trị": "5", "Đơn vị tính": "%", "Chương trình": ""}
    rows = [row | {"Chỉ tiêu": f"Chỉ tiêu {number}"} for number in range(2000)]
    write_csv(line.drop("programme_plan", 2025, "ke-hoach_20251230.csv"), rows)
    line.drop("housing_case", 2026, EMPTY).write_bytes(b"")


def second_home(line: Line, folder: Path) -> Line:
    """Another home with the same drops, down to their times, that has never run."""
    other = Line(folder / "home")
    shutil.copytree(line.drops, other.drops)
    return other
