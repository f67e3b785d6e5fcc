"""The real communes of a province before and after 1 July 2025, and which became which.

From the data files of the package `vietnamadminunits` (read as data; none of its code runs); the
lists before that of December 2024 from the changes that the project knows.

Lists are numbered: 1 is that of the merger, 0 the last one before, -1 the one before that, and so on.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date
from importlib import resources

import numpy as np
import pandas as pd

from pipelines.sample.earlier_lists import URBAN, Earlier, earlier_lists, first_days

MERGED_ON = date(2025, 7, 1)
_OLD = (
    "select wardCode code, ward name, wardType type, district, province, provinceCode province_code, "
    "provinceKey || '_' || districtKey || '_' || wardKey key from admin_units_legacy order by wardCode"
)
_NEW = (
    "select wardCode code, ward name, wardType type, province, provinceCode province_code, "
    "provinceKey province_key, wardKey key from admin_units order by wardCode"
)


@dataclass(frozen=True)
class Communes:
    """Both lists and the edges between them.

    Attributes
    ----------
    old, new
        One row a commune, numbered from 0: code, name, type, is_urban, province, first (day); `old` also
        district and province_code.
    edges
        One row an old commune and successor: old, new (row numbers). Split communes have two.
    foreign
        A few units of another province on either list: code, name, is_old.
    earlier
        The lists before `old`, the latest first, as far as the project knows their changes.
    """

    old: pd.DataFrame
    new: pd.DataFrame
    edges: pd.DataFrame
    foreign: pd.DataFrame
    earlier: tuple[Earlier, ...] = ()

    def list_on(self, days: np.ndarray) -> np.ndarray:
        """The number of the list in force on each day; 0 where there is none."""
        starts = np.array([e.start for e in reversed(self.earlier[:-1])], dtype="datetime64[D]")
        ends = [self.earlier[0].end] if self.earlier else []
        starts = np.concatenate([starts, np.array([*ends, MERGED_ON], dtype="datetime64[D]")])
        found = np.searchsorted(starts, days.astype("datetime64[D]"), side="right")
        return np.where(np.isnat(days), 0, found + 1 - len(starts))

    def list_of(self, year: int) -> int:
        """The number of the list at a year's end."""
        return self.list_at_end_of(year, 12)

    def list_at_end_of(self, year: int, month: int) -> int:
        """The number of the list on a month's last day."""
        month_after = np.datetime64(f"{year}-{month:02d}") + 1
        return int(self.list_on(np.array([month_after.astype("datetime64[D]") - 1]))[0])

    def units(self, number: int) -> pd.DataFrame:
        """The communes of a list."""
        if number > 0:
            return self.new
        return self.old if number == 0 else self.earlier[-number - 1].units

    def clusters_on(self, number: int) -> np.ndarray:
        """The number of the cluster of each commune of a list up to the merger."""
        clusters = self.clusters().to_numpy()
        return clusters if number == 0 else clusters[self.earlier[-number - 1].units["old"]]

    def most_origins(self) -> np.ndarray:
        """For each old commune, of how many it was at most made up on an earlier list."""
        counts = [np.ones(len(self.old), dtype=int)]
        counts += [np.array([len(o) for o in e.origins], dtype=int) for e in self.earlier]
        return np.asarray(np.max(counts, axis=0))

    def clusters(self) -> pd.Series:
        """A number for each old commune; communes that share a successor share the number."""
        label = pd.Series(range(len(self.old)), index=self.old.index)
        while True:
            by_new = self.edges.assign(label=self.edges["old"].map(label)).groupby("new")["label"].min()
            better = self.edges.assign(label=self.edges["new"].map(by_new)).groupby("old")["label"].min()
            if (better.to_numpy() == label.to_numpy()).all():
                return label
            label = pd.Series(better.to_numpy(), index=label.index)

    def split(self) -> set[int]:
        """Row numbers of the old communes with several successors."""
        counts = self.edges["old"].value_counts()
        return set(counts.index[counts > 1])

    def retired(self) -> np.ndarray:
        """Old communes that went whole into one of today's, and whose code no commune has any more."""
        gone = ~self.old["code"].isin(self.new["code"]).to_numpy(dtype=bool)
        gone[list(self.split())] = False
        return gone


def load_communes(province: str) -> Communes:
    """Both lists of one province of today.

    Raises
    ------
    LookupError
        No such province code.
    """
    data = resources.files("vietnamadminunits").joinpath("data")
    with resources.as_file(data.joinpath("dataset.db")) as path:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            old, new = (pd.read_sql_query(q, connection, dtype=object) for q in (_OLD, _NEW))
        finally:
            connection.close()
    ours = new[new["province_code"] == province]
    if ours.empty:
        raise LookupError(f"there is no province {province!r}; use a two-digit code of today's 34")
    key = str(ours["province_key"].iloc[0])
    edges = _edges(json.loads(data.joinpath("converter_2025.json").read_text(encoding="utf-8")), key)
    mine = old["key"].isin(edges["old"])
    near = old["province_code"].isin(set(old.loc[mine, "province_code"]))
    foreign = pd.concat(
        [
            old[~near].assign(is_old=True).sample(20, random_state=1),
            new[new["province_code"] != province].assign(is_old=False).sample(20, random_state=1),
        ]
    )
    old_list, new_list = _tidy(old[mine]), _tidy(ours)
    old_list["first"], new_list["first"] = first_days(old_list), MERGED_ON
    numbered = pd.DataFrame(
        {
            "old": edges["old"].map(pd.Series(old_list.index, index=old_list["key"])),
            "new": edges["new"].map(pd.Series(new_list.index, index=new_list["key"])),
        }
    ).dropna()
    return Communes(
        old=old_list,
        new=new_list,
        edges=numbered.astype(int).sort_values(["old", "new"], ignore_index=True),
        foreign=foreign[["code", "name", "is_old"]].reset_index(drop=True),
        earlier=earlier_lists(old_list),
    )


def _tidy(units: pd.DataFrame) -> pd.DataFrame:
    result = units.reset_index(drop=True)
    for column in ("name", "type", "province", *(["district"] if "district" in result else [])):
        result[column] = result[column].str.strip()
    result["is_urban"] = result["type"].isin(URBAN)
    return result


def _edges(converter: dict[str, dict[str, dict[str, list[object]]]], province_key: str) -> pd.DataFrame:
    whole = converter["DICT_PROVINCE_WARD_NO_DIVIDED"].get(province_key, {})
    parts = converter["DICT_PROVINCE_WARD_DIVIDED"].get(province_key, {})
    pairs = [(old, new) for new, olds in whole.items() for old in olds]
    pairs += [(old, part["newWardKey"]) for old, new in parts.items() for part in new]  # type: ignore[index]
    return pd.DataFrame(pairs, columns=["old", "new"], dtype=object)
