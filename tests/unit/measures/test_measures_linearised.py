"""Errors against the linearisation written a second time, in numpy: strata of one PSU, nested names, persons.

What the comparison with the survey package leaves out: crossed groups, absolute and dimension contributions,
monetary changes with shared PSUs, changes a year.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from assets.measures import Measured, Standard
from tests.unit.measures.measuring import measured

_WEIGHTS = {"a": 1 / 6, "b": 1 / 6, "c": 2 / 3}
_STANDARD = Standard.model_validate(
    {
        "standard": "tried",
        "indicators": [
            {"name": "a", "dimension": "first", "weight": "1/6"},
            {"name": "b", "dimension": "first", "weight": "1/6"},
            {"name": "c", "dimension": "second", "weight": "2/3"},
        ],
        "monetary": {"income": "income", "line": 100},
    }
)
_DESIGN = {"weight": "w", "stratum": "s", "psu": "p", "size": "n", "nested": True}


def _survey(seed: int, single: bool) -> pd.DataFrame:
    """Three strata whose PSUs have the same names; a fourth, where asked for, of one PSU."""
    rng = np.random.default_rng(seed)
    rows = 72
    frame = pd.DataFrame({name: (rng.random(rows) < 0.5).astype(float) for name in "abc"})
    frame["s"] = [f"s{n % 3}" for n in range(rows)]
    frame["p"] = [f"p{n // 3 % 4}" for n in range(rows)]
    frame["w"], frame["n"] = rng.uniform(0.5, 4, rows), rng.integers(1, 6, rows)
    frame["income"] = rng.uniform(20, 250, rows)
    frame["g"], frame["h"] = rng.choice(["x", "y"], rows), rng.choice(["u", "v"], rows)
    if single:
        frame.loc[:4, ["s", "p"]] = ["alone", "p0"]
    return frame


def _ratios(frame: pd.DataFrame) -> dict[tuple[str, str | None], tuple[Any, Any]]:
    score = sum(frame[name] * weight for name, weight in _WEIGHTS.items())
    poor, one = (score > 1 / 3 - 1e-9).astype(float), pd.Series(1.0, frame.index)
    part = {name: frame[name] * poor * weight for name, weight in _WEIGHTS.items()}
    adjusted = sum(part.values())
    found: dict[tuple[str, str | None], tuple[Any, Any]] = {}
    found["H", None], found["A", None] = (poor, one), (adjusted, poor)
    for name, value in part.items():
        found["absolute_contribution", name] = value, one
        found["contribution", name] = value, adjusted
    for dimension, value in (("first", part["a"] + part["b"]), ("second", part["c"])):
        found["dimension_contribution", dimension] = value, adjusted
        found["absolute_dimension_contribution", dimension] = value, one
    below, gap = (frame["income"] <= 100).astype(float), 1 - frame["income"] / 100
    watts = np.log(100 / frame["income"])
    severity = gap**2
    for name, size in (("headcount", 1.0), ("gap", gap), ("severity", severity), ("watts", watts)):
        value = below * size
        found[f"monetary_{name}", None] = value, one
    return found


def _linearised(frame: pd.DataFrame, y: Any, x: Any, weight: Any) -> tuple[float, pd.Series]:
    """The ratio and what each PSU of the sample contributes to it."""
    whole = (weight * x).sum()
    ratio = float((weight * y).sum() / whole)
    return ratio, (weight * (y - ratio * x) / whole).groupby([frame["s"], frame["p"]]).sum()


def _error(z: pd.Series, single_psu: str = "certainty") -> float:
    total = 0.0
    for _, values in z.groupby(level=0):
        if len(values) > 1:
            total += len(values) / (len(values) - 1) * float(((values - values.mean()) ** 2).sum())
        elif single_psu == "adjust":
            total += float(values.iloc[0]) ** 2
    return math.sqrt(total)


def _rows(table: Any, **where: Any) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {
        (r["measure"], r["indicator"]): r
        for r in table.to_pylist()
        if all(r[key] == value for key, value in where.items())
    }


def _measured(frames: Any, **options: Any) -> Measured:
    return measured(frames, _STANDARD, ["1/3"], association=False, **_DESIGN, **options)


@pytest.mark.parametrize("single_psu", ["refuse", "certainty", "adjust"])
def test_errors_of_every_measure(single_psu: str) -> None:
    frame = _survey(3, single=single_psu != "refuse")
    result = _measured(frame, by=("g*h",), single_psu=single_psu)
    for unit, weight in (("household", frame["w"]), ("person", frame["w"] * frame["n"])):
        for group in ("all", "x*v"):
            inside = (frame["g"] + "*" + frame["h"] == group) | (group == "all")
            rows = _rows(result.rows, unit=unit, group_value=group)
            for key, (y, x) in _ratios(frame).items():
                ratio, z = _linearised(frame, y * inside, x * inside, weight)
                assert rows[key]["estimate"] == pytest.approx(ratio), key
                assert rows[key]["standard_error"] == pytest.approx(_error(z, single_psu)), (key, unit, group)


@pytest.mark.parametrize("shared", [False, True])
def test_errors_of_every_change(shared: bool) -> None:
    rounds = [_survey(3, single=False), _survey(4, single=False)]
    result = _measured(rounds, shared_psus=shared, years=3.0)
    for kind in ("absolute", "relative", "annual_absolute", "annual_relative"):
        rows = _rows(result.changes, unit="household", change=kind, group_type="all")
        for key in _ratios(rounds[0]):
            (before, z_before), (after, z_after) = (
                _linearised(frame, *_ratios(frame)[key], frame["w"]) for frame in rounds
            )
            on_before, on_after, estimate = {
                "absolute": (-1.0, 1.0, after - before),
                "annual_absolute": (-1 / 3, 1 / 3, (after - before) / 3),
                "relative": (-after / before**2, 1 / before, after / before - 1),
                "annual_relative": (
                    -((after / before) ** (1 / 3)) / (3 * before),
                    (after / before) ** (1 / 3) / (3 * after),
                    (after / before) ** (1 / 3) - 1,
                ),
            }[kind]
            if shared:
                error = _error(on_before * z_before + on_after * z_after)
            else:
                error = math.hypot(on_before * _error(z_before), on_after * _error(z_after))
            assert rows[key]["estimate"] == pytest.approx(estimate), (key, kind)
            assert rows[key]["standard_error"] == pytest.approx(error), (key, kind)
