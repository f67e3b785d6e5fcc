"""What the stages share: options, homes, the commands, and the runs that more than one looks at.

Belongs here: handles. Does not belong here: what is measured, or how it is told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.benchmarks import older_years
from tests.benchmarks.models import write_models
from tests.benchmarks.process import Measured, measure

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# The sample's first year, and the last in which every month has come.
FIRST_SAMPLED, LAST_WHOLE = 2021, 2025


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Parameters
    ----------
    scale
        Of the one-year stages; 1 is the size of the province.
    years_scale
        Of the stages over many years, whose files would fill a disk at scale 1.
    year
        The year of the one-year stages.
    many
        How many years are kept, and backfilled.
    repeats
        How often short things are measured; the median is told.
    """

    scale: float
    years_scale: float
    year: int
    many: int
    repeats: int
    folder: Path


@dataclass
class Bench:
    """One run of the benchmark in a folder of its own."""

    options: Options
    tell: Callable[[str], None]
    homes: dict[str, Path] = field(default_factory=dict)

    def environment(self, home: Path) -> dict[str, str]:
        """The command's environment on a home: nothing of the caller's settings."""
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("THOATNGHEO_", "DAGSTER_"))}
        return outer | {"THOATNGHEO_HOME": str(home), "PYTHONPATH": str(ROOT)}

    def command(self, home: Path, *arguments: str) -> Measured:
        """`thoatngheo` as a scheduler starts it."""
        self.tell(f"{home.name}: thoatngheo {' '.join(arguments)}")
        return measure([str(BIN / "thoatngheo"), *arguments], self.environment(home), self._logs(home))

    def module(self, home: Path, name: str, *arguments: str) -> Measured:
        """A module of this package in a process of its own."""
        self.tell(f"{home.name}: {name}")
        return measure([sys.executable, "-m", name, *arguments], self.environment(home), self._logs(home))

    def sampled(self, name: str, years: Sequence[int], scale: float) -> Path:
        """A new home under this name, with clean drops of these years."""
        home = self.options.folder / name
        sampled = [year for year in years if year >= FIRST_SAMPLED]
        if len(sampled) < len(years):
            sampled = sorted({*sampled, older_years.MODEL})
        span = f"{sampled[0]}-{sampled[-1]}"
        self.command(home, "sample", "--years", span, "--scale", str(scale), "--defects", "none")
        for year in sorted(set(years) - set(sampled)):
            older_years.write_year(home / "drops", year)
        return home

    @cached_property
    def one_year(self) -> tuple[Path, Measured]:
        """The home of the one-year stages, and its first refresh."""
        home = self.sampled("one-year", [self.options.year], self.options.scale)
        return home, self.command(home, "refresh")

    @property
    def years(self) -> list[int]:
        """The years of the stages over many: they end with the last whole one of the sample."""
        return list(range(LAST_WHOLE - self.options.many + 1, LAST_WHOLE + 1))

    @cached_property
    def many_years(self) -> tuple[Path, Measured]:
        """A home of many years, made in one backfill."""
        home = self.sampled("many-years", self.years, self.options.years_scale)
        return home, self.command(home, "backfill", f"{self.years[0]}-{self.years[-1]}")

    @cached_property
    def one_of_many(self) -> tuple[Path, Measured]:
        """A home of the last of these years alone, made the same way."""
        year = self.years[-1]
        home = self.sampled("one-of-many", [year], self.options.years_scale)
        return home, self.command(home, "backfill", str(year))

    @cached_property
    def plain(self) -> tuple[Path, Measured]:
        """The plain script's database over the same drops, and its run."""
        home, _ = self.one_year
        return self.run_plain(home, [self.options.year])

    def run_plain(self, home: Path, years: Sequence[int]) -> tuple[Path, Measured]:
        """The plain script over a refreshed home's drops."""
        models, target = home / "plain_models.json", home / "plain.duckdb"
        write_models(home / "dbt" / "run" / "manifest.json", ROOT / "dbt_project" / "seeds", models)
        target.unlink(missing_ok=True)
        chosen = ",".join(map(str, years))
        arguments = (str(home / "drops"), chosen, str(home / "reference"), str(models), str(target))
        return target, self.module(home, "tests.benchmarks.plain", *arguments)

    def _logs(self, home: Path) -> Path:
        # Not inside the home: nothing of ours must lie where the line works. No `.env` is there either.
        return home.parent / f"{home.name}.logs"
