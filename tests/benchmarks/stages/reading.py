"""Reading speed: the line's reader beside calamine and DuckDB alone, on the same files."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

from tests.benchmarks.bench import Bench
from tests.benchmarks.result import StageResult, Table, ratio

_KINDS = (
    # What is told, table, ending, how it is read besides
    ("survey lists, XLSX", "survey_household", ".xlsx", "calamine"),
    ("members, XLSX", "survey_member", ".xlsx", "calamine"),
    ("ledgers, CSV", "loan_ledger", ".csv", "duckdb"),
    ("cards, CSV", "health_card", ".csv", "duckdb"),
    ("claims, CSV and CSV.GZ", "health_visit", ".csv", "duckdb"),
)


def run(bench: Bench) -> StageResult:
    """Each kind in processes of its own, so that no one finds a warm cache of another."""
    home, _ = bench.one_year
    figures: dict[str, Any] = {}
    rows = []
    for told, table, ending, other in _KINDS:
        folder = home / "drops" / table / str(bench.options.year)
        ours, alone = (
            _read(bench, how, table, str(folder), ending) for how in ("line", other)
        )  # fmt: skip
        figures[table] = {"line": ours, other: alone, "ratio": ours["seconds"] / alone["seconds"]}
        rows.append(
            [
                told,
                f"{ours['records']:,}",
                f"{ours['bytes'] / 1e6:,.1f}",
                f"{ours['records'] / ours['seconds']:,.0f}",
                f"{ours['bytes'] / 1e6 / ours['seconds']:,.1f}",
                other,
                f"{alone['bytes'] / 1e6 / alone['seconds']:,.1f}",
                ratio(ours["seconds"], alone["seconds"]),
            ]
        )
    columns = ["files", "records", "MB", "records/s", "MB/s", "beside", "its MB/s", "times the seconds"]
    note = (
        "The line's reader finds encoding, separator, heading and units, names columns, tells records from "
        "other rows and keeps sheet and row; calamine and DuckDB alone only make cells of text."
    )
    return StageResult(figures, [Table("Reading", columns, rows, note)])


def _read(bench: Bench, how: str, table: str, folder: str, ending: str) -> dict[str, float]:
    home, _ = bench.one_year
    runs = [
        bench.module(home, "tests.benchmarks.read_files", how, table, folder, ending)
        for _ in range(bench.options.repeats)
    ]
    found = [json.loads(run.output.strip().splitlines()[-1]) for run in runs]
    return {**found[0], "seconds": median(f["seconds"] for f in found)}
