"""The order of the passes: rows, cells, ratios, estimates, errors, changes.

Belongs here: which macro reads which table. Does not belong here: any formula.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from assets.measures.design import OF_BOTH, OF_ROUND, SampleDesign, quantile, read_design
from assets.measures.exact import whole_weights
from assets.measures.macros import sql
from assets.measures.options import Options
from assets.measures.refusals import psu_sql
from assets.measures.rows import RoundTable, scored_sql
from assets.measures.standard import Monetary, Standard
from assets.measures.table import text

_OVER = ["round"]
_KEY = ["unit", "group_type", "group_value", "measure", "indicator", "position", "k"]
_FIRST = ("H", "A", "M0")
_USABLE_INCOME = "coalesce(income >= 0 and isfinite(income), false)"


class Passes:
    """One call's passes over tables that were found fit."""

    def __init__(
        self,
        engine: duckdb.DuckDBPyConnection,
        standard: Standard,
        options: Options,
        rounds: list[RoundTable],
    ) -> None:
        self.engine, self.standard, self.options, self.rounds = engine, standard, options, rounds
        self.columns = ["stratum", "psu"] if options.is_sample else []
        self.groups = [{"name": g.name, "column": g.column} for g in rounds[0].groups]
        self.indicators = [
            {"name": i.name, "column": f"deprived_{n}"} for n, i in enumerate(standard.indicators, start=1)
        ]
        self.units = [{"name": standard.unit, "weight": "weight"}]
        if options.size:
            self.units.append({"name": "person", "weight": "weight * size"})
        self._stack_rounds()
        self.design: SampleDesign | None = None
        if options.is_sample:
            self.design = read_design(engine, rounds, options)
        self.families = []
        if standard.indicators:
            self._multidimensional()
            self.families.append("multidimensional")
        if standard.monetary:
            self._monetary(standard.monetary)
            self.families.append("monetary")
        for family in self.families:
            self._result(family)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the design has to say."""
        return self.design.notes if self.design else ()

    def rows(self) -> pa.Table:
        """Every estimate of every round."""
        order = f"{self._round('round, ')} group_type <> 'all', group_type, group_value, unit, k nulls first"
        return self._collected([f"result_{f}" for f in self.families], order, self._round("", "round"))

    def changes(self) -> pa.Table | None:
        """Every change between two rounds; none where there is one."""
        if len(self.rounds) < 2:
            return None
        for family in self.families:
            self._change(family)
        order = "group_type <> 'all', group_type, group_value, unit, k nulls first"
        return self._collected([f"change_{f}" for f in self.families], order, "")

    def association(self) -> pa.Table | None:
        """A row a pair of indicators, round and group."""
        if not self.options.association or len(self.indicators) < 2:
            return None
        patterns = sql("measure_patterns", "scored", _OVER, self.groups, self.indicators, self.units)
        self._create("patterns", patterns)
        query = sql("measure_association", "patterns", _OVER, self.indicators)
        hidden = self._round("", "round")
        order = "round, unit, group_type <> 'all', group_type, group_value, indicator, other_indicator"
        return self._arrow(f"select * {_without(hidden)} from ({query}) order by {order}")

    def _round(self, where_two: str, else_: str = "") -> str:
        return where_two if len(self.rounds) > 1 else else_

    def _create(self, table: str, query: str) -> None:
        self.engine.execute(f"create or replace table {table} as {query}")

    def _arrow(self, query: str) -> pa.Table:
        return self.engine.sql(query).to_arrow_table()

    def _collected(self, tables: list[str], order: str, hidden: str) -> pa.Table:
        """The families one below the other, in a reader's order."""
        every = " union all by name ".join(f"select * from {table}" for table in tables)
        flag = text(self.design.flag) if self.design and self.design.flag else "cast(null as varchar)"
        listed = ", ".join(text(measure) for measure in _FIRST)
        turn = f"coalesce(list_position([{listed}], measure), {len(_FIRST) + 1}), measure, indicator"
        return self._arrow(
            f"select * {_without(hidden)}, {flag} as flags from ({every}) order by {order}, {turn}"
        )

    def _stack_rounds(self) -> None:
        """All rounds as one relation; independent samples have strata of their own."""
        parts = []
        for number, table in enumerate(self.rounds, start=1):
            own = len(self.rounds) > 1 and not self.options.shared_psus
            stratum = f"'{number} ' || stratum" if own else "stratum"
            design = f", {stratum} as stratum, {psu_sql(self.options)} as psu" if self.columns else ""
            hidden = "stratum, psu" if self.options.psu else "stratum"
            parts.append(f"select {number} as round, * exclude ({hidden}){design} from {table.name}")
        self.engine.execute(f"create view all_rows as {' union all '.join(parts)}")

    def _multidimensional(self) -> None:
        self._create("scored", scored_sql(self.standard, "all_rows", self.options.cutoffs))
        weights, total = whole_weights(self.standard.weights())
        named = ", ".join(
            f"({text(i.name)}, {text(i.dimension)}, {w}::double / {total})"
            for i, w in zip(self.standard.indicators, weights, strict=True)
        )
        self._create("weights", f"select * from (values {named}) as w (indicator, dimension, weight)")
        values = ", ".join(
            f"({n}, {float(k)!r}::double)" for n, k in enumerate(self.options.cutoffs, start=1)
        )
        self._create("cutoffs", f"select * from (values {values}) as c (position, k)")
        keys = [*_OVER, *(g["column"] for g in self.groups), *self.columns]
        named_columns = (_OVER, self.columns, self.indicators)
        self._create("cells", sql("measure_cells", "scored", keys, self.indicators, self.units))
        grouped = sql("measure_grouped", "cells", _OVER, self.groups, self.columns, self.indicators)
        self._create("grouped", grouped)
        self._create("by_cutoff", sql("measure_by_cutoff", "grouped", "cutoffs", *named_columns))
        self._create("facts_multidimensional", sql("measure_facts", "by_cutoff", _OVER))
        self._create("by_indicator", sql("measure_by_indicator", "by_cutoff", "weights", *named_columns))
        self._create("ratios_multidimensional", sql("measure_ratios", "by_indicator", _OVER, self.columns))

    def _monetary(self, monetary: Monetary) -> None:
        shape = (_OVER, self.groups, self.columns, self.units)
        every = sql("measure_monetary_rows", "all_rows", *shape)
        self._create("monetary_every", every)
        self._create("facts_monetary", sql("measure_monetary_facts", "monetary_every", _OVER, _USABLE_INCOME))
        at_line = monetary.at_line == "poor"
        usable = f"(select * from monetary_every where {_USABLE_INCOME})"
        ratios = sql("measure_monetary_ratios", usable, _OVER, self.columns, at_line)
        self._create("ratios_monetary", ratios)

    def _result(self, family: str) -> None:
        estimates, ratios = f"estimates_{family}", f"ratios_{family}"
        self._create(estimates, sql("measure_estimates", ratios, _OVER))
        variance, t = None, "null"
        if self.design:
            influence, variance = f"influence_{family}", f"variance_{family}"
            self._create(influence, sql("measure_influence", ratios, estimates, _OVER))
            self._create(variance, self._variance(influence, OF_ROUND, [*_OVER, *_KEY], _OVER))
            shares = sql(
                "measure_share_variance", ratios, estimates, OF_ROUND, _OVER, _OVER, self._single_psu
            )
            self.engine.execute(f"insert into {variance} by name {shares}")
            whens = (
                f"when {n} then {quantile(self.options.level, df)}" for n, df in self.design.freedom.items()
            )
            t = f"case e.round {' '.join(whens)} end"
        result = sql("measure_result", estimates, f"facts_{family}", _OVER, variance, t)
        self._create(f"result_{family}", result)

    def _change(self, family: str) -> None:
        changes = f"changes_{family}"
        years = repr(float(self.options.years)) if self.options.years else None
        self._create(changes, sql("measure_changes", f"estimates_{family}", years))
        variance, t, method = None, "null", "census"
        if self.design:
            influence, variance, method = f"change_influence_{family}", f"change_variance_{family}", "taylor"
            self._create(influence, sql("measure_change_influence", f"influence_{family}", changes))
            self._create(variance, self._variance(influence, OF_BOTH, [*_KEY, "change"], []))
            t = quantile(self.options.level, self.design.freedom_of_both)
        apart = f"variance_{family}" if self.design and not self.options.shared_psus else None
        result = sql("measure_change_result", changes, variance, t, method, apart)
        self._create(f"change_{family}", result)

    def _variance(self, influence: str, design: str, keys: list[str], within: list[str]) -> str:
        return sql("measure_variance", influence, design, keys, within, self._single_psu)

    @property
    def _single_psu(self) -> str:
        return "certainty" if self.options.single_psu == "refuse" else self.options.single_psu


def _without(column: str) -> str:
    return f"exclude ({column})" if column else ""
