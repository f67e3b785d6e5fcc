"""Whether one ground is listed twice in a year: as a commune, and within the one that it became.

A list on another date's map stands beside the lists of the year's own (`assets.places.whole_file`).
Their units are different ones, so no newer list replaces the other, and both would be counted.

Belongs here: the keys of a year's accepted records by unit, and those that stand on the same ground
twice. Does not belong here: which units share ground (`Gazetteer.overlapping`), or the bound
(`checks.table_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import pandas as pd
import pyarrow as pa

from checks.contract import TableRule
from checks.table_rules import Twice

KIND = "ground_twice"
# Pairs of units, the earlier first, that have ground in common.
Overlapping = Callable[[Collection[str]], list[tuple[str, str]]]
_MOST_NAMED = 5


class ListedGround:
    """The keys of a year's accepted records by unit, added up part by part."""

    def __init__(self, rules: Iterable[TableRule]) -> None:
        self._columns = {rule.name: list(rule.columns) for rule in rules if rule.kind == KIND}
        self._parts: dict[str, list[pa.Table]] = {name: [] for name in self._columns}

    def add(self, accepted: pa.Table) -> None:
        """Take the keys of a part; a record without one of them tells nothing."""
        for name, columns in self._columns.items():
            keyed = accepted.select(["unit_id", *columns]).drop_null()
            counted = keyed.group_by(["unit_id", *columns]).aggregate([([], "count_all")])
            self._parts[name].append(counted)

    def merge(self, other: ListedGround) -> None:
        """Take the keys of another part of the year."""
        for name, parts in other._parts.items():
            self._parts[name].extend(parts)

    def twice(self, overlapping: Overlapping) -> dict[str, Twice]:
        """By rule, the records whose key stands on their ground under another unit too."""
        return {name: self._twice(name, overlapping) for name, parts in self._parts.items() if parts}

    def _twice(self, name: str, overlapping: Overlapping) -> Twice:
        columns = self._columns[name]
        listed = pa.concat_tables(self._parts[name]).to_pandas()
        pairs = overlapping(listed["unit_id"].unique())
        if not pairs:
            return Twice(0, ())
        there = listed.drop(columns="count_all").rename(columns={"unit_id": "later"})
        shared = (
            pd.DataFrame(pairs, columns=["unit_id", "later"])
            .merge(listed, on="unit_id")
            .merge(there, on=["later", *columns])
        )
        records = shared.drop_duplicates(["unit_id", *columns])["count_all"].sum()
        named = shared[["unit_id", "later"]].drop_duplicates().sort_values(["later", "unit_id"])
        places = [f"{old} in {new}" for old, new in named.itertuples(index=False)]
        more = (f"{len(places) - _MOST_NAMED} more",) if len(places) > _MOST_NAMED else ()
        return Twice(int(records), (*places[:_MOST_NAMED], *more))
