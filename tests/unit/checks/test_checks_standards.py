"""Seed rows of the standards: sound as they stand, and refused by file, row and fix where they are not."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.seeds import dbt_project
from checks.standards import UnsoundSeeds, require_sound_seeds, seed_errors

Row = dict[str, str]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the project's seeds, to be spoilt."""
    return Path(shutil.copytree(dbt_project() / "seeds", tmp_path / "seeds"))


def change(folder: Path, name: str, edit: Callable[[list[Row]], list[Row]]) -> None:
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(edit(rows))


def put(folder: Path, name: str, key: str, **values: str) -> None:
    """Change the values of the row whose first cells are `key`."""

    def edit(rows: list[Row]) -> list[Row]:
        found = [row for row in rows if " ".join(row.values()).startswith(key)]
        assert len(found) == 1, key
        found[0].update(values)
        return rows

    change(folder, name, edit)


def test_the_seeds_are_sound() -> None:
    require_sound_seeds()


SPOILT = [
    ("standards", "VN-2022", {"valid_to": "2027-06-30"}, "row 4 (VN-2027): overlaps VN-2022"),
    ("standards", "VN-2022", {"valid_to": "2025-12-31"}, "row 4 (VN-2027): begins 2027-01-01, but VN-2022 ends"),
    ("standards", "VN-2022", {"valid_to": ""}, "row 4 (VN-2027): overlaps VN-2022, which is valid to no end"),
    ("standards", "VN-2016", {"valid_from": "1/1/2016"}, "row 2 (VN-2016): valid_from '1/1/2016' is no day"),
    ("standards", "VN-2027", {"valid_to": "2026-12-31"}, "row 4 (VN-2027): valid_to 2026-12-31 lies before"),
    ("standards", "VN-2022", {"rule": "AND"}, "row 3 (VN-2022): rule 'AND' is not known; use one of and, or"),
    ("standards", "VN-2022", {"scope": "district"}, "row 3 (VN-2022): scope 'district' is not known"),
    ("standards", "VN-2022", {"cutoff_share": "1.2"}, "row 3 (VN-2022): cutoff_share '1.2' does not lie in (0, 1]"),
    ("standards", "VN-2022", {"cutoff": "4"}, "row 3 (VN-2022): cutoff 4 of 12 indicators is not the cutoff_share"),
    ("standards", "VN-2022", {"rural_upper_line": "1800000"}, "row 3 (VN-2022): the rule and has one line; rural"),
    ("standards", "VN-2016", {"rural_upper_line": "600000"}, "rural_upper_line 600000 lies below rural_line"),
    ("standards", "VN-2022", {"urban_average_line": "1900000"}, "urban_average_line 1.9e+06 lies below"),
    ("standards", "VN-2022", {"urban_line": ""}, "row 3 (VN-2022): urban_line blank beside rural_line"),
    ("standards", "VN-2022", {"points_form": ""}, "points_form and the lines in points belong together"),
    ("indicators", "VN-2022 water", {"weight": "0.1"}, "rows 12 to 23 (VN-2022): the weights add up to 1.016"),
    ("indicators", "VN-2022 water", {"weight": "-0.1"}, "row 20 (VN-2022 water): weight '-0.1' does not lie"),
    ("indicators", "VN-2022 water", {"dimension": "watre"}, "row 20 (VN-2022 water): dimension 'watre' is not"),
    ("indicators", "VN-2022 water", {"standard": "VN-2023"}, "its standard has no row in standards.csv"),
    ("indicators", "VN-2022 water", {"indicator": "toilet"}, "row 21 (VN-2022 toilet): stands in row 20 already"),
    ("indicators", "VN-2022 water", {"indicator": "wells"}, "row 20 (VN-2022 wells): no list marks it"),
    ("standard_provenance", "VN-2022 rule", {"status": "sure"}, "status 'sure' is not known; use one of found"),
    ("standard_provenance", "VN-2022 rule", {"status": "not_found"}, "the value is given, yet told as not found"),
    ("standard_provenance", "VN-2022 rule", {"fact": "valid_to"}, "no provenance of rule in standard_provenance"),
    ("answers", "material durable", {"answer": "stone"}, "answer 'stone' is not in vocabulary material"),
    ("answers", "material durable", {"is_deprived": "yes"}, "is_deprived 'yes' is neither true nor false"),
    ("working_ages", "male 2022", {"year_from": "2023"}, "seeds/working_ages.csv row 5: does not follow on 2021"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "key", "values", "said"), SPOILT)
def test_a_slip_is_named_with_its_row(
    seeds: Path, name: str, key: str, values: dict[str, str], said: str
) -> None:
    put(seeds, name, key, **values)
    assert any(said in text for text in seed_errors(seeds)), seed_errors(seeds)


def test_an_answer_that_nobody_judges_is_named(seeds: Path) -> None:
    change(seeds, "answers", lambda rows: [r for r in rows if r["answer"] != "septic"])
    assert seed_errors(seeds) == [
        "seeds/answers.csv: question latrine does not judge the answer 'septic'; add a row"
    ]


def test_a_standard_without_indicators_is_named(seeds: Path) -> None:
    change(seeds, "indicators", lambda rows: [r for r in rows if r["standard"] != "VN-2016"])
    assert any("row 2 (VN-2016): it has no indicator" in text for text in seed_errors(seeds))


def test_all_slips_are_told_at_once(seeds: Path) -> None:
    put(seeds, "standards", "VN-2022", rule="AND")
    put(seeds, "indicators", "VN-2022 water", dimension="watre")
    with pytest.raises(UnsoundSeeds) as raised:
        require_sound_seeds(seeds)
    assert "standards.csv row 3" in str(raised.value)
    assert "indicators.csv row 20" in str(raised.value)
