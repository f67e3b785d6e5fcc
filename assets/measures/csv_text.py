"""A text of cells (CSV, TSV) as a table of texts in the engine, and the types that its columns seem to have.

Belongs here: how a text is cut into cells. Does not belong here: what a cell is worth (`table`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.measures.names import name, text
from assets.measures.problems import MeasureRefused

# What stands for a missing number.
MARKS = ["", "NA", "N/A", "NaN", "nan", "NAN", ".", "NULL", "null"]
MARKS_SQL = "[" + ", ".join(text(mark) for mark in MARKS) + "]"


@dataclass(frozen=True)
class CsvText:
    """How a text is cut: the engine's options, and the columns of the first line with their types."""

    path: Path
    shape: str
    types: dict[str, str]
    header: tuple[str, ...]

    def load(self, engine: duckdb.DuckDBPyConnection, view: str, row: str) -> None:
        """Make the view: the cells as texts, and the number of the row under the name `row`."""
        # names of our own, so that none of the file's can be taken for one of the engine's
        own = _own(len(self.types))
        read = _cells(self.path, self.shape, own, has_header=True)
        # a Parquet file may be read again for each pass, a text is parsed once
        engine.execute(f"create table {view}_read as select * from {read}")
        named = ", ".join(f"{c} as {name(column)}" for c, column in zip(own, self.types, strict=True))
        engine.execute(f"create view {view} as select {named}, rowid + 1 as {name(row)} from {view}_read")


def look(engine: duckdb.DuckDBPyConnection, path: Path) -> CsvText:
    """See how a text is to be cut.

    Raises
    ------
    MeasureRefused
        Its first line does not name the columns.
    """
    # every line is looked at, since the first quoted comma may come late; and no line is a comment
    found = engine.sql(
        f"select Delimiter, Quote, Escape, SkipRows, Columns from sniff_csv({text(path)}, header = true, "
        f"sample_size = -1, comment = '', nullstr = {MARKS_SQL})"
    ).fetchall()
    delimiter, quote, escape, skipped, columns = found[0]
    shape = "".join(
        f", {option} = {text('' if sign == '(empty)' else sign)}"
        for option, sign in (("delim", delimiter), ("quote", quote), ("escape", escape))
    )
    # as it stands: the engine itself gives a second column of one name another
    first = _cells(path, shape, _own(len(columns)), has_header=False)
    rows = engine.sql(f"select * from {first} limit 1").fetchall()
    header = tuple(cell or "" for cell in rows[0]) if rows else ()
    if skipped or not any(header):
        raise MeasureRefused(
            [f"{path}: the first line must name the columns; the columns seem to begin later"]
        )
    return CsvText(path, shape, {column["name"]: column["type"] for column in columns}, header)


def _own(columns: int) -> list[str]:
    return [f"c{number}" for number in range(1, columns + 1)]


def _cells(path: Path, shape: str, columns: Sequence[str], has_header: bool) -> str:
    kinds = ", ".join(f"{text(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({text(path)}, auto_detect = false, header = {str(has_header).lower()}, "
        f"comment = ''{shape}, columns = {{{kinds}}})"
    )
