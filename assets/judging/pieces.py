"""The parsed records of a year, file by file: a small year in memory, a large one on disk.

Belongs here: keeping a file's typed records until the year is judged, and handing out columns of
them. Does not belong here: parsing, or what a record is worth.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

import pyarrow as pa

# A year of more records, or of more files, is set down on disk file by file: memory follows the
# largest file and not the year, and several processes can take part.
IN_MEMORY = 400_000
FEW_FILES = 100


class Pieces:
    """The typed records of every readable file, under the file's number.

    Parameters
    ----------
    folder
        Where a large year is set down; a folder of its own in it, gone when this closes.
    files, records
        How many will come.
    """

    def __init__(self, folder: Path, files: int, records: int) -> None:
        self._held: dict[int, pa.Table] = {}
        self._folder: Path | None = None
        if records > IN_MEMORY or files > FEW_FILES:
            folder.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="year-", dir=folder))

    def __enter__(self) -> Pieces:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def on_disk(self) -> bool:
        """Whether other processes can take part in the work on these records."""
        return self._folder is not None

    def put(self, number: int, table: pa.Table) -> None:
        """Keep the records of a file."""
        if self._folder is None:
            self._held[number] = table
        else:
            write_file(self._path(number), table)

    def hand_over(self, name: str, table: pa.Table) -> pa.Table | Path:
        """A result for the process that asked for it: the table itself, or a file of a large year."""
        if self._folder is None:
            return table
        path = self._folder / f"{name}.result"
        write_file(path, table)
        return path

    def get(self, number: int, columns: list[str] | None = None) -> pa.Table:
        """The records of a file, in its order; of `columns` alone where they are named."""
        if self._folder is None:
            table = self._held[number]
            return table if columns is None else table.select(columns)
        return read_file(self._path(number), columns)

    def columns(self, number: int) -> list[str]:
        """The names of a file's columns."""
        if self._folder is None:
            return list(self._held[number].column_names)
        with pa.OSFile(str(self._path(number)), "rb") as source:
            return list(pa.ipc.open_file(source).schema.names)

    def _path(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"{number}.arrow"


def write_file(path: Path, table: pa.Table) -> None:
    """Set a table down for a later step of the same run."""
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as out:
        out.write_table(table)


def read_file(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A table that was set down; of `columns` alone, in their order, where they are named."""
    with pa.OSFile(str(path), "rb") as source:
        if columns is None:
            return pa.ipc.open_file(source).read_all()
        names = pa.ipc.open_file(source).schema.names
        source.seek(0)
        options = pa.ipc.IpcReadOptions(included_fields=[names.index(name) for name in columns])
        return pa.ipc.open_file(source, options=options).read_all().select(columns)
