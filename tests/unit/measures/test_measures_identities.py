"""What must hold of the measures of any table, whatever its numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.measures import Measured, MeasureRefused
from tests.unit.measures.measuring import measured, standard_of

STANDARD = standard_of({"a": "1/6", "b": "1/6", "c": "1/3", "d": "1/3"})
K = ("1/6", "1/3", "1/2", "1")
_FEW = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
Key = tuple[Any, ...]


def _survey(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: (rng.random(rows) < 0.4).astype(float) for name in "abcd"})
    frame.loc[rng.random(rows) < 0.1, "b"] = np.nan
    frame["area"] = rng.choice(["urban", "rural", None], rows)
    frame["stratum"] = np.arange(rows) % 2
    frame["psu"] = [f"{s}-{p}" for s, p in zip(frame["stratum"], np.arange(rows) % 8 // 2, strict=True)]
    frame["w"] = rng.uniform(0.2, 9, rows)
    return frame


def _rows(result: Measured) -> dict[Key, dict[str, Any]]:
    keys = ("group_type", "group_value", "k", "measure", "indicator")
    return {tuple(r[key] for key in keys): r for r in result.rows.to_pylist()}


def _measure(frame: pd.DataFrame) -> dict[Key, dict[str, Any]]:
    return _rows(
        measured(
            frame, STANDARD, K, by=("area",), weight="w", stratum="stratum", psu="psu", empty_groups="keep"
        )
    )


@pytest.mark.parametrize("seed", range(3))
def test_parts_and_wholes(seed: int) -> None:
    rows = _measure(_survey(seed, 200))

    def value(group: str, k: float | None, measure: str, indicator: str | None = None) -> float:
        kind = "all" if group == "all" else "area"
        return float(rows[kind, group, k, measure, indicator]["estimate"])

    ks = sorted({key[2] for key in rows if key[2] is not None})
    groups = {key[1] for key in rows}
    assert groups == {"all", "urban", "rural", "(missing)"}
    for group in groups:
        for k in ks:
            m0 = value(group, k, "M0")
            if not m0:
                kind = "all" if group == "all" else "area"
                assert rows[kind, group, k, "A", None]["estimate"] is None
                continue
            assert m0 == pytest.approx(value(group, k, "H") * value(group, k, "A"))
            for level in "abcd":
                assert value(group, k, "censored", level) <= value(group, None, "uncensored", level) + 1e-12
            assert sum(value(group, k, "contribution", i) for i in "abcd") == pytest.approx(1)
            assert sum(value(group, k, "dimension_contribution", i) for i in "abcd") == pytest.approx(1)
            assert sum(value(group, k, "absolute_contribution", i) for i in "abcd") == pytest.approx(m0)
        for lower, higher in pairwise(ks):
            assert value(group, lower, "H") >= value(group, higher, "H")
            assert value(group, lower, "M0") >= value(group, higher, "M0")
    parts = groups - {"all"}
    assert sum(value(g, None, "population_share") for g in parts) == pytest.approx(1)
    for k in ks:
        assert sum(value(g, k, "group_contribution") for g in parts) == pytest.approx(1)
        for measure in ("H", "M0"):
            whole = sum(value(g, None, "population_share") * value(g, k, measure) for g in parts)
            assert whole == pytest.approx(value("all", k, measure))


def _same(ours: dict[Key, dict[str, Any]], theirs: dict[Key, dict[str, Any]], errors: bool = True) -> None:
    assert ours.keys() == theirs.keys()
    for key, row in ours.items():
        for column in ("estimate", "standard_error", "ci_low", "ci_high")[: 4 if errors else 1]:
            mine, other = row[column], theirs[key][column]
            assert (mine is None) == (other is None), (key, column)
            if mine is not None:
                assert mine == pytest.approx(other, rel=1e-9, abs=1e-9), (key, column)


@_FEW
@given(st.integers(0, 10**6))
def test_order_and_scale_do_not_matter(seed: int) -> None:
    frame = _survey(seed, 60)
    ours = _measure(frame)
    _same(ours, _measure(frame.sample(frac=1, random_state=seed)))
    _same(ours, _measure(frame.assign(w=frame["w"] * 1234.5)))


@_FEW
@given(st.integers(0, 10**6))
def test_a_row_twice_with_half_its_weight_is_the_same_row(seed: int) -> None:
    """The PSU is what was drawn: estimates and errors stay, the count of observations alone does not."""
    frame = _survey(seed, 60)
    halves = pd.concat([frame, frame], ignore_index=True).assign(w=lambda f: f["w"] / 2)
    _same(_measure(frame), _measure(halves))


def test_an_empty_stratum_of_a_domain_keeps_its_psus() -> None:
    """A domain that lies in one PSU has an error: the others of its stratum count with nothing."""
    frame = pd.DataFrame(
        {"a": [1.0, 0, 1, 0, 1, 0], "g": list("xxyyyy"), "psu": [1, 1, 2, 2, 3, 3], "w": 1.0}
    )
    standard = standard_of({"a": 1})
    rows = _rows(measured(frame, standard, ["1"], by=("g",), weight="w", psu="psu"))
    assert rows["g", "x", 1.0, "H", None]["standard_error"] == pytest.approx(0)
    share = rows["g", "x", None, "population_share", None]
    z = [(2 - 2 / 3) / 6, -2 / 3 / 6, -2 / 3 / 6]
    assert share["standard_error"] == pytest.approx((1.5 * sum(v * v for v in z)) ** 0.5)


@pytest.mark.parametrize("sample", [False, True])
def test_both_ways_of_counting_agree(sample: bool) -> None:
    """By patterns of deprivations (which pairs need) and straight from the rows; groups within and across."""
    frame = _survey(5, 300).assign(
        village=lambda f: f.index % 60, commune=lambda f: f.index % 20, region=lambda f: f.index % 20 // 5
    )
    design = {"weight": "w", "stratum": "stratum", "psu": "psu"} if sample else {}
    by = ("area", "region", "village", "commune")
    ours, theirs = (
        _rows(measured(frame, STANDARD, K, by=by, empty_groups="keep", association=pairs, **design))
        for pairs in (True, False)
    )
    assert len({key[0] for key in ours}) == 5
    _same(ours, theirs)


@pytest.mark.parametrize("number", [30, 31, 62])
def test_many_indicators(number: int) -> None:
    """Patterns of as many bits as a whole number of 32 or of 64 has."""
    names = [f"i{n}" for n in range(number)]
    frame = pd.DataFrame([[1] * n + [0] * (number - n) for n in (number, number - 1, 1, 0)], columns=names)
    result = measured(frame, standard_of(dict.fromkeys(names, f"1/{number}")), ["1/2"])
    found = {(r["measure"], r["indicator"]): r["estimate"] for r in result.rows.to_pylist()}
    assert found["H", None] == 1 / 2
    assert found["M0", None] == pytest.approx((2 - 1 / number) / 4)
    assert found["uncensored", names[0]] == 3 / 4
    assert found["censored", names[-1]] == 1 / 4
    assert result.association is not None
    (last,) = (
        r for r in result.association.to_pylist()
        if (r["indicator"], r["other_indicator"]) == (names[-2], names[-1])
    )  # fmt: skip
    assert (last["share_deprived"], last["share_both"], last["redundancy"]) == (2 / 4, 1 / 4, 1)


def test_more_indicators_than_a_pattern_holds_are_refused() -> None:
    standard = standard_of({f"i{n}": "1/63" for n in range(63)})
    with pytest.raises(MeasureRefused, match="more than 62 indicators"):
        measured(pd.DataFrame({"i0": [1]}), standard)
