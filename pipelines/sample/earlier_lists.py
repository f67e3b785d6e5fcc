"""The lists of communes before the last one ahead of the merger, back to the sample's first year.

Walked back from the changes that the project knows (read as data: the generator uses none of the
code that it makes files for).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

import pandas as pd

# Lists that had ended before the sample's first year are of no use to it.
_FIRST_USED = date(2021, 1, 1)
FIRST_DAY = date(2016, 1, 1)
URBAN = ("Phường", "Thị trấn")


@dataclass(frozen=True)
class Earlier:
    """A list before that of December 2024.

    Attributes
    ----------
    start, end
        Its first day, and the first day of the next.
    units
        As `Communes.old`, and `old`: the row there of the commune that a unit, or a part of it, became.
    origins
        For each row of `Communes.old` the rows here that it was made of.
    """

    start: date
    end: date
    units: pd.DataFrame
    origins: tuple[tuple[int, ...], ...]


def first_days(old: pd.DataFrame) -> list[date]:
    """Since when each commune of the last list before the merger has been what it is."""
    latest = {row["new_code"]: date.fromisoformat(row["effective_date"]) for row in _changes(old)}
    return [latest.get(code, FIRST_DAY) for code in old["code"]]


def earlier_lists(old: pd.DataFrame) -> tuple[Earlier, ...]:
    """The earlier lists of a province, the latest first; none where no change is known."""
    by_day: dict[date, list[dict[str, str]]] = defaultdict(list)
    for row in _changes(old):
        by_day[date.fromisoformat(row["effective_date"])].append(row)
    columns = ["code", "name", "type", "district", "province", "province_code"]
    standing: dict[Any, dict[Any, Any]] = {
        row["code"]: {**row, "first": FIRST_DAY, "heirs": {number}}
        for number, row in enumerate(old[columns].astype(str).to_dict("records"))
    }
    days = sorted(by_day, reverse=True)
    lists = []
    for day, before in zip(days, [*days, FIRST_DAY][1:], strict=True):
        if day <= _FIRST_USED:
            break
        ended = {code: standing.pop(code) for code in {row["new_code"] for row in by_day[day]}}
        for row in by_day[day]:
            after = ended[row["new_code"]]
            known = standing.get(row["old_code"], {"heirs": set()})
            standing[row["old_code"]] = after | {
                "code": row["old_code"],
                "name": row["old_name"],
                "type": next(t for t in (*URBAN, "Xã") if row["old_name"].startswith(t)),
                "first": FIRST_DAY,
                "district": row["old_district_name"] or after["district"],
                "heirs": known["heirs"] | after["heirs"],
            }
        lists.append(_list(standing, before, day, len(old)))
    return tuple(lists)


def _list(standing: dict[Any, dict[Any, Any]], start: date, end: date, size: int) -> Earlier:
    rows = [standing[code] for code in sorted(standing)]
    units = pd.DataFrame(rows).drop(columns="heirs")
    units["old"] = [min(row["heirs"]) for row in rows]
    units["is_urban"] = units["type"].isin(URBAN)
    origins = tuple(
        tuple(i for i, row in enumerate(rows) if number in row["heirs"]) for number in range(size)
    )
    return Earlier(start, end, units, origins)


def _changes(old: pd.DataFrame) -> list[dict[str, str]]:
    """The known changes, in the order of their days, if they are this province's."""
    text = resources.files("assets.places").joinpath("commune_events.csv").read_text(encoding="utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["effective_date"])
    last = {row["new_code"] for row in rows if row["effective_date"] == rows[-1]["effective_date"]}
    return rows if last <= set(old["code"]) else []
