"""The measures of a census of 28 million households, and of the same rows as a sample, beside others' ways."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from tests.benchmarks.bench import Bench
from tests.benchmarks.measures_work import COLUMNS, CUTOFFS, GROUPS
from tests.benchmarks.result import StageResult, Table, megabytes, ratio, seconds

_WORK = "tests.benchmarks.measures_work"
_HOUSEHOLDS = 28_000_000
# As many rows as pandas and mpitb manage in a minute or two and in memory.
_OF_PANDAS, _OF_MPITB = 2_800_000, 20_000
_DESIGN = ("--weight", "weight", "--stratum", "stratum", "--psu", "psu")


def run(bench: Bench) -> StageResult:
    """Each way in processes of its own over one generated Parquet file."""
    home = bench.options.folder / "measures"
    home.mkdir()
    rows = max(100_000, int(_HOUSEHOLDS * bench.options.scale))
    table, standard = home / "households.parquet", home / "standard.yaml"
    _told(bench, home, "generate", table, rows)
    standard.write_text(yaml.safe_dump(_standard()), encoding="utf-8")
    floors = [_told(bench, home, "floor", table, rows) for _ in range(bench.options.repeats)]
    floor = median(found["seconds"] for found in floors)
    figures: dict[str, Any] = {"rows": rows, "floor": floor, "floor_with_texts": floors[0]["with_texts"]}
    shown = [["scan: sums of the same columns", f"{rows:,}", seconds(floor), "1.00", "–", "–"]]
    for name, words in {
        "census": ("--no-association",),
        "census, pairs of indicators too": (),
        "sample, errors too": ("--no-association", *_DESIGN),
    }.items():
        arguments = ["measure", str(table), "--standard", str(standard), "--by", ",".join(GROUPS)]
        arguments += ["--k", ",".join(CUTOFFS), "--out", str(home / "result.parquet"), *words]
        found = bench.command(home, *arguments)
        figures[name] = {"wall": found.wall, "cpu": found.cpu, "peak": found.peak}
        shown.append(
            [name, f"{rows:,}", seconds(found.wall), ratio(found.wall, floor), seconds(found.cpu),
             megabytes(found.peak)]
        )  # fmt: skip
    for name, most in {"pandas": _OF_PANDAS, "mpitb": _OF_MPITB}.items():
        figures[name] = _told(bench, home, name, table, min(most, rows))
        shown.append(_other(name, figures[name], floor / rows))
    columns = ["way", "rows", "seconds", "times the scan of as many rows", "processor seconds", "MB"]
    note = (
        f"{len(GROUPS)} groups (3,321 communes, 34 provinces, area, ethnicity), {len(CUTOFFS)} cut-offs, "
        "households and persons. pandas makes no errors; its rows are already in memory."
    )
    return StageResult(figures, [Table("Measures", columns, shown, note)])


def _standard() -> dict[str, Any]:
    names = ("work", "health", "education", "housing", "water", "information")
    indicators = [
        {"name": f"i{n}", "column": column, "weight": "1/12", "dimension": names[n // 2]}
        for n, column in enumerate(COLUMNS)
    ]
    return {"standard": "benchmark", "size": "persons", "indicators": indicators}


def _told(bench: Bench, home: Path, what: str, table: Path, rows: int) -> dict[str, Any]:
    found = bench.module(home, _WORK, what, str(table), str(rows))
    told: dict[str, Any] = json.loads(found.output.strip().splitlines()[-1])
    return told | {"cpu": found.cpu, "peak": found.peak}


def _other(name: str, found: dict[str, Any], floor_of_a_row: float) -> list[str]:
    if "missing" in found:
        return [f"{name}: {found['missing']}", "–", "–", "–", "–", "–"]
    times = ratio(found["seconds"], floor_of_a_row * found["rows"])
    return [name, f"{found['rows']:,}", seconds(found["seconds"]), times, "–", megabytes(found["peak"])]
