"""What could be read as something else is refused or kept apart, never measured as what it is not."""

from __future__ import annotations

import math
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assets.measures import Measured, MeasureRefused, Standard, measure, read_standard
from assets.measures import standard as standards
from assets.measures.conditions import ConditionInvalid, parse
from assets.measures.options import Options, read_cutoffs
from tests.unit.measures.measuring import Found, measured, standard_of

ONE = standard_of({"a": 1})
MONEY = Standard.model_validate({"standard": "m", "monetary": {"income": "income", "line": 10}})


def _when(condition: str) -> Standard:
    return Standard.model_validate(
        {"standard": "tried", "indicators": [{"name": "x", "weight": 1, "when": condition}]}
    )


def _csv(folder: Path, content: str, standard: Standard = ONE, **options: Any) -> Measured:
    path = folder / "table.csv"
    path.write_text(content, encoding="utf-8")
    cutoffs = read_cutoffs([1], standard) if standard.indicators else ()
    return measure([path], standard, Options(cutoffs=cutoffs, threads=1, **options))


@pytest.mark.parametrize("third", [0.25, 1.4, 2.0, math.inf])
def test_a_condition_that_is_no_yes_or_no_is_refused(third: float) -> None:
    frame = pd.DataFrame({"share": [0.0, 1, third, None]})
    with pytest.raises(MeasureRefused, match=r"values other than 0, 1 and missing in 1 rows .first: row 3"):
        measured(frame, _when("share"), [1])
    assert Found(measured(frame.assign(share=[0, 1, 1, None]), _when("share * 1.0"), [1]))("H") == 2 / 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{dimensions: {h: {indicators: [a]}, s: {indicatrs: [b]}}}", "'s': unknown key 'indicatrs'; .*'indicators'"),
        ("{dimensions: {h: {indicators: [a]}, s: {}}}", "dimension 's' has no indicators"),
        ("{indicators: {a: {wieght: 1}}}", "unknown key 'wieght'; did you mean 'weight'"),
        ("{indicators: [a], monetry: {}}", "unknown key 'monetry'; did you mean 'monetary'"),
        ("{indicators: [a], design: {strata: s}}", "unknown key 'strata'; did you mean 'stratum'"),
        ("{indicators: {a: {when: x > 1}, a: {when: y > 1}}}", "the key 'a' stands twice"),
        ("{dimensions: [{indicators: [a]}]}", "each of a list needs a name"),
    ],
)  # fmt: skip
def test_no_key_is_passed_over(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "standard.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MeasureRefused, match=told):
        read_standard(str(tmp_path / "standard.yaml"))


def test_a_standard_of_a_share_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        "standards": [{"standard": "XX", "legal_basis": "made up", "cutoff": "", "cutoff_share": "0.4"}],
        "indicators": [{"standard": "XX", "indicator": "a", "dimension": "d", "weight": "1"}],
    }
    monkeypatch.setattr(standards, "read_seed", rows.__getitem__)
    assert float(read_standard("XX").cutoff or 0) == 0.4


def test_all_is_nobody_elses_name() -> None:
    frame = pd.DataFrame({"a": [1, 0, 1, 0], "all": list("xxyy"), "g": ["all", "n", "n", "n"]})
    with pytest.raises(MeasureRefused, match=r"--by 'all'.*rename the column"):
        measured(frame, ONE, [1], by=("all", "g"))
    rows = measured(frame, ONE, [1], by=("g",)).rows.to_pylist()
    shares = {r["group_value"]: r["estimate"] for r in rows if r["measure"] == "population_share"}
    assert shares == {"all": 1 / 4, "n": 3 / 4}
    with pytest.raises(MeasureRefused, match=r"'g' has '\(missing\)' in 1 rows .first: row 2"):
        measured(frame.assign(g=["m", "(missing)", None, "m"]), ONE, [1], by=("g",))


def test_crossings_are_told_apart() -> None:
    frame = pd.DataFrame({"a": [1, 0], "g": ["x*y", "x"], "h": ["z", "y*z"]})
    with pytest.raises(MeasureRefused, match=r"'g' has '\*' in 1 rows .first: row 1"):
        measured(frame, ONE, [1], by=("g*h",))
    assert Found(measured(frame, ONE, [1], by=("g",)))("H", group="x*y") == 1
    with pytest.raises(MeasureRefused, match="column on either side"):
        measured(frame, ONE, [1], by=("g*",))


def test_numbers_of_another_country_are_refused(tmp_path: Path) -> None:
    told = r"income column 'income' is text and no number in 1 rows \(first: row 1\); .*decimal point"
    with pytest.raises(MeasureRefused, match=told):
        _csv(tmp_path, "income\n1.500.000\n900.000\n", MONEY)
    with pytest.raises(MeasureRefused, match=r"weight column 'w' .* in 2 rows .*decimal point"):
        _csv(tmp_path, "a;w\n1;1,5\n0;2,5\n", weight="w")
    with pytest.raises(MeasureRefused, match=r"in 1 rows .first: row 2.; write numbers") as refused:
        _csv(tmp_path, "a,w\n1,1\n0,Nguyen Van A\n1,NA\n", weight="w")
    assert "Nguyen" not in str(refused.value)


def test_a_cell_is_in_no_message(tmp_path: Path) -> None:
    for condition in ("name = 1", "name + 1 > 2", "name"):
        with pytest.raises(MeasureRefused, match=r"x: .*condition") as refused:
            measured(pd.DataFrame({"name": ["Nguyen Van A"], "b": 1}), _when(condition), [1])
        assert "Nguyen" not in str(refused.value)
    with pytest.raises(MeasureRefused) as refused:
        _csv(tmp_path, "a,b\n" + "1,2\n" * 30 + "1,2,Nguyen Van A\n" + "1,2\n" * 30)
    assert "Nguyen" not in str(refused.value)


def test_a_quoted_comma_may_come_late(tmp_path: Path) -> None:
    rows = "1,x\n" * 25_000 + '0,"Bắc Hà, Lào Cai"\n' + "0,y\n" * 24_999
    found = Found(_csv(tmp_path, "a,g\n" + rows, by=("g",)))
    assert (found("H"), found.row("H", group="Bắc Hà, Lào Cai")["observations"]) == (0.5, 1)


def test_no_line_is_a_comment(tmp_path: Path) -> None:
    found = Found(_csv(tmp_path, "g,a\nx,1\n#y,0\nx,1\n", by=("g",)))
    assert (found.row("H")["observations"], found("H", group="#y")) == (3, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [("", "is empty"), ("\n", "first line"), ("a,b,A\n1,2,3\n", "stand twice .*: a;"), ("\n\na,b\n1,2\n", "first line")],
)  # fmt: skip
def test_a_text_without_a_plain_first_line_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(MeasureRefused, match=told):
        _csv(tmp_path, content)


def test_names_of_the_engine_may_be_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 1, 0], "clean a": [0, 0, 0], "row number": [7, 7, 7], "rowid": [9, 9, 9]})
    assert Found(measured(frame, _when("a = 1"), [1]))("H") == pytest.approx(2 / 3)
    row = Found(_csv(tmp_path, frame.to_csv(index=False), _when("a = 1"), sample=True)).row("H")
    assert row["standard_error"] == pytest.approx(math.sqrt(2 / 9 / 2))


def test_spellings_of_an_accent_are_one() -> None:
    apart = unicodedata.normalize("NFD", "Lào Cai")
    frame = pd.DataFrame({"a": [1, 0], unicodedata.normalize("NFD", "tỉnh"): ["Lào Cai", apart]})
    by = (unicodedata.normalize("NFC", "tỉnh"),)
    assert Found(measured(frame, ONE, [1], by=by)).row("H", group="Lào Cai")["observations"] == 2
    assert Found(measured(frame, _when(f"{by[0]} = 'Lào Cai'"), [1]))("H") == 1


@pytest.mark.parametrize("scale", [1e308, 1e200, 1e-200])
def test_weights_beyond_reckoning_are_refused(scale: float) -> None:
    frame = pd.DataFrame({"a": [1, 0, 1], "w": [scale] * 3})
    with pytest.raises(MeasureRefused, match=r"'w' adds up to .*another scale"):
        measured(frame, ONE, [1], weight="w")


def test_a_line_must_be_finite() -> None:
    standard = Standard.model_validate({"standard": "m", "monetary": {"income": "income", "line": "line"}})
    with pytest.raises(MeasureRefused, match=r"line 'line' is .*infinite in 1 rows"):
        measured(pd.DataFrame({"income": [1.0, 2], "line": [3, math.inf]}), standard, [])


def test_a_group_without_incomes_is_refused_or_kept() -> None:
    frame = pd.DataFrame({"income": [5.0, 20, None, -1, 0, 0], "g": list("mmnnzz")})
    with pytest.raises(MeasureRefused, match="group g: no row of n has an income"):
        measured(frame, MONEY, [], by=("g",))
    found = Found(measured(frame, MONEY, [], by=("g",), empty_groups="keep", sample=True))
    row = found.row("monetary_headcount", group="n")
    assert (row["estimate"], row["standard_error"], row["observations"], row["not_judged_share"]) == (
        None,
        None,
        0,
        1,
    )
    assert (found("monetary_gini", group="n"), found("monetary_gini", group="z")) == (None, None)
    assert (found("monetary_headcount", group="z"), found("monetary_gini", group="m")) == (
        1,
        pytest.approx(0.3),
    )


def test_shared_psus_have_names_and_keep_their_stratum() -> None:
    frame = pd.DataFrame({"a": [1, 0, 1, 0], "s": list("xxyy"), "p": list("1234")})
    with pytest.raises(MeasureRefused, match="name their column with --psu"):
        measured([frame, frame], ONE, [1], sample=True, shared_psus=True)
    moved = frame.assign(p=list("1324"))
    with pytest.raises(MeasureRefused, match=r"change their stratum between the rounds: 2 .strata x, y., 3 "):
        measured([frame, moved], ONE, [1], stratum="s", psu="p", shared_psus=True)
    assert measured([frame, moved], ONE, [1], stratum="s", psu="p").changes is not None


@pytest.mark.parametrize("text", ["(" * 500 + "a" + ")" * 500, "not " * 3000 + "a"])
def test_a_condition_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ConditionInvalid, match="within one another"):
        parse(text)
