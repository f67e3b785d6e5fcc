"""What was aimed at beside what was measured: one row an aim, met or not.

Belongs here: the aims and where among the figures each is read. Does not belong here: measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.result import StageResult, Table

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Aim:
    """An upper bound for one figure of one stage, in its own unit."""

    what: str
    stage: str
    bound: float
    unit: str
    figure: Callable[[Figures], float]


AIMS = (
    Aim("refresh of one year, seconds beside the plain script's", "refresh", 1.5, "×", lambda f: f["ratio_wall"]),
    Aim("refresh of one year, peak memory", "refresh", 4.0, "GB", lambda f: f["line"]["peak"] / 1e9),
    Aim("a night with nothing new", "nothing-new", 8.0, "s", lambda f: f["wall"]),
    Aim(
        "backfill of n years beside n times one year, processor seconds", "backfill", 1.0, "×",
        lambda f: f["ratio_to_n_times_one"],
    ),
    Aim(
        "a night with many years kept beside one kept, processor seconds", "kept-years", 1.05, "×",
        lambda f: f["ratio_cpu"],
    ),
    Aim("measures of a census beside the scan", "measures", 15.0, "×", lambda f: _of_scan(f, "census")),
    Aim("measures of a sample beside the scan", "measures", 15.0, "×", lambda f: _of_scan(f, "sample, errors too")),
    Aim("measures, highest peak memory", "measures", 8.0, "GB", lambda f: _highest(f) / 1e9),
)  # fmt: skip
_WAYS = ("census", "census, pairs of indicators too", "sample, errors too")


def _of_scan(figures: Figures, way: str) -> float:
    return float(figures[way]["wall"] / figures["floor"])


def _highest(figures: Figures) -> float:
    return max(float(figures[way]["peak"]) for way in _WAYS)


def beside(found: Mapping[str, StageResult]) -> Table:
    """The aims of the stages that were measured."""
    rows = []
    for aim in AIMS:
        if aim.stage in found:
            measured = aim.figure(found[aim.stage].figures)
            met = "yes" if measured <= aim.bound else "no"
            rows.append([aim.what, f"≤ {aim.bound:g} {aim.unit}", f"{measured:.2f} {aim.unit}", met])
    return Table("Aims", ["", "aim", "measured", "met"], rows)
