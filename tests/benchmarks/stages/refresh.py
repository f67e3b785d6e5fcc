"""One year, from drops to marts: the line step by step, beside the plain script on the same files."""

from __future__ import annotations

import json

from tests.benchmarks.bench import Bench
from tests.benchmarks.compare import as_rows, compare, require_same
from tests.benchmarks.process import Measured
from tests.benchmarks.result import StageResult, Table, megabytes, ratio, seconds
from tests.benchmarks.steps import Step, by_layer, steps_of


def run(bench: Bench) -> StageResult:
    """Refuses where the two sides' marts are not the same rows."""
    home, line = bench.one_year
    target, plain = bench.plain
    found = compare(home / "warehouse.duckdb", target)
    require_same(found)
    bench.tell(f"the same rows on both sides: {len(found)} marts, {sum(f.line for f in found):,} rows")
    steps = steps_of(home, line)
    parts: dict[str, float] = json.loads(plain.output.strip().splitlines()[-1])
    figures = {
        "year": bench.options.year,
        "scale": bench.options.scale,
        "drop_bytes": sum(f.stat().st_size for f in (home / "drops").rglob("*") if f.is_file()),
        "line": _figures(line),
        "plain": _figures(plain) | {"parts": parts},
        "ratio_wall": line.wall / plain.wall,
        "ratio_cpu": line.cpu / plain.cpu,
        "steps": [{"name": s.name, "seconds": s.seconds, "cpu": s.cpu, "peak": s.peak} for s in steps],
        "comparison": as_rows(found),
    }
    return StageResult(figures, [_whole(line, plain), _steps_table(steps, line), _parts_table(parts, plain)])


def _figures(run: Measured) -> dict[str, float]:
    return {"wall": run.wall, "cpu": run.cpu, "peak": run.peak}


def _whole(line: Measured, plain: Measured) -> Table:
    rows = [
        ["seconds", seconds(line.wall), seconds(plain.wall), ratio(line.wall, plain.wall)],
        ["processor seconds", seconds(line.cpu), seconds(plain.cpu), ratio(line.cpu, plain.cpu)],
        ["peak memory, MB", megabytes(line.peak), megabytes(plain.peak), ratio(line.peak, plain.peak)],
    ]
    return Table("Refresh of one year", ["", "line", "plain script", "ratio"], rows)


def _steps_table(steps: list[Step], line: Measured) -> Table:
    begin, end = steps[0].start, max(s.end for s in steps)
    finish = line.started + line.wall
    before = _span("before the first step", line, line.started, begin)
    after = _span("after the last step", line, end, finish)
    between = end - begin - sum(s.seconds for s in steps)
    between_cpu = line.cpu_between(begin, end) - sum(s.cpu for s in steps)
    rows = [before]
    for layer, of_layer in by_layer(steps).items():
        rows.append(
            _row(layer, sum(s.seconds for s in of_layer), sum(s.cpu for s in of_layer), _peak(of_layer))
        )
        if len(of_layer) > 1:
            rows += [
                _row(f"– {s.name.partition('_')[2].lstrip('_') or 'itself'}", s.seconds, s.cpu, s.peak)
                for s in of_layer
            ]
    rows += [_row("between the steps", between, between_cpu, 0), after]
    return Table("The line by steps", ["step", "seconds", "processor seconds", "peak MB"], rows)


def _span(name: str, line: Measured, start: float, end: float) -> list[str]:
    return _row(name, end - start, line.cpu_between(start, end), line.peak_between(start, end))


def _peak(steps: list[Step]) -> int:
    return max(step.peak for step in steps)


def _row(name: str, took: float, cpu: float, peak: int) -> list[str]:
    return [name, seconds(took), seconds(max(cpu, 0)), megabytes(peak) if peak else ""]


def _parts_table(parts: dict[str, float], plain: Measured) -> Table:
    rows = [["start of Python and imports", seconds(plain.wall - sum(parts.values()))]]
    rows += [[name, seconds(took)] for name, took in parts.items()]
    return Table("The plain script by parts", ["part", "seconds"], rows)
