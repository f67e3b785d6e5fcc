"""One raw file: its records as text, with the facts of its sheets, in one Parquet file.

Belongs here: writing and reading that Parquet file. Does not belong here: reading what the
offices send (`assets.reading`) or giving the text a meaning (`assets.values`).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from assets.reading import ReadResult, SheetFacts

# Raised when the reader gives another result for the same bytes: raw is then read anew.
READER_VERSION = "2"
_FACTS = b"thoatngheo.facts"


@dataclass(frozen=True)
class RawFile:
    """The records of one file, all text, and what is known of each sheet."""

    table: pa.Table
    sheets: tuple[SheetFacts, ...]
    encoding: str | None

    @property
    def skipped(self) -> dict[str, int]:
        """Rows that are no records, by kind, over all sheets."""
        total: dict[str, int] = {}
        for sheet in self.sheets:
            for kind, rows in sheet.skipped.items():
                total[kind] = total.get(kind, 0) + rows
        return total


def write_raw(path: Path, result: ReadResult) -> RawFile:
    """Write a file's records beside and rename; a reader never sees half a file."""
    raw = RawFile(result.table, result.sheets, result.encoding)
    facts = {"encoding": result.encoding, "sheets": [asdict(s) for s in result.sheets]}
    metadata = {_FACTS: json.dumps(facts, ensure_ascii=False).encode()}
    write_parquet(path, raw.table.replace_schema_metadata(metadata))
    return raw


def read_raw(path: Path) -> RawFile:
    """The records and facts that `write_raw` kept."""
    table = pq.read_table(path, partitioning=None)
    facts = json.loads(table.schema.metadata[_FACTS])
    sheets = tuple(
        SheetFacts(**{**s, "titles": tuple(s["titles"]), "unknown_columns": tuple(s["unknown_columns"])})
        for s in facts["sheets"]
    )
    return RawFile(table.replace_schema_metadata(None), sheets, facts["encoding"])


class ParquetFile:
    """A Parquet file written piece by piece beside its place, and renamed there by `keep`.

    Without `keep` nothing stays of it, and what stood at its place is as it was.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}")
        self._writer = pq.ParquetWriter(self._temporary, schema, compression="zstd", compression_level=1)

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        self._temporary.unlink(missing_ok=True)

    def add(self, table: pa.Table) -> None:
        """Write a piece."""
        self._writer.write_table(table)

    def keep(self) -> None:
        """Close the file and put it in its place."""
        self._writer.close()
        os.replace(self._temporary, self._path)


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table beside its place and rename it there."""
    with ParquetFile(path, table.schema) as file:
        file.add(table)
        file.keep()
