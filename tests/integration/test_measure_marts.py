"""The marts and the command measure alike: the same households through dbt and through `measure`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from assets.measures import Options, measure, read_standard
from assets.measures.options import read_cutoffs
from tests.integration.make_accepted import Row, old, record, write_home, write_table
from tests.integration.test_dbt_build import build

_INDICATORS = [i.name for i in read_standard("VN-2022").indicators]
_YEAR = 2023
# At the lines too; of some households none is declared, and one cannot be true.
_INCOMES = (None, None, -1, 0, 400_000, 1_000_000, 1_500_000, 1_500_001, 2_000_000, 4_000_000)
# A mark as far as it is known: every household here has a score, and is judged where its marks add up to it.
# Not the model's own `indicators_not_judged`, which would agree with itself whatever it said.
_ADDS_UP = f"b2_points = 10 * ({' + '.join(f'cast(dep_{name} as integer)' for name in _INDICATORS)})"
_KNOWN = ", ".join(f"if({_ADDS_UP}, dep_{name}, null) as dep_{name}" for name in _INDICATORS)
_MONETARY = """
standard: MONEY
monetary: {income: income_per_capita, line: income_line, at_line: poor}
"""


def _households() -> Iterator[Row]:
    draw, incomes = Random(20231214), Random(1)
    for number in range(300):
        marks = {f"dep_{name}": draw.random() < 0.25 or None for name in _INDICATORS}
        # some forms come without marks, and of these some with a score of 0
        blank = draw.random() < 0.1
        yield record(
            "survey_household",
            1000 + number,
            old(draw.choice(["05001", "05002", "05003", "01005"])),
            date(_YEAR, 12, 14),
            standard="VN-2022",
            village="Xóm 1",
            household_code=str(number),
            household_size=draw.randint(1, 11),
            b1_points=100,
            b2_points=draw.choice([0, 30]) if blank else 10 * sum(bool(m) for m in marks.values()),
            income_per_capita=incomes.choice(_INCOMES),
            declared_class=draw.choice(["poor", "near_poor"]),
            ethnicity=draw.choice(["Kinh", "Tày", "Mông", None]),
            head_sex=draw.choice(["male", "female"]),
            no_labour_capacity=draw.random() < 0.2,
            has_merit_member=draw.random() < 0.1,
            **({} if blank else marks),
        )


def _sample() -> Iterator[Row]:
    """Households that were drawn in the year of the list: three strata, PSUs, weights that differ."""
    draw = Random(7)
    for number in range(240):
        marks = {f"dep_{name}": draw.random() < 0.3 for name in _INDICATORS}
        # of some the marks contradict the score
        points = 10.0 * sum(marks.values()) + (10 if draw.random() < 0.1 else 0)
        stratum = draw.choice("ABC")
        yield record(
            "survey_household",
            5000 + number,
            old(draw.choice(["05001", "05002", "01005"])),
            date(_YEAR, 12, 14),
            standard="VN-2022",
            village="Xóm 9",
            household_code=f"m{number}",
            household_size=draw.randint(1, 9),
            b2_points=points,
            income_per_capita=draw.choice(_INCOMES),
            declared_class="poor",
            ethnicity=draw.choice(["Kinh", "Tày"]),
            head_sex=draw.choice(["male", "female"]),
            is_sampled=True,
            weight=draw.uniform(0.5, 40),
            stratum=stratum,
            psu=f"{stratum}{draw.randint(1, 5)}",
            **marks,
        )
    yield record(
        "survey_household", 6000, old("05001"), date(_YEAR, 12, 14), standard="VN-2022", village="Xóm 9",
        household_code="no weight", household_size=3, b2_points=0.0, stratum="A", psu="A1", is_sampled=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measures")
    write_home(folder)
    write_table(folder, "survey_household", _YEAR, [*_households(), *_sample()])
    selected = ("+multidimensional_poverty", "+monetary_poverty", "+poverty_group", "+int_sample_finding")
    build(folder, "--select", *selected, "--indirect-selection", "cautious")
    return folder


def _rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "pipeline.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_mart_is_what_the_command_says(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "households.parquet"
    with duckdb.connect(str(home / "pipeline.duckdb"), read_only=True) as connection:
        connection.execute(
            f"copy (select * replace ({_KNOWN}), left(unit_id, 5) as commune from intermediate.int_household_year "
            f"where year = {_YEAR}) to '{table}'"
        )
    standard = read_standard("VN-2022")
    options = Options(
        by=("commune", "ethnicity", "head_sex", "area_type"), size="household_size",
        cutoffs=read_cutoffs(["1/4", "1/3", "1/2"], standard),
    )  # fmt: skip
    keys = ("unit", "group_type", "group_value", "measure", "indicator")
    values = ("estimate", "observations", "population", "not_judged_share")
    found = _rows(
        home,
        f"select {', '.join((*keys, 'k', *values))} from marts.multidimensional_poverty "
        f"where year = {_YEAR} and geography = 'as_reported' and method = 'census' and standard_error is null",
    )
    mart = {(*row[:5], round(row[5], 6)): row[6:] for row in found}
    compared = 0
    for row in measure([table], standard, options).rows.to_pylist():
        key = (*(row[key] or "all" for key in keys), round(row["k"] or 1 / 3, 6))
        assert mart[key] == pytest.approx(tuple(row[name] for name in values), rel=1e-9), key
        compared += 1
    assert compared == 4386


def test_declared_incomes_are_measured_as_the_command_does(home: Path, tmp_path: Path) -> None:
    table, standard = tmp_path / "households.parquet", tmp_path / "money.yaml"
    standard.write_text(_MONETARY, encoding="utf-8")
    with duckdb.connect(str(home / "pipeline.duckdb"), read_only=True) as connection:
        connection.execute(
            "copy (select *, left(unit_id, 5) as commune, if(area_type = 'urban', 2000000, 1500000) as "
            f"income_line from intermediate.int_household_year where year = {_YEAR}) to '{table}'"
        )
    options = Options(by=("commune", "ethnicity", "head_sex", "area_type"), size="household_size")
    values = ("estimate", "population", "not_judged_share")
    keys = ("unit", "group_type", "group_value", "measure")
    found = _rows(
        home,
        f"select {', '.join((*keys, *values))} from marts.monetary_poverty where year = {_YEAR} "
        "and geography = 'as_reported' and method = 'census' and standard_error is null "
        "and group_type in ('all', 'commune', 'ethnicity', 'head_sex', 'area_type')",
    )
    mart = {row[:4]: row[4:] for row in found}
    rows = measure([table], read_standard(str(standard)), options).rows.to_pylist()
    assert len(rows) == len(mart) == 2 * 5 * (1 + 4 + 4 + 2 + 2)
    for row in rows:
        key = tuple(row[key].removeprefix("monetary_") for key in keys)
        assert mart[key] == pytest.approx(tuple(row[name] for name in values), rel=1e-9, abs=1e-12), key


def test_incomes_of_both_maps_agree(home: Path) -> None:
    rows = _rows(
        home,
        "select geography, list((measure, estimate, observations) order by measure) from "
        f"marts.monetary_poverty where year = {_YEAR} and group_type = 'all' and unit = 'household' "
        "and method = 'census' group by 1 order by 1",
    )
    assert [r[0] for r in rows] == ["as_reported", "current"]
    for one, other in zip(rows[0][1], rows[1][1], strict=True):
        assert tuple(one) == pytest.approx(tuple(other)), one


def test_groups_of_the_poor_agree_with_the_households(home: Path) -> None:
    counted = _rows(
        home,
        "select group_type, sum(poor_households) + sum(near_poor_households) from marts.poverty_group "
        f"where year = {_YEAR} and geography = 'current' group by 1 order by 1",
    )
    expected = _rows(
        home,
        "select count(*) filter (where ethnicity is not null), count(*) filter (where head_sex = 'female'), "
        "count(*) filter (where has_merit_member), count(*) filter (where no_labour_capacity), "
        "count(*) filter (where ethnicity = 'Kinh' and not has_merit_member and not no_labour_capacity) "
        f"from intermediate.int_household_year where year = {_YEAR}",
    )[0]
    names = ("ethnicity", "female_head", "merit", "no_labour_capacity", "other")
    assert dict(counted) == pytest.approx(dict(zip(names, expected, strict=True)))


def test_both_maps_hold_the_same_households(home: Path) -> None:
    rows = _rows(
        home,
        "select distinct geography, observations, estimate from marts.multidimensional_poverty "
        f"where year = {_YEAR} and group_type = 'all' and measure = 'M0' and k = 0.25 and unit = 'household' "
        "and method = 'census' order by 1",
    )
    assert [r[0] for r in rows] == ["as_reported", "current"]
    assert rows[0][1:] == pytest.approx(rows[1][1:])


_VALUES = (
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "observations",
    "population",
    "not_judged_share",
)
_BY = ("commune", "ethnicity", "head_sex", "area_type")
_DESIGN = {"weight": "sample_weight", "stratum": "stratum", "psu": "psu", "size": "household_size"}


def _sample_file(home: Path, path: Path) -> Path:
    with duckdb.connect(str(home / "pipeline.duckdb"), read_only=True) as connection:
        connection.execute(
            f"copy (select * replace ({_KNOWN}), left(unit_id, 5) as commune from "
            "intermediate.int_sample_household inner join (select household_key, b2_points from "
            "intermediate.int_household) using (household_key) "
            f"where not_measured_reason is null) to '{path}'"
        )
    return path


def _same(found: tuple[Any, ...], expected: tuple[Any, ...], key: Any) -> None:
    for mine, theirs in zip(found, expected, strict=True):
        assert mine == (theirs if theirs is None else pytest.approx(theirs, rel=1e-7, abs=1e-9)), key


def test_a_sample_has_the_errors_that_the_command_computes(home: Path, tmp_path: Path) -> None:
    table = _sample_file(home, tmp_path / "sample.parquet")
    standard = read_standard("VN-2022")
    cutoffs = read_cutoffs(["1/4", "1/3", "1/2"], standard)
    options = Options(by=_BY, cutoffs=cutoffs, empty_groups="keep", **_DESIGN)
    keys = ("unit", "group_type", "group_value", "measure", "indicator")
    found = _rows(
        home,
        f"select {', '.join((*keys, 'k', *_VALUES))} from marts.multidimensional_poverty "
        f"where year = {_YEAR} and geography = 'as_reported' and method = 'taylor' and flags is null",
    )
    mart = {(*row[:5], round(row[5], 6)): row[6:] for row in found}
    rows = measure([table], standard, options).rows.to_pylist()
    for row in rows:
        key = (*(row[key] or "all" for key in keys), round(row["k"] or 1 / 3, 6))
        _same(mart[key], tuple(row[name] for name in _VALUES), key)
    assert len(rows) > 2000 and any(row["standard_error"] for row in rows)


def test_incomes_of_a_sample_have_the_errors_that_the_command_computes(home: Path, tmp_path: Path) -> None:
    table, standard = _sample_file(home, tmp_path / "sample.parquet"), tmp_path / "money.yaml"
    standard.write_text(
        "standard: M\nmonetary: {income: income, line: line, at_line: poor}\n", encoding="utf-8"
    )
    found = _rows(
        home,
        f"select unit, group_type, group_value, measure, {', '.join(_VALUES)} from marts.monetary_poverty "
        f"where year = {_YEAR} and geography = 'as_reported' and method = 'taylor'",
    )
    mart = {row[:4]: row[4:] for row in found}
    rows = measure([table], read_standard(str(standard)), Options(by=_BY, **_DESIGN)).rows.to_pylist()
    for row in rows:
        key = (row["unit"], row["group_type"], row["group_value"], row["measure"].removeprefix("monetary_"))
        _same(mart[key], tuple(row[name] for name in _VALUES), key)
    assert len(rows) == 2 * 5 * (1 + 3 + 2 + 2 + 2)


def test_no_household_of_the_sample_is_on_the_list_and_none_is_lost(home: Path) -> None:
    households = "select count(*) from intermediate.int_household_year where year = "
    assert _rows(home, f"{households}{_YEAR}") == [(300,)]
    assert _rows(home, "select reason, records from intermediate.int_sample_finding order by 1") == [
        ("drawn_for_a_sample", 241), ("sample_weight_unusable", 1),
    ]  # fmt: skip
