"""What a rule needs beside the columns themselves: differences, ratios, remainders.

A rule that Great Expectations cannot state on the columns as they stand is stated on one derived
column; deriving it is pure and lives here. `subject(rule)` names that column.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from checks.contract import Rule
from checks.seeds import read_seed

HOUSING_PROGRAMMES = {"new_build": "HOUSING_NEW_BUILD", "repair": "HOUSING_REPAIR"}


def subject(rule: Rule) -> str:
    """The derived column on which a rule is stated."""
    return f"rule__{rule.name}"


def is_derived(rule: Rule) -> bool:
    """Whether a rule is stated on a column of its own."""
    return rule.kind in _BUILDERS


def derive(rule: Rule, batch: pd.DataFrame) -> pd.Series | None:
    """The derived column of a rule, or None where it is stated on the batch's own columns."""
    builder = _BUILDERS.get(rule.kind)
    return builder(rule, batch) if builder else None


def _sum_difference(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    total, *parts = rule.columns
    known = [batch[p] for p in parts if p in batch]
    if not known or total not in batch:
        return pd.Series(np.nan, index=batch.index)
    frame = pd.concat(known, axis=1)
    return batch[total] - frame.sum(axis=1, min_count=1)


def _remainder(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    return batch[rule.columns[0]] % (rule.step or 1)


def _score_difference(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    flags = [batch[name].astype("float64") for name in batch.columns if name.startswith(rule.prefix or "")]
    if not flags:
        return pd.Series(np.nan, index=batch.index)
    marked = pd.concat(flags, axis=1).sum(axis=1, min_count=1)
    return batch[rule.columns[0]] - marked * (rule.step or 1)


def _any_present(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    enough = pd.Series(False, index=batch.index)
    for names in rule.any_of:
        enough |= batch[list(names)].notna().all(axis=1)
    return enough.astype("float64").where(enough)


def _years_after(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    values = batch[rule.columns[0]]
    years = values.dt.year if pd.api.types.is_datetime64_any_dtype(values) else values
    return years - batch["year"]


def _ceiling_ratio(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    amount, programme, day = rule.columns
    return batch[amount] / ceilings(batch[programme], batch[day])


def _housing_ratio(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    amount, work_type, day = rule.columns
    return batch[amount] / ceilings(batch[work_type].map(HOUSING_PROGRAMMES), batch[day])


def ceilings(programme: pd.Series, day: pd.Series) -> pd.Series:
    """The ceiling in đồng of each record's programme on its day (seeds/programmes.csv); NaN where none.

    A record without a day is held to the highest ceiling the programme ever had.
    """
    result = pd.Series(np.nan, index=programme.index)
    undated: dict[str, float] = {}
    for row in read_seed("programmes"):
        if not row["ceiling"]:
            continue
        ceiling = float(row["ceiling"])
        code = row["programme"]
        undated[code] = max(undated.get(code, 0.0), ceiling)
        holds = programme.eq(code) & day.ge(pd.Timestamp(row["valid_from"]))
        if row["valid_to"]:
            holds &= day.lt(pd.Timestamp(row["valid_to"]) + pd.Timedelta(days=1))
        result[holds.fillna(False).to_numpy(dtype=bool)] = ceiling
    missing = (day.isna() & programme.notna()).to_numpy(dtype=bool)
    if missing.any():
        result[missing] = programme[missing].map(undated).astype("float64")
    return result


def _test_record(rule: Rule, batch: pd.DataFrame) -> pd.Series:
    """Code 999 in a village whose next highest code is below 500."""
    code_column, village = rule.columns
    code = pd.to_numeric(batch[code_column], errors="coerce")
    suspects = code.eq(999)
    result = pd.Series(False, index=batch.index)
    if not suspects.any():
        return result
    keys = [batch["unit_id"].fillna(""), batch[village].fillna("")]
    highest = code.where(code.lt(999)).groupby(keys).transform("max").fillna(0)
    return suspects & highest.lt(500)


_BUILDERS: dict[str, Callable[[Rule, pd.DataFrame], pd.Series]] = {
    "sum": _sum_difference,
    "multiple_of": _remainder,
    "score_sum": _score_difference,
    "any_present": _any_present,
    "not_after_year": _years_after,
    "ceiling": _ceiling_ratio,
    "housing_ceiling": _housing_ratio,
    "test_record": _test_record,
}
