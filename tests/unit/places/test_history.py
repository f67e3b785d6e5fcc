"""The communes of the pilot from 2016 on: every list of the time comes out of the events, exactly."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from assets.places.gazetteer import Gazetteer
from assets.places.reference import Reference
from assets.places.resolve import resolve_places

# First day: communes of old Bắc Kạn and of old Thái Nguyên, by (phường, xã, thị trấn), as the
# statistical office listed them.
LISTS = {
    date(2016, 1, 1): ((6, 110, 6), (30, 140, 10)),
    date(2017, 8, 18): ((6, 110, 6), (32, 139, 9)),
    date(2020, 1, 1): ((6, 110, 6), (32, 137, 9)),
    date(2020, 2, 1): ((6, 96, 6), (32, 137, 9)),
    date(2022, 4, 10): ((6, 96, 6), (41, 128, 9)),
    date(2023, 4, 10): ((6, 95, 7), (41, 126, 10)),
    date(2024, 12, 1): ((6, 95, 7), (41, 121, 10)),
}
TOTALS = (302, 302, 300, 286, 286, 285, 280)


def standing(reference: Reference, day: date) -> pd.DataFrame:
    units = reference.units.to_pandas()
    mine = units[units.province_code.isin(["06", "19"])]
    return mine[(mine.valid_from <= day) & (mine.valid_to.isna() | (mine.valid_to >= day))]


@pytest.mark.parametrize(("day", "total"), zip(LISTS, TOTALS, strict=True))
def test_every_list_of_the_time(reference: Reference, day: date, total: int) -> None:
    units = standing(reference, day)
    assert len(units) == total == units.commune_code.nunique()
    for province, counts in zip(("06", "19"), LISTS[day], strict=True):
        kinds = Counter(units.loc[units.province_code == province, "commune_type"])
        assert tuple(kinds[kind] for kind in ("phường", "xã", "thị trấn")) == counts


def test_no_code_has_two_meanings_on_a_day_and_none_has_a_gap(reference: Reference) -> None:
    """Whatever the country's units: periods of one code never overlap, and a unit ends where heirs begin."""
    units = reference.units.to_pandas().sort_values(["commune_code", "valid_from"])
    end = pd.to_datetime(units.valid_to.fillna(date(2200, 1, 1)))
    nearest = pd.to_datetime(units.valid_from).groupby(units.commune_code).shift(-1)
    assert (nearest.isna() | (nearest > end)).all()
    assert (pd.to_datetime(units.valid_from) <= end).all()


def test_a_town_that_took_a_communes_code(reference: Reference) -> None:
    """Yến Lạc had 02134, then 02155, which had been Lương Hạ's, and became rural Na Rì's in 2025."""
    units = reference.units.to_pandas().set_index("unit_id")
    chain = ["02134@2016-01-01", "02155@2016-01-01", "02155@2020-02-01", "02155@2025-07-01"]
    assert [units.commune_name[u] for u in chain] == [
        "Thị trấn Yến Lạc", "Xã Lương Hạ", "Thị trấn Yến Lạc", "Xã Na Rì",
    ]  # fmt: skip
    assert [units.area_type[u] for u in chain] == ["urban", "rural", "urban", "rural"]


def test_shares_of_divided_communes_and_their_acts(reference: Reference) -> None:
    rows = [r for r in reference.bridge.to_pylist() if r["old_unit_id"] == "05782@2016-01-01"]
    # Of 3,734 people of Na Mao 2,169 went to Phú Cường and 1,565 to Phú Xuyên.
    assert {r["weight"] for r in rows} == {Decimal("0.580879"), Decimal("0.419121")}
    assert {r["method"] for r in rows} == {"split_by_event"}
    assert all(r["legal_basis"].startswith("Nghị quyết 1240/NQ-UBTVQH15; ") for r in rows)
    met_again = [r for r in reference.bridge.to_pylist() if r["old_unit_id"] == "02149@2016-01-01"]
    assert [(r["weight"], r["method"]) for r in met_again] == [(Decimal(1), "whole")]


def test_a_commune_that_changed_its_district_alone(reference: Reference) -> None:
    districts = reference.units.to_pandas().set_index("unit_id").district_name
    assert districts["05653@2016-01-01"] == "Huyện Phú Lương"
    assert districts["05653@2017-08-18"] == "Thành phố Thái Nguyên"


def test_eras_of_one_province_are_not_anothers(reference: Reference) -> None:
    province = dict(
        zip(reference.units["unit_id"].to_pylist(), reference.units["province_code"].to_pylist(), strict=True)
    )
    starts = {True: set(), False: set()}
    for row in reference.unit_map.to_pylist():
        starts[province[row["unit_id"]] in ("06", "19")].add(row["era_from"])
    assert starts[False] == {date(2016, 1, 1), date(2025, 7, 1)}
    assert starts[True] == {*LISTS, date(2025, 7, 1)}


END = {2017: date(2017, 1, 1), 2019: date(2019, 12, 14), 2021: date(2021, 12, 14), 2024: date(2024, 12, 14)}
OTHER = "commune_code_of_other_date"


@pytest.mark.parametrize(
    ("code", "name", "year", "expected"),
    [
        # Town and commune Quân Chu stood side by side until the town took the commune's code.
        ("05851", "Thị trấn Quân Chu", 2021, ("05764@2016-01-01", "name", OTHER)),
        ("05851", "Xã Quân Chu", 2021, ("05851@2016-01-01", "code_and_name", None)),
        ("05764", "Thị trấn Quân Chu", 2021, ("05764@2016-01-01", "code_and_name", None)),
        ("05764", "Thị trấn Quân Chu", 2024, ("05851@2023-04-10", "successor", OTHER)),
        # Alone in its file it is on the list of the year after, as a file of that list would be.
        ("02155", "TT. Yến Lạc", 2019, ("02155@2020-02-01", "other_list", OTHER)),
        ("02134", "Yến Lạc", 2021, ("02155@2020-02-01", "successor", OTHER)),
        # A code that the date's list lacks: carried, by weights where the unit was divided.
        ("02134", None, 2021, ("02134@2016-01-01", "carried", OTHER)),
        ("05782", None, 2024, ("05782@2016-01-01", "split_unknown", OTHER)),
        ("05782", "Phú Cường", 2024, ("05779@2024-12-01", "successor", OTHER)),
        (None, "Sơn Cẩm, huyện Phú Lương", 2017, ("05653@2016-01-01", "name", None)),
        (None, "Sơn Cẩm, TP Thái Nguyên", 2019, ("05653@2017-08-18", "name", None)),
    ],
)
def test_codes_and_names_on_their_dates(
    thai_nguyen: Gazetteer, code: str | None, name: str | None, year: int, expected: tuple[str | None, ...]
) -> None:
    places = pd.DataFrame([{"code": code, "name": name, "village": None, "date": END[year]}])
    row = resolve_places(places, thai_nguyen).iloc[0]
    found = tuple(None if pd.isna(row[c]) else row[c] for c in ("unit_id", "place_method", "place_note"))
    assert found == expected and pd.isna(row.place_issue)


@pytest.mark.parametrize(
    ("code", "name", "issue"),
    [("02140", "Văn Lăng", "commune_conflict"), (None, "Quân Chu", "unknown_commune")],
)
def test_what_two_units_could_be_is_not_guessed(
    thai_nguyen: Gazetteer, code: str | None, name: str, issue: str
) -> None:
    places = pd.DataFrame([{"code": code, "name": name, "village": None, "date": END[2021]}])
    row = resolve_places(places, thai_nguyen).iloc[0]
    assert row.place_issue == issue and pd.isna(row.unit_id)
