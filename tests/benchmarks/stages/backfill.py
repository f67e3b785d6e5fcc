"""Many years made in one run, against one year made alone."""

from __future__ import annotations

from tests.benchmarks.bench import Bench
from tests.benchmarks.result import StageResult, Table, megabytes, ratio, seconds


def run(bench: Bench) -> StageResult:
    """Both in fresh homes; what one run costs whatever it makes is paid once by each."""
    years = bench.years
    _, many = bench.many_years
    _, one = bench.one_of_many
    each = (many.wall - one.wall) / max(len(years) - 1, 1)
    figures = {
        "years": years,
        "scale": bench.options.years_scale,
        "many": {"wall": many.wall, "cpu": many.cpu, "peak": many.peak},
        "one": {"wall": one.wall, "cpu": one.cpu, "peak": one.peak},
        "each_further_year": each,
        "ratio_to_n_times_one": many.wall / (len(years) * one.wall),
    }
    rows = [
        [f"backfill {years[0]}-{years[-1]}", seconds(many.wall), seconds(many.cpu), megabytes(many.peak)],
        [f"{years[-1]} alone, in a fresh home", seconds(one.wall), seconds(one.cpu), megabytes(one.peak)],
        ["each further year of the backfill", seconds(each), seconds((many.cpu - one.cpu) / max(len(years) - 1, 1)), ""],
        [f"backfill / ({len(years)} × one)", ratio(many.wall, len(years) * one.wall),
         ratio(many.cpu, len(years) * one.cpu), ""],
    ]  # fmt: skip
    note = f"Scale {bench.options.years_scale:g}. Years before 2021 are 2022's drops with their days moved."
    title = f"A backfill of {len(years)} years"
    return StageResult(figures, [Table(title, ["", "seconds", "processor seconds", "peak MB"], rows, note)])
