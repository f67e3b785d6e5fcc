"""How long the code location takes to load, which Dagster does at every start."""

from __future__ import annotations

import json
from statistics import median

from tests.benchmarks.bench import BIN, ROOT, Bench
from tests.benchmarks.process import measure
from tests.benchmarks.result import StageResult, Table, megabytes, seconds

_PARTS = ("import", "definitions", "jobs")


def run(bench: Bench) -> StageResult:
    """In fresh processes over a home that is in use, as the web server and the daemon do it."""
    home, _ = bench.one_year
    runs = [bench.module(home, "tests.benchmarks.load_definitions") for _ in range(bench.options.repeats)]
    parts = [json.loads(run.output.strip().splitlines()[-1]) for run in runs]
    command = [str(BIN / "dagster"), "definitions", "validate", "-w", str(ROOT / "workspace.yaml")]
    bench.tell("dagster definitions validate")
    checked = measure(command, bench.environment(home), bench.options.folder / "validate")
    figures = {name: median(p[name] for p in parts) for name in _PARTS}
    figures |= {
        "wall": median(r.wall for r in runs),
        "peak": max(r.peak for r in runs),
        "validate": checked.wall,
    }
    rows = [
        ["importing pipelines.definitions", seconds(figures["import"])],
        ["building the definitions", seconds(figures["definitions"])],
        ["resolving the jobs", seconds(figures["jobs"])],
        ["the whole process", seconds(figures["wall"])],
        ["`dagster definitions validate`", seconds(checked.wall)],
        ["peak memory, MB", megabytes(figures["peak"])],
    ]
    return StageResult(figures, [Table("Loading the code location", ["", "seconds"], rows)])
