"""What is read from the marts: blanks stay blank, groups by district or former province."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from assets.forms.errors import FormsUnavailable, YearUnknown
from assets.forms.figures import Figures, read_figures, reviews

_TABLES = (
    "CREATE TABLE marts.dim_standard AS SELECT 'S' AS standard, DATE '2022-01-01' AS valid_from, DATE '2026-12-31' AS valid_to",
    "CREATE TABLE marts.dim_indicator AS SELECT * FROM (VALUES ('S', 'toilet', 'Nhà tiêu', 2), ('S', 'water', 'Nước', 1)) t(standard, indicator, name_vi, position)",
    """CREATE TABLE marts.dim_commune AS SELECT * FROM (VALUES
        ('1', 'Xã Một', '10', 'Huyện A', '19', 'Tỉnh Thái Nguyên', DATE '2016-01-01', DATE '2025-06-30'),
        ('2', 'Xã Hai', '20', 'Huyện B', '06', 'Tỉnh Bắc Kạn', DATE '2016-01-01', DATE '2025-06-30'),
        ('3', 'Xã Ba', '10', 'Huyện A', '19', 'Tỉnh Thái Nguyên', DATE '2016-01-01', DATE '2025-06-30'),
        ('1', 'Xã Mới', NULL, NULL, '19', 'Tỉnh Thái Nguyên', DATE '2025-07-01', NULL),
        ('2', 'Xã Hai', NULL, NULL, '19', 'Tỉnh Thái Nguyên', DATE '2025-07-01', NULL)
      ) t(commune_code, commune_name, district_code, district_name, province_code, province_name, valid_from, valid_to)""",
    """CREATE TABLE marts.bridge_commune AS SELECT * FROM (VALUES
        ('1', DATE '2016-01-01', DATE '2025-06-30', '1', 1.0), ('3', DATE '2016-01-01', DATE '2025-06-30', '1', 1.0),
        ('2', DATE '2016-01-01', DATE '2025-06-30', '2', 0.6), ('2', DATE '2016-01-01', DATE '2025-06-30', '1', 0.4),
        ('1', DATE '2025-07-01', NULL, '1', 1.0), ('2', DATE '2025-07-01', NULL, '2', 1.0)
      ) t(old_code, old_valid_from, old_valid_to, commune_code, weight)""",
    """CREATE TABLE marts.poverty_rate AS SELECT y AS year, 'as_reported' AS geography, c AS commune_code, 'S' AS standard, h AS households,
        p AS poor_households, n AS near_poor_households, h IS NOT NULL AS is_final, 'carried_2023' AS households_source, true AS is_headline,
        0.1 AS poor_rate FROM (VALUES (2024, '1', 100.0, 3.0, 1.0), (2024, '2', 50.0, 0.0, 0.0), (2024, '3', 50.0, NULL, NULL),
        (2025, '1', 90.0, 2.0, 1.0), (2025, '2', 40.0, 1.0, 0.0)) t(y, c, h, p, n)""",
    "CREATE TABLE marts.poverty_transition AS SELECT 2024 AS year, 'as_reported' AS geography, '1' AS commune_code, 'S' AS standard, 3.0 AS poor_households_at_end, NULL::DOUBLE AS poor_households_at_start, 2.0 AS near_poor_persons_at_end, true AS balances",
    """CREATE TABLE marts.deprivation AS SELECT y AS year, 'as_reported' AS geography, c AS commune_code, 'S' AS standard, k AS poverty_class, i AS indicator,
        n AS deprived_households FROM (VALUES (2024, '1', 'poor', 'water', 2.0), (2024, '1', 'poor', 'toilet', 0.0), (2025, '1', 'poor', 'water', 0.0)) t(y, c, k, i, n)""",
    """CREATE TABLE marts.poverty_cause AS SELECT y AS year, 'as_reported' AS geography, c AS commune_code, 'S' AS standard, k AS cause, n AS poor_households
        FROM (VALUES (2024, '1', 'land', 2.0), (2024, '1', 'other', 0.0), (2025, '1', 'land', NULL)) t(y, c, k, n)""",
    """CREATE TABLE marts.poverty_group AS SELECT 2024 AS year, 'as_reported' AS geography, c AS commune_code, 'S' AS standard, k AS group_type,
    v AS group_value, p AS poor_households, n AS near_poor_households, 4 * p AS poor_persons, 5 * n AS near_poor_persons
    FROM (VALUES ('1', 'ethnicity', 'Tày', 2.0, 1.0),
    ('1', 'ethnicity', 'Kinh', 1.0, 0.0), ('1', 'merit', 'true', 1.0, 0.0), ('1', 'other', 'true', 1.0, 0.0)) t(c, k, v, p, n)""",
)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("duckdb:///:memory:")
    with engine.connect() as opened:
        opened.execute(sa.text("CREATE SCHEMA marts"))
        for statement in _TABLES:
            opened.exec_driver_sql(statement)
        yield opened
    engine.dispose()


def _unit(figures: Figures, name: str) -> dict[str, float]:
    return dict(next(unit for unit in figures.units if unit.name == name).measures)


def test_reviews_are_listed(connection: sa.Connection) -> None:
    assert reviews(connection) == [(2024, "S"), (2025, "S")]


def test_districts_with_their_province_where_there_are_two(connection: sa.Connection) -> None:
    figures = read_figures(connection, 2024)
    assert [(u.group, u.name) for u in figures.units] == [
        ("Huyện B, Tỉnh Bắc Kạn", "Xã Hai"), ("Huyện A, Tỉnh Thái Nguyên", "Xã Một"), ("Huyện A, Tỉnh Thái Nguyên", "Xã Ba"),
    ]  # fmt: skip
    assert (figures.period, figures.province) == ("2022–2026", "Tỉnh Bắc Kạn, Tỉnh Thái Nguyên")


def test_former_provinces_where_there_are_no_districts(connection: sa.Connection) -> None:
    figures = read_figures(connection, 2025)
    assert [(u.group, u.name) for u in figures.units] == [
        ("Tỉnh Bắc Kạn (trước sáp nhập)", "Xã Hai"), ("Tỉnh Thái Nguyên (trước sáp nhập)", "Xã Mới"),
    ]  # fmt: skip
    assert [u.name for u in read_figures(connection, 2025, province_of="06").units] == ["Xã Hai"]


def test_nulls_are_absent_and_flags_are_no_numbers(connection: sa.Connection) -> None:
    figures = read_figures(connection, 2024)
    assert "poor_households" not in _unit(figures, "Xã Ba")
    assert "poor_households_at_start" not in _unit(figures, "Xã Một")
    assert not {"year", "is_final", "balances", "poor_rate"} & set(_unit(figures, "Xã Một"))
    assert _unit(figures, "Xã Một")["near_poor_persons"] == 2
    assert _unit(figures, "Xã Một")["households_carried"] == 1


def test_deprivations_and_causes_left_blank_are_absent(connection: sa.Connection) -> None:
    marked, unmarked = (
        _unit(read_figures(connection, 2024), "Xã Một"),
        _unit(read_figures(connection, 2025), "Xã Mới"),
    )
    assert marked["deprivation:poor:water"] == marked["deprivation:poor:all"] == 2
    assert marked["deprivation:poor:toilet"] == marked["deprivation:near_poor:water"] == 0
    assert (marked["cause:land"], marked["cause:other"]) == (2, 0)
    assert not [name for name in unmarked if name.startswith(("deprivation:", "cause:"))]


def test_where_nobody_is_poor_there_is_0_of_everything(connection: sa.Connection) -> None:
    none = _unit(read_figures(connection, 2024), "Xã Hai")
    assert none["deprivation:poor:all"] == none["cause:land"] == 0


def test_indicators_stand_in_the_official_order(connection: sa.Connection) -> None:
    lists = read_figures(connection, 2024).lists
    assert [key for key, _ in lists["indicators"]] == ["water", "toilet"]
    assert len(lists["causes"]) == 8


def test_a_unit_of_a_later_list_stands_under_a_heading_of_its_own(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "INSERT INTO marts.poverty_rate SELECT * REPLACE ('1@2025-07-01' AS commune_code)"
        " FROM marts.poverty_rate WHERE year = 2024 AND commune_code = '1'"
    )
    units = {unit.code: unit for unit in read_figures(connection, 2024).units}
    assert (units["1"].name, units["1"].group) == ("Xã Một", "Huyện A, Tỉnh Thái Nguyên")
    later = units["1@2025-07-01"]
    assert (later.name, later.group) == ("Xã Mới", "Theo danh mục từ 01/07/2025")


def test_groups_are_read(connection: sa.Connection) -> None:
    figures = read_figures(connection, 2024)
    one, two, three = (_unit(figures, name) for name in ("Xã Một", "Xã Hai", "Xã Ba"))
    assert figures.lists["minorities"] == (("Tày", "Tày"),)
    assert one["group:poor:ethnicity:Tày:households"] == 2
    assert one["group:near_poor:ethnic_minority:households"] == 1
    assert one["group:poor:merit:households"] == 1
    assert one["group:poor:ethnicity:Tày:persons"] == one["group:poor:ethnic_minority:persons"] == 8
    assert one["group:near_poor:ethnic_minority:persons"] == 5
    assert (one["group:poor:merit:persons"], two["group:poor:merit:persons"]) == (4, 0)
    # nobody asked who cannot work: who belongs to no group is not known
    assert "group:poor:other:households" not in one
    # nobody on the list: 0; marked nowhere, or no list: unknown
    assert two["group:poor:merit:households"] == 0
    assert "group:poor:female_head:households" not in one
    assert "group:poor:merit:households" not in three


def test_a_group_is_0_only_where_the_list_asked_for_it(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "UPDATE marts.poverty_rate SET poor_households = 5, near_poor_households = 2"
        " WHERE year = 2024 AND commune_code = '3'"
    )
    name = "group:poor:merit:households"
    assert not [n for n in _unit(read_figures(connection, 2024), "Xã Ba") if n.startswith("group:")]
    connection.exec_driver_sql(
        "INSERT INTO marts.poverty_group SELECT * REPLACE ('3' AS commune_code, 0 AS poor_households, 0 AS poor_persons)"
        " FROM marts.poverty_group WHERE group_type = 'merit'"
    )
    three = _unit(read_figures(connection, 2024), "Xã Ba")
    assert three[name] == 0 and "group:poor:ethnicity:Kinh:households" not in three


def test_a_group_that_every_list_asked_for_and_none_marked_was_left_blank(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "UPDATE marts.poverty_group SET poor_households = 0, poor_persons = 0 WHERE group_type = 'merit'"
    )
    assert "group:poor:merit:households" not in _unit(read_figures(connection, 2024), "Xã Một")


def test_other_households_are_those_of_no_group(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "INSERT INTO marts.poverty_group SELECT * REPLACE ('no_labour_capacity' AS group_type)"
        " FROM marts.poverty_group WHERE group_type = 'merit'"
    )
    one, two = (_unit(read_figures(connection, 2024), name) for name in ("Xã Một", "Xã Hai"))
    assert (one["group:poor:other:households"], two["group:poor:other:households"]) == (1, 0)


def test_a_release_without_persons_by_group_leaves_them_blank(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE marts.poverty_group DROP COLUMN poor_persons")
    connection.exec_driver_sql("ALTER TABLE marts.poverty_group DROP COLUMN near_poor_persons")
    one = _unit(read_figures(connection, 2024), "Xã Một")
    assert one["group:poor:merit:households"] == 1 and "group:poor:merit:persons" not in one


def test_what_is_not_there_is_named(connection: sa.Connection) -> None:
    with pytest.raises(YearUnknown, match="no review of 2020 is published; known: 2024, 2025"):
        read_figures(connection, 2020)
    with pytest.raises(YearUnknown, match="under T is published; known: S"):
        read_figures(connection, 2024, standard="T")
    with pytest.raises(YearUnknown, match="province 01; known: 06, 19"):
        read_figures(connection, 2024, province_of="01")
    connection.exec_driver_sql("DROP TABLE marts.poverty_transition")
    with pytest.raises(FormsUnavailable, match="no mart poverty_transition; run `thoatngheo refresh`"):
        read_figures(connection, 2024)
