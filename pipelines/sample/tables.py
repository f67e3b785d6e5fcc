"""Writers of CSV: small ones with quotes where needed, large ones by columns.

A large table is given as Arrow columns of text; it is written in the code page that is asked for.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv_

from pipelines.sample.encodings import codec, encode, spell


def write_small_csv(
    path: Path, rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8", separator: str = ","
) -> None:
    """Write rows, the header among them."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(text.getvalue(), encoding))


def write_large_csv(
    path: Path,
    head: Sequence[Sequence[str]],
    table: pa.Table,
    *,
    encoding: str = "utf-8",
    separator: str = ",",
) -> None:
    """Write title and header rows, then a table of text; a name ending in `.gz` is compressed.

    No value may hold the separator, a quote or a line break.
    """
    sink = pa.BufferOutputStream()
    options = csv_.WriteOptions(include_header=False, delimiter=separator, quoting_style="none")
    csv_.write_csv(_spelt(table, encoding), sink, options)
    top = "".join(separator.join(row) + "\n" for row in head)
    body: bytes | memoryview = memoryview(sink.getvalue())
    if codec(encoding) not in ("utf-8", "utf-8-sig"):
        # Head and body in one go: a code page with a byte-order mark must write it once.
        body = (spell(top, encoding) + str(body, "utf-8")).encode(codec(encoding))
        top = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) if path.suffix == ".gz" else path.open("wb")
    with opened as file:
        file.write(encode(top, encoding) if top else b"")
        file.write(body)


def _spelt(table: pa.Table, encoding: str) -> pa.Table:
    """The text columns in the characters of an encoding; each distinct value is spelt once."""
    if encoding in ("utf-8", "utf-8-sig", "utf-16"):
        return table
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pc.all(pc.string_is_ascii(column)).as_py():
            coded = column.combine_chunks().dictionary_encode()
            words = pa.array([spell(v, encoding) for v in coded.dictionary.to_pylist()], pa.string())
            column = words.take(coded.indices)
        columns[name] = column
    return pa.table(columns)
