"""Whether a night's cost grows with the years kept: the same change in a home of one and of many."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.bench import Bench
from tests.benchmarks.corrections import send_again
from tests.benchmarks.process import Measured
from tests.benchmarks.result import StageResult, Table, megabytes, ratio, seconds
from tests.benchmarks.steps import by_layer, steps_of


def run(bench: Bench) -> StageResult:
    """One file of each table of the newest year is sent again; nights of both homes in turn."""
    year = bench.years[-1]
    homes = {"one": bench.one_of_many[0], "many": bench.many_years[0]}
    nights: dict[str, list[Measured]] = {"one": [], "many": []}
    layers: dict[str, list[dict[str, float]]] = {"one": [], "many": []}
    for night in range(1, bench.options.repeats + 1):
        for kept in sorted(homes, reverse=bool(night % 2)):
            home = homes[kept]
            send_again(home / "drops", year, night)
            measured = bench.command(home, "refresh")
            nights[kept].append(measured)
            found = by_layer(steps_of(home, measured))
            layers[kept].append({layer: sum(s.cpu for s in steps) for layer, steps in found.items()})
    wall = {kept: median(n.wall for n in of) for kept, of in nights.items()}
    cpu = {kept: median(n.cpu for n in of) for kept, of in nights.items()}
    peak = {kept: max(n.peak for n in of) for kept, of in nights.items()}
    steps = {kept: {k: median(n[k] for n in of) for k in of[0]} for kept, of in layers.items()}
    figures = {
        "years": bench.years,
        "year_changed": year,
        "scale": bench.options.years_scale,
        "wall": wall,
        "cpu": cpu,
        "peak": peak,
        "layers": steps,
        "ratio_wall": wall["many"] / wall["one"],
        "ratio_cpu": cpu["many"] / cpu["one"],
    }
    rows = [
        ["seconds", seconds(wall["many"]), seconds(wall["one"]), ratio(wall["many"], wall["one"])],
        ["processor seconds", seconds(cpu["many"]), seconds(cpu["one"]), ratio(cpu["many"], cpu["one"])],
        [
            "peak memory, MB",
            megabytes(peak["many"]),
            megabytes(peak["one"]),
            ratio(peak["many"], peak["one"]),
        ],
    ]
    rows += [
        [
            f"– processor seconds of {layer}",
            seconds(took),
            seconds(steps["one"][layer]),
            ratio(took, steps["one"][layer]),
        ]
        for layer, took in steps["many"].items()
    ]
    title = f"A night's corrections of {year}, {len(bench.years)} years kept against one"
    note = f"Scale {bench.options.years_scale:g}; one file of each of the nine tables is sent again. Medians."
    return StageResult(
        figures, [Table(title, ["", f"{len(bench.years)} kept", "one kept", "ratio"], rows, note)]
    )
