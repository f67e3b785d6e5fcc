"""A night in which nothing arrived."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.bench import Bench
from tests.benchmarks.compare import DifferentWork
from tests.benchmarks.result import StageResult, Table, megabytes, seconds


def run(bench: Bench) -> StageResult:
    """The refresh again, right after the one that took everything in."""
    home, _ = bench.one_year
    runs = [bench.command(home, "refresh") for _ in range(bench.options.repeats)]
    if not all("nothing to do" in run.output for run in runs):
        raise DifferentWork("the second refresh found something to do: this was no night with nothing new")
    wall, cpu, peak = median(r.wall for r in runs), median(r.cpu for r in runs), max(r.peak for r in runs)
    table = Table(
        "A night with nothing new",
        ["", "seconds", "processor seconds", "peak MB"],
        [["refresh", seconds(wall), seconds(cpu), megabytes(peak)]],
    )
    return StageResult({"wall": wall, "cpu": cpu, "peak": peak, "runs": [r.wall for r in runs]}, [table])
