"""From the places that a file's records name to units.

Belongs here: taking a file's distinct places, putting the rules to each, handing back a table.
Does not belong here: the rules themselves (rules.py, whole_file.py), and what becomes of a record
whose place was not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from assets.places.found import OTHER_DATE, UNKNOWN, Found
from assets.places.gazetteer import Era, Gazetteer
from assets.places.hints import NO_HINT, PlaceHint
from assets.places.names import PlaceName, district_key, parse_name
from assets.places.rules import Sent, as_hint, carry, only, resolve_one
from assets.places.whole_file import Resolver, list_of_file
from checks.text import fold

RESULT = ("unit_id", "place_method", "place_issue", "place_note")
# (old unit id, village as `fold` gives it) -> unit id that the village went to
Villages = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class _Row:
    sent: Sent
    hint: Sent
    era: Era
    village: str | None


def resolve_places(
    pairs: pd.DataFrame,
    gazetteer: Gazetteer,
    hint: PlaceHint | None = None,
    *,
    villages: Villages | None = None,
) -> pd.DataFrame:
    """The unit of each distinct place of ONE file.

    Parameters
    ----------
    pairs
        One row a distinct place: columns `code`, `name`, `village`, `date`; optionally `district`,
        and `hint_code`, `hint_name`, `hint_district` where sheets of a file differ.
    gazetteer
        The province's dated lists.
    hint
        What the file says of its commune, for rows without a hint of their own.
    villages
        Where villages of divided units are known to have gone.

    Returns
    -------
    pandas.DataFrame
        The same index; `unit_id`, `place_method`, `place_issue`, `place_note`, null where there is
        nothing to say. A row has either a unit or an issue. A unit of another date than the row's
        is left as it is: the unit map carries it.

    Raises
    ------
    ValueError
        A row has no date: the caller knows which day stands for a blank one.
    """
    rows = _rows(pairs, gazetteer, hint or NO_HINT)
    # A file repeats its few communes for every village: each is looked up once.
    known: dict[tuple[Sent, int], Found] = {}

    def resolve(sent: Sent, era: Era) -> Found:
        if (sent, era.index) not in known:
            known[sent, era.index] = resolve_one(sent, era, gazetteer)
        return known[sent, era.index]

    other = list_of_file(
        list({(r.sent, r.era.index): (r.sent, r.era) for r in rows}.values()), gazetteer, resolve
    )
    answers = [
        _split_by_village(_resolve(row, other, gazetteer, resolve), row, gazetteer, villages or {})
        for row in rows
    ]
    columns = [
        [found.unit.unit_id if found.unit else None for found in answers],
        [found.method for found in answers],
        [found.issue for found in answers],
        [OTHER_DATE if found.is_other_date else None for found in answers],
    ]
    data = {
        name: pd.Series(values, index=pairs.index, dtype="str")
        for name, values in zip(RESULT, columns, strict=True)
    }
    return pd.DataFrame(data, index=pairs.index)


def _resolve(row: _Row, other: Era | None, gazetteer: Gazetteer, resolve: Resolver) -> Found:
    if row.sent.code is None and row.sent.name is None:
        return _from_hint(row, gazetteer, resolve)
    if other is not None and other is not row.era:
        found = _on_other_list(row, other, gazetteer, resolve)
        if found is not None:
            return found
    found = resolve(row.sent, row.era)
    if found.issue == "unknown_commune" and row.sent.code is None and row.hint.code:
        # Namesakes, and the file's own code is one of theirs.
        named = row.era.by_name.get(row.sent.name.key if row.sent.name else "", ())
        one = only((unit for unit in named if unit.code == row.hint.code), row.sent)
        return Found(one, "name") if one else found
    return found


def _on_other_list(row: _Row, other: Era, gazetteer: Gazetteer, resolve: Resolver) -> Found | None:
    found = resolve(row.sent, other)
    if found.unit is None or found.is_other_date:
        return None
    if found.unit.first <= row.era.start <= found.unit.last:
        return found  # the unit stood on both dates
    carried = carry(found.unit, row.era, gazetteer)
    return replace(carried, method="other_list")


def _from_hint(row: _Row, gazetteer: Gazetteer, resolve: Resolver) -> Found:
    hint = row.hint
    if hint.code and hint.name and hint.name.key not in gazetteer.by_name:
        hint = replace(hint, name=None)  # "Sheet1" is no commune: the code alone speaks
    if hint.code is None and hint.name is None:
        return UNKNOWN
    return as_hint(resolve(hint, row.era))


def _split_by_village(found: Found, row: _Row, gazetteer: Gazetteer, villages: Villages) -> Found:
    if (
        not villages
        or found.unit is None
        or row.village is None
        or found.method not in ("split_unknown", "other_list")
    ):
        return found
    target = villages.get((found.unit.unit_id, fold(row.village)))
    if target is None:
        return found
    # What it went to may be gone by then too: the map of the era carries it, as it does the divided unit.
    heir = gazetteer.units[target]
    if not {*gazetteer.parts(heir, row.era)} <= {*gazetteer.parts(found.unit, row.era)}:
        return found
    return Found(heir, "split_village", is_other_date=found.is_other_date)


def _rows(pairs: pd.DataFrame, gazetteer: Gazetteer, hint: PlaceHint) -> list[_Row]:
    code, name, district, village = (_texts(pairs, c) for c in ("code", "name", "district", "village"))
    hint_code, hint_name, hint_district = (
        _texts(pairs, c) for c in ("hint_code", "hint_name", "hint_district")
    )
    rows = []
    for i, value in enumerate(pairs["date"]):
        # A row's own hint is taken as a whole: its district must not meet another sheet's name.
        own = (hint_code[i], hint_name[i], hint_district[i])
        h_code, h_name, h_district = own if any(own) else (hint.code, hint.name, hint.district)
        told = Sent(_code(h_code), _name(h_name), _district(h_district))
        named = _name(name[i])
        # The nearest word on the district counts: the record's column, its name, then the file's title.
        nearest = _district(district[i]) or (named.district_key if named else None) or told.district_key
        sent = Sent(_code(code[i]), named, nearest)
        rows.append(_Row(sent, told, gazetteer.era(_day(value, i)), village[i]))
    return rows


def _texts(pairs: pd.DataFrame, column: str) -> list[str | None]:
    if column not in pairs.columns:
        return [None] * len(pairs)
    series = pairs[column]
    return [str(v).strip() or None if ok else None for v, ok in zip(series, series.notna(), strict=True)]


def _code(text: str | None) -> str | None:
    """Five digits; Excel takes leading zeros away."""
    return text.zfill(5) if text and text.isascii() and text.isdigit() else text


def _name(text: str | None) -> PlaceName | None:
    return parse_name(text) if text else None


def _district(text: str | None) -> str | None:
    return district_key(text) if text else None


def _day(value: object, row: int) -> date:
    if isinstance(value, datetime):
        if pd.notna(value):
            return value.date()
    elif isinstance(value, date):
        return value
    raise ValueError(f"row {row} of the places has no date; give the day that stands for a blank one")
