"""The reader: one file of an office, in whatever form it came, to raw text columns.

Belongs here: formats, encodings, header layouts, which rows are records. Does not belong here:
what a cell means (values), where a place is (places), what must hold (checks).
"""

from __future__ import annotations

from assets.reading.errors import FileRefused
from assets.reading.read import read_file
from assets.reading.result import ReadResult, SheetFacts

__all__ = ["FileRefused", "ReadResult", "SheetFacts", "read_file"]
