"""Workbooks to frames: calamine row by row, then whole columns in pandas.

Belongs here: the commune lists, the denominators, the housing cases and the targets.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

from tests.benchmarks.plain import words

Frame = pd.DataFrame


def households(files: list[Path], year: int) -> Frame:
    """The review's lists: a workbook a commune, told apart by the standard in a title row."""
    marks = [*words.CAUSES.values(), "no_labour_capacity", "has_merit_member"]
    parts = []
    for file in files:
        for sheet, rows in _sheets(file):
            head = _head_row(rows, "Mã hộ")
            standard = next(s for period, s in words.STANDARDS.items() if period in str(rows[1][0]))
            part = _records(rows, head, words.HOUSEHOLD | words.DEPRIVATIONS[standard], "household_code")
            _say_where(part, file, sheet)
            part["standard"] = standard
            part["title"] = rows[2][0]
            parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    every = {name for names in words.DEPRIVATIONS.values() for name in names.values()}
    for name in (*every, *words.LATER_DEPRIVATIONS, *marks):
        frame[name] = frame[name].isin(words.YES) if name in frame else False
    frame["record_date"] = _dates(frame["review_date"]).fillna(pd.Timestamp(year, 12, 14))
    frame["commune_code"] = _codes(frame.get("commune_code"), frame)
    _translate(
        frame, {"head_sex": words.SEXES, "declared_class": words.CLASSES, "class_begin": words.CLASSES}
    )
    _translate(frame, {"change_type": words.CHANGES})
    frame["ethnicity"] = frame["ethnicity"].replace(words.ETHNICITIES)
    _numbers(frame, "household_size", "head_birth_year", "b1_points", "b2_points", "income_per_capita")
    _add_unsent(frame, words.UNSENT_OF_HOUSEHOLDS)
    return frame.drop(columns="review_date").assign(weight=None, stratum=None, psu=None, is_sampled=False)


def members(files: list[Path], year: int) -> Frame:
    """The members of the listed households; the list that takes effect is meant."""
    parts = []
    for file in files:
        for sheet, rows in _sheets(file):
            part = _records(rows, _head_row(rows, "Mã hộ"), words.MEMBER, "household_code")
            _say_where(part, file, sheet)
            parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    for name in words.MEMBER.values():
        if name not in frame:
            frame[name] = None
    frame["standard"] = "VN-2022"
    frame["is_sampled"] = False
    frame["record_date"] = pd.Timestamp(year, 12, 31)
    frame["commune_code"] = _codes(frame["commune_code"], frame)
    frame["birth_date"] = _dates(frame["birth_date"])
    _translate(frame, {"sex": words.SEXES, "schooling": words.SCHOOLING})
    _translate(frame, {"weight_for_age": words.GROWTH, "height_for_age": words.GROWTH})
    for name in words.MEMBER_ANSWERS:
        answers = frame[name]
        frame[name] = answers.isin(words.YES).where(answers.isin(words.YES | words.NO)).astype("boolean")
    _add_unsent(frame, words.UNSENT_OF_MEMBERS)
    frame["ethnicity"] = frame["ethnicity"].replace(words.ETHNICITIES)
    _numbers(frame, "member_order", "birth_year_male", "birth_year_female")
    return frame


def totals(files: list[Path], year: int) -> Frame:
    """The denominators: a workbook, Parquet or a tab-separated file, as the year had it."""
    parts = []
    for file in files:
        if file.suffix == ".parquet":
            part = pd.read_parquet(file)
        elif file.suffix == ".csv":
            part = pd.read_csv(file, sep="\t", encoding="utf-16", dtype={"Mã xã": str}).rename(
                columns=words.TOTAL
            )
        else:
            _, rows = next(iter(_sheets(file)))
            part = _records(rows, _head_row(rows, "Mã xã"), words.TOTAL, "households_total")
        _say_where(part, file, "")
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    # A district's subtotal has no code.
    frame = frame[frame["commune_code"].notna()].drop(columns=["commune_name", "Tên xã"], errors="ignore")
    frame = frame.reset_index(drop=True)
    frame["record_date"] = pd.Timestamp(year, 12, 31)
    frame["commune_code"] = _codes(frame["commune_code"], frame)
    named = frame["announced_standard"].map(words.STANDARDS) if "announced_standard" in frame else "VN-2022"
    frame["standard"] = named
    counts = [name for name in words.TOTAL.values() if name not in ("commune_code", "announced_standard")]
    _numbers(frame, *counts)
    return frame


def housing(files: list[Path], year: int) -> Frame:
    """The housing cases."""
    frame = _one_sheet_each(files, words.HOUSING, "Mã hồ sơ", "case_id")
    for name in ("decision_date", "start_date", "finish_date", "acceptance_date"):
        frame[name] = _dates(frame[name])
    frame["record_date"] = frame["decision_date"].fillna(pd.Timestamp(year, 12, 31))
    _translate(frame, {"beneficiary_group": words.HELPED, "work_type": words.WORKS})
    _numbers(frame, "approved_amount", "disbursed_amount")
    frame["household_code"] = frame["household_code"].map(_text)
    return frame


def plans(files: list[Path], year: int) -> Frame:
    """The targets, whose money is in millions of đồng."""
    frame = _one_sheet_each(files, words.PLAN, "Chỉ tiêu", "indicator")
    frame["record_date"] = pd.Timestamp(year, 12, 31)
    for name in ("as_of_date", "deadline"):
        frame[name] = _dates(frame[name])
    _numbers(frame, "target_value", "budget_allocated", "budget_disbursed")
    for name in ("budget_allocated", "budget_disbursed"):
        frame[name] = (frame[name] * 1e6).round()
    return frame


def _one_sheet_each(files: list[Path], names: Mapping[str, str], anchor: str, key: str) -> Frame:
    parts = []
    for file in files:
        for sheet, rows in _sheets(file):
            part = _records(rows, _head_row(rows, anchor), names, key)
            _say_where(part, file, sheet)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _sheets(file: Path) -> Iterable[tuple[str, list[list[Any]]]]:
    with CalamineWorkbook.from_path(str(file)) as book:
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _head_row(rows: list[list[Any]], label: str) -> int:
    return next(number for number, row in enumerate(rows) if label in row)


def _records(rows: list[list[Any]], head: int, names: Mapping[str, str], key: str) -> Frame:
    """The rows below the heading that carry a key: subtotals and blank rows carry none."""
    at = {names[label]: i for i, label in enumerate(rows[head]) if label in names}
    keyed = at[key]
    kept = [(n, row) for n, row in enumerate(rows[head + 1 :], head + 2) if row[keyed] != ""]
    frame = pd.DataFrame({name: [row[i] for _, row in kept] for name, i in at.items()}, dtype=object)
    frame["source_row"] = [n for n, _ in kept]
    return frame.mask(frame == "", None)


def _say_where(frame: Frame, file: Path, sheet: str) -> None:
    frame["file_name"] = file.name
    frame["source_sheet"] = sheet
    frame["file_hash"] = hashlib.sha256(file.read_bytes()).hexdigest()


def _codes(codes: pd.Series | None, frame: Frame) -> pd.Series:
    """Codes of five digits; the one in the file's name where the list has none."""
    named = frame["file_name"].str.extract(r"_(\d{5})_", expand=False)
    return named if codes is None else codes.map(_code).fillna(named)


def _code(value: Any) -> str | None:
    if value is None or value != value:
        return None
    return value if isinstance(value, str) else f"{int(value):05d}"


def _text(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) and value == value else value


def _dates(values: pd.Series) -> pd.Series:
    """Cells that are dates, or days written as 31/12/2024."""
    found = values.map(lambda v: v if isinstance(v, date) else None)
    written = values.where(values.map(lambda v: isinstance(v, str)))
    return pd.to_datetime(found).fillna(pd.to_datetime(written, format="%d/%m/%Y"))


def _translate(frame: Frame, by_column: Mapping[str, Mapping[str, str]]) -> None:
    for name, meaning in by_column.items():
        frame[name] = frame[name].map(meaning)


def _add_unsent(frame: Frame, kinds: Mapping[str, str]) -> None:
    for name, kind in kinds.items():
        frame[name] = pd.Series(None, index=frame.index, dtype=kind)


def _numbers(frame: Frame, *names: str) -> None:
    for name in names:
        frame[name] = pd.to_numeric(frame[name]) if name in frame else None


def district_and_commune(title: str) -> tuple[str, str]:
    """`Xã La Bằng, huyện Đại Từ` as (huyện đại từ, xã la bằng)."""
    commune, _, above = title.partition(", ")
    return re.sub(r"\s+", " ", above).casefold(), commune.casefold()
