"""Numbers worked out by hand: what each measure is, at its boundaries and in its degenerate cases."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest

from assets.measures import Standard
from tests.unit.measures.measuring import Found, measured, standard_of

FOUR = standard_of(dict.fromkeys("abcd", "1/4"))
# three poor at k = 1/2, with 2, 2 and 3 deprivations of 4
FIVE = pd.DataFrame(
    [(1, 0, 1, 0), (1, 0, 1, 0), (0, 1, 1, 1), (0, 0, 0, 1), (0, 0, 0, 0)], columns=list("abcd")
)


def test_five_persons_and_four_indicators() -> None:
    found = Found(measured(FIVE, FOUR, [0.5]))
    assert found("H") == pytest.approx(3 / 5)
    assert found("A") == pytest.approx(7 / 12)
    assert found("M0") == pytest.approx(7 / 20)
    for name, raw, cut, share in (("a", 2, 2, 2), ("b", 1, 1, 1), ("c", 3, 3, 3), ("d", 2, 1, 1)):
        assert found("uncensored", name) == pytest.approx(raw / 5)
        assert found("censored", name) == pytest.approx(cut / 5)
        assert found("contribution", name) == pytest.approx(share / 7)
        assert found("absolute_contribution", name) == pytest.approx(cut / 20)
    row = found.row("H")
    assert (row["method"], row["standard_error"], row["ci_low"]) == ("census", None, None)
    assert (row["observations"], row["population"], row["not_judged_share"]) == (5, 5, 0)


@pytest.mark.parametrize(
    ("weights", "k"),
    [
        (("1/3", "1/3", "1/3"), "1/3"), ((0.333333, 0.333333, 0.333334), 0.333333), (("1/6", "1/6", "2/3"), "1/3"),
        ((0.1, 0.2, 0.7), 0.3), ((0.166667, 0.166667, 0.666666), 0.333333), (("1/12", "3/12", "8/12"), 0.333333333),
        ((0.15, 0.15, 0.7), 0.3),
    ],
)  # fmt: skip
def test_a_score_at_the_cutoff_is_poor(weights: tuple[object, ...], k: object) -> None:
    """0.1 + 0.2 and 0.3, 1/6 + 1/6 and 1/3: equal in truth, not in binary fractions."""
    standard = standard_of(dict(zip("abc", weights, strict=True)))
    first = (1, 1, 0) if Fraction(str(weights[0])) < Fraction(3, 10) else (1, 0, 0)
    found = Found(measured(pd.DataFrame([first, (0, 0, 0)], columns=list("abc")), standard, [k]))
    assert found("H") == 0.5


def test_just_above_the_score_nobody_is_poor() -> None:
    standard = standard_of({"a": "1/3", "b": "1/3", "c": "1/3"})
    found = Found(measured(pd.DataFrame({"a": [1, 0], "b": [0, 0], "c": [0, 0]}), standard, [0.334, 1]))
    assert (found("H", k=0.334), found("M0", k=0.334), found("A", k=0.334)) == (0, 0, None)
    assert found("contribution", "a", k=1) is None


def test_twelve_indicators_and_exactly_three() -> None:
    """The national cut-off: 3 of 12."""
    names = [f"i{n}" for n in range(12)]
    rows = [[1] * n + [0] * (12 - n) for n in (2, 3, 12)]
    standard = standard_of(dict.fromkeys(names, 0.083333333333))
    found = Found(measured(pd.DataFrame(rows, columns=names), standard, ["3/12", 0.25]))
    assert found("H", k=0.25) == pytest.approx(2 / 3)
    assert found("A", k=0.25) == pytest.approx((3 / 12 + 1) / 2)


def test_persons_count_by_household_size_and_weights() -> None:
    frame = pd.DataFrame({"a": [1, 0], "b": [1, 0], "size": [6, 2], "w": [1.5, 4.5]})
    standard = standard_of({"a": "1/2", "b": "1/2"})
    found = Found(measured(frame, standard, ["1/2"], size="size"))
    assert found("H", unit="household") == pytest.approx(1 / 2)
    assert found("H", unit="person") == pytest.approx(6 / 8)
    design = frame.assign(psu=["x", "y"])
    found = Found(measured(design, standard, ["1/2"], size="size", weight="w", psu="psu"))
    assert found("H", unit="household") == pytest.approx(1.5 / 6)
    assert found("H", unit="person") == pytest.approx(9 / 18)
    assert found.row("H", unit="person")["population"] == 18


def _with_missing() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 1, None, 0], "b": [1, None, 0, 0]})


@pytest.mark.parametrize(
    ("missing", "h", "share"), [("drop", 1 / 2, 1 / 2), ("not_deprived", 1 / 2, 0), ("deprived", 3 / 4, 0)]
)
def test_missing_values_count_as_the_standard_says(missing: str, h: float, share: float) -> None:
    standard = standard_of({"a": "1/2", "b": "1/2"}, missing=missing)
    found = Found(measured(_with_missing(), standard, ["1/2"]))
    assert found("H") == pytest.approx(h)
    assert found.row("H")["not_judged_share"] == share


def test_an_indicator_may_have_a_rule_of_its_own() -> None:
    indicators = [
        {"name": "a", "weight": "1/2", "missing": "deprived"},
        {"name": "b", "weight": "1/2"},
    ]
    standard = Standard.model_validate({"standard": "own", "indicators": indicators})
    found = Found(measured(_with_missing(), standard, ["1/2"]))
    assert found("H") == pytest.approx(2 / 3)
    assert found.row("H")["not_judged_share"] == 1 / 4


def test_simple_random_sample_of_rows() -> None:
    found = Found(measured(FIVE, FOUR, [0.5, 1], sample=True))
    h = found.row("H", k=0.5)
    assert h["standard_error"] == pytest.approx(math.sqrt(0.6 * 0.4 / 4))
    # on the logit scale, t with 4 degrees of freedom
    margin = 2.7764451051977987 * h["standard_error"] / 0.24
    assert h["ci_low"] == pytest.approx(1 / (1 + math.exp(-(math.log(1.5) - margin))))
    assert h["ci_high"] == pytest.approx(1 / (1 + math.exp(-(math.log(1.5) + margin))))
    nobody = found.row("H", k=1)
    assert (nobody["estimate"], nobody["standard_error"], nobody["ci_low"]) == (0, 0, None)
    assert found.row("A", k=1)["estimate"] is None


def test_intensity_of_one_has_no_error() -> None:
    frame = FIVE.assign(a=1, b=1, c=1, d=1)
    frame.loc[4] = 0
    row = Found(measured(frame, FOUR, [1], sample=True)).row("A")
    assert (row["estimate"], row["standard_error"], row["ci_low"], row["ci_high"]) == (1, 0, 1, 1)


def test_two_strata_by_hand() -> None:
    """PSU totals of z = (y - R x) / X in two strata of two: n / (n - 1) times the squares about the means."""
    frame = pd.DataFrame(
        {"s": list("ssttt"), "p": list("12344"), "a": [1, 0, 1, 1, 0], "w": [2.0, 1.0, 1.0, 2.0, 2.0]}
    )
    row = Found(measured(frame, standard_of({"a": 1}), [1], weight="w", stratum="s", psu="p")).row("H")
    r = 5 / 8
    z = [2 * (1 - r) / 8, -r / 8, (1 - r) / 8, (2 * (1 - r) - 2 * r) / 8]
    variance = (z[0] - z[1]) ** 2 + (z[2] - z[3]) ** 2
    assert row["estimate"] == r
    assert row["standard_error"] == pytest.approx(math.sqrt(variance))


def test_single_psus_add_nothing_or_their_square_and_are_flagged() -> None:
    frame = pd.DataFrame({"s": list("sst"), "p": list("123"), "a": [1, 0, 1], "w": [1.0, 1.0, 2.0]})
    r = 3 / 4
    z = [(1 - r) / 4, -r / 4, 2 * (1 - r) / 4]
    first = (z[0] - z[1]) ** 2
    for choice, variance in (("certainty", first), ("adjust", first + z[2] ** 2)):
        row = Found(
            measured(frame, standard_of({"a": 1}), [1], weight="w", stratum="s", psu="p", single_psu=choice)
        ).row("H")
        assert row["standard_error"] == pytest.approx(math.sqrt(variance)), choice
        assert row["flags"] == f"single PSU ({choice}): t"


def test_change_of_independent_rounds() -> None:
    before = FIVE
    after = FIVE.assign(a=0)
    result = measured([before, after], FOUR, [0.5], sample=True, years=2.0)
    assert result.changes is not None
    changes = {
        r["change"]: r for r in result.changes.to_pylist() if r["measure"] == "H" and r["group_type"] == "all"
    }
    assert {name: r["estimate"] for name, r in changes.items()} == pytest.approx(
        {
            "absolute": 0.2 - 0.6,
            "relative": -2 / 3,
            "annual_absolute": -0.2,
            "annual_relative": math.sqrt(1 / 3) - 1,
        }
    )
    error = math.sqrt(0.6 * 0.4 / 4 + 0.2 * 0.8 / 4)
    assert changes["absolute"]["standard_error"] == pytest.approx(error)
    assert changes["annual_absolute"]["standard_error"] == pytest.approx(error / 2)
    relative = math.sqrt(0.2 * 0.8 / 4 / 0.6**2 + (0.2 / 0.6**2) ** 2 * 0.6 * 0.4 / 4)
    assert changes["relative"]["standard_error"] == pytest.approx(relative)
    assert changes["absolute"]["ci_high"] == pytest.approx(-0.4 + 2.306004135204166 * error)


def test_the_same_round_twice_has_not_changed_and_is_sure_of_it() -> None:
    frame = FIVE.assign(psu=list("vwxyz"))
    result = measured([frame, frame], FOUR, [0.5], psu="psu", shared_psus=True)
    assert result.changes is not None
    for row in result.changes.to_pylist():
        assert row["estimate"] == pytest.approx(0, abs=1e-15)
        assert row["standard_error"] == pytest.approx(0, abs=1e-15)


def test_monetary_family_with_a_zero() -> None:
    """Line 10; incomes 0, 5, 10 and 20: one at the line, which is poor; Watts leaves the zero out of its sum."""
    frame = pd.DataFrame({"income": [0.0, 5.0, 10.0, 20.0, -1.0, None], "line": 10.0})
    money = {"standard": "money", "monetary": {"income": "income", "line": "line"}}
    found = Found(measured(frame, Standard.model_validate(money), []))
    assert found("monetary_headcount") == pytest.approx(3 / 4)
    assert found("monetary_gap") == pytest.approx((1 + 0.5 + 0) / 4)
    assert found("monetary_severity") == pytest.approx((1 + 0.25 + 0) / 4)
    assert found("monetary_watts") == pytest.approx(math.log(2) / 4)
    # mean absolute difference over twice the mean
    gaps = sum(abs(a - b) for a in (0, 5, 10, 20) for b in (0, 5, 10, 20))
    assert found("monetary_gini") == pytest.approx(gaps / 16 / (2 * 35 / 4))
    assert found.row("monetary_gini")["not_judged_share"] == pytest.approx(2 / 6)
    money["monetary"]["at_line"] = "not_poor"  # type: ignore[index]
    assert Found(measured(frame, Standard.model_validate(money), []))("monetary_headcount") == 2 / 4


def test_gini_error_is_the_jackknife_of_large_samples() -> None:
    incomes = [float((37 * n) % 101 + 1) for n in range(400)]
    frame = pd.DataFrame({"income": incomes})
    standard = Standard.model_validate({"standard": "money", "monetary": {"income": "income", "line": 50.0}})
    row = Found(measured(frame, standard, [], sample=True)).row("monetary_gini")

    def gini(values: list[float]) -> float:
        ordered = sorted(values)
        n = len(ordered)
        return sum((2 * i - n - 1) * v for i, v in enumerate(ordered, start=1)) / (n * sum(ordered))

    left_out = [gini(incomes[:n] + incomes[n + 1 :]) for n in range(400)]
    mean = sum(left_out) / 400
    jackknife = math.sqrt(399 / 400 * sum((v - mean) ** 2 for v in left_out))
    assert row["estimate"] == pytest.approx(gini(incomes))
    assert row["standard_error"] == pytest.approx(jackknife, rel=0.01)


def test_association_of_two_indicators() -> None:
    """Deprived 3 and 2 of 4, both 2: all of the rarer is covered; phi = (2·1 - 0·1) / sqrt(3·1·2·2)."""
    frame = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 1, 0, 0], "c": [0, 0, 0, 0]})
    result = measured(frame, standard_of({"a": "1/3", "b": "1/3", "c": "1/3"}), ["1/3"])
    assert result.association is not None
    pairs = {(r["indicator"], r["other_indicator"]): r for r in result.association.to_pylist()}
    assert pairs["a", "b"]["redundancy"] == 1
    assert pairs["a", "b"]["cramers_v"] == pytest.approx(2 / math.sqrt(12))
    assert (pairs["a", "c"]["redundancy"], pairs["a", "c"]["cramers_v"]) == (None, None)
