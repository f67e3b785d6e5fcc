"""The benchmark's command line: `python -m tests.benchmarks --help`."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks import aims, report
from tests.benchmarks.bench import ROOT, Bench, Options
from tests.benchmarks.compare import DifferentWork
from tests.benchmarks.machine import facts
from tests.benchmarks.process import ProcessFailed
from tests.benchmarks.registry import STAGES
from tests.benchmarks.result import StageResult

_NAMES = [stage.name for stage in STAGES]
_LISTED = "; ".join(f"{stage.name}: {stage.what}" for stage in STAGES)


def main(
    scale: Annotated[float, typer.Option(help="Scale of the one-year stages; 1 is the province.")] = 1.0,
    year: Annotated[int, typer.Option(help="The year of the one-year stages, 2021 to 2025.")] = 2024,
    stages: Annotated[str, typer.Option(help=f"Which stages, with commas. {_LISTED}.")] = ",".join(_NAMES),
    years: Annotated[int, typer.Option(min=2, max=10, help="How many years are kept and backfilled.")] = 10,
    years_scale: Annotated[float, typer.Option(help="Scale of the stages over many years.")] = 0.1,
    repeats: Annotated[int, typer.Option(min=1, help="How often short things are measured.")] = 3,
    folder: Annotated[
        Path | None, typer.Option(help="In which folder to work; that of temporary files by default.")
    ] = None,
    json_to: Annotated[Path, typer.Option("--json", help="Where the figures go.")] = Path("benchmarks.json"),
    write_docs: Annotated[
        bool, typer.Option("--write-docs", help="Put the tables into docs/benchmarks.md.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the homes.")] = False,
) -> None:
    """Measure the line, stage by stage, beside a plain script that does the same work."""
    chosen = [name.strip() for name in stages.split(",")]
    if unknown := sorted(set(chosen) - set(_NAMES)):
        raise typer.BadParameter(f"no stage {unknown[0]}; there are {', '.join(_NAMES)}")
    console = Console(width=140)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    # A folder of our own, also inside one that was named: it is removed at the end.
    place = Path(tempfile.mkdtemp(prefix="thoatngheo-bench-", dir=folder)).absolute()
    options = Options(scale, years_scale, year, years, repeats, place)
    machine, told = facts(), asdict(options) | {"folder": ""}
    bench = Bench(options, lambda text: console.print(f"[dim]{text}[/]", highlight=False))
    found: dict[str, StageResult] = {}
    try:
        for stage in STAGES:
            if stage.name in chosen:
                found[stage.name] = stage.run(bench)
                report.show(console, *found[stage.name].tables)
                # After every stage, so that what was measured is there if a later one fails.
                report.write_json(json_to, machine, told, found)
        aimed = aims.beside(found)
        report.show(console, aimed)
        if write_docs:
            report.write_docs(ROOT / "docs" / "benchmarks.md", machine, told, found, aimed)
    except (DifferentWork, ProcessFailed) as error:
        console.print(f"[red]refused:[/] {error}", markup=True, highlight=False)
        raise typer.Exit(1) from error
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)
    console.print(f"Figures: {json_to}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
