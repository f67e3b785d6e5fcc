"""The order of the passes: rows, cells, ratios, estimates, errors, changes.

Belongs here: which macro reads which table. Does not belong here: any formula.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from assets.measures.design import OF_BOTH, OF_ROUND, SampleDesign, quantile, read_design
from assets.measures.errors import CHANGE_VARIANCE, PsuErrors
from assets.measures.exact import whole_weights
from assets.measures.macros import sql
from assets.measures.names import text
from assets.measures.options import Options
from assets.measures.refusals import psu_sql
from assets.measures.rows import USABLE_INCOME, RoundTable, filled_sql, scored_sql
from assets.measures.standard import Monetary, Standard

_OVER = ["round"]
_KEY = ["unit", "group_type", "group_value", "measure", "indicator", "position", "k"]
# Groups are counted together while their crossing has no more than this many times the cells.
_NEAR = 3
# Patterns are few where there are this many times the rows.
_FEW = 20
_FIRST = ("H", "A", "M0")


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
        weights, total = whole_weights(standard.weights()) if standard.indicators else ([], 1)
        self.indicators = [
            {
                "name": i.name,
                "column": f"deprived_{n}",
                "dimension": i.dimension,
                "weight": f"({w}::double / {total})",
            }
            for n, (i, w) in enumerate(zip(standard.indicators, weights, strict=True), start=1)
        ]
        self.units = [{"name": standard.unit, "weight": "weight"}]
        if options.size:
            self.units.append({"name": "person", "weight": "weight * size"})
        self._stack_rounds()
        self.bundles = self._bundled()
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
        pairs = []
        for number, groups in enumerate(self.bundles):
            grouped = sql(
                "measure_pattern_groups", f"patterns_{number}", _OVER, groups, self.units, not number
            )
            pairs.append(sql("measure_association", f"({grouped})", _OVER, self.indicators))
        query = " union all ".join(f"({pair})" for pair in pairs)
        hidden = self._round("", "round")
        order = "round, unit, group_type <> 'all', group_type, group_value, indicator, other_indicator"
        # two pairs have nothing in common, and to look for it takes the square of their number
        self.engine.execute("set disabled_optimizers = 'common_subexpressions'")
        try:
            return self._arrow(f"select * {_without(hidden)} from ({query}) order by {order}")
        finally:
            self.engine.execute("reset disabled_optimizers")

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

    def _bundled(self) -> list[list[dict[str, str]]]:
        """Groups that lie within one another (a commune in its province), to be counted in one pass.

        Groups that cut across one another would together make as many cells as there are rows.
        """
        columns = [g["column"] for g in self.groups]
        pairs = [(a, b) for n, a in enumerate(columns) for b in columns[n + 1 :]]
        if not columns:
            self.few = [True]
            return [self.groups]
        looks = [*((c,) for c in columns), *pairs]
        counts = ", ".join(f"approx_count_distinct(hash({', '.join(look)}))" for look in looks)
        row = self.engine.execute(f"select {counts} from all_rows").fetchall()[0]
        distinct = dict(zip(looks, row, strict=True))
        bundles: list[list[dict[str, str]]] = []
        for group in sorted(self.groups, key=lambda g: -distinct[(g["column"],)]):
            for bundle in bundles:
                first = bundle[0]["column"]
                pair = (
                    (first, group["column"])
                    if (first, group["column"]) in distinct
                    else (group["column"], first)
                )
                if distinct[pair] <= _NEAR * distinct[(first,)]:
                    bundle.append(group)
                    break
            else:
                bundles.append([group])
        rows = sum(table.summary["rows"] for table in self.rounds)
        patterns = 2.0 ** len(self.indicators)
        self.few = [_FEW * distinct[(b[0]["column"],)] * patterns < rows for b in bundles]
        return bundles

    @property
    def _bits(self) -> str:
        """The type of a number that has a bit for each indicator."""
        count = len(self.indicators)
        return "integer" if count <= 30 else "bigint"

    def _multidimensional(self) -> None:
        named = ", ".join(
            f"({text(i['name'])}, {text(i['dimension'])}, {i['weight']})" for i in self.indicators
        )
        self._create("weights", f"select * from (values {named}) as w (indicator, dimension, weight)")
        values = ", ".join(
            f"({n}, {float(k)!r}::double)" for n, k in enumerate(self.options.cutoffs, start=1)
        )
        self._create("cutoffs", f"select * from (values {values}) as c (position, k)")
        incomplete = {name for table in self.rounds for name in table.incomplete}
        filled = f"({filled_sql(self.standard, 'all_rows', incomplete)})"
        scored = scored_sql(self.standard, filled, self.options.cutoffs)
        self.engine.execute(f"create view scored as {scored}")
        grouped = []
        for number, groups in enumerate(self.bundles):
            cells = self._cells(number, groups, filled)
            grouped.append(sql("measure_grouped", f"({cells})", _OVER, groups, self.indicators, not number))
        self._create("grouped", " union all by name ".join(f"({one})" for one in grouped))
        self._create("by_cutoff", sql("measure_by_cutoff", "grouped", "cutoffs", _OVER, [], self.indicators))
        self._create("facts_multidimensional", sql("measure_facts", "by_cutoff", _OVER))
        self._create(
            "by_indicator", sql("measure_by_indicator", "by_cutoff", "weights", _OVER, self.indicators)
        )
        ratios = f"({sql('measure_ratios', 'by_indicator', _OVER)})"
        self._create("estimates_multidimensional", sql("measure_estimates", ratios, _OVER))
        if self.design:
            PsuErrors(
                self.engine.execute, self.indicators, self.units, self._single_psu, len(self.rounds)
            ).run(self.bundles)

    def _cells(self, number: int, groups: list[dict[str, str]], filled: str) -> str:
        """SQL of a bundle's cells: by way of its patterns where pairs are counted or patterns are few."""
        keys = [*_OVER, *(g["column"] for g in groups)]
        if not self.options.association and not self.few[number]:
            return sql("measure_cells", "scored", keys, self.indicators, self.units)
        patterns = f"patterns_{number}"
        made = sql("measure_patterns", filled, keys, self.indicators, self.units, self._bits)
        self._create(patterns, made)
        rows = f"({sql('measure_pattern_rows', patterns, self.indicators)})"
        scored = f"({scored_sql(self.standard, rows, self.options.cutoffs)})"
        counted = [
            {"name": unit["name"], "weight": f"population_{n}"} for n, unit in enumerate(self.units, start=1)
        ]
        return sql("measure_cells", scored, keys, self.indicators, counted, "sum(observations)")

    def _monetary(self, monetary: Monetary) -> None:
        shape = (_OVER, self.groups, self.columns, self.units)
        every = sql("measure_monetary_rows", "all_rows", *shape)
        self._create("monetary_every", every)
        self._create("facts_monetary", sql("measure_monetary_facts", "monetary_every", _OVER, USABLE_INCOME))
        at_line = monetary.at_line == "poor"
        usable = f"(select * from monetary_every where {USABLE_INCOME})"
        ratios = sql("measure_monetary_ratios", usable, _OVER, self.columns, at_line)
        self._create("ratios_monetary", ratios)
        known = f"({sql('measure_estimates', 'ratios_monetary', _OVER)})"
        self._create("estimates_monetary", sql("measure_monetary_estimates", known, "facts_monetary", _OVER))
        if self.design:
            influence = sql("measure_influence", "ratios_monetary", "estimates_monetary", _OVER)
            self._create("influence_monetary", influence)
            variance = self._variance("influence_monetary", OF_ROUND, [*_OVER, *_KEY], _OVER)
            self._create("variance_monetary", variance)

    def _result(self, family: str) -> None:
        variance, t = None, "null"
        if self.design:
            variance = f"variance_{family}"
            whens = (
                f"when {n} then {quantile(self.options.level, df)}" for n, df in self.design.freedom.items()
            )
            t = f"case e.round {' '.join(whens)} end"
        result = sql("measure_result", f"estimates_{family}", f"facts_{family}", _OVER, variance, t)
        self._create(f"result_{family}", result)

    def _change(self, family: str) -> None:
        changes = f"changes_{family}"
        years = repr(float(self.options.years)) if self.options.years else None
        self._create(changes, sql("measure_changes", f"estimates_{family}", years))
        variance, t, method = None, "null", "census"
        if self.design:
            variance, method = f"change_variance_{family}", "taylor"
            if family == "multidimensional":
                self._create(variance, sql("measure_change_variance", changes, CHANGE_VARIANCE))
            else:
                influence = sql("measure_change_influence", "influence_monetary", changes)
                self._create("change_influence", influence)
                self._create(variance, self._variance("change_influence", OF_BOTH, [*_KEY, "change"], []))
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
