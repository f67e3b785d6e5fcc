"""Every record of a file gets its unit: `unit_id`, how it was found, and what speaks against it.

Belongs here: handing a file's distinct places to the gazetteer and spreading the answers.
Does not belong here: the rules by which a place is resolved (`assets.places`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assets.judging.record_dates import record_dates
from assets.places.gazetteer import Gazetteer
from assets.places.hints import PlaceHint, combine_hints
from assets.places.resolve import resolve_places
from assets.reading import SheetFacts
from checks.contract import Contract

_HINTS = ("hint_code", "hint_name", "hint_district")


def place_file(
    parsed: pa.Table, sheets: tuple[SheetFacts, ...], contract: Contract, year: int, file_name: str,
    gazetteer: Gazetteer,
) -> pa.Table:  # fmt: skip
    """Add `record_date`, `unit_id`, `place_method`, `place_issue` and the notes of place and date."""
    dates, notes = record_dates(parsed, contract, year)
    # Of a record's day only its era matters to where it lies: claims would else be as many places
    # as there are communes and days.
    eras = pa.array(gazetteer.era_numbers(dates.to_numpy(zero_copy_only=False)))
    # Villages matter only where some are known to have gone apart: a file has many of them.
    village = contract.place.village if gazetteer.villages else None
    sent = _sent(parsed, contract) + ([_array(parsed, village)] if village else [])
    first, number = distinct_rows([*sent, eras, _array(parsed, "source_sheet")])
    hints = _sheet_hints(sheets, file_name) if contract.place.from_file else {}
    places = _distinct_places(parsed, dates, contract, hints, first, village)
    answers = resolve_places(places, gazetteer, villages=gazetteer.villages)
    if contract.place.optional:
        answers.loc[places["code"].isna(), "place_issue"] = None
    spread = {name: _texts(answers[name]).take(pa.array(number)) for name in answers.columns}
    added = {
        "record_date": dates,
        "unit_id": spread["unit_id"],
        "place_method": spread["place_method"],
        "place_issue": spread["place_issue"],
        **notes,
        "note__commune_code_of_other_date": pc.is_valid(spread["place_note"]),
    }
    if "note__area_type_contradicts_map" in parsed.column_names:
        on_map = _texts(answers["unit_id"].map(gazetteer.area_types)).take(pa.array(number))
        differs = pc.not_equal(_array(parsed, "area_type"), on_map)
        added["note__area_type_contradicts_map"] = pc.fill_null(differs, False)
    return _with_columns(parsed, added)


def distinct_rows(columns: list[pa.Array]) -> tuple[np.ndarray, np.ndarray]:
    """The position of the first of each distinct row, and each row's number among the distinct ones."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        encoded = pc.dictionary_encode(column, null_encoding="encode")
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        combined = combined * max(len(encoded.dictionary), 1) + codes
        # Numbered anew after every column, so that the product never leaves 64 bits.
        combined = np.unique(combined, return_inverse=True)[1]
    _, first, number = np.unique(combined, return_index=True, return_inverse=True)
    return first, number


def _sent(parsed: pa.Table, contract: Contract) -> list[pa.Array]:
    names = (contract.place.code, contract.place.name, contract.place.district)
    return [_array(parsed, name) for name in names if name]


def _array(parsed: pa.Table, name: str) -> pa.Array:
    column = parsed[name]
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _distinct_places(
    parsed: pa.Table,
    dates: pa.Array,
    contract: Contract,
    hints: dict[str, PlaceHint],
    first: np.ndarray,
    village: str | None,
) -> pd.DataFrame:
    positions = pa.array(first)
    place = contract.place
    nothing: list[object] = [None] * len(first)
    found: dict[str, list[object]] = {
        "code": parsed[place.code].take(positions).to_pylist(),
        "name": nothing if place.name is None else parsed[place.name].take(positions).to_pylist(),
        "district": nothing if place.district is None else parsed[place.district].take(positions).to_pylist(),
        "village": nothing if village is None else parsed[village].take(positions).to_pylist(),
        "date": dates.take(positions).to_pylist(),
    }
    of_sheet = [hints.get(sheet) for sheet in parsed["source_sheet"].take(positions).to_pylist()]
    for name in _HINTS:
        found[name] = [getattr(hint, name.removeprefix("hint_")) if hint else None for hint in of_sheet]
    return pd.DataFrame(found, dtype=object)


def _sheet_hints(sheets: tuple[SheetFacts, ...], file_name: str) -> dict[str, PlaceHint]:
    return {s.sheet: combine_hints(titles=s.titles, sheet=s.sheet, file_name=file_name) for s in sheets}


def _texts(values: pd.Series) -> pa.Array:
    return pa.array([value if isinstance(value, str) else None for value in values], pa.string())


def _with_columns(table: pa.Table, added: dict[str, pa.Array]) -> pa.Table:
    columns = {name: table[name] for name in table.column_names}
    return pa.table({**columns, **added})
