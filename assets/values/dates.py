"""Dates and times.

Belongs here: every spelling of a day that the offices use. Does not belong here: months and
years (periods.py), whether a day lies in the period or in order (checks).

Stated rules
------------
* The day comes first: `12/31/2024` is unreadable, never swapped; so is `31/02/2024`.
* Spellings: `14/12/2024`, `14-12-2024`, `14.12.2024`, `2024-12-14`, `2024/12/14`, each with a
  time or without; `20241214`, `202412140830`, `20241214083000`; Excel serials 20000-80000 of
  the 1900 system. A date column keeps the day of a text with a time.
* A year only (also `20240000`) is 1 January, and 31 December in a column that names an end;
  a review date is 14 December.
* Two-digit years: 20yy if not later than next year, else 19yy; noted `two_digit_year`.
* Years outside 1900-2100 are unreadable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.values.arrays import Bools, Ints, as_ints, as_mask, take_rows
from assets.values.parsed import Parsed, on_uniques, unread, without_missing_marks

FIRST_YEAR, LAST_YEAR = 1900, 2100
_TIME = r"(?:[ T](?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?)?"
_DAY_FIRST = (
    r"^(?P<d>\d{1,2})(?P<s>[/.-])(?P<m>\d{1,2})(?P<s2>[/.-])(?P<y>\d{4}|\d{2})" + _TIME + "$"
)  # RE2 has no back-reference: the two separators are compared afterwards
_YEAR_FIRST = r"^(?P<y>\d{4})(?P<s>[-/])(?P<m>\d{1,2})(?P<s2>[-/])(?P<d>\d{1,2})" + _TIME + "$"
_COMPACT = r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?$"
_YEAR_ONLY = r"^(?P<y>\d{4})(?:0000(?:0000(?:00)?)?)?$"
_SERIAL = r"^(?P<n>[2-8]\d{4}(?:\.\d+)?)(?:e0)?$"
_LAST_SERIAL = 80_000
_SERIAL_EPOCH = np.datetime64("1899-12-30", "s").astype(np.int64)

_YEAR_ONLY_DAYS = {
    "review_date": (12, 14),
    "valid_to": (12, 31),
    "maturity_date": (12, 31),
    "deadline": (12, 31),
}


def year_only_day(column: str) -> tuple[int, int]:
    """Month and day for which a year only stands in that column."""
    return _YEAR_ONLY_DAYS.get(column, (1, 1))


def complete_year(two_digits: Ints, year: int) -> Ints:
    """20yy if not later than the year after `year`, else 19yy."""
    return np.where(two_digits + 2000 <= year + 1, two_digits + 2000, two_digits + 1900)


def read_date(text: pa.Array, year: int, *, default_day: tuple[int, int] = (1, 1)) -> Parsed:
    """Texts as date32."""

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        moments = read_moments(known, year, default_day=default_day)
        days = np.floor_divide(moments.seconds, 86_400).astype(np.int32)
        values = pc.cast(pa.array(days, mask=~moments.read), pa.date32())
        return Parsed(values, unread(known, values), {"two_digit_year": pa.array(moments.short_year)})

    return on_uniques(text, parse)


def read_datetime(text: pa.Array, year: int, *, default_day: tuple[int, int] = (1, 1)) -> Parsed:
    """Texts as timestamp[s]; a day without a time is its midnight."""

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        moments = read_moments(known, year, default_day=default_day)
        values = pc.cast(pa.array(moments.seconds, mask=~moments.read), pa.timestamp("s"))
        return Parsed(values, unread(known, values), {"two_digit_year": pa.array(moments.short_year)})

    return on_uniques(text, parse)


@dataclass(frozen=True)
class Moments:
    """Seconds since 1970, where they could be read, and where the year had two digits."""

    seconds: Ints
    read: Bools
    short_year: Bools


def read_moments(
    known: pa.Array, year: int, *, default_day: tuple[int, int] = (1, 1), serials: bool = True
) -> Moments:
    """Every spelling of a day in texts without missing marks."""
    size = len(known)
    result = Moments(np.zeros(size, np.int64), np.zeros(size, np.bool_), np.zeros(size, np.bool_))
    for pattern in (_DAY_FIRST, _YEAR_FIRST, _COMPACT):
        _take_calendar(result, known, pattern, year)
    _take_year_only(result, known, default_day)
    if serials:
        _take_serials(result, known)
    return result


def _take_calendar(result: Moments, known: pa.Array, pattern: str, year: int) -> None:
    rows = _rows(known, pattern, result.read)
    if not len(rows):
        return
    parts = pc.extract_regex(take_rows(known, rows), pattern)
    y, m, d, hours, minutes, seconds = (as_ints(parts.field(name)) for name in "ymdHMS")
    short = as_mask(pc.equal(pc.binary_length(parts.field("y")), 2))
    y = np.where(short, complete_year(y, year), y)
    days, valid = calendar_days(y, m, d)
    valid &= (hours < 24) & (minutes < 60) & (seconds < 60)
    if parts.type.get_field_index("s") >= 0:
        valid &= as_mask(pc.equal(parts.field("s"), parts.field("s2")))
    result.seconds[rows] = days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    result.read[rows] = valid
    result.short_year[rows] = valid & short


def _take_year_only(result: Moments, known: pa.Array, default_day: tuple[int, int]) -> None:
    rows = _rows(known, _YEAR_ONLY, result.read)
    if not len(rows):
        return
    y = as_ints(pc.extract_regex(take_rows(known, rows), _YEAR_ONLY).field("y"))
    days, valid = calendar_days(y, np.full_like(y, default_day[0]), np.full_like(y, default_day[1]))
    result.seconds[rows] = days * 86_400
    result.read[rows] = valid


def _take_serials(result: Moments, known: pa.Array) -> None:
    rows = _rows(known, _SERIAL, result.read)
    if not len(rows):
        return
    serials = pc.extract_regex(take_rows(known, rows), _SERIAL).field("n")
    numbers = pc.cast(serials, pa.float64()).to_numpy(zero_copy_only=False)
    result.seconds[rows] = np.rint(numbers * 86_400).astype(np.int64) + _SERIAL_EPOCH
    result.read[rows] = numbers < _LAST_SERIAL + 1


def calendar_days(years: Ints, months: Ints, days: Ints) -> tuple[Ints, Bools]:
    """Days since 1970 of calendar dates, and which of them exist."""
    valid = (years >= FIRST_YEAR) & (years <= LAST_YEAR) & (months >= 1) & (months <= 12) & (days >= 1)
    month = np.where(valid, (years - 1970) * 12 + months - 1, 0).astype("datetime64[M]")
    day = month.astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
    valid &= day.astype("datetime64[M]") == month
    return day.astype(np.int64), valid


def _rows(known: pa.Array, pattern: str, taken: Bools) -> Ints:
    """The rows of that shape that no earlier shape has read."""
    return np.flatnonzero(as_mask(pc.match_substring_regex(known, pattern)) & ~taken)
