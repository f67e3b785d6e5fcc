"""The date of a record: the one on whose map its commune is found.

Pure. Rules: review date, day of the figures, decision, admission, last day of the month; 31
December for what has none (totals, cards, members).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import Contract


def record_dates(parsed: pa.Table, contract: Contract, year: int) -> tuple[pa.Array, dict[str, pa.Array]]:
    """The date of every record, and the notes that follow from it.

    Returns
    -------
    dates
        date32, never null.
    notes
        `note__wrong_period`: the period column lies outside the folder's year.
        `note__review_date_outside`: a review date outside 1 January of the year to 30 June of
        the next; the folder's year counts instead.
    """
    fallback = _fallback(contract, year)
    column = contract.place.date
    values = _dates(parsed, column) if column else pa.nulls(len(parsed), pa.date32())
    if contract.place.date_end == "month":
        values = _last_of_month(values)
    notes: dict[str, pa.Array] = {}
    if contract.period:
        notes["note__wrong_period"] = _outside_year(parsed[contract.period.column].combine_chunks(), year)
    if contract.year_end_default:
        outside = _outside(values, date(year, 1, 1), date(year + 1, 6, 30))
        notes["note__review_date_outside"] = outside
        values = pc.if_else(outside, pa.scalar(None, pa.date32()), values)
    return pc.fill_null(values, fallback), notes


def _fallback(contract: Contract, year: int) -> date:
    day = contract.year_end_default.day if contract.year_end_default else "12-31"
    return date.fromisoformat(f"{year}-{day}")


def _dates(parsed: pa.Table, column: str) -> pa.Array:
    return pc.cast(parsed[column].combine_chunks(), pa.date32(), safe=False)


def _last_of_month(values: pa.Array) -> pa.Array:
    months = values.to_numpy(zero_copy_only=False).astype("datetime64[M]")
    last = (months + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    return pa.array(last, pa.date32(), mask=np.isnat(months))


def _outside_year(values: pa.Array, year: int) -> pa.Array:
    years = values if pa.types.is_integer(values.type) else pc.year(values)
    return pc.fill_null(pc.not_equal(years, year), False)


def _outside(values: pa.Array, first: date, last: date) -> pa.Array:
    too_early = pc.less(values, pa.scalar(first, pa.date32()))
    too_late = pc.greater(values, pa.scalar(last, pa.date32()))
    return pc.fill_null(pc.or_(too_early, too_late), False)
