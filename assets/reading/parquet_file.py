"""Parquet (from an office, or a database pull landed as Parquet) to one grid."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.reading.errors import FileRefused
from assets.reading.grid import MAX_COLUMNS, Body, Grid
from assets.reading.native import column_text
from checks.text import tidy

_LARGEST = 8 << 30


def parquet_grid(path: Path, file: str) -> Grid:
    """The one grid of a Parquet file; its column names are the header row.

    Raises
    ------
    FileRefused
        `empty_file`, `unreadable_text`, `too_large`.
    """
    if path.stat().st_size == 0:
        raise FileRefused("empty_file", file=file, detail="the file has no bytes", fix="send it again")
    try:
        parquet = pq.ParquetFile(path)
        schema = parquet.schema_arrow
        size = sum(parquet.metadata.row_group(i).total_byte_size for i in range(parquet.num_row_groups))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(file) from error
    if size > _LARGEST or len(schema.names) > MAX_COLUMNS:
        raise FileRefused(
            "too_large",
            file=file,
            detail=f"the file unpacks to {size >> 20} MB in {len(schema.names)} columns",
            fix="split it by month or commune",
        )
    names = [tidy(name) for name in schema.names]
    return Grid("", [names], [0], partial(_body, parquet, file))


def _body(parquet: pq.ParquetFile, file: str, start: int, width: int) -> Body:
    try:
        table = parquet.read()
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
                detail=f"{column.type} is no type of a plain table",
                fix="write the column as text, number or date",
            ) from error
    return Body(columns, pa.array(np.arange(1, table.num_rows + 1, dtype=np.int32)))


def _damaged(file: str) -> FileRefused:
    return FileRefused(
        "unreadable_text", file=file, detail="the Parquet file is damaged", fix="write or copy it again"
    )
