"""The quantile of Student's t: the seed's row, and beyond its last one the series, as SciPy computes both."""

from __future__ import annotations

import re

import duckdb
import jinja2
import pytest
from scipy.stats import t as student

from checks.seeds import dbt_project, read_seed


def _series(df: int) -> float | None:
    """The macro where the seed has no row."""
    text = (dbt_project() / "macros" / "measured.sql").read_text(encoding="utf-8")
    found = re.search(r"{% macro student_t\(.*?{%- endmacro %}", text, re.DOTALL)
    assert found
    made = jinja2.Environment().from_string(found[0]).module.student_t(str(df), "null")  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        row = connection.execute(f"select {made}").fetchone()
    assert row
    return None if row[0] is None else float(row[0])


@pytest.mark.parametrize("df", [301, 1000, 100_000])
def test_beyond_the_seed_the_series_is_exact(df: int) -> None:
    assert _series(df) == pytest.approx(float(student.ppf(0.975, df)), rel=1e-12)


def test_without_degrees_of_freedom_there_is_no_quantile() -> None:
    assert _series(0) is None


def test_the_seed_has_a_row_for_every_number_up_to_its_last() -> None:
    rows = {int(row["df"]): float(row["quantile"]) for row in read_seed("student_t")}
    assert sorted(rows) == list(range(1, 301))
    assert rows == {df: pytest.approx(float(student.ppf(0.975, df)), rel=1e-12) for df in rows}
