"""The figures of a year's report, read from the published marts.

Belongs here: the queries, and the units with their groups. Does not belong here: forms, or any
arithmetic beyond adding. A measure that the marts do not hold is absent, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from assets.forms.errors import FormsUnavailable, YearUnknown
from checks.seeds import read_seed

# What the forms are made from; poverty_group too, where it is published.
MARTS = (
    "bridge_commune",
    "deprivation",
    "dim_commune",
    "dim_indicator",
    "dim_standard",
    "poverty_cause",
    "poverty_rate",
    "poverty_transition",
)
MINORITIES = "ethnic_minority"
_KINH = "Kinh"


@dataclass(frozen=True)
class Unit:
    """A commune of the report with its group (district, or province before the merger) and measures."""

    code: str
    name: str
    group: str
    measures: Mapping[str, float]


@dataclass(frozen=True)
class Figures:
    """What a report is made from: year, standard, its lists of columns, and the communes in order."""

    year: int
    standard: str
    period: str
    province: str
    is_final: bool
    units: tuple[Unit, ...]
    lists: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def reviews(connection: sa.Connection) -> list[tuple[int, str]]:
    """The reviews that are published: year and standard.

    Raises
    ------
    FormsUnavailable
        The warehouse lacks a mart.
    """
    _require_marts(connection)
    rows = _rows(connection, "SELECT DISTINCT year, standard FROM marts.poverty_rate ORDER BY 1, 2")
    return [(row["year"], row["standard"]) for row in rows]


def read_figures(
    connection: sa.Connection, year: int, *, standard: str | None = None, province_of: str | None = None
) -> Figures:
    """Everything that the forms of a year show, on the map of that year.

    Parameters
    ----------
    standard
        The standard of the review; that of the list which takes effect by default.
    province_of
        Code of a province of before the merger: only its communes.

    Raises
    ------
    FormsUnavailable
        Nothing has been published.
    YearUnknown
        No such review, or no commune of that former province.
    """
    review = _review(connection, year, standard)
    chosen = {"year": year, "standard": review["standard"], "day": date(year, 12, 31)}
    measures = _measures(connection, chosen)
    places = _places(connection, chosen["day"])
    former = {place["province_of"] for code, place in places.items() if code in measures}
    if province_of is not None and province_of not in former:
        raise YearUnknown(f"no commune of {year} lay in province {province_of}; known: {_list(former)}")
    codes = [c for c in measures if province_of is None or places[c]["province_of"] == province_of]
    codes.sort(key=lambda c: (places[c]["province_of"], places[c]["district_code"] or "", c))
    units = tuple(Unit(c, places[c]["commune_name"], places[c]["group"], measures[c]) for c in codes)
    return Figures(
        year,
        review["standard"],
        _period(connection, review["standard"]),
        _province(places, codes, province_of),
        bool(review["is_final"]),
        units,
        _lists(connection, chosen),
    )


def _review(connection: sa.Connection, year: int, standard: str | None) -> dict[str, Any]:
    years = {known for known, _ in reviews(connection)}
    if year not in years:
        raise YearUnknown(f"no review of {year} is published; known: {_list(years)}")
    query = (
        "SELECT DISTINCT standard, is_headline, is_final FROM marts.poverty_rate"
        " WHERE year = :year ORDER BY 1"
    )
    held = _rows(connection, query, year=year)
    for review in held:
        if review["standard"] == standard or (standard is None and review["is_headline"]):
            return review
    known = _list(review["standard"] for review in held)
    raise YearUnknown(f"no review of {year} under {standard} is published; known: {known}")


def _measures(connection: sa.Connection, chosen: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Measures by commune code; a null of a mart is an absent measure."""
    found: dict[str, dict[str, float]] = {}
    where = "WHERE year = :year AND geography = 'as_reported' AND standard = :standard"
    for mart in ("poverty_rate", "poverty_transition"):
        for row in _rows(connection, f"SELECT * FROM marts.{mart} {where}", **chosen):
            measures = found.setdefault(row["commune_code"], {})
            measures.update({k: float(v) for k, v in row.items() if _is_count(k, v)})
    for measures in found.values():
        _add_aliases(measures)
    _add_causes(connection, where, chosen, found)
    _add_deprivations(connection, where, chosen, found)
    _add_groups(connection, where, chosen, found)
    return found


def _is_count(name: str, value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and name != "year"
        and not name.endswith("_rate")
    )


def _add_aliases(measures: dict[str, float]) -> None:
    """One name a number, where two marts have it under two."""
    if "near_poor_persons_at_end" in measures:
        measures["near_poor_persons"] = measures["near_poor_persons_at_end"]
    if "ethnic_minority_poor_households" in measures:
        measures[f"group:poor:{MINORITIES}:households"] = measures["ethnic_minority_poor_households"]


def _add_causes(
    connection: sa.Connection, where: str, chosen: Mapping[str, Any], found: dict[str, dict[str, float]]
) -> None:
    # Where nobody is poor there is no cause to mark; elsewhere a null is a section left blank.
    for measures in found.values():
        if measures.get("poor_households") == 0:
            measures.update({f"cause:{row['cause']}": 0.0 for row in read_seed("causes")})
    query = f"SELECT commune_code, cause, poor_households FROM marts.poverty_cause {where}"
    for row in _rows(connection, f"{query} AND poor_households IS NOT NULL", **chosen):
        found[row["commune_code"]][f"cause:{row['cause']}"] = float(row["poor_households"])


def _add_deprivations(
    connection: sa.Connection, where: str, chosen: Mapping[str, Any], found: dict[str, dict[str, float]]
) -> None:
    query = (
        "SELECT commune_code, poverty_class, indicator, deprived_households FROM marts.deprivation"
        f" {where} AND poverty_class IN ('poor', 'near_poor')"
    )
    counts: dict[str, dict[str, float]] = {}
    for row in _rows(connection, query, **chosen):
        name = f"deprivation:{row['poverty_class']}:{row['indicator']}"
        counts.setdefault(row["commune_code"], {})[name] = float(row["deprived_households"])
    indicators = [key for key, _ in _indicators(connection, chosen)]
    for code, measures in found.items():
        of_commune = counts.get(code, {})
        listed = any(measures.get(f"{c}_households") for c in ("poor", "near_poor"))
        # Without a single mark the section was left blank: nothing is known of it, which is not 0.
        if "poor_households" not in measures or (listed and not any(of_commune.values())):
            continue
        for poverty_class in ("poor", "near_poor"):
            names = [f"deprivation:{poverty_class}:{indicator}" for indicator in indicators]
            measures.update({name: of_commune.get(name, 0.0) for name in names})
            measures[f"deprivation:{poverty_class}:all"] = sum(measures[name] for name in names)


def _add_groups(
    connection: sa.Connection, where: str, chosen: Mapping[str, Any], found: dict[str, dict[str, float]]
) -> None:
    if "poverty_group" not in _marts(connection):
        return
    rows = _rows(connection, f"SELECT * FROM marts.poverty_group {where}", **chosen)
    # A group that no commune marked was not asked for: unknown. One that some did is 0 elsewhere.
    for kind, value in {(row["group_type"], row["group_value"]) for row in rows}:
        for measures in (m for m in found.values() if "poor_households" in m):
            for poverty_class in ("poor", "near_poor"):
                measures[_group(poverty_class, kind, value)] = 0.0
                if kind == "ethnicity":
                    measures.setdefault(f"group:{poverty_class}:{MINORITIES}:households", 0.0)
    for row in rows:
        measures = found[row["commune_code"]]
        for poverty_class in ("poor", "near_poor"):
            number = float(row[f"{poverty_class}_households"] or 0)
            measures[_group(poverty_class, row["group_type"], row["group_value"])] = number
            # of the poor, the mart of rates has it already
            if (row["group_type"], poverty_class) == ("ethnicity", "near_poor") and row[
                "group_value"
            ] != _KINH:
                measures[f"group:near_poor:{MINORITIES}:households"] += number


def _group(poverty_class: str, kind: str, value: str) -> str:
    name = f"ethnicity:{value}" if kind == "ethnicity" else kind
    return f"group:{poverty_class}:{name}:households"


def _places(connection: sa.Connection, day: date) -> dict[str, dict[str, Any]]:
    """The communes of a day by code, with district or, where there is none, province of before the merger."""
    query = (
        "SELECT commune_code, commune_name, district_code, district_name, province_code, province_name"
        " FROM marts.dim_commune WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to >= :day)"
    )
    places = {row["commune_code"]: row for row in _rows(connection, query, day=day)}
    # The province of an old commune; of a commune made from several, that of the largest part.
    before = (
        "SELECT b.commune_code, d.province_code, d.province_name, sum(b.weight) AS weight"
        " FROM marts.bridge_commune b JOIN marts.dim_commune d"
        " ON b.old_code = d.commune_code AND b.old_valid_from = d.valid_from"
        " WHERE b.old_valid_to IS NOT NULL AND b.old_valid_to < :day"
        " GROUP BY 1, 2, 3 ORDER BY weight, d.province_code DESC"
    )
    former = {row["commune_code"]: row for row in _rows(connection, before, day=day)}
    several = len({place["province_code"] for place in places.values()}) > 1
    for code, place in places.items():
        origin = place if place["district_code"] else former.get(code, place)
        place["province_of"], place["province_of_name"] = origin["province_code"], origin["province_name"]
        if place["district_code"]:
            district = place["district_name"] or place["district_code"]
            place["group"] = f"{district}, {place['province_name']}" if several else district
        else:
            place["group"] = f"{origin['province_name']} (trước sáp nhập)"
    return places


def _province(places: Mapping[str, Mapping[str, Any]], codes: list[str], province_of: str | None) -> str:
    names = {
        places[c]["province_of_name" if province_of else "province_name"]: places[c]["province_code"]
        for c in codes
    }
    return ", ".join(sorted(names))


def _period(connection: sa.Connection, standard: str) -> str:
    rows = _rows(
        connection,
        "SELECT valid_from, valid_to FROM marts.dim_standard WHERE standard = :standard",
        standard=standard,
    )
    ends = [str(rows[0][end])[:4] for end in ("valid_from", "valid_to") if rows and rows[0][end]]
    return "–".join(ends) or standard


def _indicators(connection: sa.Connection, chosen: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    query = "SELECT indicator, name_vi FROM marts.dim_indicator WHERE standard = :standard ORDER BY position"
    rows = _rows(connection, query, standard=chosen["standard"])
    return tuple((row["indicator"], row["name_vi"]) for row in rows)


def _lists(connection: sa.Connection, chosen: Mapping[str, Any]) -> dict[str, tuple[tuple[str, str], ...]]:
    minorities: tuple[tuple[str, str], ...] = ()
    if "poverty_group" in _marts(connection):
        query = (
            "SELECT DISTINCT group_value FROM marts.poverty_group"
            " WHERE year = :year AND geography = 'as_reported' AND standard = :standard"
            " AND group_type = 'ethnicity' ORDER BY 1"
        )
        values = [row["group_value"] for row in _rows(connection, query, **chosen)]
        minorities = tuple((value, value) for value in values if value != _KINH)
    causes = tuple((row["cause"], row["name_vi"]) for row in read_seed("causes"))
    return {"indicators": _indicators(connection, chosen), "causes": causes, "minorities": minorities}


def _require_marts(connection: sa.Connection) -> None:
    if lacking := set(MARTS) - _marts(connection):
        raise FormsUnavailable(
            f"the warehouse holds no mart {sorted(lacking)[0]}; run `thoatngheo refresh` to publish a release"
        )


def _marts(connection: sa.Connection) -> set[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts'"
    return {row["table_name"] for row in _rows(connection, query)}


def _rows(connection: sa.Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    statement = sa.text(query)
    used = {name: value for name, value in values.items() if f":{name}" in query}
    return [dict(row) for row in connection.execute(statement, used).mappings()]


def _list(values: Any) -> str:
    return ", ".join(str(value) for value in sorted(values)) or "none"
