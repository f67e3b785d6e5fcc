"""The sample's design as found in the rows: strata, PSUs, degrees of freedom, what must be flagged."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from scipy import stats  # type: ignore[import-untyped]

from assets.measures.options import Options
from assets.measures.problems import quoted
from assets.measures.refusals import single_strata
from assets.measures.rows import RoundTable

# The tables made here: PSUs a stratum, of each round and of both together.
OF_ROUND, OF_BOTH = "design", "design_of_both"
_CHOICE = {"certainty": "add nothing to the variance", "adjust": "are centred at the mean of the sample"}


@dataclass(frozen=True)
class SampleDesign:
    """What the design says about errors.

    Parameters
    ----------
    freedom
        PSUs less strata, by round.
    freedom_of_both
        The same over all rounds: a PSU of both counts once.
    flag
        Strata of a single PSU; empty where there are none.
    """

    freedom: dict[int, int]
    freedom_of_both: int
    flag: str
    notes: tuple[str, ...]


def read_design(
    engine: duckdb.DuckDBPyConnection, rounds: list[RoundTable], options: Options
) -> SampleDesign:
    """Count the design of `all_rows`, and keep it as the tables that the variance reads."""
    _count_psus(engine, options)
    freedom = "cast(sum(psus) - count(*) as bigint)"
    by_round = dict(
        engine.execute(f"select round, {freedom} from {OF_ROUND} group by round order by round").fetchall()
    )
    of_both = engine.execute(f"select {freedom} from {OF_BOTH}").fetchall()[0][0]
    notes = [
        f"{rounds[number - 1].table.path}: {df} degrees of freedom (PSUs less strata)"
        for number, df in by_round.items()
    ]
    flag = ""
    if single := sorted({stratum for table in rounds for stratum in single_strata(table)}):
        flag = f"single PSU ({options.single_psu}): {quoted(single)}"
        notes.append(f"strata with a single PSU {_CHOICE[options.single_psu]}: {quoted(single)}")
    return SampleDesign(by_round, of_both, flag, tuple(notes))


def _count_psus(engine: duckdb.DuckDBPyConnection, options: Options) -> None:
    if not options.psu:  # rows drawn one by one need not be told apart
        engine.execute(
            f"create table {OF_ROUND} as select round, stratum, count(*) as psus from all_rows group by all"
        )
        engine.execute(
            f"create table {OF_BOTH} as select stratum, sum(psus) as psus from {OF_ROUND} group by stratum"
        )
        return
    engine.execute("create table drawn as select distinct round, stratum, psu from all_rows")
    engine.execute(
        f"create table {OF_ROUND} as select round, stratum, count(*) as psus from drawn group by all"
    )
    # over both rounds, a PSU that one of them did not draw adds nothing to that one
    engine.execute(
        f"create table {OF_BOTH} as select stratum, count(distinct psu) as psus from drawn group by stratum"
    )


def quantile(level: float, df: int) -> str:
    """SQL of the quantile of Student's t for a two-sided interval; null without a degree of freedom."""
    return repr(float(stats.t.ppf((1 + level) / 2, df))) if df > 0 else "cast(null as double)"
