"""A data test that fails holds the release, until its own year is made well: no other year's run hides it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.integration.line import Line

_TEST = "accepted_values_int_household_poverty_class"


def test_a_year_that_failed_its_tests_holds_the_release_whoever_runs_after_it(
    realistic: Line, tmp_path: Path
) -> None:
    line = Line(tmp_path / "home")
    shutil.copytree(realistic.home, line.home, symlinks=True)
    before = line.checksums()
    _recognise_an_unknown_class(line.home / "accepted/survey_household/year=2024/survey_household.parquet")
    own, other = (line.command("refresh", "--year", year) for year in ("2024", "2025"))
    assert (own.returncode, other.returncode) == (1, 1)
    assert _TEST in own.stdout + own.stderr
    told = " ".join(other.stdout.split())
    assert "transformation" in told and "thoatngheo refresh --year 2024" in told
    assert line.checksums() == before
    # The other year's own tests passed: they alone must not release the year that failed.
    assert line.journal("SELECT unique_id FROM dbt_result WHERE status IN ('fail', 'error', 'skipped')") == []


def _recognise_an_unknown_class(path: Path) -> None:
    """Every class of a kept file becomes one that no form knows, behind the back of the checks."""
    table = pq.read_table(path)
    column = table.column_names.index("declared_class")
    unknown = pa.array(["rich"] * len(table), table.schema.field(column).type)
    pq.write_table(table.set_column(column, table.schema.field(column), unknown), path)
