"""Parquet (from an office, or a database pull landed as Parquet) to one grid."""

from __future__ import annotations

import io
import struct
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets import limits
from assets.reading.bounds import too_large
from assets.reading.errors import FileRefused
from assets.reading.grid import Body, Grid
from assets.reading.native import column_text
from checks.text import tidy

_BATCH = 65_536
_TAIL = struct.Struct("<I4s")
_SMALLEST = 12


def parquet_grid(path: Path, file: str) -> Grid:
    """The one grid of a Parquet file; its column names are the header row.

    Raises
    ------
    FileRefused
        `empty_file`, `unreadable_text`, `too_large`.
    """
    _check_footer(path, file)
    try:
        parquet = pq.ParquetFile(path, memory_map=True)
        schema = parquet.schema_arrow
        texts = [name for name, field in zip(schema.names, schema, strict=True) if _is_text(field.type)]
        parquet = pq.ParquetFile(path, memory_map=True, read_dictionary=texts)
        size = sum(parquet.metadata.row_group(i).total_byte_size for i in range(parquet.num_row_groups))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(file) from error
    if len(schema.names) > limits.COLUMNS.value:
        raise too_large(file, limits.COLUMNS)
    if size > limits.PARQUET.value:
        raise too_large(file, limits.PARQUET)
    if parquet.metadata.num_rows * len(schema.names) > limits.CELLS.value:
        raise too_large(file, limits.CELLS)
    names = [tidy(name) for name in schema.names]
    return Grid("", [names], [0], partial(_body, parquet, file))


def _check_footer(path: Path, file: str) -> None:
    """The footer's own length, which the library would take memory for."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("empty_file", file=file, detail="the file has no bytes", fix="send it again")
    if size > limits.PARQUET.value:
        raise too_large(file, limits.PARQUET)
    if size < _SMALLEST:
        raise _damaged(file)
    with path.open("rb") as stream:
        stream.seek(-_TAIL.size, io.SEEK_END)
        length, magic = _TAIL.unpack(stream.read(_TAIL.size))
    if magic != b"PAR1" or length > size:
        raise _damaged(file)
    if length > limits.PARQUET_FOOTER.value:
        raise too_large(file, limits.PARQUET_FOOTER)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _unpacked(parquet: pq.ParquetFile, file: str) -> pa.Table:
    """The rows, in batches, so that one that unpacks to ever more is left off early.

    Text is kept as the file keeps it, each different value once, until its true size is known.
    """
    batches, size = [], 0
    for batch in parquet.iter_batches(_BATCH):
        size += sum(_size(column) for column in batch.columns)
        if size > limits.PARQUET.value:
            raise too_large(file, limits.PARQUET)
        batches.append(batch)
    return pa.Table.from_batches(batches, batches[0].schema if batches else parquet.schema_arrow)


def _size(column: pa.Array) -> int:
    """The bytes of a column when every value is written out."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(lengths).as_py() or 0) + 4 * len(column)


def _body(parquet: pq.ParquetFile, file: str, start: int, width: int) -> Body:
    try:
        table = _unpacked(parquet, file)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(file) from error
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            columns.append(column_text(column))
        except (TypeError, UnicodeDecodeError, pa.ArrowException) as error:
            raise FileRefused(
                "unreadable_text",
                file=file,
                column=name,
                detail=f"{_kind(column.type)} is no type of a plain table",
                fix="write the column as text, number or date",
            ) from error
    return Body(columns, pa.array(np.arange(1, table.num_rows + 1, dtype=np.int32)))


def _kind(kind: pa.DataType) -> str:
    """The type's name without those of its parts, which are the file's own."""
    return str(kind).partition("<")[0]


def _damaged(file: str) -> FileRefused:
    return FileRefused(
        "unreadable_text", file=file, detail="the Parquet file is damaged", fix="write or copy it again"
    )
