"""Months and years.

Belongs here: text -> the first day of a month, text -> a year. Does not belong here: days
(dates.py), the period of a folder (checks).

Stated rules
------------
* A month is `03/2024`, `2024-03`, `202403` or a full date of it.
* A year is four digits (also `2024.0`), two digits (completed, noted) or a full date; a five-digit
  number is a mistyped year here, no Excel serial.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.values.arrays import Ints, as_ints, as_mask, rows_where, take_rows
from assets.values.dates import FIRST_YEAR, LAST_YEAR, calendar_days, complete_year, read_moments
from assets.values.parsed import Parsed, on_uniques, unread, without_missing_marks

_MONTH_FIRST = r"^(?P<m>\d{1,2})[/.-](?P<y>\d{4})$"
_YEAR_FIRST = r"^(?P<y>\d{4})[/.-]?(?P<m>\d{2})$|^(?P<y2>\d{4})[/.-](?P<m2>\d)$"
_YEAR = r"^(?P<y>\d{4}|\d{2})(?:\.0+)?$"


def read_month(text: pa.Array, year: int) -> Parsed:
    """Texts as date32, the first day of the month."""

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        moments = read_moments(known, year)
        months = np.where(moments.read, moments.seconds, 0).astype("datetime64[s]").astype("datetime64[M]")
        days, read = months.astype("datetime64[D]").astype(np.int64), moments.read.copy()
        # A year only names no month.
        read &= ~as_mask(pc.match_substring_regex(known, r"^\d{4}(?:0000)*(?:00)?$"))
        for years, month_numbers, rows in (_named(known, _MONTH_FIRST), _named(known, _YEAR_FIRST)):
            days[rows], read[rows] = calendar_days(years, month_numbers, np.ones_like(years))
        values = pc.cast(pa.array(days.astype(np.int32), mask=~read), pa.date32())
        return Parsed(values, unread(known, values), {"two_digit_year": pa.array(moments.short_year)})

    return on_uniques(text, parse)


def read_year(text: pa.Array, year: int) -> Parsed:
    """Texts as int32, within 1900-2100."""

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        moments = read_moments(known, year, serials=False)
        seconds = np.where(moments.read, moments.seconds, 0)
        years = seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
        read, short = moments.read.copy(), moments.short_year.copy()
        rows = rows_where(pc.match_substring_regex(known, _YEAR))
        digits = pc.extract_regex(take_rows(known, rows), _YEAR).field("y")
        numbers = as_ints(digits)
        short[rows] = as_mask(pc.equal(pc.binary_length(digits), 2))
        years[rows] = np.where(short[rows], complete_year(numbers, year), numbers)
        read[rows] = (years[rows] >= FIRST_YEAR) & (years[rows] <= LAST_YEAR)
        values = pa.array(years.astype(np.int32), mask=~read)
        return Parsed(values, unread(known, values), {"two_digit_year": pa.array(short & read)})

    return on_uniques(text, parse)


def _named(known: pa.Array, pattern: str) -> tuple[Ints, Ints, Ints]:
    """Years, months and rows of the texts of that shape."""
    rows = rows_where(pc.match_substring_regex(known, pattern))
    parts = pc.extract_regex(take_rows(known, rows), pattern)

    def part(name: str) -> Ints:
        digits = parts.field(name)
        if parts.type.get_field_index(name + "2") >= 0:
            digits = pc.if_else(pc.equal(digits, ""), parts.field(name + "2"), digits)
        return as_ints(digits)

    return part("y"), part("m"), rows
