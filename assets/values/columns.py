"""One column of a contract, read by its type.

Belongs here: which reader a column type has. Does not belong here: the readers.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from assets.values.categories import read_answer, read_category, read_flag
from assets.values.citizen_id import read_citizen_id
from assets.values.codes import first_part, read_code, read_text
from assets.values.dates import read_date, read_datetime, year_only_day
from assets.values.numbers import read_integer, read_money, read_number
from assets.values.parsed import Parsed
from assets.values.periods import read_month, read_year
from assets.values.style import NumberStyle
from checks.contract import Column


def parse_column(
    text: pa.Array,
    column: Column,
    *,
    style: NumberStyle | None,
    unit: int,
    year: int,
    context: Mapping[str, pa.Array],
) -> Parsed:
    """Read one column's texts as its contract type.

    Parameters
    ----------
    text
        Raw texts, one a record.
    column
        The contract's column.
    style
        The file's number style (`number_style` over its numeric columns); None: no evidence.
    unit
        đồng in one unit of a money column: 1, 10**6 (triệu), 10**9 (tỷ).
    year
        The folder's year, against which two-digit years are completed.
    context
        What else is known of the records: for citizen ids `sex` ("male"/"female") and
        `birth_year` (integers); either may be absent or null.

    Returns
    -------
    Parsed
        text, code, citizen_id, category: string; integer, money: int64; year: int32;
        number: float64; date, month: date32; datetime: timestamp[s]; flag, answer: bool.
    """
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if column.multiple is not None:
        text = first_part(text, column.multiple)
    match column.type:
        case "text":
            return read_text(text)
        case "code":
            return read_text(text) if column.width is None else read_code(text, column.width)
        case "citizen_id":
            return read_citizen_id(text, year, sex=context.get("sex"), birth_year=context.get("birth_year"))
        case "category":
            return read_text(text) if column.vocabulary is None else read_category(text, column.vocabulary)
        case "flag":
            return read_flag(text)
        case "answer":
            return read_answer(text)
        case "integer":
            return read_integer(text, style)
        case "number":
            return read_number(text, style)
        case "money":
            return read_money(text, style, unit)
        case "date":
            return read_date(text, year, default_day=year_only_day(column.name))
        case "datetime":
            return read_datetime(text, year, default_day=year_only_day(column.name))
        case "month":
            return read_month(text, year)
        case "year":
            return read_year(text, year)
