"""The trend line of poverty from 2016 to 2026 on today's map, against counts made by hand.

The map is the real one. Every unit of 2016 has a hundred households and keeps them, whatever it is
joined to or divided into, so that the province always has 30,200: a rate that moves is poverty that
moved. Poor households live on the ground of five of today's communes; all other units announce none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.places import write_reference
from assets.places.events import built_in_events
from checks.contract import TABLES
from tests.integration.make_accepted import Row, new, old, record, write_table
from tests.integration.test_dbt_build import build, rows_of

Review = tuple[int, str]

# The review of autumn 2021 was held twice: of the outgoing standard and of the incoming one.
REVIEWS: tuple[Review, ...] = (
    *((year, "VN-2016") for year in range(2016, 2022)),
    *((year, "VN-2022") for year in range(2021, 2027)),
)
YEARS = range(2016, 2027)
HOUSEHOLDS = 302 * 100
MARTS = ("poverty_rate", "poverty_rate_province")

# Unit, its first year, and the poor households of its lists, one a review while it stands. A merger or
# division itself makes nobody poor: the lists of 2020 and 2025 find the same households as those before.
LISTS = (
    # --------------------------  2016 2017 2018 2019 2020 2021|2021 2022 2023 2024 2025 2026
    # Sảng Mộc stays what it was, under a new unit
    (old("05719"), 2016, (9, 8, 8, 7, 6, 5, 8, 7, 6, 5)),
    (new("05719"), 2025, (5, 4)),
    # Kim Phượng and Kim Sơn become one in 2020, which Quy Kỳ (nobody poor) joins in 2025
    (old("05551"), 2016, (8, 8, 7, 6)),
    (old("05557"), 2016, (6, 5, 5, 4)),
    ("05551@2020-01-01", 2020, (10, 8, 13, 12, 11, 10)),
    (new("05551"), 2025, (10, 8)),
    # Dương Quang and Đôn Phong, of the other province until 2025, become Phong Quang
    (old("01849"), 2016, (7, 7, 6, 6, 5, 5, 8, 7, 7, 6)),
    (old("01984"), 2016, (5, 5, 5, 4, 4, 3, 6, 5, 4, 4)),
    (new("01849"), 2025, (10, 9)),
    # Cam Giá is halved; its code goes to Gia Sàng, which has one half, Tích Lương has the other
    (old("05467"), 2016, (11, 10, 9, 9, 8, 7, 9, 9, 8, 7)),
    (new("05467"), 2025, (4, 4)),
    (new("05500"), 2025, (3, 2)),
)

# The same on today's map: the sums of the lists, and half of Cam Giá's until 2025.
COMMUNES = {
    "05719": (9, 8, 8, 7, 6, 5, 8, 7, 6, 5, 5, 4),
    "05551": (14, 13, 12, 10, 10, 8, 13, 12, 11, 10, 10, 8),
    "01849": (12, 12, 11, 10, 9, 8, 14, 12, 11, 10, 10, 9),
    "05467": (5.5, 5, 4.5, 4.5, 4, 3.5, 4.5, 4.5, 4, 3.5, 4, 4),
    "05500": (5.5, 5, 4.5, 4.5, 4, 3.5, 4.5, 4.5, 4, 3.5, 3, 2),
}
# Sảng Mộc is one unit of 2016, Kim Phượng and Phong Quang are 3 and 2, Gia Sàng is 2 and two halves,
# Tích Lương is 5 and a half.
COMMUNE_HOUSEHOLDS = {"05719": 100, "05551": 300, "01849": 200, "05467": 300, "05500": 550}
PROVINCE = dict(zip(REVIEWS, (46, 43, 40, 36, 33, 28, 44, 40, 36, 32, 32, 27), strict=True))

# Standard and class: points of B1 and B2 that give the class in a ward as in a rural commune. Under
# VN-2016 at most 120 (140) points are poor, and up to 150 (175) with 30 of B2; under VN-2022 both are
# needed, at most 140 (175) and 30.
POINTS = {
    ("VN-2016", "poor"): (110.0, 0.0),
    ("VN-2016", "near_poor"): (145.0, 10.0),
    ("VN-2022", "poor"): (130.0, 30.0),
    ("VN-2022", "near_poor"): (130.0, 20.0),
}

_GROUND = """
    select m.target_unit_id, cast(round(100 * sum(m.weight)) as integer)
    from read_parquet(?) as m
    inner join read_parquet(?) as t on m.target_unit_id = t.unit_id
    where
        make_date(?, 12, 31) between m.era_from and coalesce(m.era_to, date '9999-12-31')
        and m.unit_id like '%@2016-01-01' and t.province_code in ('06', '19')
    group by all order by all
"""


def _poor_of(review: Review) -> dict[str, int]:
    """The poor households of every unit that has a list with somebody on it."""
    found = {}
    for unit, first_year, counts in LISTS:
        first = [year for year, _ in REVIEWS].index(first_year)
        position = REVIEWS.index(review) - first
        if 0 <= position < len(counts):
            found[unit] = counts[position]
    return found


def _households(review: Review) -> Iterator[Row]:
    """Beside the poor ones, every list has one near-poor household."""
    year, standard = review
    for unit, poor in _poor_of(review).items():
        for number in range(poor + 1):
            declared = "poor" if number < poor else "near_poor"
            b1, b2 = POINTS[(standard, declared)]
            yield record(
                "survey_household",
                0,
                unit,
                date(year, 12, 14),
                standard=standard,
                village="Xóm 1",
                household_code=str(number + 1),
                household_size=4,
                b1_points=b1,
                b2_points=b2,
                declared_class=declared,
            )


def _totals(review: Review, ground: dict[str, int]) -> Iterator[Row]:
    """Every unit announces what its list holds, one without a list that it has nobody to list."""
    year, standard = review
    poor = _poor_of(review)
    for unit, households in ground.items():
        yield record(
            "survey_total",
            0,
            unit,
            date(year, 12, 31),
            standard=standard,
            households_total=households,
            persons_total=4 * households,
            announced_poor=poor.get(unit, 0),
            announced_near_poor=int(unit in poor),
        )


def _ground(reference: Path, year: int) -> dict[str, int]:
    """The units that stand at the end of a year, with the households of their ground."""
    with duckdb.connect() as connection:
        tables = [str(reference / f"{name}.parquet") for name in ("unit_map", "units")]
        return dict(connection.execute(_GROUND, [*tables, year]).fetchall())


def _write(home: Path) -> None:
    write_reference(home / "reference", built_in_events())
    for table in TABLES:
        write_table(home, table, 0, ())
    for year in YEARS:
        ground = _ground(home / "reference", year)
        reviews = [review for review in REVIEWS if review[0] == year]
        for table, rows in (
            ("survey_household", [row for review in reviews for row in _households(review)]),
            ("survey_total", [row for review in reviews for row in _totals(review, ground)]),
        ):
            assert {row["unit_id"] for row in rows} <= ground.keys()
            write_table(home, table, year, [row | {"source_row": n} for n, row in enumerate(rows, start=2)])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trend")
    _write(folder)
    build(
        folder,
        "--select",
        *(f"+{mart}" for mart in MARTS),
        "--exclude-resource-type",
        "unit_test",
        # a test that looks at other models too has nothing to look at here
        "--indirect-selection",
        "cautious",
    )
    return folder


def _line(home: Path, columns: str, where: str = "geography = 'current'") -> dict[Review, tuple[object, ...]]:
    """One series a standard of the whole of today's province, or of the province of that time."""
    rows = rows_of(
        home,
        f"select year, standard, {columns} from marts.poverty_rate_province"
        f" where province_code = '19' and area_type = 'all' and {where} order by standard, year",
    )
    line = {(year, standard): tuple(values) for year, standard, *values in rows}
    assert len(line) == len(rows)
    return line


def test_the_line_has_every_year(home: Path) -> None:
    line = _line(home, "poor_households, households, poor_rate, communes_missing")
    assert tuple(line) == REVIEWS
    assert line == {review: (poor, HOUSEHOLDS, poor / HOUSEHOLDS, 0) for review, poor in PROVINCE.items()}


def test_one_headline_a_year(home: Path) -> None:
    # what the outgoing standard found in 2021 took effect nowhere
    headlines = _line(home, "is_final", "geography = 'current' and is_headline")
    assert list(headlines) == [review for review in REVIEWS if review != (2021, "VN-2016")]
    # on 23 November 2026 the last review is still under way
    assert [year for (year, _), (is_final,) in headlines.items() if not is_final] == [2026]


def test_change_stands_within_a_standard_alone(home: Path) -> None:
    expected = {
        (year, standard): (
            poor / HOUSEHOLDS - PROVINCE[(year - 1, standard)] / HOUSEHOLDS
            if (year - 1, standard) in PROVINCE
            else None,
        )
        for (year, standard), poor in PROVINCE.items()
    }
    assert [review for review, change in expected.items() if change == (None,)] == [
        (2016, "VN-2016"), (2021, "VN-2022"),
    ]  # fmt: skip
    assert expected[(2025, "VN-2022")] == (0.0,)  # 32 before the new map and 32 after
    assert _line(home, "change_from_previous_year") == expected


def test_urban_and_rural_break_where_a_commune_changed_its_area(home: Path) -> None:
    """Other ground is no other poverty: the years of the built-in changes from commune to town or ward."""
    query = (
        "select distinct year from marts.poverty_rate_province where geography = 'current' and is_headline"
        " and area_type <> 'all' and change_from_previous_year is {} and year not in (2016, 2021) order by 1"
    )
    # August 2017, the mergers of 2020, Phổ Yên's wards of April 2022, April 2023, December 2024, July 2025
    broken = [(year,) for year in (2017, 2020, 2022, 2023, 2024, 2025)]
    assert rows_of(home, query.format("null")) == broken
    assert rows_of(home, query.format("not null")) == [(2018,), (2019,), (2026,)]


def test_as_reported_the_line_breaks_with_the_territory(home: Path) -> None:
    reported = _line(home, "change_from_previous_year", "geography = 'as_reported'")
    # the mergers within the old province in 2020, 2023 and 2024 are no break
    assert [review for review, change in reported.items() if change == (None,)] == [
        (2016, "VN-2016"), (2021, "VN-2022"), (2025, "VN-2022"),
    ]  # fmt: skip


def test_no_commune_of_today_lacks_a_year(home: Path) -> None:
    rows = rows_of(
        home,
        "select commune_code, year, standard from marts.poverty_rate"
        " where geography = 'current' and province_code = '19'"
        " and poor_households is not null and poor_rate is not null and households_source = 'sent'",
    )
    found: defaultdict[Review, set[str]] = defaultdict(set)
    for code, *review in rows:
        found[(review[0], review[1])].add(code)
    today = {unit[:5] for unit in _ground(home / "reference", 2026)}
    assert len(today) == 92
    assert found == dict.fromkeys(REVIEWS, today)
    assert len(rows) == 92 * len(REVIEWS)


def test_the_line_of_a_commune(home: Path) -> None:
    rows = rows_of(
        home,
        "select commune_code, list(poor_households order by standard, year),"
        " list(distinct households) from marts.poverty_rate"
        " where geography = 'current' and poor_households > 0 group by commune_code",
    )
    assert {code: tuple(poor) for code, poor, _ in rows} == COMMUNES
    assert {code: households for code, _, households in rows} == {
        code: [households] for code, households in COMMUNE_HOUSEHOLDS.items()
    }


def test_both_maps_have_the_same_households(home: Path) -> None:
    for mart, where in (("poverty_rate", "true"), ("poverty_rate_province", "area_type = 'all'")):
        rows = rows_of(
            home,
            "select geography, year, standard, sum(poor_households), sum(near_poor_households),"
            f" sum(households), sum(derived_poor_households), sum(class_mismatch_households) from marts.{mart}"
            f" where {where} group by all",
        )
        assert {tuple(row) for row in rows} == {
            (geography, *review, poor, len(_poor_of(review)), HOUSEHOLDS, poor, 0)
            for geography in ("as_reported", "current")
            for review, poor in PROVINCE.items()
        }


@pytest.mark.parametrize(
    ("before", "after", "year", "counts"),
    [
        pytest.param(("05551", "05557"), ("05551",), 2020, [(6.0, 4.0), (10.0,)], id="merged-in-2020"),
        pytest.param(("01849", "01984"), ("01849",), 2025, [(6.0, 4.0), (10.0,)], id="merged-in-2025"),
        pytest.param(("05467",), ("05467", "05500"), 2025, [(7.0,), (4.0, 3.0)], id="divided-in-2025"),
    ],
)
def test_what_was_published_before_and_after_adds_up(
    home: Path, before: tuple[str, ...], after: tuple[str, ...], year: int, counts: list[tuple[float, ...]]
) -> None:
    def published(geography: str, of_year: int, codes: tuple[str, ...]) -> tuple[float, ...]:
        rows = rows_of(
            home,
            "select poor_households from marts.poverty_rate"
            f" where geography = '{geography}' and year = {of_year} and is_headline"
            f" and list_contains({list(codes)}, commune_code) order by commune_code",
        )
        return tuple(poor for (poor,) in rows)

    assert [published("as_reported", year - 1, before), published("as_reported", year, after)] == counts
    assert sum(counts[0]) == sum(counts[1])
    # those that came out of it stand on today's map too, and there the year of the change is no step
    assert sum(published("current", year - 1, after)) == sum(published("current", year, after))
