"""Errors and intervals against a survey package that others maintain, over random designs.

The estimates, too, are made a second time: scores, censoring and sums by numpy, the variance by `svy`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.unit.measures.measuring import measured, standard_of

svy = pytest.importorskip("svy", reason="the survey package svy (a test dependency) is not installed")
pl = pytest.importorskip("polars")

_EXACT = {"rel_tol": 1e-8, "abs_tol": 1e-10}


@dataclass(frozen=True)
class Survey:
    """A random sample and what is asked of it."""

    frame: pd.DataFrame
    weights: tuple[int, ...]
    k: tuple[str, ...]


@st.composite
def surveys(draw: st.DrawFn, rounds: int = 1) -> Survey:
    """Strata, PSUs, rows, weights, indicators with missing values, a domain, cut-offs."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    indicators = draw(st.integers(2, 5))
    missing = draw(st.sampled_from([0.0, 0.1, 0.3]))
    prevalence = draw(st.sampled_from([0.1, 0.4, 0.8]))
    rows: list[dict[str, Any]] = []
    for stratum in range(draw(st.integers(1, 4))):
        for psu in range(draw(st.integers(2, 6))):
            for _ in range(draw(st.integers(1, 5)) * rounds):
                row: dict[str, Any] = {
                    "stratum": f"s{stratum}",
                    "psu": f"s{stratum}p{psu}",
                    "weight": float(rng.uniform(0.3, 20)),
                    "region": str(rng.choice(["north", "south", "Bắc Kạn"])),
                    "round": int(rng.integers(0, rounds)),
                }
                for number in range(indicators):
                    deprived = float(rng.random() < prevalence)
                    row[f"i{number}"] = math.nan if rng.random() < missing else deprived
                rows.append(row)
    weights = tuple(draw(st.lists(st.integers(1, 5), min_size=indicators, max_size=indicators)))
    total = sum(weights)
    k = sorted({draw(st.integers(1, total)) for _ in range(draw(st.integers(1, 3)))})
    return Survey(pd.DataFrame(rows), weights, tuple(f"{cut}/{total}" for cut in k))


def _ratios(survey: Survey, frame: pd.DataFrame, k: str) -> dict[tuple[str, str | None], tuple[Any, Any]]:
    """Numerator and denominator of every measure, row by row."""
    names = [c for c in frame if c.startswith("i")]
    deprived = frame[names].to_numpy()
    total = sum(survey.weights)
    score = np.nan_to_num(deprived) @ np.array(survey.weights)
    poor = (score >= int(k.split("/")[0])).astype(float)
    one, adjusted = np.ones(len(frame)), poor * score / total
    found: dict[tuple[str, str | None], tuple[Any, Any]] = {
        ("H", None): (poor, one), ("M0", None): (adjusted, one), ("A", None): (adjusted, poor),
    }  # fmt: skip
    for name, values, weight in zip(names, deprived.T, survey.weights, strict=True):
        values = np.nan_to_num(values)
        found["uncensored", name] = values, one
        found["censored", name] = values * poor, one
        found["contribution", name] = values * poor * weight / total, adjusted
    return found


def _svy(frame: pd.DataFrame, y: Any, x: Any) -> Any:
    data = pl.DataFrame(
        {"s": frame["stratum"].tolist(), "p": frame["psu"].tolist(), "w": frame["weight"].tolist(),
         "taken": frame["taken"].tolist(), "round": frame["round"].astype(str).tolist(), "y": y, "x": x}
    )  # fmt: skip
    return svy.Sample(data, svy.Design(stratum="s", psu="p", wgt="w"))


def _standard(survey: Survey) -> Any:
    total = sum(survey.weights)
    return standard_of({f"i{n}": f"{w}/{total}" for n, w in enumerate(survey.weights)})


def _judged(frame: pd.DataFrame) -> pd.Series:
    return frame[[c for c in frame if c.startswith("i")]].notna().all(axis=1)


_SLOW = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)  # fmt: skip


@_SLOW
@given(surveys())
def test_estimates_errors_and_intervals(survey: Survey) -> None:
    assume(_judged(survey.frame).any())
    result = measured(
        survey.frame, _standard(survey), survey.k, by=("region",), weight="weight", stratum="stratum",
        psu="psu", empty_groups="keep",
    )  # fmt: skip
    rows = {
        (r["group_value"], r["measure"], r["indicator"], r["k"] and round(r["k"], 9)): r
        for r in result.rows.to_pylist()
    }
    compared = 0
    for group in ["all", *survey.frame["region"].unique()]:
        frame = survey.frame.copy()
        frame["taken"] = _judged(frame) & ((frame["region"] == group) | (group == "all"))
        if not frame["taken"].any():
            continue
        for k in survey.k:
            number = float(Fraction(k))
            for (name, indicator), (y, x) in _ratios(survey, frame, k).items():
                row = rows[group, name, indicator, None if name == "uncensored" else round(number, 9)]
                compared += _compare(row, frame, y, x)
            compared += _compare_shares(survey, rows, frame, group, k) if group != "all" else 0
    assert compared


def _compare_shares(
    survey: Survey, rows: dict[Any, dict[str, Any]], frame: pd.DataFrame, group: str, k: str
) -> int:
    """The group's part of all: a ratio over every judged row, in or out of the group."""
    judged = frame.copy()
    judged["taken"] = _judged(frame)
    one, adjusted = _ratios(survey, frame, k)["M0", None][::-1]
    member = (frame["region"] == group).to_numpy().astype(float)
    for name, cut, whole in (
        ("population_share", None, one),
        ("group_contribution", round(float(Fraction(k)), 9), adjusted),
    ):
        row = rows[group, name, None, cut]
        if not (whole * judged["taken"]).sum():
            assert row["estimate"] is None
            continue
        sample = _svy(judged, whole * member, whole)
        (theirs,) = sample.estimation.ratio("y", "x", where=pl.col("taken")).estimates
        assert math.isclose(row["estimate"], theirs.est, **_EXACT), row
        assert math.isclose(row["standard_error"], theirs.se, rel_tol=1e-6, abs_tol=1e-7), (row, theirs)
    return 2


def _compare(row: dict[str, Any], frame: pd.DataFrame, y: Any, x: Any) -> int:
    inside = frame["taken"].to_numpy()
    if not (x[inside] * frame["weight"].to_numpy()[inside]).sum():
        assert row["estimate"] is None and row["standard_error"] is None
        return 0
    sample = _svy(frame, y, x)
    (theirs,) = sample.estimation.ratio("y", "x", where=pl.col("taken")).estimates
    assert math.isclose(row["estimate"], theirs.est, **_EXACT), row
    assert math.isclose(row["standard_error"], theirs.se, rel_tol=1e-7, abs_tol=1e-9), (row, theirs)
    assert row["observations"] == inside.sum()
    if row["measure"] == "H" and inside.all() and 0 < row["estimate"] < 1:
        proportions = sample.estimation.prop("y").estimates
        (deprived,) = (p for p in proportions if p.y_level == 1)
        assert math.isclose(row["ci_low"], deprived.lci, rel_tol=1e-6), row
        assert math.isclose(row["ci_high"], deprived.uci, rel_tol=1e-6), row
    return 1


@_SLOW
@given(surveys(rounds=2))
def test_change_between_rounds_that_share_psus(survey: Survey) -> None:
    frame = survey.frame
    frame["taken"] = _judged(frame)
    both = [frame[frame["round"] == n].drop(columns=["round", "taken"]) for n in (0, 1)]
    assume(all((one.groupby("stratum")["psu"].nunique() > 1).all() and _judged(one).any() for one in both))
    result = measured(
        both, _standard(survey), survey.k, weight="weight", stratum="stratum", psu="psu", shared_psus=True
    )
    assert result.changes is not None
    changes = {
        (r["measure"], r["indicator"], r["k"] and round(r["k"], 9)): r
        for r in result.changes.to_pylist()
        if r["change"] == "absolute" and r["group_type"] == "all"
    }
    kept, compared = frame.copy(), 0
    for (name, indicator), (y, x) in _ratios(survey, kept, survey.k[0]).items():
        row = changes.get(
            (name, indicator, None if name == "uncensored" else round(float(Fraction(survey.k[0])), 9))
        )
        if row is None:
            continue
        estimates = _svy(kept, y, x).estimation.ratio("y", "x", by="round", where=pl.col("taken"))
        before, after = estimates.estimates
        covariance = estimates.covariance
        error = math.sqrt(max(0.0, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
        assert math.isclose(row["estimate"], after.est - before.est, **_EXACT)
        assert math.isclose(row["standard_error"], error, rel_tol=1e-6, abs_tol=1e-8), (row, error)
        compared += 1
    assert compared
