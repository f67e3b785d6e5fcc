"""Legacy text inside a file that is Unicode: one column, or only the header, typed in an old font.

Belongs here: where in a sheet to look for TCVN3 and VNI, and their conversion there. Does not
belong here: a text file that is legacy as a whole (`encodings`), and the judging (`evidence`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.reading.evidence import LEGACY, holds_unicode, legacy_page, score
from assets.reading.grid import Grid
from checks.text import tidy

_SAMPLED_ROWS = 400


def recovered_head(grid: Grid, headings: Collection[str]) -> Grid:
    """The sheet with those of its first rows converted that are plainly legacy."""
    head = []
    for row in grid.head:
        page = legacy_page("\n".join(row), headings)
        head.append([_recovered(cell, page) for cell in row] if page else row)
    return replace(grid, head=head)


def recovered_columns(columns: list[pa.ChunkedArray], headings: Collection[str]) -> list[pa.ChunkedArray]:
    """The columns, each converted if it is plainly legacy.

    In a sheet that is legacy as a whole, a column that says nothing of itself ("Hé" may be
    a word in both) goes with the rest.
    """
    samples = [_sample(column) for column in columns]
    if all(sample.isascii() for sample in samples):
        return columns
    everywhere = legacy_page("\n".join(samples), headings)
    found = []
    for column, sample in zip(columns, samples, strict=True):
        page = legacy_page(sample, headings)
        if page is None and everywhere and not sample.isascii():
            converted = LEGACY[everywhere](sample)
            page = everywhere if score(converted, headings) >= score(sample, headings) else None
        found.append(_converted(column, page) if page else column)
    return found


def _sample(column: pa.ChunkedArray) -> str:
    if not len(column):
        return ""
    rows = np.unique(np.linspace(0, len(column) - 1, _SAMPLED_ROWS).astype(np.int64))
    values = pc.unique(column.take(pa.array(rows))).drop_null()
    return "\n".join(values.to_pylist())


def _converted(column: pa.ChunkedArray, page: str) -> pa.ChunkedArray:
    distinct = column.combine_chunks().dictionary_encode()
    texts = [_recovered(text, page) or None for text in distinct.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string()).take(distinct.indices)])


def _recovered(text: str, page: str) -> str:
    return text if holds_unicode(text) else tidy(LEGACY[page](text))
