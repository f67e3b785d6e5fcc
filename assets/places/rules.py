"""The rules of reading for one place: code, name and district as sent, on one date.

Belongs here: the five rules, one function a case, in their order. Does not belong here: files and
tables (resolve.py), the rule for a file as a whole (whole_file.py). Nothing here guesses: where two
units remain, none is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assets.places.found import CONFLICT, OTHER_PROVINCE, UNKNOWN, Found
from assets.places.gazetteer import Era, Gazetteer, Unit
from assets.places.names import PlaceName


@dataclass(frozen=True, slots=True)
class Sent:
    """A place as one record, or one file's title, gives it."""

    code: str | None
    name: PlaceName | None
    district_key: str | None = None


def resolve_one(sent: Sent, era: Era, gazetteer: Gazetteer) -> Found:
    """The unit that is meant on a date, or what is wrong."""
    if sent.code is None:
        return _by_name(sent, era, gazetteer) if sent.name else UNKNOWN
    listed = era.by_code.get(sent.code)
    if sent.name is None:
        return Found(listed, "code") if listed else _code_of_other_date(sent.code, era, gazetteer)
    if listed and listed.key == sent.name.key and not _names_a_namesake(listed, sent.name, era):
        return Found(listed, "code_and_name")
    return _code_against_name(sent, sent.name, listed, era, gazetteer)


def _names_a_namesake(listed: Unit, name: PlaceName, era: Era) -> bool:
    """Whether the name, by its prefix, is another unit's: town and commune Quân Chu stood side by side."""
    if name.type is None or name.type == listed.type:
        return False
    return any(unit.type == name.type for unit in era.by_name.get(name.key, ()))


def successor(sent: Sent, name: PlaceName, era: Era, gazetteer: Gazetteer) -> Found | None:
    """Rule 3: an old code with the name of what it became, also one of several after a split."""
    old = [u for u in gazetteer.by_code.get(sent.code or "", ()) if u.last < era.start]
    heirs = {part for unit in old for part in gazetteer.parts(unit, era)}
    named = [unit for unit in era.by_name.get(name.key, ()) if unit.unit_id in heirs]
    if not named:
        return None
    one = only(named, sent)
    return Found(one, "successor", is_other_date=True) if one else UNKNOWN


def only(units: Iterable[Unit], sent: Sent) -> Unit | None:
    """The one unit that a name fits: by its district, then by its type, where it fits several."""
    fitting = list(units)
    district = sent.district_key or (sent.name.district_key if sent.name else None)
    if len(fitting) > 1 and district:
        fitting = [unit for unit in fitting if unit.district_key == district]
    if len(fitting) > 1 and sent.name and sent.name.type:
        fitting = [unit for unit in fitting if unit.type == sent.name.type]
    return fitting[0] if len(fitting) == 1 else None


def _code_against_name(
    sent: Sent, name: PlaceName, listed: Unit | None, era: Era, gazetteer: Gazetteer
) -> Found:
    """Rules 2, 3 and 5 for a code whose own name on the date is another, or that the date lacks."""
    assert sent.code is not None
    if found := successor(sent, name, era, gazetteer):
        return found
    named = era.by_name.get(name.key, ())
    elsewhen = gazetteer.other_dates(gazetteer.by_code.get(sent.code, ()), era)
    if same := [unit for unit in elsewhen if unit.key == name.key]:
        return _pair_of_other_date(same[0], named, sent, era, gazetteer)
    if kin := [u for u in named if any(gazetteer.is_same(u, other) for other in elsewhen)]:
        one = only(kin, sent)
        return Found(one, "name", is_other_date=True) if one else UNKNOWN
    if listed is None and not elsewhen:
        return OTHER_PROVINCE if sent.code in gazetteer.foreign_codes else UNKNOWN
    if listed and named:
        return CONFLICT
    if listed and _is_kin(listed, name, era, gazetteer):
        return Found(listed, "code", is_other_date=True)
    return UNKNOWN


def _pair_of_other_date(
    unit: Unit, named: tuple[Unit, ...], sent: Sent, era: Era, gazetteer: Gazetteer
) -> Found:
    """Code and name are one unit's of another date (its heirs of the same name are found already)."""
    if gazetteer.is_later(unit, era):
        # Too new a code: the name tells which of those that it was made of is meant.
        members = [old for old in named if gazetteer.reaches(old, unit)]
        if members:
            one = only(members, sent)
            return Found(one, "name", is_other_date=True) if one else UNKNOWN
    return carry(unit, era, gazetteer)


def _code_of_other_date(code: str, era: Era, gazetteer: Gazetteer) -> Found:
    """A code without a name that the date's list lacks."""
    elsewhen = gazetteer.other_dates(gazetteer.by_code.get(code, ()), era)
    if elsewhen:
        return carry(elsewhen[0], era, gazetteer)
    return OTHER_PROVINCE if code in gazetteer.foreign_codes else UNKNOWN


def carry(unit: Unit, era: Era, gazetteer: Gazetteer) -> Found:
    """A unit of another date: the map carries it; a later one of a single origin is that origin."""
    if gazetteer.is_later(unit, era):
        return Found(gazetteer.sole_origin(unit, era) or unit, "carried", is_other_date=True)
    whole = len(gazetteer.parts(unit, era)) == 1
    return Found(unit, "carried" if whole else "split_unknown", is_other_date=True)


def _is_kin(listed: Unit, name: PlaceName, era: Era, gazetteer: Gazetteer) -> bool:
    """Whether the name is one that the code's ground had, in whole or part, on another date."""
    others = gazetteer.other_dates(gazetteer.by_name.get(name.key, ()), era)
    return any(gazetteer.reaches(*sorted((listed, other), key=lambda u: u.first)) for other in others)


def _by_name(sent: Sent, era: Era, gazetteer: Gazetteer) -> Found:
    """Rule 4: no code; a name that fits two units of the date needs the district."""
    assert sent.name is not None
    named = era.by_name.get(sent.name.key, ())
    district = sent.district_key or sent.name.district_key
    in_district = [unit for unit in named if unit.district_key == district]
    if district and not in_district and gazetteer.is_foreign(sent.name.key, district, era):
        return OTHER_PROVINCE
    one = only(named, sent)
    return Found(one, "name") if one else UNKNOWN


def as_hint(found: Found) -> Found:
    """The same, said to come from the file; what was carried keeps its own word."""
    return replace(found, method="hint") if found.method in ("code", "code_and_name", "name") else found
