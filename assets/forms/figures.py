"""The figures of a year's report, read from the published marts.

Belongs here: which review, its communes and their groups. Does not belong here: forms, or the
measures of a commune (`measures`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from assets.forms.errors import FormsUnavailable, YearUnknown
from assets.forms.measures import KINH, commune_measures
from assets.forms.queries import indicators, marts, rows
from assets.places.units import unit_id
from checks.seeds import read_seed

# What the forms are made from.
MARTS = (
    "bridge_commune",
    "deprivation",
    "dim_commune",
    "dim_indicator",
    "dim_standard",
    "poverty_cause",
    "poverty_group",
    "poverty_rate",
    "poverty_transition",
)


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
    held = rows(connection, "SELECT DISTINCT year, standard FROM marts.poverty_rate ORDER BY 1, 2")
    return [(row["year"], row["standard"]) for row in held]


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
    measures = commune_measures(connection, chosen)
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
    held = rows(connection, query, year=year)
    for review in held:
        if review["standard"] == standard or (standard is None and review["is_headline"]):
            return review
    known = _list(review["standard"] for review in held)
    raise YearUnknown(f"no review of {year} under {standard} is published; known: {known}")


def _places(connection: sa.Connection, day: date) -> dict[str, dict[str, Any]]:
    """The communes of a day by code, with district or, where there is none, province of before the merger.

    Those of other days follow under code and first day, as the marts name them on a map that is not theirs.
    """
    query = (
        "SELECT commune_code, commune_name, district_code, district_name, province_code, province_name,"
        " valid_from, valid_from <= :day AND (valid_to IS NULL OR valid_to >= :day) AS stands"
        " FROM marts.dim_commune"
    )
    held = rows(connection, query, day=day)
    places = {row["commune_code"]: row for row in held if row["stands"]}
    # The province of an old commune; of a commune made from several, that of the largest part.
    before = (
        "SELECT b.commune_code, d.province_code, d.province_name, sum(b.weight) AS weight"
        " FROM marts.bridge_commune b JOIN marts.dim_commune d"
        " ON b.old_code = d.commune_code AND b.old_valid_from = d.valid_from"
        " WHERE b.old_valid_to IS NOT NULL AND b.old_valid_to < :day"
        " GROUP BY 1, 2, 3 ORDER BY weight, d.province_code DESC"
    )
    former = {row["commune_code"]: row for row in rows(connection, before, day=day)}
    several = len({place["province_code"] for place in places.values()}) > 1
    for code, place in places.items():
        origin = place if place["district_code"] else former.get(code, place)
        place["province_of"], place["province_of_name"] = origin["province_code"], origin["province_name"]
        if place["district_code"]:
            district = place["district_name"] or place["district_code"]
            place["group"] = f"{district}, {place['province_name']}" if several else district
        else:
            place["group"] = f"{origin['province_name']} (trước sáp nhập)"
    return places | dict(_of_another_list(place) for place in held if not place["stands"])


def _of_another_list(place: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    first: date = place["valid_from"]
    return unit_id(place["commune_code"], first), {
        **place,
        "province_of": place["province_code"],
        "province_of_name": place["province_name"],
        "group": f"Theo danh mục từ {first:%d/%m/%Y}",
    }


def _province(places: Mapping[str, Mapping[str, Any]], codes: list[str], province_of: str | None) -> str:
    names = {
        places[c]["province_of_name" if province_of else "province_name"]: places[c]["province_code"]
        for c in codes
    }
    return ", ".join(sorted(names))


def _period(connection: sa.Connection, standard: str) -> str:
    found = rows(
        connection,
        "SELECT valid_from, valid_to FROM marts.dim_standard WHERE standard = :standard",
        standard=standard,
    )
    ends = [str(found[0][end])[:4] for end in ("valid_from", "valid_to") if found and found[0][end]]
    return "–".join(ends) or standard


def _lists(connection: sa.Connection, chosen: Mapping[str, Any]) -> dict[str, tuple[tuple[str, str], ...]]:
    query = (
        "SELECT DISTINCT group_value FROM marts.poverty_group"
        " WHERE year = :year AND geography = 'as_reported' AND standard = :standard"
        " AND group_type = 'ethnicity' ORDER BY 1"
    )
    values = [row["group_value"] for row in rows(connection, query, **chosen)]
    minorities = tuple((value, value) for value in values if value != KINH)
    causes = tuple((row["cause"], row["name_vi"]) for row in read_seed("causes"))
    return {"indicators": indicators(connection, chosen), "causes": causes, "minorities": minorities}


def _require_marts(connection: sa.Connection) -> None:
    if lacking := set(MARTS) - marts(connection):
        raise FormsUnavailable(
            f"the warehouse holds no mart {sorted(lacking)[0]}; run `thoatngheo refresh` to publish a release"
        )


def _list(values: Any) -> str:
    return ", ".join(str(value) for value in sorted(values)) or "none"
