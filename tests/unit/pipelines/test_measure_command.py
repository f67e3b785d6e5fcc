"""`thoatngheo measure`: a table or a file out, exit code 2 and the culprit for wrong use."""

from __future__ import annotations

import json
import re
import shlex
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


_SURVEY = pd.DataFrame(
    {
        "stunted": [1, 0, 0, None, 0, 0, 1, 0] * 3,
        "underweight": [0, 0, 1, 0, 0, 0, 1, 0] * 3,
        "no_card": [1, 0, 1, 0, 1, 0, 1, 0] * 3,
        "max_years": [3, 9, 5, 12, 4, 9, 2, 12] * 3,
        "water": [1, 0, 0, 1, 1, 0, 1, 0] * 3,
        "roof": [5, 1, 7, 1, 2, 1, 5, 1] * 3,
        "floor_area": [20.5, 90, 30, 60, 12, 80, 25, 100] * 3,
        "persons": [5, 2, 4, 3, 6, 1, 4, 2] * 3,
        "income_per_capita": [900_000, 3_000_000, 1_500_000, 2_000_000] * 6,
        "area": ["nông thôn", "thành thị"] * 12,
        "region": ["north", "north", "south", "south"] * 6,
        "w": [1.0, 2, 1.5, 1, 2, 1] * 4,
        "s": [f"s{n // 12}" for n in range(24)],
        "p": [f"p{n // 4}" for n in range(24)],
    }
)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_documented_example_as_it_stands(tmp_path: Path, ending: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "measures.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "standard.yaml").write_text(example, encoding="utf-8")
    file = tmp_path / f"survey.{ending}"
    if ending == "csv":
        _SURVEY.to_csv(file, index=False)
    else:
        _SURVEY.to_parquet(file, index=False)
    (call,) = re.findall(r"```\nthoatngheo (measure survey.parquet .*?)```", page, re.DOTALL)
    arguments = shlex.split(call.replace("\\\n", " "))
    paths = {"survey.parquet": file, "standard.yaml": tmp_path / "standard.yaml", "result.parquet": "-"}
    arguments = [str(paths.get(argument, argument)) for argument in arguments]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    rows = {
        (r["unit"], r["group_type"], r["measure"], r["indicator"]): r
        for r in json.loads(done.stdout)["rows"]
        if r["group_type"] == "all"
    }
    # at the line of 1,500,000 counts as poor
    poor = _SURVEY["income_per_capita"] <= 1_500_000
    headcount = rows["household", "all", "monetary_headcount", None]
    assert headcount["estimate"] == pytest.approx((poor * _SURVEY["w"]).sum() / _SURVEY["w"].sum())
    assert headcount["standard_error"] > 0 and headcount["method"] == "taylor"
    crowded = _SURVEY["roof"].isin([5, 7]) | (_SURVEY["floor_area"] / _SURVEY["persons"] < 8)
    house = rows["household", "all", "uncensored", "house"]
    assert house["estimate"] == pytest.approx((crowded * _SURVEY["w"]).sum() / _SURVEY["w"].sum())

    out = tmp_path / "result.parquet"
    done = CliRunner().invoke(app, [*arguments[:-1], str(out)])
    assert done.exit_code == 0, done.output
    assert len(pd.read_parquet(out)) >= len(rows)
    done = CliRunner().invoke(app, arguments[:-2])
    assert done.exit_code == 0 and "monetary_gini" in done.stdout, done.output
