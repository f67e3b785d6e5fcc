"""Defects of the review's lists, as real exports show them.

Belongs here: which rows are spoiled, and how. Each is noted under the rule that must find it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.sample.context import Context
from pipelines.sample.lists import INCOMING, NOT_POOR
from pipelines.sample.manifest import Planted
from pipelines.sample.planting import Planter
from pipelines.sample.population import merged_by
from pipelines.sample.streams import stream

# Class of rows that were put in; they count for nobody.
INSERTED = -1
_REPEATING_FILES = 0.02
_UNKNOWN_CODE = ("99999", "Xã Không Có Tên")


def plant_households(
    ctx: Context, planter: Planter, frame: pd.DataFrame, year: int, standard: str
) -> pd.DataFrame:
    """The list with its defects; the index names the rows, `place_planted` those of a spoiled place."""
    frame = frame.reset_index(drop=True)
    frame["place_planted"] = False
    if not planter.enabled or frame.empty:
        return frame
    _values(planter, frame, year)
    _ids(planter, frame)
    _places(ctx, planter, frame, year)
    frame = _repeated_numbers(planter, frame)
    frame = _test_households(planter, frame)
    return _copies(planter, frame)


def _values(planter: Planter, frame: pd.DataFrame, year: int) -> None:
    every = np.arange(len(frame))
    rows = planter.rows(every, 0.0006)
    frame.loc[rows, "household_size"] = "bốn"
    planter.reject(rows, "household_size", "number written in words", "unreadable_household_size")
    rows = planter.rows(every, 0.0003)
    frame.loc[rows, "household_size"] = 0
    planter.reject(rows, "household_size", "household of nobody", "household_size_impossible")
    rows = planter.rows(every, 0.0004)
    frame.loc[rows, ["declared_class", "b1_points"]] = None
    planter.reject(rows, "declared_class", "neither class nor both scores", "not_classifiable")
    rows = planter.rows(every, 0.0008)
    frame.loc[rows, "ethnicity"] = "Không rõ"
    planter.flag(rows, "ethnicity", "ethnic group that does not exist", "unknown_ethnicity")
    rows = planter.rows(every, 0.001)
    frame.loc[rows, "area_type"] = np.where(
        frame.loc[rows, "area_type"] == "Nông thôn", "Thành thị", "Nông thôn"
    )
    planter.flag(rows, "area_type", "urban for rural or the reverse", "area_type_contradicts_map")
    rows = planter.rows(every, 0.0008)
    frame.loc[rows, "head_birth_year"] = [f"{int(v) % 100:02d}" for v in frame.loc[rows, "head_birth_year"]]
    planter.flag(rows, "head_birth_year", "year of two digits", "two_digit_year")
    rows = planter.rows(every, 0.0004)
    frame.loc[rows, "head_birth_year"] = year + 5
    planter.flag(rows, "head_birth_year", "born after the review", "head_birth_year_in_future")
    rows = planter.rows(every, 0.0006)
    frame.loc[rows, "review_date"] = pd.Series([f"10/10/{year - 3}"] * len(rows), index=rows, dtype=object)
    planter.flag(rows, "review_date", "date of an earlier review", "review_date_outside")
    rows = planter.rows(np.flatnonzero(frame["b2_points"].to_numpy(dtype=int) <= 90), 0.0008)
    frame.loc[rows, "b2_points"] = frame.loc[rows, "b2_points"] + 10
    planter.flag(rows, "b2_points", "one deprivation more than is marked", "b2_points_not_sum")
    marked = frame["b2_points"].to_numpy(dtype=int) > 0
    rows = planter.rows(np.flatnonzero(marked), 0.0005)
    frame.loc[rows, "b2_points"] = frame.loc[rows, "b2_points"] + 5
    for reason in ("b2_points_off_steps", "b2_points_not_sum"):
        planter.flag(rows, "b2_points", "score off the steps of 10", reason)
    rows = planter.rows(every, 0.0004)
    frame.loc[rows, "b1_points"] = 1400
    planter.flag(rows, "b1_points", "a digit too many", "b1_points_out_of_range")


def _ids(planter: Planter, frame: pd.DataFrame) -> None:
    local = frame["head_citizen_id"].str.match("^0(06|19)").to_numpy(dtype=bool)
    rows = planter.rows(np.flatnonzero(local), 0.012)
    frame.loc[rows, "head_citizen_id"] = [int(v) for v in frame.loc[rows, "head_citizen_id"]]
    planter.flag(rows, "head_citizen_id", "leading zeros lost", "citizen_id_padded")
    rows = planter.rows(np.arange(len(frame)), 0.003)
    frame.loc[rows, "head_citizen_id"] = "1.9E+10"
    planter.flag(rows, "head_citizen_id", "scientific notation", "citizen_id_unreadable")


def _places(ctx: Context, planter: Planter, frame: pd.DataFrame, year: int) -> None:
    every = np.arange(len(frame))
    rows = planter.rows(every, 0.0003)
    frame.loc[rows, ["commune_code", "commune_name"]] = _UNKNOWN_CODE
    planter.reject(rows, "commune_code", "no such commune", "unknown_commune")
    spoiled = [rows]
    rows = planter.rows(every, 0.0002)
    foreign = ctx.people.communes.foreign
    foreign = foreign[foreign["is_old"] != merged_by(year)].reset_index(drop=True)
    frame.loc[rows, ["commune_code", "commune_name"]] = foreign.loc[
        [0] * len(rows), ["code", "name"]
    ].to_numpy()
    planter.reject(rows, "commune_code", "commune of another province", "other_province")
    spoiled.append(rows)
    if not merged_by(year):
        spoiled.append(_conflicts(ctx, planter, frame, ctx.people.list_of(year)))
    if merged_by(year):
        old = ctx.people.unit(frame["household"].to_numpy(), 0)
        rows = planter.rows(np.flatnonzero(ctx.people.communes.retired()[old]), 0.004)
        frame.loc[rows, "commune_code"] = ctx.people.communes.old["code"].iloc[old[rows]].tolist()
        planter.flag(rows, "commune_code", "old code under the new name", "commune_code_of_other_date")
        spoiled.append(rows)
    frame.loc[np.concatenate(spoiled), "place_planted"] = True


def _conflicts(ctx: Context, planter: Planter, frame: pd.DataFrame, number: int) -> np.ndarray:
    """The code of one commune beside the name of another, far from it."""
    rows = planter.rows(np.arange(len(frame)), 0.0002)
    old = ctx.people.communes.units(number)
    cluster = ctx.people.communes.clusters_on(number)
    bare = old["name"].str.split(" ", n=1).str[1]
    alone = ~bare.duplicated(keep=False).to_numpy() & (old["type"] == "Xã").to_numpy()
    units = frame["unit"].to_numpy()
    for row in rows:
        others = np.flatnonzero(alone & (cluster != cluster[units[row]]))
        frame.loc[row, "commune_name"] = old["name"].iloc[int(planter.rng.choice(others))]
    planter.reject(rows, "commune_name", "code and name of two communes", "commune_conflict")
    return rows


def _test_households(planter: Planter, frame: pd.DataFrame) -> pd.DataFrame:
    """A household 999 that was entered to try the form, in a few villages."""
    rows = planter.rows(np.arange(len(frame)), 0.0002, least=2)
    rows = rows[~frame.loc[rows].duplicated(["unit", "village"]).to_numpy()]
    extra = frame.loc[rows].copy()
    extra["household_code"] = "999"
    extra["head_name"] = "Nguyễn Văn Test"
    extra["head_citizen_id"] = None
    extra["klass"] = INSERTED
    return _insert(
        planter,
        frame,
        extra,
        lambda new: planter.reject(new, "household_code", "test household", "test_record"),
    )


def _repeated_numbers(planter: Planter, frame: pd.DataFrame) -> pd.DataFrame:
    """Two households of a village under one number."""
    keys = frame[["unit", "village"]]
    same = (keys == keys.shift()).all(axis=1).to_numpy()
    seconds = planter.rows(np.flatnonzero(same), 0.0004)
    for second in seconds:
        first = second - 1
        if first in planter.used:
            continue
        planter.used.add(int(first))
        frame.loc[second, "household_code"] = frame.loc[first, "household_code"]
        planter.flag(
            [first, second], "household_code", "one number for two households", "repeated_household_code"
        )
    return frame


def _copies(planter: Planter, frame: pd.DataFrame) -> pd.DataFrame:
    """A few communes' lists in which about three rows in ten stand twice."""
    units = frame["unit"].unique()
    wanted = max(1, round(_REPEATING_FILES * len(units)))
    chosen = planter.rng.permutation(units)[:wanted]
    rows = planter.rows(
        np.flatnonzero(frame["unit"].isin(chosen).to_numpy()), planter.rng.uniform(0.33, 0.42)
    )
    extra = frame.loc[rows].copy()
    extra["klass"] = INSERTED
    return _insert(
        planter, frame, extra, lambda new: planter.mark(new, "", "exact copy", "duplicate", "duplicate")
    )


def _insert(
    planter: Planter, frame: pd.DataFrame, extra: pd.DataFrame, note: Callable[[list[int]], None]
) -> pd.DataFrame:
    """Further rows behind those that they were made from, under numbers of their own."""
    start = int(frame.index.max()) + 1
    after = extra.index.to_numpy() + 0.5
    extra = extra.set_axis(range(start, start + len(extra)))
    planter.used.update(extra.index.tolist())
    note(extra.index.tolist())
    place = np.concatenate(
        [np.arange(len(frame), dtype=float), np.searchsorted(frame.index.to_numpy(), after) - 0.5]
    )
    return pd.concat([frame, extra]).iloc[np.argsort(place, kind="stable")]


def add_earlier_version(
    ctx: Context,
    year: int,
    standard: str,
    frame: pd.DataFrame,
    write: Callable[..., tuple[str, dict[int, tuple[str, int]]]],
    spoiled: set[int],
) -> None:
    """A first version of some communes' lists, sent before the one that counts."""
    if not ctx.planting or standard != INCOMING:
        return
    clean = ~frame.groupby("unit")["klass"].apply(lambda rows: bool(spoiled & set(rows.index)))
    units = clean.index[clean.to_numpy()].to_numpy()
    if not len(units):
        return
    rng = stream(ctx.seed, "earlier version", year)
    for unit in rng.permutation(units)[: max(1, round(0.015 * len(units)))]:
        rows = frame[frame["unit"] == unit].copy()
        change = rng.random(len(rows)) < 0.05
        rows["declared_class"] = rows["declared_class"].where(~change, NOT_POOR)
        # Never the same bytes as the list that counts, or it would be the same file.
        rows.loc[rows.index[0], "quick_review"] = "Chưa xét"
        name, _ = write(ctx, year, standard, int(unit), rows, "1105")
        file = ctx.relative("survey_household", year, name)
        ctx.manifest.planted.append(
            Planted(
                table="survey_household",
                year=year,
                file=file,
                sheet="",
                row=0,
                column="",
                defect="list sent again later",
                reason="superseded",
                outcome="superseded",
                records=len(rows),
            )
        )
