"""Many years made in one run, against one year made alone."""

from __future__ import annotations

from tests.benchmarks.bench import Bench
from tests.benchmarks.result import StageResult, Table, megabytes, ratio, seconds


def run(bench: Bench) -> StageResult:
    """Both in fresh homes; what one run costs whatever it makes is paid once by each."""
    years = bench.years
    home, many = bench.many_years
    _, one = bench.one_of_many
    again = bench.command(home, "backfill", f"{years[0]}-{years[-1]}")
    night = bench.command(home, "refresh")
    each = (many.wall - one.wall) / max(len(years) - 1, 1)
    figures = {
        "years": years,
        "scale": bench.options.years_scale,
        "many": {"wall": many.wall, "cpu": many.cpu, "peak": many.peak},
        "one": {"wall": one.wall, "cpu": one.cpu, "peak": one.peak},
        "a_year": many.wall / len(years),
        "each_further_year": each,
        "again": {"wall": again.wall, "cpu": again.cpu, "peak": again.peak},
        "night_after": {"wall": night.wall, "cpu": night.cpu, "peak": night.peak},
        "ratio_to_n_times_one": many.cpu / (len(years) * one.cpu),
    }
    rows = [
        [f"backfill {years[0]}-{years[-1]}", seconds(many.wall), seconds(many.cpu), megabytes(many.peak)],
        [f"{years[-1]} alone, in a fresh home", seconds(one.wall), seconds(one.cpu), megabytes(one.peak)],
        ["each further year of the backfill", seconds(each), seconds((many.cpu - one.cpu) / max(len(years) - 1, 1)), ""],
        ["seconds a year of the backfill", seconds(many.wall / len(years)), seconds(many.cpu / len(years)), ""],
        ["the same backfill again: all made already", seconds(again.wall), seconds(again.cpu), megabytes(again.peak)],
        ["the nightly refresh after it, nothing new", seconds(night.wall), seconds(night.cpu), megabytes(night.peak)],
        [f"backfill / ({len(years)} × one)", ratio(many.wall, len(years) * one.wall),
         ratio(many.cpu, len(years) * one.cpu), ""],
    ]  # fmt: skip
    note = f"Scale {bench.options.years_scale:g}. Years before 2021 are 2022's drops with their days moved."
    title = f"A backfill of {len(years)} years"
    return StageResult(figures, [Table(title, ["", "seconds", "processor seconds", "peak MB"], rows, note)])
