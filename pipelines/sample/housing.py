"""Housing-support cases: a workbook a year, in lawful order and with parts that add up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from checks.contract import load_contract
from pipelines.sample.context import TODAY, Context
from pipelines.sample.frames import blank_unless, cells, objects
from pipelines.sample.lists import NOT_POOR
from pipelines.sample.planting import Planter
from pipelines.sample.points import HOUSING
from pipelines.sample.streams import stream
from pipelines.sample.xlsx import Cell, Sheet, write_workbook

TABLE = "housing_case"
_CASES = 5_000
_MONEY = (
    "approved_amount",
    "state_amount",
    "community_amount",
    "family_amount",
    "loan_amount",
    "disbursed_amount",
)
_DATES = ("decision_date", "start_date", "finish_date", "acceptance_date")
_TITLES = ("TỔNG HỢP HỒ SƠ HỖ TRỢ NHÀ Ở", "ĐVT: đồng")


def write(ctx: Context, year: int) -> None:
    """Write a year's cases."""
    frame = case_rows(ctx, year)
    planter = ctx.planter(TABLE, year)
    frame = _plant(planter, frame, year)
    contract = load_contract(TABLE)
    names = [c.name for c in contract.columns]
    head: list[list[Cell]] = [
        [_TITLES[0] + f" NĂM {year}"],
        [_TITLES[1]],
        [contract.column(n).label for n in names],
    ]
    name = f"nha-o_{year}{'1231' if year < TODAY.year else '1120'}.xlsx"
    body = [[_cell(v) for v in cells(frame[n])] for n in names]
    write_workbook(ctx.path(TABLE, year, name), [Sheet("Hồ sơ", head, body, ["A1:H1"])])
    ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), len(frame))
    lines = dict(zip(frame.index.tolist(), range(len(head) + 1, len(head) + 1 + len(frame)), strict=True))
    ctx.planted(TABLE, year, ((m, name, "Hồ sơ", lines[m.row]) for m in planter.marks))
    ctx.tick(f"{TABLE} {year}")


def case_rows(ctx: Context, year: int) -> pd.DataFrame:
    """The cases as typed values, columns of the contract."""
    people, persons = ctx.people, ctx.people.persons
    review, points = ctx.list_in_force(year)
    rng = stream(ctx.seed, TABLE, year)
    bad = np.any([points.column(review.standard, name) for name in HOUSING[review.standard]], axis=0)
    pool = np.flatnonzero(bad & (review.klass != NOT_POOR))
    # A household is helped once: each year has its own fifth of them.
    pool = pool[review.households[pool] % 5 == year % 5]
    wanted = min(len(pool), max(8, round(_CASES * people.scale)))
    rows = np.sort(rng.permutation(pool)[:wanted])
    who = review.households[rows]
    head = persons.first[who]
    new = rng.random(wanted) < 0.68
    frame = _dates(rng, year, new)
    decided = frame["decision_date"].to_numpy()
    frame["case_id"] = [f"NO{year}-{i:05d}" for i in range(1, wanted + 1)]
    frame["commune_code"] = people.codes(who, people.communes.list_on(decided))
    frame["household_code"] = review.code[rows].astype(str).astype(object)
    frame["head_name"] = persons.names[persons.name[head]]
    frame["head_citizen_id"] = persons.citizen_ids(head).to_numpy(zero_copy_only=False)
    frame["beneficiary_group"] = np.array(["Khác", "Hộ cận nghèo", "Hộ nghèo"], dtype=object)[
        review.klass[rows]
    ]
    frame["work_type"] = np.where(new, "Xây mới", "Sửa chữa").astype(object)
    frame["decision_number"] = [f"{100 + i // 25}/QĐ-UBND" for i in range(wanted)]
    frame = frame.assign(**_amounts(rng, new, year, frame["acceptance_date"].notna().to_numpy()))
    for part, share in (("floor", 0.55), ("frame", 0.75), ("roof", 0.7)):
        weak = rng.random(wanted) < share
        frame[f"{part}_before"] = np.where(weak, "không", "cứng").astype(object)
        done = frame["finish_date"].notna().to_numpy()
        frame[f"{part}_after"] = blank_unless(done, "cứng")
    left = (rng.random(wanted) < 0.02) & frame["start_date"].isna().to_numpy()
    frame["withdrawn_reason"] = blank_unless(left, "Hộ không có nhu cầu, đã cam kết")
    return frame[[c.name for c in load_contract(TABLE).columns]]


def _dates(rng: np.random.Generator, year: int, new: np.ndarray) -> pd.DataFrame:
    """Decision, start, finish, acceptance; what lies after the drop's day has not happened yet."""
    n = len(new)
    end = np.datetime64(min(date(year, 12, 31), date(2026, 11, 19)))
    span = int((end - np.datetime64(f"{year}-01-10")).astype(int))
    decision = np.datetime64(f"{year}-01-10") + np.floor(rng.beta(1.4, 1.8, n) * span).astype(int)
    start = decision + rng.integers(7, 75, n)
    finish = start + np.where(new, rng.integers(50, 150, n), rng.integers(20, 70, n))
    acceptance = finish + rng.integers(3, 30, n)
    days = {
        "decision_date": decision,
        "start_date": start,
        "finish_date": finish,
        "acceptance_date": acceptance,
    }
    return pd.DataFrame({k: np.where(v <= end, v, np.datetime64("NaT", "D")) for k, v in days.items()})


def _amounts(
    rng: np.random.Generator, new: np.ndarray, year: int, accepted: np.ndarray
) -> dict[str, np.ndarray]:
    """Parts in đồng; the state gives the programme's ceiling or part of it."""
    n = len(new)
    ceiling = np.where(new, 40, 20) if year < 2024 else np.where(new, 60, 30)
    state = (ceiling * rng.choice([1.0, 0.9, 0.75], n, p=[0.8, 0.1, 0.1])).round().astype(
        np.int64
    ) * 1_000_000
    community = rng.choice([0, 2, 5, 10], n, p=[0.4, 0.2, 0.25, 0.15]).astype(np.int64) * 1_000_000
    family = rng.integers(0, 90, n) * np.where(new, 1_000_000, 300_000)
    loan = np.where(rng.random(n) < 0.25, np.where(new, 25_000_000, 10_000_000), 0)
    approved = state + community + family + loan
    paid = np.where(accepted, state, np.where(rng.random(n) < 0.4, state // 2, 0))
    return {
        "approved_amount": approved,
        "state_amount": state,
        "community_amount": community,
        "family_amount": family.astype(np.int64),
        "loan_amount": loan.astype(np.int64),
        "disbursed_amount": paid,
    }


def _plant(planter: Planter, frame: pd.DataFrame, year: int) -> pd.DataFrame:
    frame = objects(frame.reset_index(drop=True))
    if not planter.enabled or frame.empty:
        return frame
    every = np.arange(len(frame))
    done = np.flatnonzero(frame["finish_date"].notna().to_numpy())
    rows = planter.rows(done, 0.004)
    decided = frame["decision_date"].tolist()
    for row in rows:
        frame.at[row, "finish_date"] = decided[row] - pd.Timedelta(days=20)
    for reason in ("finished_before_decided", "finished_before_started"):
        planter.flag(rows, "finish_date", "finished before it was decided", reason)
    rows = planter.rows(every, 0.004)
    for name in ("state_amount", "approved_amount"):
        frame.loc[rows, name] = [int(v) + 70_000_000 for v in frame.loc[rows, name]]
    planter.flag(rows, "state_amount", "more than the programme allows", "ceiling_exceeded")
    rows = planter.rows(every, 0.004)
    frame.loc[rows, "approved_amount"] = [int(v) + 15_000_000 for v in frame.loc[rows, "approved_amount"]]
    planter.flag(rows, "approved_amount", "parts do not add up", "parts_not_sum")
    rows = planter.rows(every, 0.001)
    for name in _MONEY:
        frame.loc[rows, name] = [int(v) * 1000 for v in frame.loc[rows, name]]
    planter.reject(rows, "approved_amount", "a thousand times too much", "amount_magnitude")
    rows = planter.rows(every, 0.001)
    frame.loc[rows, "work_type"] = "Di dời"
    planter.reject(rows, "work_type", "work that the programme does not know", "unknown_work_type")
    rows = planter.rows(every, 0.001)
    frame.loc[rows, "commune_code"] = "99999"
    planter.reject(rows, "commune_code", "no such commune", "unknown_commune")
    rows = planter.rows(every, 0.003)
    frame.loc[rows, "decision_date"] = [
        f"{pd.Timestamp(v):%d/%m/%y}" for v in frame.loc[rows, "decision_date"]
    ]
    planter.flag(rows, "decision_date", "year of two digits", "two_digit_year")
    rows = planter.rows(every, 0.004)
    frame.loc[rows, "head_citizen_id"] = "1.9E+10"
    planter.flag(rows, "head_citizen_id", "scientific notation", "citizen_id_unreadable")
    return _copies(planter, frame, every)


def _copies(planter: Planter, frame: pd.DataFrame, every: np.ndarray) -> pd.DataFrame:
    rows = planter.rows(every, 0.003)
    start = len(frame)
    extra = frame.loc[rows].set_axis(range(start, start + len(rows)))
    planter.mark(extra.index.tolist(), "", "exact copy", "duplicate", "duplicate")
    rows = planter.rows(every, 0.0005)
    other = frame.loc[rows].set_axis(range(start + len(extra), start + len(extra) + len(rows)))
    other["decision_number"] = "999/QĐ-UBND"
    planter.reject(
        [*rows, *other.index], "case_id", "one case twice, with different content", "conflicting_key"
    )
    return pd.concat([frame, extra, other])


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date | pd.Timestamp | np.datetime64):
        return pd.Timestamp(value).date()
    return int(value)  # type: ignore[call-overload, no-any-return]
