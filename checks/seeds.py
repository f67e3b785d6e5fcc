"""The facts kept as seed rows in the dbt project, for those checks that need them.

Standards, programme ceilings and indicators are declared once, as dbt seeds; here they are read.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path


def dbt_project() -> Path:
    """The folder of the dbt project, which is installed beside this package."""
    return Path(__file__).parent.parent / "dbt_project"


@cache
def read_seed(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one seed, every value as text."""
    with (dbt_project() / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def in_force(rows: tuple[dict[str, str], ...], day: date) -> tuple[dict[str, str], ...]:
    """The rows whose validity holds on a day; a blank end has no end."""
    iso = day.isoformat()
    return tuple(r for r in rows if r["valid_from"] <= iso and (not r["valid_to"] or iso <= r["valid_to"]))


def standard_in_force(day: date) -> str:
    """The national poverty standard in force on a day (Decision 59/2015, Decree 07/2021, Decree 351/2025).

    A province's own standard, or another country's, is never in force by its date alone.

    Raises
    ------
    LookupError
        No standard, or more than one, is in force: the seed is at fault.
    """
    found = in_force(tuple(r for r in read_seed("standards") if r["scope"] == "national"), day)
    if len(found) != 1:
        raise LookupError(f"seeds/standards.csv: {len(found)} standards are in force on {day.isoformat()}")
    return found[0]["standard"]


def headline_standard(year: int) -> str:
    """The standard of the list that takes effect after the year's review (1 January of the next)."""
    return standard_in_force(date(year + 1, 1, 1))


def outgoing_standard(year: int) -> str:
    """The standard in force at the end of the year."""
    return standard_in_force(date(year, 12, 31))
