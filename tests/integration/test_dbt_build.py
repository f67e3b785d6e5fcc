"""The dbt project builds the tiny province, and every mart holds what was worked out by hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.project import run_values
from checks.seeds import dbt_project
from tests.integration.make_accepted import new, old, write_home, write_table
from tests.integration.tiny_records import records

HOUSEHOLDS = "year, geography, commune_code, standard"


def build(
    home: Path,
    *arguments: str,
    project: Path | None = None,
    years: tuple[int, int] = (2016, 2100),
    memory: str = "1GB",
) -> None:
    """Build the project (or a copy of it) over a home, and show dbt's words where it fails."""
    done = run_dbt(home, "build", *arguments, project=project, years=years, memory=memory)
    assert done.returncode == 0, done.stdout[-6000:]


def run_dbt(
    home: Path,
    *arguments: str,
    project: Path | None = None,
    years: tuple[int, int] = (2016, 2100),
    memory: str = "1GB",
) -> subprocess.CompletedProcess[str]:
    """A command of dbt over a home, as it ended."""
    environment = os.environ | {
        "THOATNGHEO_HOME": str(home), "THOATNGHEO_DUCKDB_PATH": str(home / "pipeline.duckdb"),
        "THOATNGHEO_DUCKDB_THREADS": "2", "THOATNGHEO_DUCKDB_MEMORY": memory,
    } | run_values(years, "19", date(2026, 11, 23))  # fmt: skip
    command = [
        str(Path(sys.executable).with_name("dbt")), *arguments,
        "--project-dir", str(project or dbt_project()), "--profiles-dir", str(project or dbt_project()),
        "--target-path", str(home / "target"), "--log-path", str(home / "logs"),
    ]  # fmt: skip
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def rows_of(home: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query over the built database gives."""
    with duckdb.connect(str(home / "pipeline.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("dbt")
    write_home(folder)
    build(folder)
    yield folder


def _poverty(home: Path, columns: str, where: str) -> list[tuple[Any, ...]]:
    return rows_of(home, f"select {columns} from marts.poverty_rate where {where} order by {HOUSEHOLDS}")


def test_two_reviews_in_2021(home: Path) -> None:
    rows = rows_of(
        home,
        "select standard, sum(poor_households), any_value(is_headline) from marts.poverty_rate"
        " where year = 2021 and geography = 'current' group by standard order by standard",
    )
    assert rows == [("VN-2016", 4.0, False), ("VN-2022", 5.0, True)]


def test_split_unit_goes_to_both_heirs(home: Path) -> None:
    where = "year = 2021 and geography = 'current' and standard = 'VN-2022'"
    assert _poverty(home, "commune_code, poor_households, households", where) == [
        ("01005", 1.4, 140.0), ("05001", 1.0, 100.0), ("05002", 2.6, 360.0),
    ]  # fmt: skip


def test_denominators_are_carried(home: Path) -> None:
    where = "year = 2022 and geography = 'as_reported'"
    assert _poverty(home, "commune_code, households, households_source", where) == [
        ("01005", 100.0, "carried_2021"), ("05001", 110.0, "sent"), ("05002", 210.0, "sent"),
        ("05003", 100.0, "carried_2021"), ("05004", 600.0, "sent"),
    ]  # fmt: skip
    where = "year = 2025 and geography = 'as_reported'"
    assert _poverty(home, "commune_code, households, households_source", where) == [
        ("01005", 140.0, "partly_carried"), ("05001", 130.0, "sent"), ("05002", 380.0, "partly_carried"),
    ]  # fmt: skip


def test_class_filled_and_mismatched(home: Path) -> None:
    where = "year = 2021 and standard = 'VN-2022' and geography = 'as_reported' and commune_code = '05004'"
    assert _poverty(home, "poor_households, class_filled_households", where) == [(1.0, 1.0)]
    where = "year = 2022 and geography = 'as_reported' and commune_code = '05001'"
    assert _poverty(home, "poor_households, derived_poor_households, class_mismatch_households", where) == [
        (1.0, 0.0, 1.0)
    ]


def test_a_commune_without_a_list_has_no_rate(home: Path) -> None:
    where = "year = 2024 and geography = 'as_reported' and commune_code in ('05001', '05003')"
    # 05001 announces none: its list is empty; 05003 has sent nothing
    assert _poverty(home, "commune_code, poor_households, poor_rate, is_final", where) == [
        ("05001", 0.0, 0.0, False), ("05003", None, None, False),
    ]  # fmt: skip


def test_change_is_null_across_standard_and_territory(home: Path) -> None:
    rows = rows_of(
        home,
        "select year, geography, province_code, standard, change_from_previous_year is null"
        " from marts.poverty_rate_province where area_type = 'all' and province_code = '19'"
        " order by 1, 2, 4",
    )
    assert rows == [
        (2021, "as_reported", "19", "VN-2016", True), (2021, "as_reported", "19", "VN-2022", True),
        (2021, "current", "19", "VN-2016", True), (2021, "current", "19", "VN-2022", True),
        (2022, "as_reported", "19", "VN-2022", False), (2022, "current", "19", "VN-2022", False),
        (2024, "as_reported", "19", "VN-2022", True), (2024, "current", "19", "VN-2022", True),
        (2025, "as_reported", "19", "VN-2022", True), (2025, "current", "19", "VN-2022", False),
    ]  # fmt: skip


def test_credit_across_the_merger(home: Path) -> None:
    rows = rows_of(
        home,
        "select month::varchar, geography, commune_code, outstanding from marts.credit"
        " where year(month) = 2025 order by 1, 2, 3",
    )
    assert rows == [
        ("2025-06-01", "as_reported", "05004", 20e6), ("2025-06-01", "current", "01005", 8e6),
        ("2025-06-01", "current", "05002", 12e6), ("2025-07-01", "as_reported", "05002", 20e6),
        ("2025-07-01", "current", "05002", 20e6),
    ]  # fmt: skip


def test_credit_reaches_the_list_in_force(home: Path) -> None:
    rows = rows_of(
        home,
        "select clients, disbursed, collected, outstanding, poor_households_reached, poor_coverage"
        " from marts.credit where month = '2022-01-01' and geography = 'as_reported'",
    )
    assert rows == [(2.0, 10e6, 6e6, 54e6, 1.0, 0.5)]


def test_housing_need_and_stages(home: Path) -> None:
    rows = rows_of(
        home,
        "select commune_code, eligible, approved, finished, withdrawn, unmet_need from marts.housing_support"
        " where year = 2022 and geography = 'as_reported' and work_type = 'new_build' order by 1",
    )
    assert rows == [
        ("01005", 1.0, 1.0, 0.0, 0.0, 0.0), ("05001", 1.0, 0.0, 0.0, 0.0, 1.0),
        ("05002", 3.0, 1.0, 1.0, 0.0, 2.0), ("05004", 1.0, 0.0, 0.0, 0.0, 1.0),
    ]  # fmt: skip


def test_health_access_by_class(home: Path) -> None:
    rows = rows_of(
        home,
        "select poverty_class, persons, insured_persons, visits, out_of_pocket from marts.health_access"
        " where year = 2021 and geography = 'as_reported' and commune_code = '05002' order by 1",
    )
    assert rows == [
        ("all", 800.0, 2.0, 2.0, 150.0),
        ("near_poor", 1.0, 0.0, 0.0, 0.0),
        ("poor", 2.0, 2.0, 2.0, 150.0),
    ]


def test_sanitation_takes_the_last_month(home: Path) -> None:
    rows = rows_of(home, "select hygienic_latrine_rate, clean_water_rate from marts.sanitation"
                       " where commune_code = '05002' and geography = 'current'")  # fmt: skip
    assert rows == [(0.8, None)]


def test_only_the_province_and_its_predecessors(home: Path) -> None:
    rows = rows_of(home, "select distinct province_code from marts.dim_commune order by 1")
    assert rows == [("06",), ("19",)]


def test_findings_about_denominators(home: Path) -> None:
    rows = rows_of(
        home, "select year, reason, records from marts.data_quality where outcome = 'flagged' order by 1, 2"
    )
    assert rows == [
        (2022, "denominator_factor_3", 1.0), (2022, "denominator_missing", 1.0),
        (2024, "denominator_factor_3", 1.0), (2024, "denominator_missing", 2.0),
        (2025, "denominator_missing", 2.0),
    ]  # fmt: skip


def test_every_column_of_a_mart_carries_a_comment(home: Path) -> None:
    bare = (
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null"
    )
    assert rows_of(home, bare) == []


def test_a_window_that_shrinks_leaves_no_stalerows_of(home: Path) -> None:
    before = rows_of(home, "select * from marts.poverty_rate where year < 2025 order by all")
    credit = rows_of(home, "select * from marts.credit order by all")
    write_table(home, "survey_household", 2025, ())
    build(home, years=(2025, 2025))
    assert rows_of(home, "select count(*) from marts.poverty_rate where year = 2025") == [(0,)]
    assert rows_of(home, "select count(*) from intermediate.int_household_year where year = 2025") == [(0,)]
    assert rows_of(home, "select * from marts.poverty_rate where year < 2025 order by all") == before
    assert rows_of(home, "select * from marts.credit order by all") == credit


def test_the_year_after_a_changed_list_follows_it(home: Path) -> None:
    reached = "select any_value(poor_households_reached) from marts.credit where month = '2022-01-01'"
    assert rows_of(home, reached) == [(1.0,)]
    write_table(home, "survey_household", 2021, ())
    build(home, years=(2021, 2021))
    assert rows_of(home, reached) == [(None,)]
    assert rows_of(home, "select count(*) from marts.housing_support where year = 2022 and eligible > 0") == [
        (0,)
    ]


def test_data_tests_look_at_the_years_that_the_run_made(home: Path, tmp_path: Path) -> None:
    """What an earlier run made was tested then; a key without its year, and a whole mart, always are."""
    shutil.copyfile(home / "pipeline.duckdb", tmp_path / "pipeline.duckdb")
    with duckdb.connect(str(tmp_path / "pipeline.duckdb")) as connection:
        connection.execute(
            "UPDATE intermediate.int_household_year SET poverty_class = 'rich' WHERE year = 2022"
        )
        connection.execute("UPDATE intermediate.int_household_year SET household_key = 'k' WHERE year = 2022")
        connection.execute("UPDATE marts.poverty_rate SET poor_rate = 2 WHERE year = 2022")
    asked = ("test", "--exclude-resource-type", "unit_test", "--select")
    found = {
        year: {
            name
            for name in ("accepted_values_int_household_year_poverty_class", "unique_grain_int_household_year",
                         "rate_between_0_and_1_poverty_rate_poor_rate")
            if re.search(rf"(FAIL \d+|ERROR) {name}", done.stdout)
        }
        for year in (2022, 2024)
        for done in [run_dbt(tmp_path, *asked, "int_household_year", "poverty_rate", years=(year, year))]
    }  # fmt: skip
    always = {"unique_grain_int_household_year", "rate_between_0_and_1_poverty_rate_poor_rate"}
    assert found == {2022: always | {"accepted_values_int_household_year_poverty_class"}, 2024: always}


def test_a_list_on_a_later_map_stands_beside_the_commune_whose_code_it_has(home: Path) -> None:
    """Everything of 2022 that was sent of 05002 once more, of the commune of 2025 with that code."""
    then, later = (f"year(day) = 2022 and code = '{code}'" for code in ("05002", "05002@2025-07-01"))
    figures = (
        "select commune_code as code, make_date(year, 1, 1) as day, 'poverty', standard,"
        " [poor_households, households] from marts.poverty_rate where geography = 'as_reported'"
        " union all select commune_code, month, 'credit', programme, [outstanding, clients]"
        " from marts.credit where geography = 'as_reported'"
        " union all select commune_code, make_date(year, 1, 1), 'housing', work_type, [approved, finished]"
        " from marts.housing_support where geography = 'as_reported'"
    )
    twice = defaultdict(list)
    for table, year, row in records():
        if year == 2022:
            twice[table].append(row)
            if row["unit_id"] == old("05002"):
                secret = {
                    k: f"{v}+" for k, v in row.items() if v and (k.endswith("pseudonym") or k == "case_id")
                }
                twice[table].append(row | secret | {"unit_id": new("05002")})
    assert set(twice) >= {"survey_household", "survey_total", "loan_ledger", "housing_case"}
    for table, rows in twice.items():
        write_table(home, table, 2022, [row | {"source_row": n} for n, row in enumerate(rows, start=2)])
    build(home, years=(2022, 2022))
    asked = f"select * exclude (code) from ({figures}) where {{}} order by all"
    held = rows_of(home, asked.format(then))
    assert len(held) == 5 and rows_of(home, asked.format(later)) == held
    assert rows_of(home, "select commune_name from marts.poverty_rate where commune_code like '%@%'") == [
        ("Xã Ba",)
    ]


def test_models_beyond_the_memory_spill_to_disk(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(dbt_project(), project, ignore=shutil.ignore_patterns("target", "logs"))
    hook = "create temp table spilled as select hash(range) as h from range(30000000)"
    for name, config in (
        ("one", f"materialized='table', pre_hook='{hook}'"),
        ("two", "materialized='table'"),
    ):
        model = project / "models" / "intermediate" / f"spilling_{name}.sql"
        model.write_text(
            f"{{{{ config({config}) }}}}\nselect count(*) as n from range(10)\n", encoding="utf-8"
        )
    build(tmp_path, "--select", "spilling_one", "spilling_two", project=project, memory="100MB")
    assert rows_of(tmp_path, "select n from intermediate.spilling_two") == [(10,)]


def test_rows_outside_the_window_stop_the_run(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(dbt_project(), project, ignore=shutil.ignore_patterns("target", "logs"))
    config = "config(materialized='incremental', incremental_strategy='window')"
    model = project / "models" / "intermediate" / "straying.sql"
    model.write_text(f"{{{{ {config} }}}}\nselect 2023 as year union all select 2024\n", encoding="utf-8")
    build(tmp_path, "--select", "straying", project=project)
    build(tmp_path, "--select", "straying", project=project, years=(2023, 2024))
    done = run_dbt(tmp_path, "build", "--select", "straying", project=project, years=(2024, 2024))
    assert done.returncode and "straying made rows outside the years that this run makes" in done.stdout
    assert rows_of(tmp_path, "select year from intermediate.straying order by 1") == [(2023,), (2024,)]
