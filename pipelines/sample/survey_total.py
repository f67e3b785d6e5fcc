"""Denominators: all households and persons of each commune, and the counts it announced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from checks.contract import load_contract
from pipelines.sample.context import Context
from pipelines.sample.frames import objects
from pipelines.sample.lists import NEAR_POOR, OUTGOING, POOR
from pipelines.sample.planting import Planter
from pipelines.sample.tables import write_small_csv
from pipelines.sample.xlsx import Cell, Sheet, write_workbook

TABLE = "survey_total"
_COLUMNS = (
    "commune_code", "commune_name", "households_total", "persons_total", "households_ethnic_minority",
    "announced_poor", "announced_near_poor",
)  # fmt: skip
_PERIODS = {OUTGOING: "2016-2020"}


def write(ctx: Context, year: int) -> None:
    """Write a year's denominators: a workbook, Parquet in 2023, CSV in 2024."""
    frame = total_rows(ctx, year)
    frame = objects(frame, but=("unit",))
    planter = ctx.planter(TABLE, year)
    _plant(ctx, planter, frame, year)
    name, first, sheet = _write_file(ctx, year, frame)
    lines = _lines(frame, first, sheet)
    ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), len(frame))
    ctx.planted(TABLE, year, ((m, name, sheet, lines[m.row]) for m in planter.marks))
    ctx.tick(f"{TABLE} {year}")


def total_rows(ctx: Context, year: int) -> pd.DataFrame:
    """One row a commune and standard; `unit` and `district` are not sent."""
    people, number = ctx.people, ctx.people.list_of(year)
    units = people.communes.units(number)
    everyone = np.flatnonzero(people.exists(year))
    unit = people.unit(everyone, number)
    size = len(units)
    persons = np.bincount(unit, ctx.household_sizes(year)[everyone], size).astype(int)
    parts = []
    for standard in ctx.standards(year):
        klass = (ctx.lists.by_year[year] if standard != OUTGOING else ctx.lists.outgoing)[everyone]
        frame = pd.DataFrame(
            {
                "unit": np.arange(size),
                "district": units.get("district", ""),
                "standard": standard,
                "commune_code": units["code"].astype(object),
                "commune_name": units["name"].astype(object),
                "households_total": np.bincount(unit, minlength=size),
                "persons_total": persons,
                "households_ethnic_minority": np.bincount(unit, people.ethnicity[everyone] != 0, size).astype(
                    int
                ),
                "announced_poor": np.bincount(unit, klass == POOR, size).astype(int),
                "announced_near_poor": np.bincount(unit, klass == NEAR_POOR, size).astype(int),
            }
        )
        parts.append(frame[frame["unit"].isin(ctx.sent(year))])
    result = pd.concat(parts, ignore_index=True)
    if year == 2021:
        result["announced_standard"] = [_PERIODS.get(s, "2022-2025") for s in result["standard"]]
    return result.sort_values(["district", "commune_code", "standard"], ignore_index=True)


def _plant(ctx: Context, planter: Planter, frame: pd.DataFrame, year: int) -> None:
    """Denominators that were never entered: 0 or 10 households."""
    if year == 2021 or not planter.enabled:
        # A first year has none to carry over, and two rows a commune that must agree.
        return
    rows = planter.rows(np.arange(len(frame)), 0.02)
    frame.loc[rows, "households_total"] = [0, 10] * (len(rows) // 2) + [10] * (len(rows) % 2)
    planter.flag(rows, "households_total", "denominator not entered", "denominator_implausible")
    for column, reason in (
        ("households_ethnic_minority", "ethnic_minority_above_total"),
        ("announced_poor", "announced_above_total"),
    ):
        above = [r for r in rows if frame.loc[r, column] > frame.loc[r, "households_total"]]
        planter.flag(above, column, "denominator not entered", reason)
    others = planter.rows(np.arange(len(frame)), 0.005)
    frame["persons_total"] = frame["persons_total"].astype(object)
    for row in others:
        frame.loc[row, "persons_total"] = int(frame.loc[row, "households_total"]) // 2
    planter.flag(others, "persons_total", "persons fewer than households", "persons_fewer_than_households")


def _write_file(ctx: Context, year: int, frame: pd.DataFrame) -> tuple[str, int, str]:
    """Write the file of a year: its name, the row of its first record, its sheet."""
    contract = load_contract(TABLE)
    names = [*_COLUMNS, *(["announced_standard"] if year == 2021 else [])]
    labels = [contract.column(n).label for n in names]
    day = f"{year}1220" if year < 2026 else "20261120"
    if year == 2023:
        name = f"tong-so-ho_{day}.parquet"
        columns = {n: pa.array(frame[n].tolist()) for n in names}
        pq.write_table(pa.table(columns), ctx.path(TABLE, year, name))
        return name, 1, ""
    if year == 2024:
        name = f"tong-so-ho_{day}.csv"
        rows = frame[names].astype(object).to_numpy().tolist()
        write_small_csv(ctx.path(TABLE, year, name), [labels, *rows], encoding="utf-16", separator="\t")
        return name, 2, ""
    name = f"tong-so-ho_{day}.xlsx"
    head: list[list[Cell]] = [
        [f"TỔNG SỐ HỘ, NHÂN KHẨU NĂM {year}"],
        [f"Tỉnh {ctx.people.communes.new['province'].iloc[0].removeprefix('Tỉnh ')}"],
        [],
    ]
    body, where = _with_subtotals(frame, names)
    head.append(labels)  # type: ignore[arg-type]
    sheet = Sheet("Tổng hợp", head, [list(c) for c in zip(*body, strict=True)], ["A1:G1", "A2:G2"])
    write_workbook(ctx.path(TABLE, year, name), [sheet])
    frame.attrs["where"] = [len(head) + 1 + w for w in where]
    return name, len(head) + 1, "Tổng hợp"


def _lines(frame: pd.DataFrame, first: int, sheet: str) -> list[int]:
    return list(frame.attrs["where"]) if sheet else list(range(first, first + len(frame)))


def _with_subtotals(frame: pd.DataFrame, names: list[str]) -> tuple[list[list[Cell]], list[int]]:
    """The body with a subtotal row behind each district, and the line of each record in it."""
    rows: list[list[Cell]] = []
    where: list[int] = []
    values = frame[names].astype(object).to_numpy().tolist()
    districts = frame["district"].tolist()
    for i, row in enumerate(values):
        where.append(len(rows))
        rows.append(row)
        last = i + 1 == len(values) or districts[i + 1] != districts[i]
        if last and districts[i]:
            mine = [r for r, d in zip(values, districts, strict=True) if d == districts[i]]
            sums: list[Cell] = [sum(r[k] for r in mine if isinstance(r[k], int)) for k in range(2, 7)]
            rows.append(["", f"Cộng {districts[i]}", *sums, *([""] * (len(names) - 7))])
    return rows, where
