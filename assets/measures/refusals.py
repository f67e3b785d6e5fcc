"""What makes the measures refuse a table, before any number: values, weights, design, groups.

Every problem of a round is told at once, with the column or stratum at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from assets.measures.options import Options
from assets.measures.problems import quoted
from assets.measures.rows import MISSING, USABLE_INCOME, Group, RoundTable, judged_sql, policy

# Squares of sums of weights, and their products with incomes, are numbers only within this.
_MOST_SUM = 1e90


def problems_of(table: RoundTable) -> list[str]:
    """Everything for which a round is refused; empty where it can be measured."""
    if not table.summary["rows"]:
        return [f"{table.table.path}: the table has no rows"]
    found = _weights(table) or _sums(table)
    found += _indicators(table) + _monetary(table) + _names(table) + _groups(table)
    if table.options.is_sample and not found:
        found += _design(table)
    return [f"{table.table.path}: {problem}" for problem in found]


def drop_bad_weights(table: RoundTable) -> int:
    """Take out the rows without a usable weight or size, where that was chosen; how many they were."""
    if table.options.bad_weights != "drop":
        return 0
    usable = "coalesce(weight > 0 and isfinite(weight) and size > 0, false)"
    bad = int(table.one("count(*)", f"not {usable}"))
    if bad:
        table.keep(usable)
    return bad


def _all(table: RoundTable, query: str) -> list[tuple[Any, ...]]:
    return table.table.engine.execute(query).fetchall()


def _weights(table: RoundTable) -> list[str]:
    found = []
    asked = {"weight": table.options.weight, "size": table.options.size}
    for column, sent in asked.items():
        if not sent:
            continue
        look = table.summary
        if not look[column]:
            found.append(f"{column} column {sent!r} has no value at all")
            continue
        if look[column] == look["rows"] and look[f"{column}_least"] > 0 and isfinite(look[f"{column}_most"]):
            continue
        for kind, where in (
            ("missing or no number", f"{column} is null or not isfinite({column})"),
            ("zero or negative", f"{column} <= 0"),
        ):
            if number := table.one("count(*)", where):
                row = table.one("min(row_number)", where)
                found.append(
                    f"{column} column {sent!r} is {kind} in {number} rows (first: row {row}); mend them, "
                    "or drop them with --bad-weights drop"
                )
    return found


def _sums(table: RoundTable) -> list[str]:
    """Weights so large or small that their squares are no number any more, and each share 1 or nothing."""
    asked = [sent for sent in (table.options.weight, table.options.size) if sent]
    if not asked:
        return []
    sums = [abs(table.one(f"sum({value})")) for value in ("weight", "weight * size")]
    # not-a-number, of one infinite size, is in no order
    if all(1 / _MOST_SUM <= total <= _MOST_SUM for total in sums):
        return []
    return [
        f"{' times '.join(repr(sent) for sent in asked)} adds up to more than {_MOST_SUM:g} or less than "
        f"{1 / _MOST_SUM:g}, with which nothing can be computed; write the weights on another scale"
    ]


def _indicators(table: RoundTable) -> list[str]:
    found = []
    for number, indicator in enumerate(table.standard.indicators, start=1):
        raw = f"raw_{number}"
        sent = f"condition {indicator.when!r}" if indicator.when else f"column {table.source_of(indicator)!r}"
        known = table.summary[raw]
        if known and not 0 <= table.summary[f"{raw}_least"] <= table.summary[f"{raw}_most"] <= 1:
            other = table.one("count(*)", f"{raw} not in (0, 1)")
            row = table.one("min(row_number)", f"{raw} not in (0, 1)")
            found.append(
                f"indicator {indicator.name}: {sent} has values other than 0, 1 and missing in {other} rows "
                f"(first: row {row}); write a condition with `when`"
            )
        elif not known:
            found.append(f"indicator {indicator.name}: {sent} is missing in every row")
        elif policy(table.standard, indicator) == "refuse" and (missing := table.summary["rows"] - known):
            found.append(
                f"indicator {indicator.name}: {sent} is missing in {missing} rows; `missing: refuse` holds"
            )
    return found


def _monetary(table: RoundTable) -> list[str]:
    money = table.standard.monetary
    if not money:
        return []
    if not table.one("count(*)", USABLE_INCOME):
        return [f"income column {money.income!r} has no value of 0 or more"]
    if number := table.one("count(*)", "not coalesce(line > 0 and isfinite(line), false)"):
        return [f"the line {money.line!r} is missing, zero, negative or infinite in {number} rows"]
    if table.one("max(income)", USABLE_INCOME) > _MOST_SUM or table.one("max(line)") > _MOST_SUM:
        return [
            f"income column {money.income!r} or the line {money.line!r} has values above {_MOST_SUM:g}, with "
            "which nothing can be computed; write them in a larger unit"
        ]
    return []


def _names(table: RoundTable) -> list[str]:
    """Group values that could be taken for others: the name of what is missing, the sign of a crossing."""
    found = []
    crossed = {part for group in table.groups if len(group.parts) > 1 for part in group.parts}
    for part in dict.fromkeys(part for group in table.groups for part in group.parts):
        signs = {MISSING: f"value = '{MISSING}'"}
        if part in crossed:
            signs["*"] = "contains(value, '*')"
        for sign, where in signs.items():
            number, row = table.labels(part, where)
            if number:
                found.append(
                    f"group column {part!r} has {sign!r} in {number} rows (first: row {row}), by which the "
                    f"result tells {'missing' if sign == MISSING else 'crossed'} groups; write it otherwise"
                )
    return found


def _groups(table: RoundTable) -> list[str]:
    found = []
    for group in table.groups:
        if not table.summary[group.column]:
            found.append(f"group column {group.name!r} is missing in every row")
        elif table.options.empty_groups == "refuse":
            found += _unjudged(table, group)
    if table.standard.indicators and not found and not table.summary["judged"]:
        found.append("no row can be judged: in each an indicator is missing")
    return found


def _unjudged(table: RoundTable, group: Group) -> list[str]:
    """Problems of a group type of which some group has nobody who can be judged."""
    keep = "keep such groups with --empty-groups keep"
    found = []
    if bad := unjudged_groups(table, group.column):
        found.append(
            f"group {group.name}: no row of {quoted(bad)} can be judged "
            f"(an indicator is missing in each); say how missing values count, or {keep}"
        )
    if table.standard.monetary and (bad := _groups_without(table, group.column, USABLE_INCOME)):
        found.append(f"group {group.name}: no row of {quoted(bad)} has an income of 0 or more; {keep}")
    return found


def unjudged_groups(table: RoundTable, column: str) -> list[str]:
    """Values of a group column of which no row can be judged."""
    if table.summary["judged"] == table.summary["rows"]:
        return []
    return _groups_without(table, column, judged_sql(table.standard))


def _groups_without(table: RoundTable, column: str, wanted: str) -> list[str]:
    """Values of a group column of which no row is as wanted."""
    query = (
        f"select coalesce({column}, '{MISSING}') from {table.name} group by 1 "
        f"having not bool_or({wanted}) order by 1"
    )
    return [row[0] for row in _all(table, query)]


def _design(table: RoundTable) -> list[str]:
    options = table.options
    found = []
    for column, sent in (("stratum", options.stratum), ("psu", options.psu)):
        if sent and (number := table.summary["rows"] - table.summary[column]):
            found.append(
                f"{column} column {sent!r} is missing in {number} rows; every row of a sample belongs to one"
            )
    if found or not options.psu:
        return found or _single(table)
    if not options.nested and options.stratum:
        found += _in_two_strata(table)
    return found or _single(table)


def _in_two_strata(table: RoundTable) -> list[str]:
    told = _in_strata(table, table.name)
    if not told:
        return []
    return [
        f"PSUs that lie in more than one stratum: {quoted(told, 5)}; where PSU names are used anew in each "
        "stratum, say --nested"
    ]


def _in_strata(table: RoundTable, rows: str) -> list[str]:
    """PSUs of more than one stratum, each with its strata."""
    found = _all(
        table,
        f"select psu, list(distinct stratum order by stratum) from {rows} group by psu "
        "having count(distinct stratum) > 1 order by psu",
    )
    return [f"{psu} (strata {quoted(strata, 4)})" for psu, strata in found]


def moved_psus(rounds: Sequence[RoundTable]) -> list[str]:
    """A problem where PSUs that both rounds share lie in another stratum in the later one.

    Their rounds would not be paired, and the change would miss their covariance.
    """
    options = rounds[0].options
    if len(rounds) < 2 or not (options.shared_psus and options.psu and options.stratum) or options.nested:
        return []
    both = " union all ".join(f"select stratum, psu from {table.name}" for table in rounds)
    told = _in_strata(rounds[0], f"({both})")
    if not told:
        return []
    return [
        f"PSUs that change their stratum between the rounds: {quoted(told, 5)}; with --shared-psus a PSU "
        "stays in its stratum: give it the first round's in both, or names of its own where it is another PSU"
    ]


def psu_sql(options: Options) -> str:
    """SQL of the primary sampling unit: the one declared, else the row itself."""
    return "psu" if options.psu else "row_number"


def single_strata(table: RoundTable) -> list[str]:
    """Strata in which only one PSU was drawn."""
    query = (
        f"select stratum from {table.name} group by stratum "
        f"having count(distinct {psu_sql(table.options)}) = 1 order by stratum"
    )
    return [row[0] for row in _all(table, query)]


def _single(table: RoundTable) -> list[str]:
    single = single_strata(table)
    if not single or table.options.single_psu != "refuse":
        return []
    return [
        f"strata with a single PSU, whose variance cannot be known: {quoted(single)}; merge them with their "
        "like, or choose --single-psu certainty or adjust, which flags every row of the result"
    ]
