"""Where the villages of divided communes went: rows of a deployment's own, put in force by a person.

Belongs here: reading `commune_villages.csv` of the home, and refusing rows that do not fit the lists of
communes. Does not belong here: finding out where villages went (divided.py), or placing records by it
(resolve.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from assets.places.events import EventsUnusable
from assets.places.lineage import Lineage
from assets.places.units import UnitRow
from checks.text import fold, tidy

FILE = "commune_villages.csv"
REQUIRED = ("effective_date", "old_code", "old_name", "village", "new_code", "new_name")
OPTIONAL = ("provenance",)
SCHEMA = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("old_unit_id", "village", "unit_id")]
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class VillageRow:
    """A village (as `fold` gives it) of a unit that ended the day before, and the unit that it went to."""

    day: date
    old_code: str
    old_name: str
    village: str
    new_code: str
    new_name: str
    where: str = ""


def villages_of(home: Path, today: date) -> tuple[VillageRow, ...]:
    """The home's rows that are in force on a day; none where it has no such file.

    Raises
    ------
    EventsUnusable
        The file cannot be read, lacks a column, or a row is unreadable.
    """
    path = home / FILE
    return tuple(row for row in read_villages(path) if row.day <= today) if path.exists() else ()


def read_villages(path: Path) -> tuple[VillageRow, ...]:
    """The rows of a file of villages, in its order.

    Raises
    ------
    EventsUnusable
        The file cannot be read, lacks a column, or a row is unreadable.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise EventsUnusable([f"{path.name}: the file of villages cannot be read: {why}"]) from error
    reader = csv.DictReader(io.StringIO(text))
    names = [name.strip() for name in reader.fieldnames or ()]
    known = f"known are {', '.join((*REQUIRED, *OPTIONAL))}"
    problems = [f"{path.name}: column {name} is missing; {known}" for name in REQUIRED if name not in names]
    problems += [f"{path.name}: column {name!r} is not known; {known}" for name in names
                 if name not in (*REQUIRED, *OPTIONAL)]  # fmt: skip
    if problems:
        raise EventsUnusable(problems)
    reader.fieldnames = names
    rows = []
    for number, cells in enumerate(reader, 2):
        if any((value or "").strip() for value in cells.values() if isinstance(value, str)):
            row = _row(cells, f"{path.name}, row {number}", problems)
            rows += [row] if row else []
    if problems:
        raise EventsUnusable(problems)
    return tuple(rows)


def village_table(lineage: Lineage, rows: Sequence[VillageRow]) -> pa.Table:
    """The rows as unit ids: where each village of a divided unit went.

    Raises
    ------
    EventsUnusable
        A row does not fit the lists of communes or contradicts another; all that is wrong is told.
    """
    heirs = _divided(lineage)
    found: dict[tuple[str, str], tuple[str, VillageRow]] = {}
    problems: list[str] = []
    for row in rows:
        ids = _fitting(row, heirs, problems)
        if ids is None:
            continue
        old, new = ids
        known, first = found.setdefault((old, row.village), (new, row))
        if first is not row:
            told = "twice" if known == new else "with two communes that it went to"
            problems.append(
                f"{row.where}: village {row.village!r} of {row.old_code} stands {told}, first in "
                f"{first.where}; keep one row"
            )
    if problems:
        raise EventsUnusable(problems)
    columns = [(old, village, new) for (old, village), (new, _) in sorted(found.items())]
    arrays = [list(column) for column in zip(*columns, strict=True)] or [[], [], []]
    return pa.table(arrays, schema=SCHEMA)


def as_mapping(table: pa.Table, units: Iterable[str]) -> dict[tuple[str, str], str]:
    """Old unit and village to the unit that it went to, as far as both units are among the given ones."""
    known = set(units)
    columns = (table[name].to_pylist() for name in SCHEMA.names)
    return {(old, village): new for old, village, new in zip(*columns, strict=True) if {old, new} <= known}


def _row(cells: Mapping[str, str], where: str, problems: list[str]) -> VillageRow | None:
    cell = {name: " ".join(tidy(cells.get(name) or "").split()) for name in REQUIRED}
    blank = [f"{where}: {name} is blank" for name in REQUIRED if not cell[name]]
    if cells.get(None):  # type: ignore[call-overload]
        blank.append(f"{where}: more cells than columns; put text that holds a comma in quotes")
    problems += blank
    try:
        day = date.fromisoformat(cell["effective_date"])
    except ValueError:
        if cell["effective_date"]:
            problems.append(
                f"{where}: effective_date {cell['effective_date']!r} is no date; write it as 2020-02-01"
            )
        return None
    if blank:
        return None
    return VillageRow(
        day,
        cell["old_code"],
        cell["old_name"],
        fold(cell["village"]),
        cell["new_code"],
        cell["new_name"],
        where,
    )


_Heirs = dict[tuple[str, date], tuple[UnitRow, list[UnitRow]]]


def _divided(lineage: Lineage) -> _Heirs:
    """Every unit that ended, by code and the day after its last, with the units that it went to."""
    by_id = {unit.unit_id: unit for unit in lineage.units}
    found: _Heirs = {}
    for step in lineage.steps:
        old = by_id[step.old_id]
        if old.valid_to is not None:
            key = (old.commune_code, old.valid_to + _DAY)
            found.setdefault(key, (old, []))[1].append(by_id[step.new_id])
    return found


def _fitting(row: VillageRow, heirs: _Heirs, problems: list[str]) -> tuple[str, str] | None:
    """The ids of the row's two units; None where it does not fit, which joins the problems."""
    old, parts = heirs.get((row.old_code, row.day), (None, []))
    new = next((unit for unit in parts if unit.commune_code == row.new_code), None)
    if old is None or len(parts) < 2:
        problems.append(
            f"{row.where}: no commune {row.old_code} was divided on {row.day}; correct the code or the date, "
            "or leave the row out"
        )
        return None
    if new is None:
        codes = ", ".join(sorted(unit.commune_code for unit in parts))
        problems.append(
            f"{row.where}: {row.old_code} did not go to {row.new_code} on {row.day}, but to {codes}; "
            "correct new_code"
        )
        return None
    sides = ((row.old_code, row.old_name, old), (row.new_code, row.new_name, new))
    wrong = [
        f"{row.where}: code {code} is {unit.commune_name!r}, not {name!r}; correct the name or the code"
        for code, name, unit in sides
        if fold(name) != fold(unit.commune_name)
    ]
    problems += wrong
    return None if wrong else (old.unit_id, new.unit_id)
