"""One raw file's text becomes typed records, with what could not be read beside them.

Belongs here: applying the values' parsers to the columns of a file. Does not belong here: any
rule, or where a record's commune lies.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from assets.judging.arrow_types import arrow_type
from assets.judging.drawn import design_without_weight, drawn
from assets.raw_store import RawFile
from assets.reading import SheetFacts
from assets.values import NumberStyle, Parsed, number_style, parse_column
from checks.contract import Column, Contract, Rule
from checks.rules import all_rules
from checks.seeds import headline_standard, outgoing_standard, standard_in_force

_NUMERIC = ("number", "money", "integer")


def parse_file(raw: RawFile, contract: Contract, year: int) -> pa.Table:
    """The typed records of a file, in its order.

    Columns: every contract column, `<column>__unreadable` (the text where it could not be read),
    `<column>__sent` (1 where anything stood there) for columns that must not be blank, `note__*`,
    `standard`, `is_sampled`, `source_sheet`, `source_row` and `raw_index` (the record's position in raw).
    """
    style = _file_style(raw.table, contract)
    sheets = [s for s in raw.sheets if s.records] or list(raw.sheets[:1])
    pieces = [_parse_sheet(raw.table, sheet, contract, year, style, len(sheets)) for sheet in sheets]
    parsed = pa.concat_tables(pieces)
    return parsed.sort_by("raw_index") if len(sheets) > 1 else parsed


def _file_style(table: pa.Table, contract: Contract) -> NumberStyle | None:
    names = [c.name for c in contract.all_columns() if c.type in _NUMERIC and c.name in table.column_names]
    return number_style(_combined(table, name) for name in names)


def _combined(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _parse_sheet(
    table: pa.Table, sheet: SheetFacts, contract: Contract, year: int, style: NumberStyle | None, sheets: int
) -> pa.Table:
    table = table.append_column("raw_index", pa.array(range(len(table)), pa.int32()))
    if sheets > 1:
        table = table.filter(pc.equal(table["source_sheet"], sheet.sheet))
    rules = all_rules(contract.table)
    notes: dict[str, pa.Array] = {}
    columns: dict[str, pa.Array] = {}
    for column in _context_first(contract):
        parsed = _parse_one(table, column, sheet, contract, year, style, columns)
        columns.update(_companions(column, parsed, table, rules))
        for name, mask in parsed.notes.items():
            notes[name] = pc.or_(notes[name], mask) if name in notes else mask
    length = len(table)
    if contract.sample:
        columns["is_sampled"] = drawn(columns, contract.sample)
        notes["sample_design_without_weight"] = design_without_weight(columns, contract.sample)
    for rule in rules:
        if rule.kind == "note":
            columns[f"note__{rule.name}"] = notes.get(rule.name, _repeat(False, length, pa.bool_()))
    if contract.table.startswith("survey_"):
        columns["standard"] = _standard(contract, sheet, columns, year, length)
    for name in ("source_sheet", "source_row", "raw_index"):
        columns[name] = _combined(table, name)
    return pa.table(columns)


def _context_first(contract: Contract) -> list[Column]:
    """Sex and birth year before citizen ids, whose lost zeros are judged by them."""
    return sorted(contract.all_columns(), key=lambda c: c.type == "citizen_id")


def _parse_one(
    table: pa.Table,
    column: Column,
    sheet: SheetFacts,
    contract: Contract,
    year: int,
    style: NumberStyle | None,
    known: dict[str, pa.Array],
) -> Parsed:
    length = len(table)
    if column.name not in table.column_names or not _belongs(column, contract, sheet):
        nothing = pa.nulls(length, arrow_type(column))
        return Parsed(nothing, _repeat(False, length, pa.bool_()), {})
    unit = sheet.units.get(column.name, 1)
    context = _context(column, contract, known)
    text = _combined(table, column.name)
    own = _own_style(text, column) or style
    return parse_column(text, column, style=own, unit=unit, year=year, context=context)


def _own_style(text: pa.Array, column: Column) -> NumberStyle | None:
    """A column's own evidence speaks before the file's: rates may have a decimal point where
    amounts are grouped by points."""
    if column.type not in _NUMERIC:
        return None
    style = number_style([text])
    return None if style is NumberStyle.MIXED else style


def _belongs(column: Column, contract: Contract, sheet: SheetFacts) -> bool:
    return not contract.layouts or any(c.name == column.name for c in contract.layout_columns(sheet.layout))


def _context(column: Column, contract: Contract, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """What the row says of the person whose citizen id is read."""
    if column.type != "citizen_id":
        return {}
    context: dict[str, pa.Array] = {}
    for name in ("sex", "head_sex"):
        if name in known:
            context["sex"] = known[name]
    for name in ("head_birth_year", "birth_year_male"):
        if name in known:
            context["birth_year"] = known[name]
    if "birth_year_female" in known:
        context["birth_year"] = pc.coalesce(context["birth_year"], known["birth_year_female"])
    if "birth_date" in known:
        years = pc.cast(pc.year(known["birth_date"]), pa.int32())
        context["birth_year"] = (
            pc.coalesce(years, context["birth_year"]) if "birth_year" in context else years
        )
    return context


def _companions(
    column: Column, parsed: Parsed, table: pa.Table, rules: tuple[Rule, ...]
) -> dict[str, pa.Array]:
    made = {column.name: parsed.values}
    length = len(parsed.values)
    if any(r.kind == "readable" and r.columns[0] == column.name for r in rules):
        text = _combined(table, column.name) if column.name in table.column_names else None
        made[f"{column.name}__unreadable"] = (
            pc.if_else(parsed.unreadable, text, pa.scalar(None, pa.string()))
            if text is not None
            else pa.nulls(length, pa.string())
        )
    if any(r.kind == "present" and r.columns[0] == column.name for r in rules):
        sent = pc.or_(pc.is_valid(parsed.values), parsed.unreadable)
        made[f"{column.name}__sent"] = pc.if_else(sent, 1.0, pa.scalar(None, pa.float64()))
    return made


def _standard(
    contract: Contract, sheet: SheetFacts, columns: dict[str, pa.Array], year: int, length: int
) -> pa.Array:
    """The review's standard: by its layout, else the one in force on the review date; totals by their
    own column, else the outgoing one."""
    if contract.table == "survey_total":
        return pc.fill_null(columns["announced_standard"], outgoing_standard(year))
    if sheet.layout:
        return _repeat(sheet.layout, length, pa.string())
    if contract.table == "survey_household":
        return _in_force(columns["review_date"], year)
    # Members never show a layout: they belong to the list that takes effect.
    return _repeat(headline_standard(year), length, pa.string())


def _in_force(dates: pa.Array, year: int) -> pa.Array:
    """The standard in force on each review date; where that is blank or outside the review of the year
    (from 1 January to 30 June of the next), at the year's end."""
    end = outgoing_standard(year)
    encoded = dates.dictionary_encode()
    days: list[date | None] = encoded.dictionary.to_pylist()
    inside = [day is not None and date(year, 1, 1) <= day <= date(year + 1, 6, 30) for day in days]
    found = [standard_in_force(day) if day and held else end for day, held in zip(days, inside, strict=True)]
    return pc.fill_null(pc.take(pa.array(found, pa.string()), encoded.indices), end)


def _repeat(value: object, length: int, kind: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), length)
