"""A table, a standard and options in; measures out.

Belongs here: reading, refusing, and what is handed back. Does not belong here: the passes (`passes`), any
formula (the macros).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.measures.options import Options, check_options
from assets.measures.passes import Passes
from assets.measures.problems import MeasureRefused
from assets.measures.refusals import drop_bad_weights, moved_psus, problems_of
from assets.measures.rows import RoundTable
from assets.measures.standard import Standard
from assets.measures.table import Table, connect, shut


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
    check_options(options, standard)
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        engine = connect(options, Path(folder))
        try:
            return _measured(engine, paths, standard, options)
        finally:
            engine.close()


def _measured(
    engine: duckdb.DuckDBPyConnection, paths: Sequence[Path], standard: Standard, options: Options
) -> Measured:
    rounds = [
        RoundTable(Table(engine, path, number), standard, options, number)
        for number, path in enumerate(paths, start=1)
    ]
    shut(engine, paths)
    dropped = [(table.table.path, drop_bad_weights(table)) for table in rounds]
    if problems := [problem for table in rounds for problem in problems_of(table)]:
        raise MeasureRefused(problems)
    if problems := moved_psus(rounds):
        raise MeasureRefused(problems)
    passes = Passes(engine, standard, options, rounds)
    notes = [
        f"{path}: {number} rows without a usable weight or size were dropped"
        for path, number in dropped
        if number
    ]
    return Measured(
        rows=passes.rows(),
        changes=passes.changes(),
        association=passes.association(),
        notes=(*notes, *passes.notes),
    )
