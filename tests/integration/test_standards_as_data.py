"""A standard is added by rows alone: the models apply it to the lists, and count what it cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.seeds import dbt_project
from checks.standards import seed_errors
from tests.integration.made_up_standard import copy_with_made_up_standards
from tests.integration.make_accepted import write_home
from tests.integration.test_dbt_build import build, rows_of

COUNTS = (
    "sum(poor_households), sum(near_poor_households), sum(not_poor_households),"
    " sum(without_score_households), sum(without_deprivations_households)"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("standards")
    write_home(folder)
    project = copy_with_made_up_standards(folder)
    assert seed_errors(project / "seeds") == []
    build(
        folder, "--select", "+reclassified_poverty", "+poverty_rate", "dim_standard", "dim_indicator",
        "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious", project=project,
    )  # fmt: skip
    yield folder


def _applied(home: Path, standard: str) -> list[tuple[Any, ...]]:
    return rows_of(
        home,
        f"select year, {COUNTS} from marts.reclassified_poverty where geography = 'current'"
        f" and applied_standard = '{standard}' group by year order by year",
    )


def test_no_model_was_touched(home: Path) -> None:
    for folder in ("models", "macros"):
        for path in (dbt_project() / folder).rglob("*.*"):
            copied = home / "dbt_project" / path.relative_to(dbt_project())
            assert copied.read_bytes() == path.read_bytes(), path.name


def test_a_higher_line_takes_in_who_is_below_the_old_one(home: Path) -> None:
    """Points at most the line of their own form are an income at most every higher line; above it, nobody
    knows. 2021: 175 and 140 points urban and rural are within, 176 is not said."""
    assert _applied(home, "XX-HIGH") == [
        (2021, 5.0, 1.0, 0.0, 1.0, 0.0), (2022, 3.0, 2.0, 0.0, 0.0, 0.0),
        (2024, 2.0, 0.0, 0.0, 0.0, 0.0), (2025, 2.0, 1.0, 0.0, 1.0, 0.0),
    ]  # fmt: skip


def test_another_country_counts_by_its_own_weights(home: Path) -> None:
    """The tiny lists mark the house alone (0.4 of 1, the cut-off): who has one mark and 10 points is poor;
    whose score says more than is marked cannot be said."""
    assert _applied(home, "XX-FOREIGN") == [
        (2021, 0.0, 0.0, 0.0, 0.0, 7.0), (2022, 1.0, 0.0, 0.0, 0.0, 4.0),
        (2024, 0.0, 0.0, 0.0, 0.0, 2.0), (2025, 0.0, 0.0, 0.0, 0.0, 4.0),
    ]  # fmt: skip


def test_the_lines_of_2027_are_not_known_in_points(home: Path) -> None:
    assert _applied(home, "VN-2027") == [
        (2021, 0.0, 0.0, 0.0, 1.0, 6.0), (2022, 0.0, 0.0, 0.0, 0.0, 5.0),
        (2024, 0.0, 0.0, 0.0, 0.0, 2.0), (2025, 0.0, 0.0, 0.0, 1.0, 3.0),
    ]  # fmt: skip


def test_the_own_standard_gives_the_derived_class(home: Path) -> None:
    derived = rows_of(
        home,
        "select r.commune_code, r.poor_households - p.derived_poor_households,"
        " r.near_poor_households - p.derived_near_poor_households from marts.reclassified_poverty as r"
        " join marts.poverty_rate as p using (year, geography, commune_code)"
        " where r.applied_standard = r.reviewed_standard and p.standard = r.reviewed_standard",
    )
    assert len(derived) >= 20
    assert {row[1:] for row in derived} == {(0.0, 0.0)}


def test_only_the_headline_list_is_classified_again(home: Path) -> None:
    rows = rows_of(home, "select distinct year, reviewed_standard from marts.reclassified_poverty order by 1")
    assert rows == [(2021, "VN-2022"), (2022, "VN-2022"), (2024, "VN-2022"), (2025, "VN-2022")]


def test_the_published_counts_stand_as_they_were(home: Path) -> None:
    rows = rows_of(
        home,
        "select year, standard, sum(poor_households) from marts.poverty_rate where geography = 'current'"
        " and is_headline group by all order by 1",
    )
    assert rows == [
        (2021, "VN-2022", 5.0),
        (2022, "VN-2022", 4.0),
        (2024, "VN-2022", 2.0),
        (2025, "VN-2022", 2.0),
    ]


def test_the_new_standards_are_told(home: Path) -> None:
    rows = rows_of(
        home, "select standard, scope, rule from marts.dim_standard where standard like 'XX%' order by 1"
    )
    assert rows == [("XX-FOREIGN", "foreign", "deprivations"), ("XX-HIGH", "province", "and")]
    weights = rows_of(
        home, "select sum(weight) from marts.dim_indicator where standard like 'XX%' group by standard"
    )
    assert [round(weight, 9) for (weight,) in weights] == [1.0, 1.0]
