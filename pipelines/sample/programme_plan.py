"""Targets and money of the programme: what Directive 11/CT-UBND asks of each commune and department."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from checks.contract import load_contract
from pipelines.sample import targets
from pipelines.sample.context import TODAY, Context
from pipelines.sample.lists import POOR
from pipelines.sample.streams import stream
from pipelines.sample.xlsx import Cell, Sheet, write_workbook

TABLE = "programme_plan"
COLUMNS = tuple(c.name for c in load_contract(TABLE).columns)
_SHEET = "Kế hoạch"
_AGRICULTURE, _CONSTRUCTION = "Sở Nông nghiệp và Môi trường", "Sở Xây dựng"
_SECURITY, _HEALTH, _BANK = "Bảo hiểm xã hội tỉnh", "Sở Y tế", "Ngân hàng Chính sách xã hội"
_POVERTY, _HOUSING = "Giảm nghèo bền vững", "Xóa nhà tạm, nhà dột nát"


def write(ctx: Context, year: int) -> None:
    """Write a year's plan: amounts in millions of đồng, as a title row says."""
    rows = plan_rows(ctx, year)
    planter = ctx.planter(TABLE, year)
    if planter.enabled:
        funded = np.flatnonzero([bool(row["budget_allocated"]) for row in rows])
        for row in planter.rows(funded, 0.004):
            rows[row]["budget_disbursed"] = rows[row]["budget_allocated"] * 2 + 10
            planter.flag([row], "budget_disbursed", "more paid than was given", "disbursed_above_allocated")
        wrong = planter.rows(np.arange(len(rows)), 0.002)
        for row in wrong:
            rows[row]["year_of_plan"] = year - 1
        planter.reject(wrong, "year_of_plan", "target of another year", "wrong_period")
    contract = load_contract(TABLE)
    head: list[list[Cell]] = [
        [f"KẾ HOẠCH VÀ VỐN CHƯƠNG TRÌNH GIẢM NGHÈO NĂM {year}"],
        ["ĐVT: triệu đồng"],
        [contract.column(n).label for n in COLUMNS],
    ]
    body: list[list[Cell]] = [[row[n] for row in rows] for n in COLUMNS]
    name = f"ke-hoach_{year}{'1225' if year < TODAY.year else '1115'}.xlsx"
    write_workbook(ctx.path(TABLE, year, name), [Sheet(_SHEET, head, body, ["A1:F1"])])
    ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), len(rows))
    ctx.planted(TABLE, year, ((m, name, _SHEET, m.row + len(head) + 1) for m in planter.marks))
    ctx.tick(f"{TABLE} {year}")


def plan_rows(ctx: Context, year: int) -> list[dict[str, Any]]:
    """The province's targets, then each commune's."""
    people = ctx.people
    rng = stream(ctx.seed, TABLE, year)
    whole = targets.PROVINCE[year]
    scale = people.scale
    money = 233_000 * scale
    aim = round(100 * whole.poor / whole.households + 0.4, 2)
    credit = "Dư nợ cho vay hộ nghèo, cận nghèo, mới thoát nghèo"
    result = [
        _target(year, None, "Tỷ lệ hộ nghèo", aim, "%", _AGRICULTURE, _POVERTY, money, 0.75),
        _target(year, None, "Tỷ lệ tham gia BHYT", 95.0, "%", _SECURITY),
        _target(
            year, None, "Hộ nghèo, cận nghèo được hỗ trợ nhà ở", round(5000 * scale), "nhà", _CONSTRUCTION,
            _HOUSING, money / 2, 0.8,
        ),
        _target(year, None, "Hộ có nhà tiêu hợp vệ sinh", 90.0, "%", _HEALTH),
        _target(year, None, credit, round(4_000 * scale), "tỷ đồng", _BANK),
    ]  # fmt: skip
    units = people.communes.units(people.list_of(year))
    everyone = np.flatnonzero(people.exists(year))
    unit = people.unit(everyone, people.list_of(year))
    poor = np.bincount(unit, ctx.lists.before(year)[everyone] == POOR, len(units))
    for u in np.unique(unit):
        share = float(poor[u] / max(poor.sum(), 1))
        fewer = round(float(poor[u] * rng.uniform(0.12, 0.2)))
        code = str(units["code"].iloc[u])
        paid = float(rng.uniform(0.35, 0.98))
        result += [
            _target(
                year, code, "Số hộ nghèo giảm trong năm", fewer, "hộ", _AGRICULTURE, _POVERTY,
                money * share, paid,
            ),
            _target(year, code, "Tỷ lệ tham gia BHYT", round(float(rng.uniform(90, 97)), 1), "%", _SECURITY),
        ]  # fmt: skip
    return result


def _target(
    year: int,
    code: str | None,
    indicator: str,
    value: float,
    unit: str,
    department: str,
    programme: str = "",
    allocated: float = 0.0,
    paid: float = 0.0,
) -> dict[str, Any]:
    """One target; money in whole millions of đồng."""
    given = round(allocated)
    return {
        "year_of_plan": year,
        "commune_code": code,
        "indicator": indicator,
        "target_value": value,
        "unit": unit,
        "programme": programme or None,
        "budget_allocated": given if given else None,
        "budget_disbursed": int(given * paid) if given else None,
        "as_of_date": min(date(year, 12, 20), date(2026, 11, 15)),
        "responsible_department": department,
        "deadline": date(year, 12, 31),
    }
