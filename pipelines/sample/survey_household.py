"""Lists of the annual review: a workbook a commune, one row a reviewed household."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from checks.contract import load_contract
from pipelines.sample.context import TODAY, Context
from pipelines.sample.frames import objects
from pipelines.sample.lists import INCOMING, NEAR_POOR, NOT_POOR, POOR, Review
from pipelines.sample.planting import Planter
from pipelines.sample.points import SHARES, Points
from pipelines.sample.streams import stream
from pipelines.sample.survey_defects import INSERTED, add_earlier_version, plant_households
from pipelines.sample.survey_layout import Style, lay_out
from pipelines.sample.words import CLASSES, ethnicity, flags, spelt
from pipelines.sample.xlsx import write_workbook

TABLE = "survey_household"
_CAUSES = {
    "cause_land": 0.22, "cause_capital": 0.34, "cause_labour": 0.16, "cause_tools": 0.27,
    "cause_knowledge": 0.30, "cause_skill": 0.31, "cause_illness": 0.18, "cause_other": 0.06,
}  # fmt: skip


def write(ctx: Context, year: int) -> None:
    """Write the lists of a year's review, under each standard of the year."""
    for standard in ctx.standards(year):
        review, points = ctx.review(year, standard)
        frame = household_rows(ctx, review, points)
        planter = ctx.planter(TABLE, year, standard)
        frame = plant_households(ctx, planter, frame, year, standard)
        _write_files(ctx, year, standard, frame, planter)


def household_rows(ctx: Context, review: Review, points: Points) -> pd.DataFrame:
    """The list as typed values; `unit`, `klass` and `household` lead, and are not sent."""
    people, persons, year = ctx.people, ctx.people.persons, review.year
    rng = stream(ctx.seed, TABLE, year, review.standard)
    rows = np.flatnonzero(np.isin(people.unit(review.households, people.list_of(year)), ctx.sent(year)))
    who = review.households[rows]
    head = persons.first[who]
    unit = people.unit(who, people.list_of(year))
    units = people.communes.units(people.list_of(year))
    klass, begin = review.klass[rows], review.begin[rows]
    frame = pd.DataFrame({"unit": unit, "klass": klass, "household": who})
    frame["review_date"] = _dates(rng, year, unit, units["first"].to_numpy(dtype="datetime64[D]")[unit])
    frame["commune_code"] = units["code"].to_numpy(dtype=object)[unit]
    frame["commune_name"] = units["name"].to_numpy(dtype=object)[unit]
    frame["village"] = people.villages["name"].to_numpy(dtype=object)[people.village[who]]
    frame["household_code"] = review.code[rows].astype(str).astype(object)
    frame["head_name"] = persons.names[persons.name[head]]
    frame["head_citizen_id"] = persons.documents(head, year)
    frame["head_sex"] = np.where(persons.female[head] == 1, "Nữ", "Nam").astype(object)
    frame["head_birth_year"] = persons.birth_year()[head].astype(object)
    frame["ethnicity"] = ethnicity(rng, people.ethnicity[who])
    urban = units["is_urban"].to_numpy(dtype=bool)[unit]
    frame["area_type"] = np.where(urban, "Thành thị", "Nông thôn").astype(object)
    frame["household_size"] = ctx.household_sizes(year)[who].astype(object)
    frame["quick_review"] = "--"
    frame["b1_points"] = points.b1[rows].astype(object)
    frame["b2_points"] = points.b2[rows].astype(object)
    frame["income_per_capita"] = _income(rng, points.b1[rows], urban, unit)
    frame["declared_class"] = klass.astype(object)
    frame["class_begin"] = begin.astype(object)
    frame["change_type"] = _changes(klass, begin, review.was_poor[rows])
    for i, name in enumerate(SHARES[review.standard]):
        frame[name] = points.deprived[rows, i]
    frame = pd.concat([frame, _causes(rng, klass)], axis=1)
    alone = frame["household_size"].to_numpy(dtype=int) <= 2
    old = frame["head_birth_year"].to_numpy(dtype=int) < year - 65
    frame["no_labour_capacity"] = (klass == POOR) & (rng.random(len(rows)) < np.where(alone & old, 0.7, 0.06))
    frame["has_merit_member"] = rng.random(len(rows)) < np.where(old, 0.05, 0.008)
    frame["reviewer"] = persons.names[(unit * 7) % len(persons.names)]
    return objects(frame, but=("unit", "klass", "household"))


def _dates(rng: np.random.Generator, year: int, unit: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Day of the review; a commune works through its list in some weeks, after it has come to be."""
    begin = np.datetime64(f"{year}-09-05") + (unit * 13) % 60
    end = min(date(year, 12, 14), TODAY)
    days = np.minimum(begin + rng.integers(0, 25, len(unit)), np.datetime64(end))
    return np.maximum(days, first).astype(object)  # type: ignore[no-any-return]


def _income(rng: np.random.Generator, b1: np.ndarray, urban: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Declared income, in those communes that declare it; the line's points stand for the line's đồng."""
    income = np.round(
        b1 / np.where(urban, 175, 140) * np.where(urban, 2.0, 1.5) * 1000 * rng.normal(1, 0.04, len(b1))
    )
    result = (np.clip(income, 50, None).astype(np.int64) * 1000).astype(object)
    result[unit % 3 != 0] = None
    return result


def _changes(klass: np.ndarray, begin: np.ndarray, was_poor: np.ndarray) -> np.ndarray:
    return np.select(
        [
            (klass == POOR) & (begin == POOR),
            (klass == POOR) & was_poor,
            klass == POOR,
            begin == POOR,
            (begin == NEAR_POOR) & (klass == NOT_POOR),
            (klass == NEAR_POOR) & (begin == NOT_POOR),
        ],
        ["nghèo cũ", "tái nghèo", "nghèo mới", "thoát nghèo", "thoát cận nghèo", "rơi xuống cận nghèo"],
        default="khác",
    ).astype(object)


def _causes(rng: np.random.Generator, klass: np.ndarray) -> pd.DataFrame:
    marked = rng.random((len(klass), len(_CAUSES))) < np.array(list(_CAUSES.values()))
    none = ~marked.any(axis=1)
    marked[none, rng.integers(0, len(_CAUSES), int(none.sum()))] = True
    marked[klass == NOT_POOR] = False
    return pd.DataFrame(marked, columns=list(_CAUSES))


def _write_files(ctx: Context, year: int, standard: str, frame: pd.DataFrame, planter: Planter) -> None:
    where: dict[int, tuple[str, str, int]] = {}
    for unit in np.unique(frame["unit"].to_numpy()).tolist():
        rows = frame[frame["unit"] == unit]
        name, placed = _commune_file(ctx, year, standard, unit, rows, "1214" if year < 2026 else "1120")
        where.update({row: (name, *place) for row, place in placed.items()})
        ctx.tick(f"{TABLE} {year}")
    marks = planter.marks
    ctx.planted(TABLE, year, ((m, *where[m.row]) for m in marks))
    add_earlier_version(ctx, year, standard, frame, _commune_file, {m.row for m in marks})


def _commune_file(
    ctx: Context, year: int, standard: str, unit: int, rows: pd.DataFrame, day: str
) -> tuple[str, dict[int, tuple[str, int]]]:
    """Write one commune's workbook; its name, and where each row came to stand."""
    rng = stream(ctx.seed, TABLE, "file", year, standard, unit)
    units = ctx.people.communes.units(ctx.people.list_of(year))
    commune = units.iloc[unit]
    style = Style.draw(rng)
    if (rows["klass"] == INSERTED).any():
        # A copied row is an exact copy only where rows carry no number of their own.
        style = replace(style, numbered=False)
    cells = _cells(rng, rows, standard)
    period = "2016-2020" if standard != INCOMING else "2022-2025"
    titles = [
        "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO, HỘ THOÁT NGHÈO QUA RÀ SOÁT",
        f"Theo chuẩn nghèo giai đoạn {period}, năm {year}",
        f"{commune['name']}, {_above(commune)}",
    ]
    contract = load_contract(TABLE)
    placed = lay_out(contract, standard, cells, titles, style)
    tag = "chuan-cu" if standard != INCOMING else "ra-soat"
    # Where neither columns nor file name have the code, the title alone names the commune.
    untitled = "commune_code" in cells or rng.random() < 0.6
    name = f"{tag}_{commune['code'] if untitled else f'danh-sach-{unit}'}_{year}{day}.xlsx"
    write_workbook(ctx.path(TABLE, year, name), placed.sheets)
    ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), len(rows), standard=standard)
    return name, placed.where


def _above(commune: pd.Series) -> str:
    """The district of an old commune, the province of one of today: "huyện Đại Từ", "tỉnh Thái Nguyên"."""
    name = str(commune["district"] if "district" in commune else commune["province"])
    for kind in ("Thành phố", "Thành Phố", "Thị xã", "Thị Xã", "Huyện", "Tỉnh"):
        if name.startswith(kind):
            return kind.lower() + name[len(kind) :]
    return name


def _cells(rng: np.random.Generator, rows: pd.DataFrame, standard: str) -> pd.DataFrame:
    """The columns that this commune sends, in its own spelling; the place columns are often left out."""
    sent = rows.drop(columns=["unit", "klass", "household"])
    words = np.array(CLASSES[int(rng.choice(3, p=[0.7, 0.2, 0.1]))], dtype=object)
    for name in ("declared_class", "class_begin"):
        sent[name] = [words[v] if isinstance(v, int | np.integer) else v for v in sent[name]]
    style = int(rng.choice(4, p=[0.5, 0.25, 0.15, 0.1]))
    for name in sent.columns:
        if name.startswith(("dep_", "cause_")) or name in ("no_labour_capacity", "has_merit_member"):
            values = sent[name].to_numpy()
            known = (
                np.array([isinstance(v, bool | np.bool_) for v in values]) if values.dtype == object else True
            )
            written = flags(np.where(known, values, False).astype(bool), style)
            sent[name] = np.where(known, written, values)
    mode = rng.random()
    if mode < 0.3:
        plain = [isinstance(v, date) for v in sent["review_date"]]
        sent["review_date"] = sent["review_date"].where(~np.array(plain), None)
    elif mode < 0.75:
        sent["review_date"] = [
            v.strftime("%d/%m/%Y") if isinstance(v, date) else v for v in sent["review_date"]
        ]
    sent["commune_name"] = spelt(rng, sent["commune_name"])
    if rng.random() < 0.35 and not rows["place_planted"].any():
        sent = sent.drop(columns=["commune_code", "commune_name"])
    if rng.random() < 0.3:
        sent["household_size"] = sent["household_size"].astype(str).astype(object)
    if sent["income_per_capita"].isna().all():
        sent = sent.drop(columns=["income_per_capita"])
    return sent.drop(columns=["place_planted"], errors="ignore")
