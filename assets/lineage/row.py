"""The published row that is asked for: which mart, which keys, what stands in it.

Belongs here: choosing rows of the release that stands. Does not belong here: where they come from.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from assets.lineage.commune import codes_of, name_on_map, on_one_map, period
from assets.lineage.errors import NothingToExplain
from assets.places.units import plain_code
from assets.warehouse.contents import MART_SCHEMA

_MOST_VALUES = 12


@dataclass(frozen=True)
class Question:
    """A number that somebody wants explained.

    Parameters
    ----------
    commune
        Code or name; None where the mart has no communes, or all are meant.
    keys
        Further key columns of the mart and their values, as text.
    """

    mart: str
    year: int | None
    commune: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The rows that are meant.

    Parameters
    ----------
    keys
        What every row has in common, by key column: what was asked for, or taken by default.
    notes
        What was taken by default, and what else there is.
    """

    question: Question
    rows: tuple[Mapping[str, Any], ...]
    keys: Mapping[str, Any]
    grain: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def geography(self) -> str | None:
        return self.keys.get("geography")

    @property
    def commune_code(self) -> str | None:
        return self.keys.get("commune_code")

    @property
    def commune_name(self) -> str | None:
        """As the rows name it; None where they name none, or several."""
        names = {row.get("commune_name") for row in self.rows}
        return next(iter(names)) if len(names) == 1 else None

    @property
    def values(self) -> tuple[str, ...]:
        """The columns that hold numbers and words on them, without the keys."""
        return tuple(name for name in (self.rows[0] if self.rows else {}) if name not in self.grain)


def require_mart(nodes: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """The dbt node of a mart.

    Raises
    ------
    NothingToExplain
        No such mart is published; the message suggests one.
    """
    if name in nodes:
        return nodes[name]
    near = difflib.get_close_matches(name, nodes, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(nodes)}"
    raise NothingToExplain(f"no mart is called {name!r}: {hint}")


def answer(connection: sa.Connection, node: Mapping[str, Any], asked: Question) -> Answer:
    """Find the rows that a question means, in the release that a connection reads.

    Raises
    ------
    NothingToExplain
        An option does not fit the mart, or no row does; the message says what there is.
    """
    grain = tuple(node["grain"])
    _require_keys(node, grain, asked)
    rows = _rows_of_year(connection, node, asked)
    notes: list[str] = []
    keys: dict[str, Any] = {} if asked.year is None or "year" not in grain else {"year": asked.year}
    wanted = dict(asked.keys)
    if "month" in grain:
        # Before the commune: within a year the map may change.
        rows, keys["month"], told = _of_month(rows, node, wanted.pop("month", None))
        notes += told
    if asked.commune is not None:
        rows, found, others = _of_commune(connection, rows, grain, asked)
        keys |= found
        wanted.pop("geography", None)
        if "geography" in found and "geography" not in asked.keys:
            notes.append(_on_map(found["geography"], others))
    for name, text in wanted.items():
        rows = _having(rows, name, _typed(node, name, text))
        keys[name] = rows[0][name]
    rows, keys, more = _defaults(rows, keys, grain)
    return Answer(asked, tuple(rows), keys, grain, (*notes, *more))


def _on_map(geography: str, others: Sequence[str]) -> str:
    told = "the units of that time" if geography == "as_reported" else "today's units"
    also = f"; also on the map {'; '.join(others)} (--geography)" if others else ""
    return f"taken on the map {geography} ({told}){also}"


def _require_keys(node: Mapping[str, Any], grain: tuple[str, ...], asked: Question) -> None:
    name, has_time = node["name"], bool({"year", "month"} & set(grain))
    if has_time and asked.year is None:
        raise NothingToExplain(f"{name} has a row a year: add --year")
    if not has_time and asked.year is not None:
        raise NothingToExplain(f"{name} has no years: leave --year out")
    has_communes = "commune_code" in grain or "group_type" in grain
    if asked.commune is not None and not has_communes:
        raise NothingToExplain(f"{name} has no communes: leave --commune out")
    if asked.commune is None and "commune_code" in grain and has_time:
        raise NothingToExplain(f"{name} has a row a commune: add --commune with its code or name")
    own = {"year", "commune_code"}
    unknown = [key for key in asked.keys if key not in grain or key in own]
    if unknown:
        further = ", ".join(key for key in grain if key not in own) or "none"
        raise NothingToExplain(f"{name} has no key {unknown[0]}; its further keys: {further}")


def _rows_of_year(
    connection: sa.Connection, node: Mapping[str, Any], asked: Question
) -> list[dict[str, Any]]:
    grain, table = node["grain"], f"{MART_SCHEMA}.{node['name']}"
    when = "year" if "year" in grain else "extract(year from month)" if "month" in grain else None
    query = f"SELECT * FROM {table}" + (f" WHERE {when} = :year" if when else "")
    order = ", ".join(f'"{name}"' for name in grain)
    found = connection.execute(sa.text(f"{query} ORDER BY {order}"), {"year": asked.year} if when else {})
    rows = [dict(row) for row in found.mappings()]
    if not rows and when:
        years = connection.execute(sa.text(f"SELECT DISTINCT {when} AS y FROM {table} ORDER BY y")).scalars()
        known = ", ".join(str(int(year)) for year in years) or "none"
        raise NothingToExplain(f"{node['name']} holds nothing of {asked.year}; its years: {known}")
    return rows


def _of_month(
    rows: list[dict[str, Any]], node: Mapping[str, Any], text: str | None
) -> tuple[list[dict[str, Any]], date, list[str]]:
    """The rows of a month: the one that was asked for, else the year's last."""
    if text is not None:
        month: date = _typed(node, "month", text)
        return _having(rows, "month", month), month, []
    last: date = max(_plain(row["month"]) for row in rows)
    return _having(rows, "month", last), last, [f"the year's last month, {last:%Y-%m} (--month)"]


def _of_commune(
    connection: sa.Connection, rows: list[dict[str, Any]], grain: tuple[str, ...], asked: Question
) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    text = str(asked.commune)
    named = connection.execute(sa.text(f"SELECT * FROM {MART_SCHEMA}.dim_commune")).mappings()
    communes = [dict(row) for row in named]
    codes = codes_of(text, communes)
    column = "commune_code" if "commune_code" in grain else "group_value"
    if column == "group_value":
        rows = [row for row in rows if row["group_type"] == "commune"]
    rows = [row for row in rows if {row[column], plain_code(row[column])} & codes]
    if "geography" not in grain:
        return rows, {column: next(iter(codes))}, []
    candidates = [
        {
            "geography": row["geography"],
            "commune_code": row[column],
            "commune_name": row.get("commune_name")
            or name_on_map(communes, row[column], row["geography"], int(asked.year or 0)),
        }
        for row in rows
    ]
    if not candidates:
        raise NothingToExplain(f"{text.strip()} has no row in {asked.year}: {_units(communes, codes)}")
    geography, code, others = on_one_map(candidates, asked.keys.get("geography"), text)
    rows = [row for row in rows if row["geography"] == geography and row[column] == code]
    found = {"geography": geography, column: code}
    if column == "group_value":
        found |= {"group_type": "commune", "commune_code": code}
    return rows, found, others


def _units(communes: Sequence[Mapping[str, Any]], codes: Collection[str]) -> str:
    """Which communes bore these codes, and when."""
    plain = {plain_code(code) for code in codes}
    found = [row for row in communes if row["commune_code"] in plain]
    return ", ".join(
        f"{row['commune_code']} {row['commune_name']} ({period(row['valid_from'], row['valid_to'])})"
        for row in sorted(found, key=lambda row: (row["commune_code"], row["valid_from"]))
    )


def _typed(node: Mapping[str, Any], name: str, text: str) -> Any:
    """An option's text as the column holds it."""
    kind = str(node["columns"][name].get("data_type") or "varchar").lower()
    try:
        if kind == "date":
            return date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
        if kind in ("integer", "bigint"):
            return int(text)
        if kind == "double":
            return float(text)
    except ValueError:
        raise NothingToExplain(f"{name} {text!r} cannot be read as {kind}") from None
    return text


def _having(rows: list[dict[str, Any]], name: str, value: Any) -> list[dict[str, Any]]:
    found = [row for row in rows if _plain(row[name]) == value]
    if not found:
        there = sorted({str(_plain(row[name])) for row in rows})
        more = f" … and {len(there) - _MOST_VALUES} more" if len(there) > _MOST_VALUES else ""
        raise NothingToExplain(
            f"no row has {name} {value}; there are: {', '.join(there[:_MOST_VALUES]) or 'none'}{more}"
        )
    return found


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _defaults(
    rows: list[dict[str, Any]], keys: dict[str, Any], grain: tuple[str, ...]
) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    """What is taken where nobody said: one map, the headline list."""
    notes: list[str] = []
    found = dict(keys)
    if "geography" in grain and "geography" not in found:
        found["geography"] = (
            "current" if any(row["geography"] == "current" for row in rows) else "as_reported"
        )
        rows = [row for row in rows if row["geography"] == found["geography"]]
        notes.append(_on_map(found["geography"], []))
    if "standard" in grain and "standard" not in found and rows and "is_headline" in rows[0]:
        others = sorted({row["standard"] for row in rows if not row["is_headline"]})
        headline = [row for row in rows if row["is_headline"]]
        if others and headline:
            rows = headline
            notes.append(f"the headline list; reviewed too under {', '.join(others)} (--standard)")
    for name in grain:
        if name not in found and len({row[name] for row in rows}) == 1:
            found[name] = rows[0][name]
    return rows, found, notes
