"""A table of somebody else's: a CSV or Parquet file, or a data frame, as a view of DuckDB.

Not-a-number counts as missing; so do `NA`, `NaN`, `.` and `NULL` in a column of numbers of a CSV file.
Columns of groups and design stay as they were written (`05001` is no number); texts and names of columns
are the same where they differ by the composition of an accent alone (NFC, NFD).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.measures.csv_text import MARKS_SQL, look
from assets.measures.names import folded, free_name, name, named_twice, text
from assets.measures.options import Options
from assets.measures.problems import MeasureRefused, quoted

# The number of a row, as the passes see it; blanks are added while a column of the file has the name.
_ROW = "row number"
_FILE_ROW = "file_row_number"
_FLOATS = ("FLOAT", "DOUBLE")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


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


def _cause(error: Exception) -> str:
    """What is wrong with a file, without what its cells say."""
    if line := re.search(r"CSV Error on Line: (\d+)", str(error)):
        return f"line {line[1]} has more or fewer columns than the first one, or a quote that does not end"
    return "it is torn, of another kind, or not in UTF-8"


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
        if not path.stat().st_size:
            raise MeasureRefused([f"{path}: the file is empty; its first line must name the columns"])
        self.as_written = False
        self.row = _ROW
        try:
            self.types: dict[str, str] = kinds[path.suffix.lower()]()
        # the engine's own words may hold the cell at fault, and a cell may be a person's name
        except (duckdb.Error, pa.ArrowInvalid) as error:
            raise MeasureRefused([f"{path}: cannot be read: {_cause(error)}"]) from None

    def _describe(self, relation: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.engine.execute(f"describe {relation}").fetchall()}

    def _parquet(self) -> dict[str, str]:
        self._refuse_twice(pq.read_schema(self.path).names)
        read = f"read_parquet({text(self.path)}, file_row_number = true)"
        types = self._describe(f"select * from read_parquet({text(self.path)})")
        if _FILE_ROW in types:
            raise MeasureRefused(
                [f"{self.path}: the column {_FILE_ROW!r} has a name that is taken; rename it"]
            )
        self.row = free_name(_ROW, types)
        columns = f"* exclude ({_FILE_ROW}), {_FILE_ROW} + 1 as {name(self.row)}"
        self.engine.execute(f"create view {self.view} as select {columns} from {read}")
        return types

    def _csv(self) -> dict[str, str]:
        found = look(self.engine, self.path)
        self._refuse_twice(found.header)
        self.row = free_name(_ROW, found.types)
        found.load(self.engine, self.view, self.row)
        self.as_written = True
        return found.types

    def _refuse_twice(self, names: Sequence[str]) -> None:
        if twice := named_twice(names):
            raise MeasureRefused(
                [f"{self.path}: columns that stand twice (in any letter case): {quoted(twice)}; rename one"]
            )

    def column(self, wanted: str) -> str | None:
        """The column's own spelling; letter case and the composition of accents do not matter."""
        if wanted in self.types:
            return wanted
        near = [c for c in self.types if folded(c) == folded(wanted)]
        return near[0] if len(near) == 1 else None

    def is_text(self, column: str) -> bool:
        """Whether the column holds texts: a CSV's does where one cell is neither a number nor missing."""
        return self.types[column] == "VARCHAR"

    def value(self, column: str) -> str:
        """SQL of a column's value, missing where it is not a number."""
        found, kind = name(column), self.types[column]
        if self.as_written:
            known = f"if(list_contains({MARKS_SQL}, {found}), null, {found})"
            return f"nfc_normalize({known})" if kind == "VARCHAR" else f"cast({known} as {kind})"
        if kind == "VARCHAR":
            return f"nfc_normalize({found})"
        return f"if(isnan({found}), null, {found})" if kind in _FLOATS else found

    def number(self, column: str) -> str:
        """SQL of a column as a number; a text that is none is missing."""
        return f"try_cast({self.known(column)} as double)"

    def known(self, column: str) -> str:
        """SQL of a column's value, missing where it is a mark of what is missing."""
        value = self.value(column)
        if self.as_written or not self.is_text(column):
            return value
        return f"if(list_contains({MARKS_SQL}, trim({value})), null, {value})"

    def label(self, column: str) -> str:
        """SQL of a column as the name of a group, stratum or unit; a whole number has no decimals."""
        found, kind = name(column), self.types[column]
        if kind in _FLOATS and not self.as_written:
            whole = f"cast(cast({found} as bigint) as varchar)"
            exact = f"{found} = floor({found}) and abs({found}) < 1e15"
            return (
                f"case when isnan({found}) then null when {exact} then {whole} "
                f"else cast({found} as varchar) end"
            )
        if kind in WHOLE and not self.as_written:
            return f"cast({found} as varchar)"
        return f"nullif(trim(nfc_normalize(cast({found} as varchar))), '')"

    def require(self, wanted: Collection[tuple[str, str]]) -> list[str]:
        """A problem for each column that is not there; `wanted` is pairs of who asks and the column."""
        known = quoted(list(self.types), 40)
        return [
            f"{self.path}: no column {column!r}, which {asker} names; columns: {known}"
            for asker, column in wanted
            if self.column(column) is None
        ]
