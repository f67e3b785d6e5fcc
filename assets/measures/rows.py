"""The rows of a round as the engine counts them: one table of labels, weights and 0/1 indicators.

Belongs here: which columns are read, and what SQL makes a row of them. Does not belong here: what is
refused (`refusals`), any measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb

from assets.measures import conditions
from assets.measures.exact import whole_threshold, whole_weights
from assets.measures.macros import sql
from assets.measures.names import free_name, name, text
from assets.measures.options import Options
from assets.measures.problems import MeasureRefused, quoted
from assets.measures.standard import Indicator, Standard
from assets.measures.table import WHOLE, Table

# The column an indicator of its own name may have in a file of the review.
_PREFIX = "dep_"
# The group of the rows that have none.
MISSING = "(missing)"
# Whether a row has an income to go by.
USABLE_INCOME = "coalesce(income >= 0 and isfinite(income), false)"
# A column as conditions see it: missing where it is not a number.
_CLEAN = "clean "
# A number as Vietnamese write it: dots between thousands, a comma before the decimals.
_LOCAL = r"^\s*-?\d+(([.]\d{3})+(,\d+)?|,\d+([.,]\d+)*)\s*(đ|₫)?\s*$"
_LOCAL_FIX = (
    "it has dots between thousands or a decimal comma; write the whole column anew with a decimal point and "
    "nothing between thousands (1500000.5)"
)
_TEXT_FIX = "write numbers there, and nothing or NA where there is none"


@dataclass(frozen=True)
class Group:
    """A way of grouping: its name as asked for, the columns it crosses, the engine's own column."""

    name: str
    parts: tuple[str, ...]
    column: str


def groups(by: tuple[str, ...]) -> list[Group]:
    """The groups asked for; `a*b` crosses."""
    return [
        Group(wanted, tuple(part.strip() for part in wanted.split("*")), f"group_{number}")
        for number, wanted in enumerate(by, start=1)
    ]


class RoundTable:
    """The view `rows_<number>` of one round.

    Columns: row_number, group_1 …, stratum, psu, weight, size, raw_1 … (0, 1 or missing where all is
    well), income, line.

    Raises
    ------
    MeasureRefused
        A column is missing, or a condition or number cannot be computed.
    """

    def __init__(self, table: Table, standard: Standard, options: Options, number: int) -> None:
        self.table, self.standard, self.options = table, standard, options
        self.name = f"rows_{number}"
        self.groups = groups(options.by)
        self.clean: dict[str, str] = {}
        self.trees = {i.name: conditions.parse(i.when) for i in standard.indicators if i.when}
        if problems := table.require(self._wanted()):
            raise MeasureRefused(problems)
        self._name_clean()
        if problems := self._texts_for_numbers():
            raise MeasureRefused(problems)
        self._make()

    def _wanted(self) -> list[tuple[str, str]]:
        asked = [("--" + o, getattr(self.options, o)) for o in ("weight", "stratum", "psu")]
        asked.append(("size", self.options.size))
        asked += [("--by", part) for group in self.groups for part in group.parts]
        for indicator in self.standard.indicators:
            read = self._reads(indicator)
            asked += [(f"indicator {indicator.name}", column) for column in read]
        if money := self.standard.monetary:
            asked.append(("monetary income", money.income))
            if isinstance(money.line, str):
                asked.append(("monetary line", money.line))
        return [(asker, column) for asker, column in asked if column]

    def _reads(self, indicator: Indicator) -> list[str]:
        if indicator.when:
            return conditions.columns(self.trees[indicator.name])
        return [self.source_of(indicator)]

    def source_of(self, indicator: Indicator) -> str:
        """The 0/1 column of an indicator: the one named, its own name, or that with the review's prefix."""
        if indicator.column:
            return indicator.column
        if not self.table.column(indicator.name) and self.table.column(_PREFIX + indicator.name):
            return _PREFIX + indicator.name
        return indicator.name

    def _column(self, wanted: str) -> str:
        found = self.table.column(wanted)
        assert found is not None, wanted
        return found

    def _label(self, wanted: str | None, otherwise: str) -> str:
        return self.table.label(self._column(wanted)) if wanted else otherwise

    def _number(self, wanted: str) -> str:
        return self.table.number(self._column(wanted))

    def _numbers(self) -> list[tuple[str, str]]:
        """The columns that must hold numbers: what each is, and its name."""
        asked = [("weight", self.options.weight), ("size", self.options.size)]
        if money := self.standard.monetary:
            asked += [("income", money.income)]
            asked += [("line", money.line)] if isinstance(money.line, str) else []
        return [(what, self._column(column)) for what, column in asked if column]

    def _texts_for_numbers(self) -> list[str]:
        """Problems of columns of numbers in which a text is neither a number nor a sign of a missing one."""
        found = []
        for what, column in self._numbers():
            if not self.table.is_text(column):
                continue
            known, row = self.table.known(column), name(self.table.row)
            query = (
                f"select count(*), min({row}), bool_or(regexp_matches({known}, {text(_LOCAL)})) "
                f"from {self.table.view} where {known} is not null and {self.table.number(column)} is null"
            )
            number, first, is_local = self.table.engine.execute(query).fetchall()[0]
            if number:
                found.append(
                    f"{self.table.path}: {what} column {column!r} is text and no number in {number} rows "
                    f"(first: row {first}); {_LOCAL_FIX if is_local else _TEXT_FIX}"
                )
        return found

    def _make(self) -> None:
        try:
            self._make_view()
            self.summary = self._summarised()
        except duckdb.Error:
            raise MeasureRefused([f"{self.table.path}: {self._blamed()}"]) from None

    def _make_view(self) -> None:
        selected = [f"{name(self.table.row)} as row_number"]
        selected += [f"{self._crossed(group)} as {group.column}" for group in self.groups]
        selected.append(f"{self._label(self.options.stratum, text('all'))} as stratum")
        if self.options.psu:
            selected.append(f"{self._label(self.options.psu, '')} as psu")
        for column, wanted in (("weight", self.options.weight), ("size", self.options.size)):
            selected.append(f"{self._number(wanted) if wanted else 'cast(1 as double)'} as {column}")
        for number, indicator in enumerate(self.standard.indicators, start=1):
            selected.append(f"{self._raw(indicator)} as raw_{number}")
        if money := self.standard.monetary:
            selected.append(f"{self._number(money.income)} as income")
            line = (
                self._number(money.line) if isinstance(money.line, str) else f"cast({money.line!r} as double)"
            )
            selected.append(f"{line} as line")
        # a view: reading a Parquet file again costs less than writing its rows anywhere
        self.table.engine.execute(
            f"create view {self.name} as select {', '.join(selected)} from {self._source()}"
        )

    def one(self, what: str, where: str = "true") -> Any:
        """One value from the rows."""
        return self.table.engine.execute(f"select {what} from {self.name} where {where}").fetchall()[0][0]

    def labels(self, wanted: str, where: str) -> tuple[int, int]:
        """How many rows have a `value` of a column of names of which this holds, and the first of them."""
        column = self._column(wanted)
        if not (self.table.as_written or self.table.is_text(column)):
            return 0, 0
        label = self.table.label(column)
        query = (
            f"select count(*), min(row) from (select {label} as value, {name(self.table.row)} as row "
            f"from {self.table.view}) where {where}"
        )
        number, row = self.table.engine.execute(query).fetchall()[0]
        return number, row

    def keep(self, where: str) -> None:
        """Leave out the rows for which this does not hold."""
        self.table.engine.execute(f"alter view {self.name} rename to {self.name}_sent")
        self.table.engine.execute(f"create view {self.name} as select * from {self.name}_sent where {where}")
        self.summary = self._summarised()

    def _summarised(self) -> dict[str, Any]:
        """What a first look needs of every column, in one pass."""
        columns = [*(g.column for g in self.groups), "stratum"] + ["psu"] * bool(self.options.psu)
        looks = ["count(*) as rows", f"count_if({judged_sql(self.standard)}) as judged"]
        looks += [f"count({column}) as {column}" for column in columns]
        numbers = [f"raw_{n}" for n, _ in enumerate(self.standard.indicators, start=1)]
        numbers += [column for column in ("weight", "size") if getattr(self.options, column)]
        # each by itself: the engine has most of these in the statistics of a Parquet file
        for column in numbers:
            looks += [f"count({column}) as {column}", f"min({column}) as {column}_least"]
            looks.append(f"max({column}) as {column}_most")
        table = self.table.engine.sql(f"select {', '.join(looks)} from {self.name}").to_arrow_table()
        found: dict[str, Any] = table.to_pylist()[0]
        return found

    @property
    def incomplete(self) -> set[str]:
        """Indicators that are missing in some row."""
        return {
            indicator.name
            for number, indicator in enumerate(self.standard.indicators, start=1)
            if self.summary[f"raw_{number}"] < self.summary["rows"]
        }

    def _name_clean(self) -> None:
        """A name of its own for each column that a condition reads."""
        read = {self._column(c) for tree in self.trees.values() for c in conditions.columns(tree)}
        for column in sorted(read):
            taken = [*self.table.types, self.table.row, *self.clean.values()]
            self.clean[column] = free_name(_CLEAN + column, taken)

    def _source(self) -> str:
        clean = "".join(f", {self.table.value(c)} as {name(own)}" for c, own in self.clean.items())
        return f"(select *{clean} from {self.table.view})"

    def _crossed(self, group: Group) -> str:
        parts = [self._label(part, "") for part in group.parts]
        if len(parts) == 1:
            return parts[0]
        return " || '*' || ".join(f"coalesce({part}, '{MISSING}')" for part in parts)

    def _raw(self, indicator: Indicator) -> str:
        """SQL of an indicator as sent: a whole number, or missing; any other value becomes -1."""
        if indicator.when:
            tree = self.trees[indicator.name]
            names = {c: self.clean[self._column(c)] for c in conditions.columns(tree)}
            value = f"({conditions.as_sql(tree, names)})"
            kind = self._kind(value)
        else:
            column = self._column(self.source_of(indicator))
            value, kind = self.table.value(column), self.table.types[column]
        if kind == "BOOLEAN":
            return f"cast({value} as tinyint)"
        if kind in WHOLE:
            return value
        number = f"try_cast({value} as double)"
        return (
            f"case when {number} = 0 then 0::tinyint when {number} = 1 then 1::tinyint "
            f"when {number} is not null and isnan({number}) then null "
            f"when {value} is not null then -1::tinyint end"
        )

    def _kind(self, value: str) -> str:
        """The type of what a condition gives: true and false need no second look, a number does."""
        described = self.table.engine.execute(f"describe select {value} as value from {self._source()}")
        return str(described.fetchall()[0][1])

    def _blamed(self) -> str:
        """The indicator whose condition fails by itself; the engine's own words may hold a cell."""
        for indicator in self.standard.indicators:
            try:
                self.table.engine.execute(f"select count({self._raw(indicator)}) from {self._source()}")
            except duckdb.Error:
                what = f"the condition {indicator.when!r}" if indicator.when else "its column"
                kinds = [
                    f"{column!r} is {'text' if self.table.is_text(column) else self.table.types[column]}"
                    for column in map(self._column, self._reads(indicator))
                ]
                return (
                    f"indicator {indicator.name}: {what} cannot be computed; {quoted(kinds)}: compare a text "
                    "with a 'text', a number with a number"
                )
        return "its columns cannot be read as what they are named for"


def policy(standard: Standard, indicator: Indicator) -> str:
    """How a missing value of an indicator counts: its own word, else the standard's."""
    return indicator.missing or standard.missing


def judged_sql(standard: Standard, incomplete: set[str] | None = None) -> str:
    """SQL of whether a row can be judged: no indicator is missing whose absence drops the row.

    Parameters
    ----------
    incomplete
        The indicators that are known to be missing somewhere; any may be, where nothing is known.
    """
    needed = [
        f"raw_{number} is not null"
        for number, indicator in enumerate(standard.indicators, start=1)
        if policy(standard, indicator) in ("drop", "refuse")
        and (incomplete is None or indicator.name in incomplete)
    ]
    return " and ".join(needed) or "true"


def filled_sql(standard: Standard, rows: str, incomplete: set[str]) -> str:
    """SQL of the rows with deprived_1 … as true/false, and whether they can be judged."""
    filled = []
    for number, indicator in enumerate(standard.indicators, start=1):
        deprived = f"raw_{number} = 1"
        if indicator.name in incomplete:
            otherwise = "true" if policy(standard, indicator) == "deprived" else "false"
            deprived = f"coalesce({deprived}, {otherwise})"
        filled.append(f"{deprived} as deprived_{number}")
    return f"select *, {', '.join(filled)}, {judged_sql(standard, incomplete)} as is_judged from {rows}"


def scored_sql(standard: Standard, filled: str, cutoffs: tuple[Fraction, ...]) -> str:
    """SQL of filled rows with `level`, the number of cut-offs that the score reaches."""
    whole, total = whole_weights(standard.weights())
    # a product is faster than a case
    kind = "integer" if total < 2**31 else "bigint"
    score = " + ".join(f"cast(deprived_{n} as {kind}) * {w}" for n, w in enumerate(whole, start=1))
    thresholds = [whole_threshold(cutoff, total) for cutoff in cutoffs]
    level = sql("measure_level", "score", thresholds, "is_judged")
    return f"select *, {level} as level from (select *, {score} as score from {filled})"
