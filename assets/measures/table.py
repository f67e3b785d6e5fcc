"""A table of somebody else's: a CSV or Parquet file, or a data frame, as a view of DuckDB.

Not-a-number counts as missing; so do `NA`, `NaN`, `.` and `NULL` in a column of numbers of a CSV file.
Columns of groups and design stay as they were written (`05001` is no number).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from assets.measures.options import Options
from assets.measures.problems import MeasureRefused, quoted

_MARKS = ["", "NA", "N/A", "NaN", "nan", "NAN", ".", "NULL", "null"]
# The number of a row, as the passes see it; a blank keeps it apart from the columns of a file.
ROW = "row number"
_FILE_ROW = "file_row_number"
_FLOATS = ("FLOAT", "DOUBLE")


def connect(options: Options, temporary: Path) -> duckdb.DuckDBPyConnection:
    """An engine of its own, in memory and, for what does not fit, in a temporary folder."""
    engine = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": options.memory,
            "temp_directory": str(temporary),
        }
    )
    if options.threads:
        engine.execute(f"set threads = {options.threads}")
    return engine


def shut(engine: duckdb.DuckDBPyConnection, paths: Collection[Path]) -> None:
    """From here on the engine reads these files and nothing else."""
    allowed = ", ".join(text(path) for path in paths)
    engine.execute(f"set allowed_paths = [{allowed}]")
    engine.execute("set enable_external_access = false")


def name(column: str) -> str:
    """A quoted SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def text(value: object) -> str:
    """An SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


class Table:
    """A view `source_<number>` over a file, with its columns.

    Raises
    ------
    MeasureRefused
        The file is missing, of another kind, or cannot be read.
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, path: Path, number: int) -> None:
        self.path = path
        self.engine = engine
        self.view = f"source_{number}"
        if not path.is_file():
            raise MeasureRefused([f"{path}: no such file"])
        kinds = {
            ".parquet": self._parquet,
            ".csv": self._csv,
            ".gz": self._csv,
            ".tsv": self._csv,
            ".txt": self._csv,
        }
        if path.suffix.lower() not in kinds:
            raise MeasureRefused([f"{path}: a table is .parquet, .csv, .csv.gz or .tsv"])
        self.as_written: str | None = None
        try:
            self.types: dict[str, str] = kinds[path.suffix.lower()]()
        except duckdb.Error as error:
            raise MeasureRefused([f"{path}: cannot be read: {str(error).splitlines()[0]}"]) from error

    def _describe(self, relation: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.engine.execute(f"describe {relation}").fetchall()}

    def _parquet(self) -> dict[str, str]:
        read = f"read_parquet({text(self.path)}, file_row_number = true)"
        types = self._describe(f"select * from read_parquet({text(self.path)})")
        if _FILE_ROW in types:
            raise MeasureRefused(
                [f"{self.path}: the column {_FILE_ROW!r} has a name that is taken; rename it"]
            )
        columns = f"* exclude ({_FILE_ROW}), {_FILE_ROW} + 1 as {name(ROW)}"
        self.engine.execute(f"create view {self.view} as select {columns} from {read}")
        return types

    def _csv(self) -> dict[str, str]:
        place = text(self.path)
        marks = "[" + ", ".join(text(mark) for mark in _MARKS) + "]"
        types = self._describe(
            f"select * from read_csv({place}, header = true, sample_size = -1, nullstr = {marks})"
        )
        read = f"read_csv({place}, all_varchar = true, header = true)"
        written = list(self._describe(f"select * from {read}"))
        if written != list(types):
            raise MeasureRefused(
                [f"{self.path}: the first line must name the columns; found {quoted(written)}"]
            )
        # a Parquet file may be read again for each pass, a text is parsed once
        self.engine.execute(f"create table {self.view}_read as select * from {read}")
        self.engine.execute(
            f"create view {self.view} as select *, rowid + 1 as {name(ROW)} from {self.view}_read"
        )
        self.as_written = marks
        return types

    def column(self, wanted: str) -> str | None:
        """The column's own spelling; letter case does not matter where it is not ambiguous."""
        if wanted in self.types:
            return wanted
        near = [c for c in self.types if c.casefold() == wanted.casefold()]
        return near[0] if len(near) == 1 else None

    def value(self, column: str) -> str:
        """SQL of a column's value, missing where it is not a number."""
        found, kind = name(column), self.types[column]
        if self.as_written is not None:
            return f"cast(if(list_contains({self.as_written}, {found}), null, {found}) as {kind})"
        return f"if(isnan({found}), null, {found})" if kind in _FLOATS else found

    def label(self, column: str) -> str:
        """SQL of a column as the name of a group, stratum or unit; a whole number has no decimals."""
        found, kind = name(column), self.types[column]
        if self.as_written is not None:
            return f"nullif(trim({found}), '')"
        if kind in _FLOATS:
            whole = f"cast(cast({found} as bigint) as varchar)"
            exact = f"{found} = floor({found}) and abs({found}) < 1e15"
            return (
                f"case when isnan({found}) then null when {exact} then {whole} "
                f"else cast({found} as varchar) end"
            )
        return f"nullif(trim(cast({found} as varchar)), '')"

    def require(self, wanted: Collection[tuple[str, str]]) -> list[str]:
        """A problem for each column that is not there; `wanted` is pairs of who asks and the column."""
        known = quoted(list(self.types), 40)
        return [
            f"{self.path}: no column {column!r}, which {asker} names; columns: {known}"
            for asker, column in wanted
            if self.column(column) is None
        ]
