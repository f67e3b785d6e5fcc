"""Monthly reports of the commune health stations."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass

import numpy as np
import pandas as pd

from checks.contract import load_contract
from pipelines.sample.context import Context, last_month
from pipelines.sample.frames import objects
from pipelines.sample.lists import NOT_POOR
from pipelines.sample.planting import Planter
from pipelines.sample.streams import stream
from pipelines.sample.tables import write_small_csv

TABLE = "health_station"
COLUMNS = tuple(c.name for c in load_contract(TABLE).columns)
_ENCODINGS = {1: "utf-8-sig", 4: "tcvn3", 6: "vni", 9: "utf-8-nfd", 10: "utf-16"}


def write(ctx: Context, year: int) -> None:
    """Write a year's reports, a file a month."""
    labels = [load_contract(TABLE).column(n).label for n in COLUMNS]
    places: dict[int, _Places] = {}
    for month in range(1, last_month(year) + 1):
        number = ctx.people.communes.list_at_end_of(year, month)
        if number not in places:
            places[number] = _places(ctx, year, number)
        frame = station_rows(ctx, year, month, places[number])
        planter = ctx.planter(TABLE, year, str(month))
        frame = _plant(planter, frame, year, month)
        name = f"tram-y-te_{year}{month:02d}{monthrange(year, month)[1]}.csv"
        rows = frame[list(COLUMNS)].to_numpy().tolist()
        encoding = _ENCODINGS.get(month, "utf-8")
        write_small_csv(ctx.path(TABLE, year, name), [labels, *rows], encoding=encoding, separator=";")
        ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), len(frame))
        ctx.planted(TABLE, year, ((m, name, "", m.row + 2) for m in planter.marks))
        ctx.tick(f"{TABLE} {year}")


@dataclass(frozen=True)
class _Places:
    """The communes of a list that have households: code, households, share of them on the list."""

    code: np.ndarray
    total: np.ndarray
    listed: np.ndarray
    lasting: np.ndarray


def _places(ctx: Context, year: int, number: int) -> _Places:
    people = ctx.people
    units = people.communes.units(number)
    everyone = np.flatnonzero(people.exists(year))
    unit = people.unit(everyone, number)
    total = np.bincount(unit, minlength=len(units))
    listed = np.bincount(unit, ctx.lists.in_force(year)[everyone] != NOT_POOR, len(units))
    lasting = stream(ctx.seed, TABLE, "place", str(number)).normal(0, 0.02, len(units))
    rows = np.flatnonzero(total)
    code = units["code"].to_numpy(dtype=object)[rows]
    return _Places(code, total[rows], listed[rows] / total[rows], lasting[rows])


def station_rows(ctx: Context, year: int, month: int, places: _Places) -> pd.DataFrame:
    """One row a commune; households with latrine and water follow from how many are listed there."""
    total, listed, lasting = places.total, places.listed, places.lasting
    rng = stream(ctx.seed, TABLE, year, month)
    progress = 0.006 * (year - 2021)
    latrine = np.clip(0.945 - 0.45 * listed + lasting + progress, 0.2, 0.995)
    water = np.clip(0.965 - 0.25 * listed + lasting + progress, 0.3, 0.998)
    visits = rng.poisson(total * 0.22) + 1
    measured = rng.poisson(total * 0.30) + 1
    stunted = rng.binomial(measured, np.clip(0.13 + 0.25 * listed, 0, 0.6))
    frame = pd.DataFrame(
        {
            "commune_code": places.code,
            "month": f"{month:02d}/{year}",
            "visits_total": visits,
            "visits_insured": rng.binomial(visits, 0.9),
            "children_u5_measured": measured,
            "children_u5_stunted": stunted,
            "children_u5_underweight": rng.binomial(measured, np.clip(0.08 + 0.2 * listed, 0, 0.5)),
            "households_total": total,
            "households_hygienic_latrine": np.floor(total * latrine).astype(int),
            "households_clean_water": np.floor(total * water).astype(int),
        }
    )
    return objects(frame)


def _plant(planter: Planter, frame: pd.DataFrame, year: int, month: int) -> pd.DataFrame:
    """Few and plain ones: a station's report is short."""
    if not planter.enabled:
        return frame
    every = np.arange(len(frame))
    if month % 4 == 1:
        rows = planter.rows(every, 0.004)
        frame.loc[rows, "visits_insured"] = [int(v) + 500 for v in frame.loc[rows, "visits_total"]]
        planter.flag(rows, "visits_insured", "more insured visits than visits", "insured_above_total")
        rows = planter.rows(every, 0.004)
        frame.loc[rows, "households_hygienic_latrine"] = [
            int(v) + 30 for v in frame.loc[rows, "households_total"]
        ]
        planter.flag(
            rows, "households_hygienic_latrine", "more latrines than households", "latrine_above_households"
        )
    if month % 4 == 2:
        rows = planter.rows(every, 0.004)
        frame.loc[rows, "children_u5_stunted"] = [int(v) + 9 for v in frame.loc[rows, "children_u5_measured"]]
        planter.flag(
            rows, "children_u5_stunted", "more stunted children than measured", "stunted_above_measured"
        )
        rows = planter.rows(every, 0.004)
        frame.loc[rows, "visits_total"] = "chưa có"
        planter.flag(rows, "visits_total", "words for a number", "unreadable_visits_total")
    if month % 4 == 3 and (year != 2025 or month < 7):
        rows = planter.rows(every, 0.003)
        frame.loc[rows, "month"] = f"12/{year - 1}"
        planter.reject(rows, "month", "month of another year", "wrong_period")
    if month % 6 == 4:
        rows = planter.rows(every, 0.01)
        start = len(frame)
        frame = pd.concat([frame, frame.loc[rows]], ignore_index=True)
        planter.mark(np.arange(start, len(frame)), "", "exact copy", "duplicate", "duplicate")
    return frame
