"""Writing the sample: tables in turn, year by year, then the manifest.

Belongs here: the order of the work. What a table looks like lies in its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pipelines.sample import (
    bad_files,
    health_cards,
    health_stations,
    health_visits,
    housing,
    loan_ledger,
    programme_plan,
    survey_household,
    survey_member,
    survey_total,
    targets,
)  # fmt: skip
from pipelines.sample.context import Context, last_month
from pipelines.sample.lists import NEAR_POOR, OUTGOING, POOR, make_lists
from pipelines.sample.manifest import Manifest
from pipelines.sample.population import make_population

Progress = Callable[[str, int, int], None]


def write_sample(
    drops: Path,
    *,
    years: Sequence[int],
    scale: float,
    seed: int,
    defects: Literal["realistic", "none"],
    province: str = "19",
    progress: Progress | None = None,
) -> Manifest:
    """Write what the offices would send into `<drops>/<table>/<year>/`, and the manifest beside.

    Parameters
    ----------
    years
        Years within 2021–2026; the same year is the same whatever others are written.
    scale
        1 is the size of the province. Small scales keep whole communes and leave others out.
    seed
        The same seed gives the same files, byte by byte.
    defects
        "realistic" plants what real exports show; "none" leaves a sample in which nothing is wrong.
    province
        Two-digit code of one of today's provinces. Totals are calibrated to Thái Nguyên (19).
    progress
        Called with what is being written, steps done and steps in all.

    Raises
    ------
    ValueError
        A year outside 2021–2026, or a scale at which no commune is left.
    """
    chosen = sorted({int(year) for year in years})
    if not chosen or not set(chosen) <= set(targets.YEARS):
        raise ValueError(
            f"the sample has the years {targets.YEARS[0]} to {targets.YEARS[-1]}; asked for {chosen}"
        )
    if scale <= 0:
        raise ValueError(f"scale must be above 0; it is {scale}")
    counter = _Counter(progress)
    counter.step("population")
    people = make_population(province, scale, seed)
    manifest = Manifest(seed, scale, tuple(chosen), defects, province, _versions())
    ctx = Context(drops, people, make_lists(people), manifest, defects == "realistic", counter.step)
    counter.total = 1 + sum(_steps(ctx, year) for year in chosen)
    for year in chosen:
        _write_year(ctx, year)
    manifest.write(drops)
    counter.finish("manifest")
    return manifest


def _write_year(ctx: Context, year: int) -> None:
    survey_household.write(ctx, year)
    survey_member.write(ctx, year)
    survey_total.write(ctx, year)
    housing.write(ctx, year)
    programme_plan.write(ctx, year)
    health_stations.write(ctx, year)
    loan_ledger.write(ctx, year)
    insured = health_cards.make_insured(ctx, year)
    health_cards.write(ctx, year, insured)
    health_visits.write(ctx, year, insured)
    bad_files.write(ctx, year)
    ctx.manifest.totals += [_totals(ctx, year, standard) for standard in ctx.standards(year)]


def _totals(ctx: Context, year: int, standard: str) -> dict[str, Any]:
    """The true counts; of a running review also those of the communes that have sent."""
    klass = ctx.lists.outgoing if standard == OUTGOING else ctx.lists.by_year[year]
    people = ctx.people
    here = people.exists(year)
    sent = here & np.isin(people.unit(np.arange(people.size), people.list_of(year)), ctx.sent(year))
    households, poor, near = (int((m & sent).sum()) for m in (here, klass == POOR, klass == NEAR_POOR))
    minority = int((sent & (klass == POOR) & (people.ethnicity != 0)).sum())
    return {
        "year": year,
        "standard": standard,
        "communes": len(ctx.sent(year)),
        "households": households,
        "poor_households": poor,
        "near_poor_households": near,
        "ethnic_minority_poor_households": minority,
        "poor_percent": round(100 * poor / households, 2),
        "near_poor_percent": round(100 * near / households, 2),
    }


def _steps(ctx: Context, year: int) -> int:
    communes = len(ctx.sent(year))
    lists = communes * (len(ctx.standards(year)) + 1)
    return lists + 3 + 3 * last_month(year) + 4 + int(ctx.planting)


def _versions() -> dict[str, str]:
    result = {name: metadata.version(name) for name in ("numpy", "pandas", "pyarrow", "vietnamadminunits")}
    try:
        result["thoat-ngheo"] = metadata.version("thoat-ngheo")
    except metadata.PackageNotFoundError:
        result["thoat-ngheo"] = "not installed"
    return result


class _Counter:
    """Steps done, told to whoever asked for them."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.done = 0
        self.total = 1

    def finish(self, what: str) -> None:
        """All is done, also what small scales had no need of."""
        self.done = self.total
        if self._progress:
            self._progress(what, self.total, self.total)

    def step(self, what: str) -> None:
        """One step more."""
        self.done += 1
        if self._progress:
            self._progress(what, min(self.done, self.total), self.total)
