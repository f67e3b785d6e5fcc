"""The order of the passes: rows, cells, ratios, estimates, errors, changes.

Belongs here: which macro reads which table. Does not belong here: any formula (they are in the macros).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from scipy import stats  # type: ignore[import-untyped]

from assets.measures.exact import whole_weights
from assets.measures.macros import sql
from assets.measures.options import Options, check_options
from assets.measures.problems import MeasureRefused, quoted
from assets.measures.refusals import drop_bad_weights, problems_of, psu_sql, single_strata
from assets.measures.rows import RoundTable, scored_sql
from assets.measures.standard import Standard
from assets.measures.table import Table, connect, text

_OVER = ["round"]
_KEY = ["round", "unit", "group_type", "group_value", "measure", "indicator", "position", "k"]


@dataclass(frozen=True)
class Measured:
    """What came out.

    Parameters
    ----------
    rows
        A row a round, k, unit, group, measure and indicator.
    changes
        The same between two rounds; none where there is one.
    association
        A row a pair of indicators.
    notes
        What a reader must know: rows dropped, strata of one PSU, degrees of freedom.
    """

    rows: pa.Table
    changes: pa.Table | None
    association: pa.Table | None
    notes: tuple[str, ...]


def measure(paths: Sequence[Path], standard: Standard, options: Options) -> Measured:
    """All measures of one table, or of two rounds and the change between them.

    Raises
    ------
    MeasureRefused
        The tables, the standard and the options do not fit; nothing was computed.
    """
    check_options(options)
    engine = connect()
    try:
        if options.threads:
            engine.execute(f"set threads = {options.threads}")
        rounds = [
            RoundTable(Table(engine, path, number), standard, options, number)
            for number, path in enumerate(paths, start=1)
        ]
        # from here on nothing is read but what lies in memory
        engine.execute("set enable_external_access = false")
        dropped = [drop_bad_weights(table) for table in rounds]
        if problems := [problem for table in rounds for problem in problems_of(table)]:
            raise MeasureRefused(problems)
        return _Passes(engine, standard, options, rounds, dropped).run()
    finally:
        engine.close()


class _Passes:
    """One call's passes over tables that were found fit."""

    def __init__(
        self,
        engine: duckdb.DuckDBPyConnection,
        standard: Standard,
        options: Options,
        rounds: list[RoundTable],
        dropped: list[int],
    ) -> None:
        self.engine, self.standard, self.options, self.rounds = engine, standard, options, rounds
        self.sample = options.is_sample
        self.flag = ""
        self.design = ["stratum", "psu"] if self.sample else []
        self.groups = [{"name": g.name, "column": g.column} for g in rounds[0].groups]
        self.indicators = [
            {"name": i.name, "column": f"deprived_{n}"} for n, i in enumerate(standard.indicators, start=1)
        ]
        self.units = [{"name": standard.unit, "weight": "weight"}]
        if options.size:
            self.units.append({"name": "person", "weight": "weight * size"})
        self.notes = [
            f"{table.table.path}: {number} rows without a usable weight or size were dropped"
            for table, number in zip(rounds, dropped, strict=True)
            if number
        ]

    def run(self) -> Measured:
        self._rows()
        if self.sample:
            self._sample_design()
        families = []
        if self.standard.indicators:
            self._multidimensional()
            families.append("multidimensional")
        if self.standard.monetary:
            self._monetary()
            families.append("monetary")
        results = [self._result(family) for family in families]
        changes = [self._change(family) for family in families] if len(self.rounds) > 1 else []
        return Measured(
            rows=self._collected(results),
            changes=self._collected(changes) if changes else None,
            association=self._association(),
            notes=tuple(self.notes),
        )

    def _create(self, table: str, query: str) -> None:
        self.engine.execute(f"create or replace table {table} as {query}")

    def _rows(self) -> None:
        parts = []
        for number, table in enumerate(self.rounds, start=1):
            stratum, psu = "stratum", psu_sql(self.options)
            if len(self.rounds) > 1 and not self.options.shared_psus:
                stratum = f"'{number} ' || stratum"
            design = f", {stratum} as stratum, {psu} as psu" if self.sample else ""
            hidden = "stratum, psu" if self.options.psu else "stratum"
            parts.append(f"select {number} as round, * exclude ({hidden}){design} from {table.name}")
        self.engine.execute(f"create view all_rows as {' union all '.join(parts)}")

    def _sample_design(self) -> None:
        self._create("design", "select stratum, count(distinct psu) as psus from all_rows group by stratum")
        single = sorted({s for table in self.rounds for s in single_strata(table)})
        if single:
            self.flag = f"single PSU ({self.options.single_psu}): {quoted(single)}"
            how = (
                "add nothing to the variance"
                if self.options.single_psu == "certainty"
                else "are centred at the mean"
            )
            self.notes.append(f"strata with a single PSU {how}: {quoted(single)}")
        self.freedom = {
            number: psus - strata
            for number, strata, psus in self.engine.execute(
                "select round, count(distinct stratum), count(distinct (stratum, psu)) from all_rows "
                "group by round"
            ).fetchall()
        }
        for number, df in sorted(self.freedom.items()):
            self.notes.append(
                f"{self.rounds[number - 1].table.path}: {df} degrees of freedom (PSUs less strata)"
            )
        self.freedom_of_change = self.engine.execute("select sum(psus) - count(*) from design").fetchall()[0][
            0
        ]

    def _t(self, df: int) -> str:
        return (
            repr(float(stats.t.ppf((1 + self.options.level) / 2, df))) if df > 0 else "cast(null as double)"
        )

    def _multidimensional(self) -> None:
        cutoffs = self.options.cutoffs
        self._create("scored", scored_sql(self.standard, "all_rows", cutoffs))
        weights, total = whole_weights(self.standard.weights())
        named = ", ".join(
            f"({text(i.name)}, {text(i.dimension)}, {w}::double / {total})"
            for i, w in zip(self.standard.indicators, weights, strict=True)
        )
        self._create("weights", f"select * from (values {named}) as w (indicator, dimension, weight)")
        values = ", ".join(f"({n}, {float(k)!r}::double)" for n, k in enumerate(cutoffs, start=1))
        self._create("cutoffs", f"select * from (values {values}) as c (position, k)")
        keys = [*_OVER, *(g["column"] for g in self.groups), *self.design]
        self._create("cells", sql("measure_cells", "scored", keys, self.indicators, self.units))
        self._create(
            "grouped", sql("measure_grouped", "cells", _OVER, self.groups, self.design, self.indicators)
        )
        self._create(
            "by_cutoff", sql("measure_by_cutoff", "grouped", "cutoffs", _OVER, self.design, self.indicators)
        )
        self._create("facts_multidimensional", sql("measure_facts", "by_cutoff", _OVER))
        self._create(
            "by_indicator",
            sql("measure_by_indicator", "by_cutoff", "weights", _OVER, self.design, self.indicators),
        )
        self._create("ratios_multidimensional", sql("measure_ratios", "by_indicator", _OVER, self.design))

    def _monetary(self) -> None:
        assert self.standard.monetary
        usable = "income is not null and income >= 0 and isfinite(income)"
        self._create(
            "monetary_rows",
            sql(
                "measure_monetary_rows",
                f"(select * from all_rows where {usable})",
                _OVER,
                self.groups,
                self.design,
                self.units,
            ),
        )
        every = sql("measure_monetary_rows", "all_rows", _OVER, self.groups, self.design, self.units)
        self._create(
            "facts_monetary",
            "select round, unit, group_type, group_value, "
            f"cast(count(*) filter (where {usable}) as double) as observations, coalesce(sum(weight) filter (where {usable}), 0) as population, "
            f"coalesce(sum(weight) filter (where not coalesce({usable}, false)), 0) / sum(weight) as "
            f"not_judged_share from ({every}) group by all",
        )
        at_line = self.standard.monetary.at_line == "poor"
        self._create(
            "ratios_monetary", sql("measure_monetary_ratios", "monetary_rows", _OVER, self.design, at_line)
        )

    def _result(self, family: str) -> str:
        estimates, ratios = f"estimates_{family}", f"ratios_{family}"
        self._create(estimates, sql("measure_estimates", ratios, _OVER))
        variance, t = None, "null"
        if self.sample:
            variance = f"variance_{family}"
            self._create(f"influence_{family}", sql("measure_influence", ratios, estimates, _OVER))
            self._create(variance, self._variance(f"influence_{family}", _KEY))
            t = " ".join(f"when {n} then {self._t(df)}" for n, df in self.freedom.items())
            t = f"case e.round {t} end"
        query = sql("measure_result", estimates, f"facts_{family}", _OVER, variance, t)
        self._create(f"result_{family}", query)
        return f"result_{family}"

    def _variance(self, influence: str, keys: list[str]) -> str:
        how = "certainty" if self.options.single_psu == "refuse" else self.options.single_psu
        return sql("measure_variance", influence, "design", keys, how)

    def _change(self, family: str) -> str:
        changes = f"changes_{family}"
        years = repr(float(self.options.years)) if self.options.years else None
        self._create(changes, sql("measure_changes", f"estimates_{family}", years))
        variance, t = None, "null"
        if self.sample:
            variance = f"change_variance_{family}"
            influence = f"change_influence_{family}"
            self._create(influence, sql("measure_change_influence", f"influence_{family}", changes))
            self._create(variance, self._variance(influence, [*_KEY[1:], "change"]))
            t = self._t(self.freedom_of_change)
        method = "taylor" if self.sample else "census"
        self._create(f"change_{family}", sql("measure_change_result", changes, variance, t, method))
        return f"change_{family}"

    def _association(self) -> pa.Table | None:
        if not self.options.association or len(self.indicators) < 2:
            return None
        patterns = sql("measure_patterns", "scored", _OVER, self.groups, self.indicators, self.units)
        self._create("patterns", patterns)
        query = sql("measure_association", "patterns", _OVER, self.indicators)
        hidden = "" if len(self.rounds) > 1 else "exclude (round)"
        turn = "round, unit, group_type <> 'all', group_type, group_value, indicator, other_indicator"
        ordered = f"select * {hidden} from ({query}) order by {turn}"
        return self.engine.sql(ordered).to_arrow_table()

    def _collected(self, tables: list[str]) -> pa.Table:
        """The families one below the other, in a reader's order; the round where there are two."""
        both = " union all by name ".join(f"select * from {table}" for table in tables)
        hidden = "" if "change_" in tables[0] or len(self.rounds) > 1 else "exclude (round)"
        flag = text(self.flag) if self.flag else "cast(null as varchar)"
        turn = "group_type <> 'all', group_type, group_value, unit, k nulls first"
        first = "" if "change_" in tables[0] else "round, "
        order = f"{first}{turn}, {_measure_turn()}, indicator"
        query = f"select * {hidden}, {flag} as flags from ({both}) order by {order}"
        return self.engine.sql(query).to_arrow_table()


def _measure_turn() -> str:
    listed = ", ".join(text(measure) for measure in ("H", "A", "M0"))
    return f"coalesce(list_position([{listed}], measure), 4), measure"
