"""Whole text files looked at as arrays of bytes: lines, quotes, blanks; no parsing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CHUNK = 4 << 20
_NEWLINE, _QUOTE, _SPACE, _TAB = b"\n"[0], b'"'[0], b" "[0], b"\t"[0]


@dataclass(frozen=True)
class PhysicalLines:
    """The lines (from 0) that hold something, how many are blank, and whether a quote is open
    at the end of any: then lines and records are not the same."""

    filled: np.ndarray
    blank: int
    open_quotes: bool


def physical_lines(view: memoryview) -> PhysicalLines:
    """Count the lines of a text."""
    newlines = _positions(view, _NEWLINE)
    starts = np.concatenate(([0], newlines + 1))
    ends = np.concatenate((newlines, [len(view)]))
    if starts[-1] == len(view):
        starts, ends = starts[:-1], ends[:-1]
    filled = ends > starts
    quotes = _positions(view, _QUOTE)
    open_quotes = bool(len(quotes)) and bool((np.searchsorted(quotes, ends) % 2).any())
    rows = np.flatnonzero(filled).astype(np.int32)
    return PhysicalLines(rows, int(np.count_nonzero(~filled)), open_quotes)


def has_blank_edges(view: memoryview, separator: str) -> bool:
    """Whether a space or tab stands beside a separator, a quote or a line end."""
    edge = np.zeros(256, dtype=bool)
    edge[[ord(separator), _NEWLINE, _QUOTE]] = True
    signs = [_SPACE] if separator == "\t" else [_SPACE, _TAB]
    if len(view) and (view[0] in signs or view[-1] in signs):
        return True
    for start in range(0, len(view), _CHUNK):
        # pieces overlap by a byte, so that every blank is seen with both its neighbours once
        codes = np.frombuffer(view[max(start - 1, 0) : start + _CHUNK + 1], dtype=np.uint8)
        for sign in signs:
            blanks = np.flatnonzero(codes == sign)
            before, after = blanks - 1, blanks + 1
            inside = (before >= 0) & (after < len(codes))
            if (edge[codes[before[inside]]] | edge[codes[after[inside]]]).any():
                return True
    return False


def _positions(view: memoryview, sign: int) -> np.ndarray:
    """Where a byte stands; in pieces, so that no mask of the whole text is made."""
    found = [
        np.flatnonzero(np.frombuffer(view[start : start + _CHUNK], dtype=np.uint8) == sign) + start
        for start in range(0, len(view), _CHUNK)
    ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
