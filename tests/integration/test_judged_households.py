"""Of which indicators a household is judged: the clauses of docs/standards.md, a row each, worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.integration.make_accepted import old, record, write_home, write_table
from tests.integration.test_dbt_build import build, rows_of

_YEAR = 2024
_ALL = (
    "adult_education", "child_schooling", "dependents", "employment", "health_insurance", "housing_area",
    "housing_quality", "info_means", "nutrition", "telecom", "toilet", "water",
)  # fmt: skip
# A form with a column for every indicator and no mark on it.
_BLANK = {f"dep_{name}": False for name in _ALL}
# A file with columns for three indicators alone.
_THREE = {"dep_telecom": False, "dep_toilet": False, "dep_water": True}
# 5 m² a person, water that is not clean, a hygienic latrine: nothing else is told.
_ANSWERS = {
    "floor_area": 20.0, "household_size": 4, "water_supply": "unprotected_dug_well", "latrine_type": "septic",
}  # fmt: skip
_ANSWERED = ("housing_area", "toilet", "water")

# what the household has; the indicators of which it is judged; those of which it is deprived
_CLAUSES: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "marks that add up to the score": (
        {**_BLANK, "dep_water": True, "dep_toilet": True, "b2_points": 20.0}, _ALL, ("toilet", "water"),
    ),
    "a blank form and a score of 0": ({**_BLANK, "b2_points": 0.0}, _ALL, ()),
    "no column of marks and a score of 0": ({"b2_points": 0.0}, _ALL, ()),
    "answers that add up to the score": (
        {**_ANSWERS, "b2_points": 20.0}, _ALL, ("housing_area", "water"),
    ),
    "answers alone": (_ANSWERS, _ANSWERED, ("housing_area", "water")),
    "answers and another score": ({**_ANSWERS, "b2_points": 50.0}, _ANSWERED, ("housing_area", "water")),
    "marks and no score": ({**_BLANK, "dep_water": True}, _ALL, ("water",)),
    "marks in some columns and no score": (_THREE, ("telecom", "toilet", "water"), ("water",)),
    "fewer marks than the score": ({**_BLANK, "dep_water": True, "b2_points": 30.0}, (), ("water",)),
    "more marks than the score": (
        {**_BLANK, "dep_water": True, "dep_toilet": True, "b2_points": 10.0}, (), ("toilet", "water"),
    ),
    # marks come first: the answers beside them are not asked
    "marks that contradict the score, and answers": (
        {**_BLANK, **_ANSWERS, "dep_telecom": True, "b2_points": 30.0}, (), ("telecom",),
    ),
    "a blank form and no score": (_BLANK, (), ()),
    "a blank form with a score": ({**_BLANK, "b2_points": 30.0}, (), ()),
    "neither columns of marks, nor answers, nor a score": ({}, (), ()),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    write_home(folder)
    households = [
        record(
            "survey_household", number, old("05001"), date(_YEAR, 12, 14), standard="VN-2022",
            village="Tổ 1", household_code=code, declared_class="poor",
            # a file of its own: what its columns are is known by file
            **{"household_size": 3, **values, "file_hash": f"file {number}"},
        )
        for number, (code, (values, _, _)) in enumerate(_CLAUSES.items())
    ]  # fmt: skip
    write_table(folder, "survey_household", _YEAR, households)
    build(folder, "--select", "+int_household", "+int_listed_person", "--indirect-selection", "cautious")
    return folder


@pytest.mark.parametrize("clause", _CLAUSES)
def test_a_household_is_judged_as_its_clause_says(home: Path, clause: str) -> None:
    _, judged, deprived = _CLAUSES[clause]
    marks = ", ".join(f"if(dep_{name}, '{name}', null)" for name in _ALL)
    ((not_judged, marked),) = rows_of(
        home,
        f"select indicators_not_judged, list_filter([{marks}], lambda i: i is not null) from "
        f"intermediate.int_household where year = {_YEAR} and household_code = '{clause}'",
    )
    assert sorted(not_judged) == sorted(set(_ALL) - set(judged))
    assert sorted(marked) == sorted(deprived)
