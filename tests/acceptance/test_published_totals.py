"""The published figures of the province come out of the line, to the digits that were published."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.line import Line

# year, standard: poor and near-poor in percent of all households, as published
PUBLISHED = {(2021, "VN-2022"): (10.29, None), (2024, "VN-2022"): (5.46, 3.67)}
MAPS = ("as_reported", "current")


def _province(line: Line, year: int, standard: str, geography: str) -> dict[str, Any]:
    """The whole province on one map; before July 2025 it is the sum of its two predecessors."""
    frame = line.frame(
        "SELECT sum(households) AS households, sum(poor_households_with_denominator) AS poor,"
        " sum(near_poor_households) AS near_poor, sum(poor_households) AS poor_listed,"
        " sum(ethnic_minority_poor_households) AS minority, bool_and(is_headline) AS is_headline"
        f" FROM marts.poverty_rate_province WHERE year = {year} AND standard = '{standard}'"
        f" AND geography = '{geography}' AND area_type = 'all'"
    )
    return dict(frame.iloc[0])


def _truth(line: Line) -> dict[tuple[int, str], dict[str, Any]]:
    manifest = json.loads((line.drops / "manifest.json").read_text(encoding="utf-8"))
    return {(entry["year"], entry["standard"]): entry for entry in manifest["totals"]}


@pytest.mark.parametrize("geography", MAPS)
@pytest.mark.parametrize(("year", "standard"), PUBLISHED)
def test_published_rates(clean: Line, year: int, standard: str, geography: str) -> None:
    poor, near_poor = PUBLISHED[year, standard]
    found = _province(clean, year, standard, geography)
    assert found["is_headline"]
    assert round(100 * found["poor"] / found["households"], 2) == poor
    if near_poor is not None:
        assert round(100 * found["near_poor"] / found["households"], 2) == near_poor


# Old Bắc Kạn at the end of 2021 under the outgoing and the incoming standard: two levels, no fall or rise.
POOREST_PART = {"VN-2016": (17.02, 10.11), "VN-2022": (26.93, 9.74)}


@pytest.mark.parametrize("standard", POOREST_PART)
def test_the_poorest_part_under_both_standards(clean: Line, standard: str) -> None:
    """As near as whole households of this scale allow."""
    ((households, poor, near_poor, change),) = clean.rows(
        "SELECT households, poor_households_with_denominator, near_poor_households, change_from_previous_year"
        " FROM marts.poverty_rate_province WHERE year = 2021 AND geography = 'as_reported'"
        f" AND province_code = '06' AND area_type = 'all' AND standard = '{standard}'"
    )
    assert change is None
    for found, published in zip((poor, near_poor), POOREST_PART[standard], strict=True):
        assert abs(found - published / 100 * households) <= 1


def test_every_totals_pair_of_the_maps_agrees(clean: Line) -> None:
    """In every year, whatever the units: what one map counts, the other counts."""
    rows = clean.rows(
        "SELECT year, standard, sum(poor_households) FILTER (geography = 'current'),"
        " sum(poor_households) FILTER (geography = 'as_reported') FROM marts.poverty_rate GROUP BY ALL"
    )
    assert len(rows) == 4 and all(one == pytest.approx(other) for *_, one, other in rows)


def test_lists_stand_on_the_communes_of_their_time(clean: Line) -> None:
    """What the commune was called and counted as on 31 December of the year, not what it is today."""
    rows = clean.rows(
        "SELECT count(*), count(d.unit_id) FROM marts.poverty_rate AS p LEFT JOIN marts.dim_commune AS d"
        " ON p.commune_code = d.commune_code AND p.commune_name = d.commune_name"
        " AND make_date(p.year, 12, 31) BETWEEN d.valid_from AND coalesce(d.valid_to, DATE '9999-12-31')"
        " WHERE p.geography = 'as_reported'"
    )
    assert rows[0][0] == rows[0][1] > 0
    others = clean.rows(
        "SELECT DISTINCT reason FROM marts.data_quality WHERE outcome = 'flagged'"
        " AND reason = 'commune_code_of_other_date'"
    )
    assert others == []


def test_households_whose_area_changed_are_counted(clean: Line) -> None:
    """Those of the communes that are urban on one map and rural on the other, by the bridge."""
    expected = dict(
        clean.rows(
            "SELECT p.year || p.standard, sum(p.poor_households * b.weight)"
            " FROM marts.poverty_rate AS p JOIN marts.bridge_commune AS b ON p.commune_code = b.old_code"
            " AND make_date(p.year, 12, 31) BETWEEN b.old_valid_from"
            " AND coalesce(b.old_valid_to, DATE '9999-12-31')"
            " WHERE p.geography = 'as_reported' AND b.old_area_type <> b.area_type GROUP BY 1"
        )
    )
    found = dict(
        clean.rows(
            "SELECT year || standard, sum(poor_households_area_changed) FROM marts.poverty_rate_province"
            " WHERE geography = 'current' AND area_type = 'all' GROUP BY 1"
        )
    )
    assert {key: pytest.approx(expected.get(key, 0)) for key in found} == found
    assert found["2021VN-2022"] > 0 and found["2025VN-2022"] == 0


def test_communes_that_sent_nothing_are_listed(clean: Line) -> None:
    """The sample reaches some communes: no year is final, and each that is lacking is named."""
    rows = clean.rows(
        "SELECT is_final, communes_missing, missing_commune_codes FROM marts.poverty_rate_province"
        " WHERE geography = 'current' AND area_type = 'all' AND year = 2025"
    )
    ((is_final, missing, codes),) = rows
    listed = {code for (code,) in clean.rows(
        "SELECT commune_code FROM marts.poverty_rate WHERE geography = 'current' AND year = 2025"
    )}  # fmt: skip
    today = {code for (code,) in clean.rows(
        "SELECT commune_code FROM marts.dim_commune WHERE is_current AND province_code = '19'"
    )}  # fmt: skip
    assert not is_final and missing == len(codes.split()) == len(today - listed)
    assert set(codes.split()) == today - listed


@pytest.mark.parametrize("home", ["clean", "realistic"])
def test_every_accepted_record_has_its_method(home: str, request: pytest.FixtureRequest) -> None:
    """How its commune was found, file by file; targets of the whole province have none."""
    line: Line = request.getfixturevalue(home)
    rows = line.rows(
        "SELECT table_name, sum(records) FILTER (outcome = 'accepted'), sum(records) FILTER (outcome = 'placed')"
        " FROM marts.data_quality WHERE table_name <> 'programme_plan' GROUP BY table_name, file_hash, year"
        " HAVING sum(records) FILTER (outcome = 'accepted') > 0"
    )
    assert rows and all(accepted == placed for _, accepted, placed in rows)
    methods = {
        method
        for (method,) in line.rows("SELECT DISTINCT reason FROM marts.data_quality WHERE outcome = 'placed'")
    }
    assert {"code", "code_and_name", "hint"} <= methods
    if home == "realistic":
        assert methods & {"successor", "carried"}


def test_the_mart_states_the_rates_itself(clean: Line) -> None:
    """No reader has to divide: on today's map the province is one row."""
    rows = clean.rows(
        "SELECT year, standard, round(100 * poor_rate, 2), round(100 * near_poor_rate, 2)"
        " FROM marts.poverty_rate_province WHERE geography = 'current' AND area_type = 'all'"
        " AND province_code = '19' AND is_headline AND year IN (2021, 2024) ORDER BY year"
    )
    assert [row[:3] for row in rows] == [(2021, "VN-2022", 10.29), (2024, "VN-2022", 5.46)]
    assert rows[1][3] == 3.67


def test_the_outgoing_standard_is_no_headline(clean: Line) -> None:
    rows = clean.rows(
        "SELECT DISTINCT standard, is_headline FROM marts.poverty_rate WHERE year = 2021 ORDER BY 1"
    )
    assert rows == [("VN-2016", False), ("VN-2022", True)]


@pytest.mark.parametrize("geography", MAPS)
def test_ethnic_minorities_among_the_poor(clean: Line, geography: str) -> None:
    """83.93 % of the poor of 2024, as near as whole households of this scale allow."""
    found = _province(clean, 2024, "VN-2022", geography)
    assert found["minority"] == pytest.approx(round(0.8393 * found["poor_listed"]), abs=1e-6)


def test_counts_are_exactly_those_that_were_sent(clean: Line) -> None:
    for (year, standard), truth in _truth(clean).items():
        for geography in MAPS:
            found = _province(clean, year, standard, geography)
            assert found["households"] == pytest.approx(truth["households"]), (year, standard, geography)
            assert found["poor_listed"] == pytest.approx(truth["poor_households"]), (
                year,
                standard,
                geography,
            )
            assert found["near_poor"] == pytest.approx(truth["near_poor_households"])
            assert found["minority"] == pytest.approx(truth["ethnic_minority_poor_households"])


def test_recognised_derived_and_announced_agree_without_defects(clean: Line) -> None:
    for geography in MAPS:
        rows = clean.rows(
            "SELECT sum(poor_households), sum(announced_poor_households), sum(class_filled_households)"
            f" FROM marts.poverty_rate WHERE geography = '{geography}' GROUP BY year, standard ORDER BY ALL"
        )
        assert all(poor == pytest.approx(announced) and filled == 0 for poor, announced, filled in rows)


def test_urban_and_rural_make_the_whole(clean: Line) -> None:
    off = clean.rows(
        "SELECT year, geography, province_code, standard FROM marts.poverty_rate_province GROUP BY ALL"
        " HAVING abs(sum(poor_households) FILTER (area_type <> 'all')"
        " - sum(poor_households) FILTER (area_type = 'all')) > 1e-6"
        " OR abs(sum(households) FILTER (area_type <> 'all')"
        " - sum(households) FILTER (area_type = 'all')) > 1e-6"
        " OR abs(sum(announced_poor_households) FILTER (area_type <> 'all')"
        " - sum(announced_poor_households) FILTER (area_type = 'all')) > 1e-6"
    )
    assert off == []


def test_announced_counts_stand_in_the_area_of_their_own_unit(clean: Line) -> None:
    """The area is that of the unit on the record's date on both maps: announced and counted agree in it."""
    off = clean.rows(
        "SELECT year, geography, area_type, standard, poor_households, announced_poor_households"
        " FROM marts.poverty_rate_province WHERE abs(poor_households - announced_poor_households) > 1e-6"
    )
    assert off == []


def test_the_poorer_part_and_the_countryside_are_poorer(clean: Line) -> None:
    rates = dict(
        clean.rows(
            "SELECT province_code || ' ' || area_type, poor_rate FROM marts.poverty_rate_province"
            " WHERE year = 2024 AND geography = 'as_reported'"
        )
    )
    assert rates["06 all"] > 3 * rates["19 all"]
    assert rates["06 rural"] > rates["06 urban"]
    assert rates["19 rural"] > rates["19 urban"]


def test_a_rate_is_never_given_across_two_standards(clean: Line) -> None:
    rows = clean.rows(
        "SELECT DISTINCT year FROM marts.poverty_rate_province WHERE change_from_previous_year IS NOT NULL"
    )
    # 2022 and 2023 were not sent: only 2025 has a year before it, and that on today's map alone.
    assert rows == [(2025,)]


@pytest.mark.parametrize(
    ("year", "standard"), [(2021, "VN-2016"), (2021, "VN-2022"), (2024, "VN-2022"), (2025, "VN-2022")]
)
def test_the_difference_that_defects_make_is_accounted_for(realistic: Line, year: int, standard: str) -> None:
    """What is missing of the true count was rejected, and `data_quality` counts every such record."""
    truth = _truth(realistic)[year, standard]
    rejected = sum(
        records
        for (records,) in realistic.rows(
            "SELECT records FROM marts.data_quality WHERE table_name = 'survey_household'"
            f" AND year = {year} AND outcome = 'quarantined' AND reason <> 'test_record'"
        )
    )
    assert rejected > 0
    for geography in MAPS:
        found = _province(realistic, year, standard, geography)
        missing = truth["poor_households"] - found["poor_listed"]
        assert -1e-6 <= missing <= rejected + 1e-6, (geography, missing, rejected)


def _class_of(text: str | None) -> str | None:
    """The class that a commune wrote, in one of the spellings that they use."""
    word = (text or "").casefold().removeprefix("hộ ")
    if not word:
        return None
    return {
        "nghèo": "poor",
        "hn": "poor",
        "cận nghèo": "near_poor",
        "hcn": "near_poor",
        "cn": "near_poor",
    }.get(word, "not_poor")


def test_the_rejected_households_are_exactly_what_is_missing(realistic: Line) -> None:
    """Household by household: published poor and near-poor + rejected ones = the true lists."""
    rejected = realistic.parquet("quarantine", "survey_household")
    rejected = rejected[rejected["reason"] != "test_record"]
    classes = [_class_of(json.loads(record).get("declared_class")) for record in rejected["record"]]
    by_year = rejected.assign(declared=classes)
    truth = _truth(realistic)
    for year in (2024, 2025):
        found = _province(realistic, year, "VN-2022", "current")
        of_year = by_year[by_year["year"] == year]
        poor = int((of_year["declared"] == "poor").sum())
        near_poor = int((of_year["declared"] == "near_poor").sum())
        unknown = int(of_year["declared"].isna().sum())
        missing = (
            truth[year, "VN-2022"]["poor_households"] - found["poor_listed"],
            truth[year, "VN-2022"]["near_poor_households"] - found["near_poor"],
        )
        assert poor - 1e-6 <= missing[0] <= poor + unknown + 1e-6
        assert near_poor - 1e-6 <= missing[1] <= near_poor + unknown + 1e-6


def test_credit_housing_and_health_are_filled(clean: Line) -> None:
    """By commune and period, for every year that was sent."""
    assert len(clean.rows("SELECT DISTINCT month FROM marts.credit WHERE outstanding > 0")) == 36
    for mart, measure in (
        ("housing_support", "approved"),
        ("health_access", "visits"),
        ("sanitation", "households"),
    ):
        years = clean.rows(
            f"SELECT year FROM marts.{mart} GROUP BY year HAVING sum({measure}) > 0 ORDER BY year"
        )
        assert years == [(2021,), (2024,), (2025,)], mart
    rates = clean.rows(
        "SELECT insured_rate FROM marts.health_access WHERE poverty_class = 'poor' AND geography = 'current'"
        " AND insured_rate IS NOT NULL"
    )
    assert rates
