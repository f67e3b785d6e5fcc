"""What cannot be measured is refused before any number, by a sentence that names the culprit."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from assets.measures import MeasureRefused, measure, read_standard
from assets.measures.conditions import ConditionInvalid, parse
from assets.measures.options import Options, read_cutoffs
from tests.unit.measures.measuring import Found, measured, standard_of

STANDARD = standard_of({"a": "1/2", "b": "1/2"})


def _frame(**columns: Any) -> pd.DataFrame:
    whole = {
        "a": [1.0, 0, 1, 0], "b": [1.0, 1, 0, 0], "s": ["x", "x", "y", "y"], "p": [1, 2, 3, 4], "w": [1.0, 2, 3, 4],
        "g": ["m", "m", "n", "n"],
    }  # fmt: skip
    return pd.DataFrame({**whole, **columns})


DESIGN = {"weight": "w", "stratum": "s", "psu": "p"}


@pytest.mark.parametrize(
    ("frame", "options", "told"),
    [
        (_frame(w=[1.0, -2, 3, 4]), DESIGN, "weight column 'w' is zero or negative in 1 rows .first: row 2"),
        (_frame(w=[0.0, 2, 3, 0]), DESIGN, "weight column 'w' is zero or negative in 2 rows"),
        (_frame(w=[1.0, None, 3, 4]), DESIGN, "weight column 'w' is missing or no number in 1 rows .first: row 2"),
        (_frame(w=[1.0, 2, 3, math.inf]), DESIGN, "weight column 'w' is missing or no number in 1 rows"),
        (_frame(w=[None] * 4), DESIGN, "weight column 'w' has no value at all"),
        (_frame(w=["heavy"] * 4), DESIGN, "weight column 'w' is text and no number in 4 rows .first: row 1"),
        (_frame(p=[1, 2, 2, 3]), DESIGN, "more than one stratum: 2 .strata x, y.*--nested"),
        (_frame(p=[1, 2, None, 4]), DESIGN, "psu column 'p' is missing in 1 rows"),
        (_frame(s=["x", "x", "y", None]), DESIGN, "stratum column 's' is missing in 1 rows"),
        (_frame(p=[1, 2, 3, 3]), DESIGN, "strata with a single PSU.*: y;"),
        (_frame(a=[1.0, 0, 2, 0]), {}, "indicator a: column 'a' has values other than 0, 1 .*in 1 rows .first: row 3"),
        (_frame(a=["yes", "no", "no", "no"]), {}, "indicator a: .* in 4 rows"),
        (_frame(a=[0.5, 0, 1, 0]), {}, "indicator a: .* in 1 rows"),
        (_frame(b=[None] * 4), {}, "indicator b: column 'b' is missing in every row"),
        (_frame(b=[math.nan] * 4), {}, "indicator b: column 'b' is missing in every row"),
        (_frame(a=[1.0, 0, None, None], b=[None, None, 0.0, 1]), {}, "no row can be judged"),
        (_frame(a=[1.0, 0, None, None]), {"by": ("g",)}, "group g: no row of n can be judged"),
        (_frame(g=[None] * 4), {"by": ("g",)}, "group column 'g' is missing in every row"),
        (_frame(), {"by": ("region",)}, "no column 'region', which --by names; columns: a, b"),
        (_frame(), {"by": ("g*region",)}, "no column 'region'"),
        (_frame(), {"weight": "wt"}, "no column 'wt', which --weight names"),
        (_frame(), {"size": "persons"}, "no column 'persons', which size names"),
        (_frame().drop(columns="b"), {}, "no column 'b', which indicator b names"),
        (_frame()[:0], {}, "the table has no rows"),
        (_frame(), {"level": 1.0}, "level 1.0"),
        (_frame(), {"by": ("g", "g")}, "named twice"),
    ],
)  # fmt: skip
def test_a_table_is_refused(frame: pd.DataFrame, options: dict[str, Any], told: str) -> None:
    with pytest.raises(MeasureRefused, match=told):
        measured(frame, STANDARD, ["1/2"], **options)


def test_all_problems_are_told_at_once() -> None:
    frame = _frame(w=[-1.0, 2, 3, 4], a=[7.0, 0, 1, 0], g=[None] * 4)
    with pytest.raises(MeasureRefused) as refused:
        measured(frame, STANDARD, ["1/2"], by=("g",), **DESIGN)
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("k", [0, -0.1, 1.01, "33", "many", "1/0"])
def test_a_cutoff_outside_is_refused(k: object) -> None:
    with pytest.raises(MeasureRefused, match="k"):
        read_cutoffs([k], STANDARD)


def test_a_cutoff_is_needed() -> None:
    with pytest.raises(MeasureRefused, match="no k given"):
        read_cutoffs([], STANDARD)


_GOOD: dict[str, Any] = {
    "standard": "tried", "indicators": [{"name": "a", "weight": "1/2"}, {"name": "b", "weight": "1/2"}],
}  # fmt: skip


def _second(**changed: Any) -> dict[str, Any]:
    first, second = _GOOD["indicators"]
    return {**_GOOD, "indicators": [first, {**second, **changed}]}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (_second(weight=0.4), "weights add up to 0.9, not to 1 .a 1/2, b 2/5"),
        (_second(weight=0), "indicator 'b': weight 0 must be above 0"),
        (_second(weight="half"), r"indicators\[1\].weight: 'half' is no number"),
        (_second(weight=None), "no weight for b"),
        (_second(name="a"), "named twice: a"),
        (_second(when="x ="), r"indicators\[1\].when: the condition 'x =' cannot be read"),
        (_second(when="read_text('x') = ''"), "may not use 'read_text'"),
        (_second(when="x > 1", column="b"), "column or when, not both"),
        (_second(threshold=3), r"indicators\[1\].threshold: unknown key 'threshold' .known: name"),
        (_second(missing="guess"), r"indicators\[1\].missing"),
        ({**_GOOD, "cutoff": 2}, "cutoff 2 must be"),
        ({"standard": "none"}, "nothing to measure"),
        ({**_GOOD, "dimensions": {"health": 1}}, "dimension 'health' has weight 1, its indicators add up to 0"),
        ({**_GOOD, "unit": "person", "size": "n"}, "a row here is a person"),
        ([1, 2], "expected keys"),
    ],
)  # fmt: skip
def test_a_standard_is_refused(tmp_path: Path, document: Any, told: str) -> None:
    path = tmp_path / "standard.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(MeasureRefused, match=told):
        read_standard(str(path))


def test_an_unknown_standard_tells_the_known_ones() -> None:
    with pytest.raises(
        MeasureRefused, match="'VN-1999' is neither a file nor a known standard; known: VN-2016"
    ):
        read_standard("VN-1999")


def test_a_national_standard_is_known_by_name() -> None:
    frame = pd.DataFrame({f"dep_{i.name}": [1, 0] for i in read_standard("VN-2022").indicators})
    found = Found(measured(frame, read_standard("VN-2022"), []))
    assert found("H", k=0.25) == 0.5


def test_weights_may_follow_from_the_dimensions(tmp_path: Path) -> None:
    path = tmp_path / "nested.yaml"
    path.write_text(
        "standard: nested\n"
        "dimensions:\n"
        "  health: {weight: 1/2, indicators: {nutrition: thin, insurance: {when: card = 0}}}\n"
        "  school: {weight: 1/2, indicators: [attendance]}\n",
        encoding="utf-8",
    )
    standard = read_standard(str(path))
    assert [float(w) for w in standard.weights()] == [0.25, 0.25, 0.5]
    frame = pd.DataFrame({"thin": [1, 0], "card": [0, 1], "Attendance": [0, 1]})
    found = Found(measured(frame, standard, ["1/2"]))
    assert (found("H"), found("M0")) == (1, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "(select 1) = 1", "x = 1; drop table t", "exists (select 1)", "x in (select 1)", "t.x = 1", "getenv('HOME') = ''",
        "x::integer = 1", "*", "", "x = 1 union select 2", "glob('*') = ''", "$1 = 1", "x -- y\n; select 1",
    ],
)  # fmt: skip
def test_a_condition_reaches_nothing_but_columns(text: str) -> None:
    with pytest.raises(ConditionInvalid):
        parse(text)


def test_a_condition_that_cannot_be_computed_names_its_indicator() -> None:
    standard = standard_of({"a": 1}).model_validate(
        {"standard": "tried", "indicators": [{"name": "roof", "weight": 1, "when": "g = 1"}]}
    )
    with pytest.raises(MeasureRefused, match="indicator roof: the condition 'g = 1' cannot be computed"):
        measured(_frame(), standard, ["1"])


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("absent.csv", lambda path: None),
        ("table.xlsx", lambda path: path.write_bytes(b"PK")),
        ("torn.parquet", lambda path: path.write_bytes(b"PAR1")),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, write: Callable[[Path], Any]) -> None:
    write(tmp_path / name)
    with pytest.raises(MeasureRefused, match=name):
        measure([tmp_path / name], STANDARD, Options(cutoffs=read_cutoffs([1], STANDARD)))


def test_rows_with_bad_weights_can_be_dropped() -> None:
    result = measured(_frame(w=[1.0, -2, None, 4]), STANDARD, ["1/2"], bad_weights="drop", weight="w")
    assert Found(result).row("H")["observations"] == 2
    assert "2 rows without a usable weight or size were dropped" in result.notes[0]


def test_groups_without_a_judged_row_can_be_kept() -> None:
    result = measured(_frame(a=[1.0, 0, None, None]), STANDARD, ["1/2"], by=("g",), empty_groups="keep")
    row = Found(result).row("H", group="n")
    assert (row["estimate"], row["observations"], row["not_judged_share"]) == (None, 0, 1)


def test_names_used_anew_in_each_stratum() -> None:
    apart = measured(_frame(), STANDARD, ["1/2"], **DESIGN)
    anew = measured(_frame(p=[1, 2, 1, 2]), STANDARD, ["1/2"], nested=True, **DESIGN)
    assert apart.rows.equals(anew.rows)


def test_csv_keeps_codes_and_knows_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "a,b,commune,w\n1,1,05001,1.5\nNA,1,05001,1\n0,.,05002,1\n0,0,05002,2\n", encoding="utf-8-sig"
    )
    options = Options(by=("commune",), weight="w", cutoffs=read_cutoffs([0.5], STANDARD))
    found = Found(measure([path], STANDARD, options))
    assert found("H", group="05001") == 1
    assert found("H", group="05002") == 0
    assert found.row("H", group="05001")["not_judged_share"] == pytest.approx(1 / 2.5)


def test_a_missing_number_in_a_condition_is_missing(tmp_path: Path) -> None:
    standard = standard_of({"a": 1}).model_validate(
        {"standard": "tried", "indicators": [{"name": "young", "weight": 1, "when": "age < 5"}]}
    )
    frame = pd.DataFrame({"age": [3.0, math.nan, 40.0], "region": [1.0, 2.0, math.nan]})
    found = Found(measured(frame, standard, ["1"], by=("region",), empty_groups="keep"))
    assert (found("H"), found.row("H")["not_judged_share"]) == (0.5, pytest.approx(1 / 3))
    assert found.row("H", group="1")["observations"] == 1
    assert found.row("H", group="(missing)")["observations"] == 1
