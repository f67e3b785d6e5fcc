"""The errors of the multidimensional measures of a sample, one group type after the other.

Belongs here: which table is made of which, so that never more than one group type lies in memory by PSU.
Does not belong here: any formula (the macros `psus` and `shares`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assets.measures.design import OF_BOTH, OF_ROUND
from assets.measures.macros import columns_of, sql
from assets.measures.names import text

# The tables made here: variances of the estimates, and of absolute and relative changes.
VARIANCE, CHANGE_VARIANCE = "variance_multidimensional", "change_basis_multidimensional"
_OVER = ["round"]
_DESIGN = ["stratum", "psu"]
_ALL = "sums_all"
_COLUMNS = (
    "unit varchar, group_type varchar, group_value varchar, position integer, measure varchar, "
    "indicator varchar, variance double"
)


@dataclass(frozen=True)
class PsuErrors:
    """What the errors are made of.

    Parameters
    ----------
    execute
        Runs a statement.
    indicators
        Name, column, dimension and weight (SQL) of each.
    single_psu
        `certainty` or `adjust`.
    rounds
        How many; with two, changes have errors too.
    """

    execute: Callable[[str], Any]
    indicators: list[dict[str, str]]
    units: list[dict[str, str]]
    single_psu: str
    rounds: int

    def run(self, bundles: Sequence[list[dict[str, str]]]) -> None:
        """Make `VARIANCE`, and with two rounds `CHANGE_VARIANCE`; a pass over the rows a bundle."""
        self.execute(f"create table {VARIANCE} (round integer, {_COLUMNS})")
        self.execute(f"create table {CHANGE_VARIANCE} (change varchar, {_COLUMNS})")
        for number, groups in enumerate(bundles):
            keys = [*_OVER, *_DESIGN, *(g["column"] for g in groups)]
            self._make("psu_cells", sql("measure_cells", "scored", keys, self.indicators, self.units))
            for group in ([] if number else [None]) + groups:
                self._of_type(group)
        for table in ("psu_cells", _ALL):
            self.execute(f"drop table {table}")

    def _make(self, table: str, query: str) -> None:
        self.execute(f"create or replace table {table} as {query}")

    def _of_type(self, group: dict[str, str] | None) -> None:
        name = text(group["name"]) if group else "'all'"
        value = f"coalesce(cast({group['column']} as varchar), '(missing)')" if group else "'all'"
        cells = f"(select *, {name} as group_type, {value} as group_value from psu_cells)"
        by_cutoff = sql("measure_by_cutoff", cells, "cutoffs", _OVER, _DESIGN, self.indicators)
        sums = "sums_group" if group else _ALL
        self._make(sums, sql("measure_psu_sums", f"({by_cutoff})", self.indicators))
        # what does not depend on the cut-off is computed at the first one
        for by_k, which in ((True, sums), (False, f"(select * from {sums} where position = 1)")):
            self._ratios(which, columns_of("measure_columns", self.indicators, by_k))
        if group:
            shares = sql(
                "measure_share_variance", sums, _ALL, "estimates_multidimensional", OF_ROUND, _OVER, _OVER,
                self.single_psu,
            )  # fmt: skip
            self.execute(f"insert into {VARIANCE} by name {shares}")

    def _ratios(self, sums: str, columns: list[dict[str, Any]]) -> None:
        self._make("psu_ratios", sql("measure_psu_ratios", sums, columns, _OVER))
        influence = f"({sql('measure_psu_influence', sums, 'psu_ratios', columns, _OVER)})"
        variance = sql("measure_psu_variance", influence, OF_ROUND, columns, _OVER, _OVER, self.single_psu)
        self.execute(f"insert into {VARIANCE} by name {variance}")
        if self.rounds < 2:
            return
        for change in ("absolute", "relative"):
            moved = sql("measure_psu_change", influence, "psu_ratios", columns, change == "relative")
            variance = sql(
                "measure_psu_variance", f"({moved})", OF_BOTH, columns, [], [], self.single_psu, change
            )
            self.execute(f"insert into {CHANGE_VARIANCE} by name {variance}")
