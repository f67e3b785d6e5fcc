"""The published file keeps the contract with its readers: columns, grains, comments, ranges."""

from __future__ import annotations

import re

import pytest

from checks.contract import TABLES
from tests.integration.line import Line
from tests.integration.mart_contract import MARTS, columns, grain


@pytest.mark.parametrize("mart", MARTS)
def test_mart_has_its_columns(realistic: Line, mart: str) -> None:
    found = {row[0] for row in realistic.rows(f"DESCRIBE marts.{mart}")}
    assert not set(columns(mart)) - found


@pytest.mark.parametrize("mart", MARTS)
def test_mart_is_filled_and_keeps_its_grain(realistic: Line, mart: str) -> None:
    keys = ", ".join(grain(mart))
    rows, distinct = realistic.rows(
        f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {keys} FROM marts.{mart}))"
        f" FROM marts.{mart}"
    )[0]
    # A first release changes nothing.
    assert rows > 0 or mart == "release_change"
    assert rows == distinct


def test_nothing_but_the_marts_is_published(realistic: Line) -> None:
    tables = realistic.rows("SELECT schema_name, table_name FROM duckdb_tables()")
    assert {schema for schema, _ in tables} == {"marts"}
    assert {table for _, table in tables} == set(MARTS)


def test_every_table_and_column_carries_a_comment(realistic: Line) -> None:
    tables = "SELECT table_name FROM duckdb_tables() WHERE coalesce(trim(comment), '') = ''"
    named = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'"
        " AND coalesce(trim(comment), '') = ''"
    )
    assert realistic.rows(tables) == []
    assert realistic.rows(named) == []


def test_comments_hold_their_own_text(realistic: Line) -> None:
    """What had to be quoted on its way into the database comes out unquoted."""
    comments = realistic.rows("SELECT comment FROM duckdb_columns() WHERE schema_name = 'marts'")
    assert not [text for (text,) in comments if "\\" in text or "''" in text]


def test_rates_lie_between_0_and_1(realistic: Line) -> None:
    found = realistic.rows(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'"
        " AND (column_name LIKE '%_rate' OR column_name LIKE '%_share' OR column_name = 'poor_coverage')"
        " AND table_name <> 'dim_programme'"
    )
    assert len(found) >= 10
    for mart, column in found:
        outside = f"SELECT count(*) FROM marts.{mart} WHERE NOT ({column} BETWEEN 0 AND 1)"
        assert realistic.rows(outside) == [(0,)], (mart, column)


def test_a_rate_is_its_numerator_over_its_denominator(realistic: Line) -> None:
    off = realistic.rows(
        "SELECT * FROM marts.poverty_rate WHERE abs(poor_rate - poor_households / households) > 1e-9"
        " OR abs(multidimensional_poor_rate - (poor_households + near_poor_households) / households) > 1e-9"
        " OR (poor_rate IS NOT NULL AND coalesce(households, 0) <= 0)"
    )
    assert off == []


def test_weights_of_the_bridge_add_up(realistic: Line) -> None:
    off = realistic.rows(
        "SELECT old_code, old_valid_from, sum(weight) FROM marts.bridge_commune GROUP BY ALL"
        " HAVING sum(weight) <> 1"
    )
    assert off == []


def test_every_commune_of_a_mart_is_known(realistic: Line) -> None:
    for mart in MARTS:
        if mart not in ("dim_commune", "bridge_commune") and "commune_code" in columns(mart):
            stray = (
                f"SELECT DISTINCT commune_code FROM marts.{mart} WHERE commune_code IS NOT NULL"
                " AND commune_code NOT IN (SELECT commune_code FROM marts.dim_commune)"
            )
            assert realistic.rows(stray) == [], mart


def test_both_maps_agree_on_what_adds_up(realistic: Line) -> None:
    """Carrying counts to today's communes neither makes nor loses any."""
    sums = {
        "poverty_rate": ("year, standard", "poor_households near_poor_households poor_persons"),
        "deprivation": ("year, standard, poverty_class, indicator", "deprived_households households"),
        "poverty_cause": ("year, standard, cause", "poor_households"),
        "poverty_group": ("year, standard, group_type, group_value", "poor_households near_poor_households"),
        "credit": ("month, programme", "clients outstanding disbursed overdue poor_households_reached"),
        "housing_support": ("year, work_type", "approved finished withdrawn disbursed_amount eligible"),
        "health_access": ("year, poverty_class", "visits total_cost out_of_pocket"),
        "sanitation": ("year", "hygienic_latrine_households children_u5_measured"),
    }
    for mart, (by, measures) in sums.items():
        for measure in measures.split():
            totals = realistic.rows(
                f"SELECT {by}, min(total), max(total) FROM (SELECT {by}, geography, sum({measure}) AS total"
                f" FROM marts.{mart} GROUP BY ALL) GROUP BY ALL"
                " HAVING count(*) <> 2 OR max(total) - min(total) > 1e-6 * greatest(1, max(total))"
            )
            assert totals == [], (mart, measure)


def test_years_and_geographies(realistic: Line) -> None:
    assert realistic.rows("SELECT DISTINCT year FROM marts.poverty_rate ORDER BY 1") == [
        (2021,),
        (2024,),
        (2025,),
    ]
    for mart in ("poverty_rate", "credit", "housing_support", "health_access", "sanitation"):
        kinds = realistic.rows(f"SELECT DISTINCT geography FROM marts.{mart} ORDER BY 1")
        assert kinds == [("as_reported",), ("current",)], mart


def test_official_names_are_vietnamese(realistic: Line) -> None:
    names = [name for (name,) in realistic.rows("SELECT name_vi FROM marts.dim_indicator")]
    assert "Nhà tiêu hợp vệ sinh" in names


def test_the_release_can_be_followed_back(realistic: Line) -> None:
    release = realistic.frame("SELECT * FROM marts.release").iloc[-1]
    hashes = {row["sha256"] for row in realistic.journal("SELECT sha256 FROM file WHERE state = 'current'")}
    assert set(re.findall(r"[0-9a-f]{64}", release["inputs"])) == hashes
    counted = realistic.rows("SELECT DISTINCT file_hash FROM marts.data_quality WHERE file_hash <> ''")
    assert {h for (h,) in counted} <= hashes
    landed = {path.name.split(".")[0] for path in (realistic.home / "landing").rglob("*.*") if path.is_file()}
    assert landed == hashes


def test_accepted_files_are_what_dbt_is_told(realistic: Line) -> None:
    """The columns of every accepted Parquet are those of its dbt source, name by name."""
    import pyarrow.parquet as pq
    import yaml

    from checks.seeds import dbt_project

    text = (dbt_project() / "models" / "staging" / "_sources.yml").read_text(encoding="utf-8")
    tables = {
        (source["name"], table["name"]): [c["name"] for c in table["columns"]]
        for source in yaml.safe_load(text)["sources"]
        for table in source["tables"]
    }
    for table in TABLES:
        files = sorted((realistic.home / "accepted" / table).glob("year=*/*.parquet"))
        assert len(files) >= 4
        for path in files:
            names = pq.read_schema(path).names
            assert set(tables["accepted", table]) - {"year"} == set(names), path
