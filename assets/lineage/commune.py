"""Which commune a person means: by its code or its name, on the map that a number stands on.

Pure. Belongs here: finding, suggesting, and telling two of one name apart. Does not belong here:
how the extracts' own places are resolved (`assets.places`).
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from assets.lineage.errors import NothingToExplain
from assets.places.names import name_key, parse_name
from assets.places.units import plain_code, unit_id

_MOST = 5


def codes_of(text: str, communes: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The codes that a code or a name stands for, on any date.

    Parameters
    ----------
    communes
        Rows of the mart `dim_commune`.

    Raises
    ------
    NothingToExplain
        No commune of the province ever had it; the message suggests names.
    """
    code = _code(text)
    asked = text.strip()
    if code is not None:
        if any(row["commune_code"] == plain_code(code) for row in communes):
            return frozenset({code})
        raise NothingToExplain(
            f"no commune of this province ever had the code {code}; --commune takes a name too"
        )
    found = {row["commune_code"] for row in communes if is_named(row, asked)}
    if found:
        return frozenset(found)
    near = _near(asked, communes)
    hint = f"; near it: {', '.join(near)}" if near else ""
    raise NothingToExplain(f"no commune of this province was ever called {asked!r}{hint}")


def _code(text: str) -> str | None:
    """The code that a text is, with the zeros that it lost; None where it is a name."""
    digits, at, day = text.strip().partition("@")
    return f"{digits.zfill(5)}{at}{day}" if digits.isascii() and digits.isdigit() else None


def name_on_map(communes: Iterable[Mapping[str, Any]], code: str, geography: str, year: int) -> str:
    """The name of a mart's commune code, for marts without names: on its map, at the end of the year.

    Parameters
    ----------
    communes
        Rows of the mart `dim_commune`.
    """
    day = date(year, 12, 31)
    for row in communes:
        until = row["valid_to"] or date.max
        stands = row["is_current"] if geography == "current" else row["valid_from"] <= day <= until
        first = row["valid_from"]
        if code == unit_id(row["commune_code"], first) or (stands and code == row["commune_code"]):
            return str(row["commune_name"])
    return code


def is_named(row: Mapping[str, Any], text: str) -> bool:
    """Whether a commune bears a name (case, tone placement and the prefix do not count; accents do)."""
    asked = parse_name(text)
    return asked is not None and name_key(str(row["commune_name"])) == asked.key


def _near(text: str, communes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names that a slip of the hand may have meant, with their codes."""
    by_key: dict[str, Mapping[str, Any]] = {}
    for row in sorted(communes, key=lambda row: row["valid_from"]):
        by_key[name_key(str(row["commune_name"]))] = row
    asked = parse_name(text)
    keys = difflib.get_close_matches(asked.key if asked else text, by_key, n=_MOST, cutoff=0.6)
    # Without accents: a keyboard without them is the most common slip.
    plain = {_plain(key): key for key in by_key}
    keys += [plain[k] for k in [_plain(asked.key if asked else text)] if k in plain and plain[k] not in keys]
    return [f"{by_key[key]['commune_name']} ({by_key[key]['commune_code']})" for key in keys]


def _plain(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFD", text.replace("đ", "d")) if not unicodedata.combining(c)
    )


def on_one_map(
    rows: Iterable[Mapping[str, Any]], geography: str | None, text: str
) -> tuple[str, str, list[str]]:
    """The map and the code on which a number is explained, and on which other maps it stands too.

    Without a word on the map it is the one of the time (`as_reported`): there the files' own communes stand.

    Parameters
    ----------
    rows
        A mart's rows of the year for every code that was meant: `geography`, `commune_code`, `commune_name`.

    Raises
    ------
    NothingToExplain
        Nothing on that map, or several communes of that name.
    """
    asked = _code(text)
    named = asked is None
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if not named or is_named(row, text):
            found.setdefault(row["geography"], {})[row["commune_code"]] = row["commune_name"]
    chosen = geography or ("as_reported" if "as_reported" in found else next(iter(sorted(found)), None))
    if chosen is None or chosen not in found:
        there = f"; it has one on the map {', '.join(sorted(found))}" if found else ""
        where = f" on the map {chosen}" if chosen else ""
        raise NothingToExplain(f"{text.strip()} has no row{where} in that year{there}")
    # A code alone is first of all the commune of the map; one of another time has its first day behind it.
    codes = {asked: found[chosen][asked]} if asked in found[chosen] else found[chosen]
    if len(codes) > 1:
        listed = ", ".join(f"{code} ({name})" for code, name in sorted(codes.items()))
        raise NothingToExplain(f"several communes are called {text.strip()!r} on the map {chosen}: {listed}")
    others = [
        f"{other}: {code} is {name}"
        for other, units in sorted(found.items())
        for code, name in units.items()
        if other != chosen
    ]
    return chosen, next(iter(codes)), others


def period(valid_from: date, valid_to: date | None) -> str:
    """A unit's time as a person reads it."""
    return f"{valid_from:%Y-%m-%d} – {f'{valid_to:%Y-%m-%d}' if valid_to else 'today'}"
