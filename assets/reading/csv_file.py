"""CSV, TSV and text (also gzipped) to one grid.

A plain file (every line of the header's width) is read by pyarrow at full speed; anything else
goes line by line through `csv_lines`. Row numbers are physical lines, also after quoted line
breaks.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from assets import limits
from assets.reading.bounds import sized_bytes, too_large
from assets.reading.csv_lines import Record, Shape, careful_records, cut_line, head_lines, split_line
from assets.reading.csv_scan import has_blank_edges, physical_lines
from assets.reading.encodings import to_utf8
from assets.reading.errors import FileRefused
from assets.reading.grid import HEAD_ROWS, Body, Grid
from assets.reading.labels import spellings
from checks.contract import Contract

_SEPARATORS = (";", ",", "\t", "|")
_CHUNK = 50_000
_PIECE = 4 << 20
_GZIP = b"\x1f\x8b"
_HINT = "sep="
_EVIDENCE_LINES = 25


@dataclass(frozen=True)
class TextFile:
    """A text file as one grid, with what was found out on the way."""

    grid: Grid
    encoding: str
    separator: str


def text_file(path: Path, file: str, contract: Contract, headings: Collection[str]) -> TextFile:
    """Read the bytes, find encoding and separator, and leave the body for later.

    Raises
    ------
    FileRefused
        `empty_file`, `nul_bytes`, `unreadable_text`, `too_large`.
    """
    data, encoding = to_utf8(_bytes(path, file), headings, file)
    if not data or data.isspace():
        raise FileRefused("empty_file", file=file, detail="the file holds no text", fix="send it again")
    _check_lines(data, file)
    lines = head_lines(data, HEAD_ROWS)
    separator = _separator([text for _, _, text in lines], headings)
    head = [split_line(text, separator) for _, _, text in lines]
    if lines[0][2].lower().startswith(_HINT):
        head[0] = []
    if max(map(len, head)) > limits.COLUMNS.value:
        raise too_large(file, limits.COLUMNS, fix="check the separator of the export")
    body = partial(_body, data, lines, [len(fields) for fields in head], separator, file, contract, head)
    return TextFile(Grid("", head, [line for _, line, _ in lines], body), encoding, separator)


def _bytes(path: Path, file: str) -> bytes:
    data = sized_bytes(path, file, limits.TEXT)
    if data.startswith(_GZIP):
        data = _unpacked(data, file)
    if not data:
        raise FileRefused("empty_file", file=file, detail="the file has no bytes", fix="send it again")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", _GZIP)):
        raise FileRefused(
            "unreadable_text",
            file=file,
            detail="the file is a workbook, Parquet or an archive under the name of a text file",
            fix="give it its own ending (.xlsx, .xls, .parquet), and pack it once",
        )
    return data


def _unpacked(packed: bytes, file: str) -> bytes:
    """A gzip file in pieces, so that one that unpacks to ever more is left off early."""
    pieces: list[bytes] = []
    size = 0
    try:
        with gzip.open(io.BytesIO(packed)) as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > limits.TEXT.value:
                    raise too_large(file, limits.TEXT)
                if size > limits.SUSPICIOUS_TEXT and size > limits.PACKED.value * len(packed):
                    raise too_large(file, limits.PACKED, fix="send it as it was before it was packed")
                pieces.append(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefused(
            "unreadable_text",
            file=file,
            detail="the gzip file is damaged or cut short",
            fix="copy it again from the office",
        ) from error
    return b"".join(pieces)


def _check_lines(data: bytes, file: str) -> None:
    lines = data.count(b"\n")
    if lines > limits.TEXT_LINES.value:
        raise too_large(file, limits.TEXT_LINES)
    at = -1
    while len(data) - at > limits.LINE.value:
        newline = data.rfind(b"\n", at + 1, at + 1 + limits.LINE.value)
        if newline < 0:
            row = data.count(b"\n", 0, at + 1) + 1
            raise too_large(file, limits.LINE, row=row, fix="look there for a quote that never closes")
        at = newline


def _separator(texts: list[str], headings: Collection[str]) -> str:
    """The separator under which most known headings stand in one line; then the widest table."""
    if texts[0].lower().startswith(_HINT) and len(texts[0]) > len(_HINT):
        return texts[0][len(_HINT)]

    def evidence(separator: str) -> tuple[int, int]:
        rows = [split_line(text, separator) for text in texts[:_EVIDENCE_LINES]]
        hits = max(sum(any(s in headings for s in spellings(c)) for c in row) for row in rows)
        widths = sorted(len(row) for row in rows)
        return hits, widths[len(widths) // 2]

    return max(_SEPARATORS, key=evidence)


def _body(
    data: bytes,
    lines: list[tuple[int, int, str]],
    widths: list[int],
    separator: str,
    file: str,
    contract: Contract,
    head: list[list[str]],
    start: int,
    width: int,
) -> Body:
    if start < len(lines):
        offset, first_row = lines[start][0], lines[start][1]
    else:
        offset, first_row = len(data), 0
    if max(data.count(b"\n"), 1) * width > limits.CELLS.value:
        raise too_large(file, limits.CELLS)
    plain = _plain(data, offset, first_row, separator, _usual_width(widths[start:], width))
    if plain is not None:
        return plain
    shape = Shape(file, separator, width, _joined_column(contract, separator, head[:start]))
    return _careful(data[offset:], first_row, shape)


def _usual_width(widths: list[int], width: int) -> int:
    """Exports may end every line with a separator that the header lacks."""
    wider = [w for w in widths if w > width]
    return min(wider) if len(wider) > len(widths) / 2 else width


def _plain(data: bytes, offset: int, first_row: int, separator: str, width: int) -> Body | None:
    """The fast way; None where the lines are not all of one width, or quotes span lines.

    pyarrow would take a quote that is never closed, and all lines after it, for one value.
    """
    view = memoryview(data)[offset:]
    lines = physical_lines(view)
    if lines.open_quotes:
        return None
    if not len(lines.filled):
        return Body([pa.nulls(0, pa.string())] * width, pa.array(lines.filled, pa.int32()), lines.blank)
    names = [f"c{i}" for i in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(view)),
            read_options=pacsv.ReadOptions(column_names=names, block_size=8 << 20),
            parse_options=pacsv.ParseOptions(delimiter=separator, newlines_in_values=False),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(lines.filled):
        return None
    columns = table.columns
    quoted_tabs = separator == "\t" and b'"' in data  # not told from separators by their neighbours
    if quoted_tabs or has_blank_edges(view, separator):
        columns = [_trimmed(column) for column in columns]
    return Body(list(columns), pa.array(lines.filled + first_row, pa.int32()), lines.blank)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _joined_column(contract: Contract, separator: str, head: list[list[str]]) -> int | None:
    """Position of the column whose values the contract joins by this very separator."""
    for column in contract.columns:
        if column.multiple == separator:
            wanted = {s for heading in column.headings for s in spellings(heading)}
            for row in reversed(head):
                for position, cell in enumerate(row):
                    if set(spellings(cell)) & wanted:
                        return position
    return None


def _careful(data: bytes, first_row: int, shape: Shape) -> Body:
    lines = data.decode("utf-8").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    skipped: Counter[str] = Counter()
    found = careful_records(lines, first_row, shape, skipped)
    columns: list[list[pa.Array]] = [[] for _ in range(shape.width)]
    rows: list[int] = []
    while batch := list(islice(found, _CHUNK)):
        rows += [record.row for record in batch]
        for position, values in enumerate(_transposed(batch)):
            columns[position].append(values)
    empty = pa.nulls(0, pa.string())
    chunked = [pa.chunked_array(chunks or [empty], pa.string()) for chunks in columns]
    cut = None if data.endswith(b"\n") else cut_line(lines, shape)
    cut_row = None if cut is None else first_row + cut
    return Body(chunked, pa.array(rows, pa.int32()), skipped["blank"], cut_row)


def _transposed(batch: list[Record]) -> Iterator[pa.Array]:
    for values in zip(*(record.fields for record in batch), strict=True):
        yield pa.array([value or None for value in values], pa.string())
