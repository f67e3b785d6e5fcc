"""Published results of other people's data come out of the command's engine, to the digits printed.

The data stand outside the project: in the folder named by THOATNGHEO_CASES, else beside the checkout in
`shared/cases`. Where they are absent these tests skip. Sources: R packages mpindex 0.2.1 (MIT) and wbpip
(MIT), the convey book (CC0).
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assets.measures import Options, Standard, measure, read_standard
from assets.measures.options import read_cutoffs

_HERE = Path(__file__).parent
_CASES = Path(os.environ.get("THOATNGHEO_CASES") or _HERE.parents[1].parent / "shared" / "cases")

pytestmark = pytest.mark.skipif(
    not (_CASES / "nlsw88_mpi.csv").exists(),
    reason="the published cases are not here (THOATNGHEO_CASES names their folder)",
)
Rows = dict[tuple[Any, ...], dict[str, Any]]


def _rows(path: Path, standard: str | Standard, k: list[str], **options: Any) -> Rows:
    chosen = read_standard(str(_HERE / "standards" / standard)) if isinstance(standard, str) else standard
    cutoffs = read_cutoffs(k, chosen) if chosen.indicators else ()
    result = measure([path], chosen, Options(cutoffs=cutoffs, **options))
    return {
        (r["group_value"], r["measure"], r["indicator"], r["k"] and round(r["k"], 6)): r
        for r in result.rows.to_pylist()
    }


def _round(value: float, printed: str) -> str:
    return f"{value:.{len(printed.split('.')[1])}f}".lstrip("0")


def _same(value: float, printed: str) -> None:
    assert _round(value, printed) == printed.lstrip("0"), (value, printed)


@pytest.fixture(scope="module")
def households(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers of each household with counts over its members: one row a household."""
    households = pd.read_csv(_CASES / "mpindex_household.csv")
    roster = pd.read_csv(_CASES / "mpindex_roster.csv")
    counts = pd.DataFrame(
        {
            "uuid": roster["uuid"],
            "undernourished_members": (roster["undernourished"] == 1) & (roster["age"] < 70),
            "unschooled_members": roster["completed_6yrs_schooling"] == 2,
            "absent_members": (roster["attending_school"] == 2) & roster["age"].between(5, 24),
        }
    )
    path = tmp_path_factory.mktemp("cases") / "households.csv"
    joined = households.merge(counts.groupby("uuid").sum().reset_index(), on="uuid", how="left")
    joined.to_csv(path, index=False)
    return path


_INDICATORS = (
    "nutrition", "child_mortality", "schooling", "attendance", "fuel", "sanitation", "water", "electricity",
    "housing", "assets",
)  # fmt: skip
_UNCENSORED = {
    "Rural": ".306 .020 .888 .276 .582 .082 .031 .102 .163 .867",
    "Urban": ".170 .010 .740 .240 .010 .100 .010 .000 .010 .660",
}
_CENSORED = {
    "Rural": ".306 .020 .480 .265 .398 .061 .031 .092 .163 .469",
    "Urban": ".150 .010 .250 .170 .000 .050 .010 .000 .010 .230",
}


def test_mpindex_from_answers(households: Path) -> None:
    rows = _rows(households, "mpindex.yaml", [], by=("class",))
    third = round(1 / 3, 6)
    for group, n, printed in (
        ("Rural", 98, (".480", ".513", ".246")),
        ("Urban", 100, (".280", ".405", ".113")),
    ):
        for measure_name, value in zip(("H", "A", "M0"), printed, strict=True):
            row = rows[group, measure_name, None, third]
            assert row["observations"] == n and row["standard_error"] is None and row["method"] == "census"
            _same(row["estimate"], value)
        for name, raw, cut in zip(
            _INDICATORS, _UNCENSORED[group].split(), _CENSORED[group].split(), strict=True
        ):
            _same(rows[group, "uncensored", name, None]["estimate"], raw)
            _same(rows[group, "censored", name, third]["estimate"], cut)
    shares = "20.7 1.4 32.5 18.0 9.0 1.4 .7 2.1 3.7 10.6"
    for name, percent in zip(_INDICATORS, shares.split(), strict=True):
        _same(100 * rows["Rural", "contribution", name, third]["estimate"], percent)


# k, then estimate and standard error of M0, H, A
_EQUAL = (
    ("1/3", ".36991", ".0053", ".8082070", ".008316807", ".4576895", ".004573443"),
    (".4", ".18659", ".0068", ".2582516", ".009245464", ".7225101", ".005174483"),
    (".5", ".18659", ".0068", ".2582516", ".009245464", ".7225101", ".005174483"),
    (".6", ".18659", ".0068", ".2582516", ".009245464", ".7225101", ".005174483"),
    (".7", ".043265", ".0043", ".04326494", ".004297766", None, None),
    ("1", ".043265", ".0043", ".04326494", ".004297766", None, None),
)


@pytest.fixture(scope="module")
def nlsw88() -> Rows:
    ks = [*(case[0] for case in _EQUAL), "2/3"]
    return _rows(_CASES / "nlsw88_mpi.csv", "nlsw88.yaml", ks, by=("married",), sample=True)


@pytest.mark.parametrize("case", _EQUAL, ids=lambda case: f"k={case[0]}")
def test_nlsw88_equal_weights(nlsw88: Rows, case: tuple[str, ...]) -> None:
    k = round(float(Fraction(case[0])), 6)
    for name, value, error in (("M0", *case[1:3]), ("H", *case[3:5]), ("A", *case[5:7])):
        row = nlsw88["all", name, None, k]
        assert row["observations"] == 2242
        assert row["not_judged_share"] == pytest.approx(4 / 2246)
        if value is None:
            assert (row["estimate"], row["standard_error"]) == (1, 0)
            assert (row["ci_low"], row["ci_high"]) == (1, 1)
        else:
            _same(row["estimate"], value)
            _same(row["standard_error"], error)
            assert row["ci_low"] < row["estimate"] < row["ci_high"]


def test_nlsw88_unequal_weights() -> None:
    rows = _rows(_CASES / "nlsw88_mpi.csv", "nlsw88_unequal.yaml", [".5", ".75", "1"], sample=True)
    for k, printed in (
        (0.5, (".19135", ".2689563", ".7114428")),
        (0.75, (".14897", ".1842105", ".8087167")),
    ):
        for name, value in zip(("M0", "H", "A"), printed, strict=True):
            _same(rows["all", name, None, k]["estimate"], value)
    _same(rows["all", "M0", None, 1.0]["estimate"], ".043265")


def test_nlsw88_parts(nlsw88: Rows) -> None:
    third, two_thirds = round(1 / 3, 6), round(2 / 3, 6)
    indicators = ("wage", "college", "hours")
    for measure_name, k, printed in (
        ("uncensored", None, ".19492 .76316 .15165"),
        ("censored", two_thirds, ".18421 .24799 .12756"),
        ("contribution", third, ".17564 .68770 .13666"),
        ("contribution", two_thirds, ".32908 .44303 .22789"),
    ):
        for name, value in zip(indicators, printed.split(), strict=True):
            _same(nlsw88["all", measure_name, name, k]["estimate"], value)
    for name in indicators:
        row = nlsw88["all", "contribution", name, 1.0]
        assert row["estimate"] == pytest.approx(1 / 3) and row["standard_error"] == 0
    for k, single, married in ((third, ".34204", ".65796"), (two_thirds, ".32032", ".67968")):
        _same(nlsw88["single", "group_contribution", None, k]["estimate"], single)
        _same(nlsw88["married", "group_contribution", None, k]["estimate"], married)


def test_wbpip_monetary() -> None:
    standard = Standard.model_validate(
        {"standard": "wbpip", "unit": "person", "monetary": {"income": "welfare", "line": 3617167.627}}
    )
    rows = _rows(
        _CASES / "wbpip_synthetic.csv", standard, [], by=("case",), weight="weight", bad_weights="drop"
    )
    for name, value in (
        ("headcount", ".7333513"), ("gap", ".3957584"), ("severity", ".2534849"), ("watts", ".6899868"),
        ("gini", ".51479988"),
    ):  # fmt: skip
        _same(rows["ABC2000_income", f"monetary_{name}", None, None]["estimate"], value)
    for case, gini in (
        ("DEF2000_consumption", ".31864998"), ("GHI2000_income", ".37823744"),
        ("GHI2000_consumption", ".33894444"), ("ABC2010_income", ".48928332"),
    ):  # fmt: skip
        _same(rows[case, "monetary_gini", None, None]["estimate"], gini)
