"""Members of the reviewed households: a workbook a commune, one row a person."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from checks.contract import load_contract
from pipelines.sample.context import Context
from pipelines.sample.frames import blank_unless, objects
from pipelines.sample.persons import RELATIONS
from pipelines.sample.planting import Planter
from pipelines.sample.streams import stream
from pipelines.sample.survey_layout import Style, lay_out
from pipelines.sample.words import ethnicity, flags
from pipelines.sample.xlsx import write_workbook

TABLE = "survey_member"
_SCHOOLING = ("Mầm non", "Tiểu học", "THCS", "THPT", "Trung cấp", "Đại học", "Chưa đi học")


def write(ctx: Context, year: int) -> None:
    """Write the members of the households on a year's list (of 2021: on the list that takes effect)."""
    frame = member_rows(ctx, year)
    planter = ctx.planter(TABLE, year)
    frame = _plant(planter, frame, year)
    where: dict[int, tuple[str, str, int]] = {}
    for unit in np.unique(frame["unit"].to_numpy()).tolist():
        name, placed = _commune_file(ctx, year, unit, frame[frame["unit"] == unit])
        where.update({row: (name, *place) for row, place in placed.items()})
        ctx.tick(f"{TABLE} {year}")
    ctx.planted(TABLE, year, ((m, *where[m.row]) for m in planter.marks))


def member_rows(ctx: Context, year: int) -> pd.DataFrame:
    """The members as typed values; `unit` and `household` lead and are not sent."""
    people, persons = ctx.people, ctx.people.persons
    review, _ = ctx.review(year)
    listed = np.flatnonzero(np.isin(people.unit(review.households, people.list_of(year)), ctx.sent(year)))
    who, order = _members(ctx, review.households[listed], year)
    place = listed[order]
    house = review.households[place]
    rng = stream(ctx.seed, TABLE, year)
    unit = people.unit(house, people.list_of(year))
    units = people.communes.units(people.list_of(year))
    age = year - persons.birth_year()[who]
    frame = pd.DataFrame({"unit": unit, "household": house})
    frame["commune_code"] = units["code"].to_numpy(dtype=object)[unit]
    frame["commune_name"] = units["name"].to_numpy(dtype=object)[unit]
    frame["village"] = people.villages["name"].to_numpy(dtype=object)[people.village[house]]
    frame["household_code"] = review.code[place].astype(str).astype(object)
    frame["member_order"] = (frame.groupby("household", sort=False).cumcount() + 1).to_numpy().astype(object)
    frame["full_name"] = persons.names[persons.name[who]]
    frame["birth_date"] = persons.birth[who].astype("datetime64[D]").astype(object)
    frame["sex"] = np.where(persons.female[who] == 1, "Nữ", "Nam").astype(object)
    frame["ethnicity"] = ethnicity(rng, people.ethnicity[house])
    frame["relation_to_head"] = np.array(RELATIONS, dtype=object)[persons.relation[who]]
    documents = persons.documents(who, year)
    documents[(age < 6) & (rng.random(len(who)) < 0.8)] = None
    frame["citizen_id"] = documents
    frame["insurance_number"] = persons.insurance_numbers(who).to_numpy(zero_copy_only=False)
    frame["schooling"] = _schooling(rng, age)
    frame["job_contract"] = (age > 17) & (age < 61) & (rng.random(len(who)) < 0.12)
    frame["disability"] = rng.random(len(who)) < np.where(age > 60, 0.07, 0.02)
    frame["social_assistance"] = frame["disability"].to_numpy() | ((age > 79) & (rng.random(len(who)) < 0.8))
    low = rng.random((2, len(who))) < 0.14
    frame["weight_for_age"] = _growth(age, low[0], "Nhẹ cân")
    frame["height_for_age"] = _growth(age, low[1], "Thấp còi")
    return objects(frame, but=("unit", "household"))


def _members(ctx: Context, houses: np.ndarray, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Persons of the households in a year, and the position of each one's household among them."""
    persons = ctx.people.persons
    ends = np.r_[persons.first[1:], len(persons.household)]
    sizes = (ends - persons.first)[houses]
    order = np.repeat(np.arange(len(houses)), sizes)
    inside = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    who = persons.first[houses][order] + inside
    here = persons.born_by(year)[who]
    return who[here], order[here]


def _schooling(rng: np.random.Generator, age: np.ndarray) -> np.ndarray:
    step = np.select([age < 3, age < 6, age < 11, age < 15, age < 18], [6, 0, 1, 2, 3], default=-1)
    grown = rng.choice([1, 2, 3, 4, 5, 6], len(age), p=[0.30, 0.38, 0.20, 0.05, 0.03, 0.04])
    return np.array(_SCHOOLING, dtype=object)[np.where(step >= 0, step, grown)]


def _growth(age: np.ndarray, low: np.ndarray, word: str) -> np.ndarray:
    return blank_unless(age < 16, np.where(low, word, "Bình thường"))


def _plant(planter: Planter, frame: pd.DataFrame, year: int) -> pd.DataFrame:
    if not planter.enabled or frame.empty:
        return frame
    grown = np.flatnonzero(
        (frame["relation_to_head"] != "Con").to_numpy() & frame["citizen_id"].notna().to_numpy()
    )
    local = grown[frame["citizen_id"].iloc[grown].str.match("^0(06|19)[0-9]{9}$").to_numpy(dtype=bool)]
    rows = planter.rows(local, 0.008)
    frame.loc[rows, "citizen_id"] = [int(v) for v in frame.loc[rows, "citizen_id"]]
    planter.flag(rows, "citizen_id", "leading zeros lost", "citizen_id_padded")
    rows = planter.rows(grown, 0.002)
    frame.loc[rows, "citizen_id"] = "1.9E+10"
    planter.flag(rows, "citizen_id", "scientific notation", "citizen_id_unreadable")
    rows = planter.rows(grown, 0.0006)
    frame.loc[rows, "birth_date"] = pd.Series(
        [v.strftime("%d/%m/%y") for v in frame.loc[rows, "birth_date"]], index=rows, dtype=object
    )
    planter.flag(rows, "birth_date", "year of two digits", "two_digit_year")
    rows = planter.rows(np.arange(len(frame)), 0.0002)
    frame.loc[rows, "birth_date"] = pd.Series([date(year + 4, 5, 9)] * len(rows), index=rows, dtype=object)
    planter.flag(rows, "birth_date", "born after the review", "birth_date_in_future")
    rows = planter.rows(np.arange(len(frame)), 0.0002)
    frame.loc[rows, "member_order"] = None
    planter.flag(rows, "member_order", "number of the member left blank", "missing_member_order")
    return _with_test_member(planter, _grafted(planter, frame, grown))


def _grafted(planter: Planter, frame: pd.DataFrame, grown: np.ndarray) -> pd.DataFrame:
    """Persons grafted as further members into another household: on the list twice, in two places."""
    guests = planter.rows(grown, 0.0004, least=2)
    hosts = planter.rows(np.arange(len(frame)), 0.0, least=len(guests))
    pairs = [(g, h) for g, h in zip(guests, hosts[::-1], strict=False) if _apart(frame, g, h)]
    if not pairs:
        return frame
    extra = frame.loc[[g for g, _ in pairs]].copy()
    host = frame.loc[[h for _, h in pairs]]
    for column in ("unit", "household", "commune_code", "commune_name", "village", "household_code"):
        extra[column] = host[column].to_numpy()
    extra["relation_to_head"] = "Khác"
    extra["member_order"] = 15
    start = len(frame)
    extra = extra.set_axis(range(start, start + len(extra)))
    planter.flag([g for g, _ in pairs], "citizen_id", "member of two households", "person_in_two_households")
    planter.flag(extra.index.tolist(), "citizen_id", "member of two households", "person_in_two_households")
    return pd.concat([frame, extra]).sort_values(["unit", "village", "household"], kind="stable")


def _with_test_member(planter: Planter, frame: pd.DataFrame) -> pd.DataFrame:
    """A member of the test household 999."""
    rows = planter.rows(frame.index.to_numpy(), 0.0, least=1)
    extra = frame.loc[rows].set_axis(
        range(int(frame.index.max()) + 1, int(frame.index.max()) + 1 + len(rows))
    )
    extra["household_code"] = "999"
    extra["full_name"] = "Nguyễn Văn Test"
    extra["citizen_id"] = None
    planter.reject(extra.index.tolist(), "household_code", "test household", "test_record")
    return pd.concat([frame, extra]).sort_values(["unit", "village", "household"], kind="stable")


def _apart(frame: pd.DataFrame, one: int, other: int) -> bool:
    return bool(np.not_equal(*frame.loc[[one, other], "household"].to_numpy()))


def _commune_file(
    ctx: Context, year: int, unit: int, rows: pd.DataFrame
) -> tuple[str, dict[int, tuple[str, int]]]:
    rng = stream(ctx.seed, TABLE, "file", year, unit)
    units = ctx.people.communes.units(ctx.people.list_of(year))
    commune = units.loc[unit]
    titles = ["DANH SÁCH THÀNH VIÊN HỘ NGHÈO, HỘ CẬN NGHÈO", f"Năm {year}", str(commune["name"])]
    placed = lay_out(load_contract(TABLE), None, _cells(rng, rows, year), titles, Style.draw(rng))
    name = f"thanh-vien_{commune['code']}_{year}{'1214' if year < 2026 else '1120'}.xlsx"
    write_workbook(ctx.path(TABLE, year, name), placed.sheets)
    ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), len(rows))
    return name, placed.where


def _cells(rng: np.random.Generator, rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """The columns that this commune sends; early ones write the birth year in the column of the sex."""
    sent = rows.drop(columns=["unit", "household"])
    style = int(rng.choice(4, p=[0.5, 0.25, 0.15, 0.1]))
    for name in ("job_contract", "disability", "social_assistance"):
        sent[name] = flags(sent[name].to_numpy(dtype=bool), style)
    if rng.random() < 0.25:
        sent["commune_code"] = [int(v) for v in sent["commune_code"]]
    plain = all(isinstance(v, date) for v in sent["birth_date"])
    if year <= 2022 and plain and rng.random() < 0.5:
        at = list(sent.columns).index("birth_date")
        years = np.array([v.year for v in sent["birth_date"]], dtype=object)
        male = (sent["sex"] == "Nam").to_numpy()
        sent.insert(at, "birth_year_male", blank_unless(male, years))
        sent.insert(at + 1, "birth_year_female", blank_unless(~male, years))
        return sent.drop(columns=["birth_date", "sex"])
    if rng.random() < 0.7:
        sent["birth_date"] = [
            v.strftime("%d/%m/%Y") if isinstance(v, date) else v for v in sent["birth_date"]
        ]
    return sent
