"""The stages, in their order. A further one is a module under `stages/` and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.bench import Bench
from tests.benchmarks.result import StageResult
from tests.benchmarks.stages import backfill, kept_years, load, measures, nothing_new, reading, refresh


@dataclass(frozen=True)
class Stage:
    """One stage: its name on the command line, what it tells, and how it is run."""

    name: str
    what: str
    run: Callable[[Bench], StageResult]


STAGES = (
    Stage("refresh", "one year, step by step, beside the plain script", refresh.run),
    Stage("nothing-new", "a night in which nothing arrived", nothing_new.run),
    Stage("load", "loading the code location", load.run),
    Stage("reading", "reading speed beside calamine and DuckDB alone", reading.run),
    Stage("backfill", "many years in one run against one", backfill.run),
    Stage("kept-years", "a night's change where many years are kept, and where one is", kept_years.run),
    Stage("measures", "the measures of a census and of a sample beside others' ways", measures.run),
)
