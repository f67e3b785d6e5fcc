"""`thoatngheo measure`: a table or a file out, exit code 2 and the culprit for wrong use."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app

_STANDARD = """
standard: tried
size: persons
indicators:
  school: {when: "years < 6", weight: 1/2, dimension: education}
  water: {weight: 1/2, dimension: living}
design: {weight: w}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "standard.yaml").write_text(_STANDARD, encoding="utf-8")
    frame = pd.DataFrame(
        {
            "years": [3, 9, 5, 12, 4, None],
            "water": [1, 0, 0, 1, 1, 1],
            "persons": [5, 2, 4, 3, 6, 1],
            "area": ["nông thôn", "thành thị"] * 3,
            "w": [1.0, 2, 1.5, 1, 2, 1],
        }
    )
    frame.to_csv(tmp_path / "survey.csv", index=False)
    frame.assign(water=0).to_csv(tmp_path / "later.csv", index=False)
    return tmp_path


def _run(folder: Path, *options: str) -> Result:
    arguments = ["measure", str(folder / "survey.csv"), "--standard", str(folder / "standard.yaml"), *options]
    return CliRunner().invoke(app, arguments)


def test_a_person_reads_a_table(folder: Path) -> None:
    done = _run(folder, "--by", "area", "--k", "0.5,1")
    assert done.exit_code == 0, done.output
    for word in ("nông thôn", "household", "person", "M0", "standard error", "not judged share"):
        assert word in done.stdout, word
    assert "5 degrees of freedom" in done.stdout


@pytest.mark.parametrize("ending", ["parquet", "csv", "json"])
def test_a_machine_reads_a_file(folder: Path, ending: str) -> None:
    out = folder / f"result.{ending}"
    done = _run(folder, "--k", "1/2", "--out", str(out))
    assert done.exit_code == 0, done.output
    read = {"parquet": pd.read_parquet, "csv": pd.read_csv, "json": pd.read_json}[ending]
    frame = read(out)
    row = frame[(frame["measure"] == "H") & (frame["unit"] == "person")].iloc[0]
    assert row["estimate"] == pytest.approx((5 + 6 + 3 + 12) / (5 + 4 + 6 + 3 + 12))
    assert row["method"] == "taylor"
    assert (folder / f"result_association.{ending}").exists()


def test_a_later_round_gives_the_change(folder: Path) -> None:
    done = _run(folder, "--k", "1/2", "--against", str(folder / "later.csv"), "--years", "2", "--out", "-")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    changes = {
        (r["measure"], r["change"], r["unit"]): r["estimate"]
        for r in document["changes"]
        if not r["indicator"]
    }
    before, after = 5.5 / 7.5, 4.5 / 7.5
    assert changes["H", "absolute", "household"] == pytest.approx(after - before)
    assert changes["H", "annual_absolute", "household"] == pytest.approx((after - before) / 2)
    assert {r["round"] for r in document["rows"]} == {1, 2}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--k", "0"), "k = 0"),
        (("--k", "0.5", "--by", "province"), "no column 'province'"),
        (("--k", "0.5", "--stratum", "persons"), "strata with a single PSU"),
        (("--k", "0.5", "--out", "result.xlsx"), "written as .parquet"),
        ((), "no k given"),
    ],
)
def test_wrong_use_ends_with_2_and_no_number(folder: Path, options: tuple[str, ...], told: str) -> None:
    done = _run(folder, *options)
    assert done.exit_code == 2
    assert told in done.stderr, done.stderr
    assert done.stdout == ""


def test_an_unknown_standard_ends_with_2(folder: Path) -> None:
    done = CliRunner().invoke(app, ["measure", str(folder / "survey.csv"), "--standard", "VN-1950"])
    assert done.exit_code == 2
    assert "known: VN-2016, VN-2022, VN-2027" in done.stderr
