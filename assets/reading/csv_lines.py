"""A text file cut into lines and fields with care: slow, for headers and for files that are
not plain.

What can be put right without doubt is: blank ends left off or added, a line broken inside a
value, a quote that is a letter of the text, card numbers joined by the separator itself. All
else is refused with its row.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from assets.reading.errors import FileRefused

_LOOKED_BACK = 50
_LONGEST_RECORD = 20  # lines that one quoted record may span


@dataclass(frozen=True)
class Record:
    """The fields of one record and the 1-based line on which it begins."""

    row: int
    fields: list[str]


@dataclass(frozen=True)
class Shape:
    """What the lines of a file are held to: width, separator, and the column that may hold
    several values joined by the separator."""

    file: str
    separator: str
    width: int
    joined: int | None = None


def head_lines(data: bytes, most: int) -> list[tuple[int, int, str]]:
    """The first records as (byte offset, 1-based line, text); a quoted value may span lines."""
    found: list[tuple[int, int, str]] = []
    offset, line = 0, 1
    while offset < len(data) and len(found) < most:
        end, lines = _record_end(data, offset)
        found.append((offset, line, data[offset:end].decode("utf-8", errors="replace").rstrip("\n")))
        offset, line = end, line + lines
    return found


def _record_end(data: bytes, offset: int) -> tuple[int, int]:
    end, first = offset, 0
    for lines in range(1, _LONGEST_RECORD + 1):
        newline = data.find(b"\n", end)
        end = len(data) if newline < 0 else newline + 1
        first = first or end
        if data.count(b'"', offset, end) % 2 == 0:
            return end, lines
        if newline < 0:
            break
    return first, 1


def split_line(text: str, separator: str) -> list[str]:
    """The fields of one record, stripped."""
    if '"' not in text:
        return [field.strip() for field in text.split(separator)]
    try:
        rows = list(csv.reader(_physical(text), delimiter=separator))
    except csv.Error:
        rows = []
    fields = rows[0] if len(rows) == 1 else text.split(separator)
    return [field.strip() for field in fields]


def _physical(text: str) -> list[str]:
    """Lines as the csv module wants them; `splitlines` would cut at rarer signs too."""
    return [f"{line}\n" for line in text.split("\n")]


def careful_records(
    lines: list[str], first_row: int, shape: Shape, skipped: Counter[str]
) -> Iterator[Record]:
    """Every record of the lines, each of the shape's width; blank lines are only counted.

    Raises
    ------
    FileRefused
        `unreadable_text` with the row, where a line has more fields than the header.
    """
    at = 0
    while at < len(lines):
        if not lines[at].strip(f" \t{shape.separator}"):
            skipped["blank"] += 1
            at += 1
            continue
        fields, used = _record(lines, at, shape)
        if fields is None:
            raise _too_many(first_row + at, shape)
        yield Record(first_row + at, fields)
        at += used


def cut_line(lines: list[str], shape: Shape) -> int | None:
    """The last line, which has no end, if it also has fewer fields than all that were looked at
    before it: then the file was cut short there. A closing line is one field alone."""
    before, last = lines[-_LOOKED_BACK - 1 : -1], lines[-1] if lines else ""
    if len(before) < 2 or '"' in last:
        return None
    whole = all(line.count(shape.separator) >= shape.width - 1 for line in before)
    cut = 0 < last.count(shape.separator) < shape.width - 1
    return len(lines) - 1 if whole and cut else None


def _record(lines: list[str], at: int, shape: Shape) -> tuple[list[str] | None, int]:
    line = lines[at]
    if '"' not in line:
        return _unquoted(lines, at, shape)
    for used in range(1, min(_LONGEST_RECORD, len(lines) - at) + 1):
        fields = _strict("\n".join(lines[at : at + used]), shape)
        if fields is not None and (fitted := _fitted(fields, shape)) is not None:
            if used > 1 and _whole_by_themselves(lines[at : at + used], shape):
                return None, 1  # one value over lines, or several records with stray quotes?
            return fitted, used
        if fields is not None:
            break
    # The quotes are not a pair around a value: letters of the text, then.
    for fields in (split_line(line, shape.separator), [f.strip(' "') for f in line.split(shape.separator)]):
        if (fitted := _fitted(fields, shape)) is not None and len(fields) == shape.width:
            return fitted, 1
    return None, 1


def _whole_by_themselves(lines: list[str], shape: Shape) -> bool:
    """Whether each line has every field, as a record has."""
    return shape.width > 2 and all(line.count(shape.separator) == shape.width - 1 for line in lines)


def _unquoted(lines: list[str], at: int, shape: Shape) -> tuple[list[str] | None, int]:
    fields = [field.strip() for field in lines[at].split(shape.separator)]
    if 1 < len(fields) < shape.width and at + 1 < len(lines) and '"' not in lines[at + 1]:
        rest = [field.strip() for field in lines[at + 1].split(shape.separator)]
        broken_off = fields[-1] and rest[0] and len(rest) > 1
        if broken_off and len(fields) + len(rest) - 1 == shape.width:
            return [*fields[:-1], f"{fields[-1]} {rest[0]}", *rest[1:]], 2
    return _fitted(fields, shape), 1


def _strict(text: str, shape: Shape) -> list[str] | None:
    """The fields if the quotes are in order; None where one is open or stands inside a value."""
    try:
        rows = list(csv.reader(_physical(text), delimiter=shape.separator, strict=True))
    except csv.Error:
        return None
    return [field.strip() for field in rows[0]] if len(rows) == 1 else None


def _fitted(fields: list[str], shape: Shape) -> list[str] | None:
    """The fields at the shape's width, or None where more of them are filled than it has."""
    surplus = len(fields) - shape.width
    if surplus <= 0:
        return fields + [""] * -surplus
    if not any(fields[shape.width :]):
        return fields[: shape.width]
    if shape.joined is not None:
        start, end = shape.joined, shape.joined + surplus + 1
        parts = fields[start:end]
        if all(_is_card(part) for part in parts):
            return [*fields[:start], shape.separator.join(parts), *fields[end:]]
    return None


def _is_card(part: str) -> bool:
    return not part or (part.isalnum() and part.isascii() and len(part) in (10, 15))


def _too_many(row: int, shape: Shape) -> FileRefused:
    return FileRefused(
        "unreadable_text",
        file=shape.file,
        row=row,
        detail=f"the line has more than the header's {shape.width} fields, or a quote that does not close",
        fix="put quotes around values that hold the separator, or export as .xlsx",
    )
