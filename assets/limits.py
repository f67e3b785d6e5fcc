"""How much of a file is taken: every limit of pulling and reading, declared once.

A file beyond a limit is refused as `too_large` (or passed over by the pull as `unsupported`)
before it costs more memory than the limit stands for. The values leave room above the largest
extract of a province: 350,000 households, 1.3 million cards, some 3 million visits a year.
docs/hostile_files.md lists them, and a test holds the list to this module.
"""

from __future__ import annotations

from typing import NamedTuple

_KB, _MB, _GB = 1 << 10, 1 << 20, 1 << 30


class Limit(NamedTuple):
    """One limit: the largest value that is still taken, its unit, and what it bounds."""

    value: int
    unit: str
    what: str

    @property
    def shown(self) -> str:
        """The value as a person reads it: "512 MB", "2,000 columns"."""
        if self.unit != "bytes":
            return f"{self.value:,} {self.unit}"
        size, name = next((s, n) for s, n in ((_GB, "GB"), (_MB, "MB"), (_KB, "KB")) if self.value >= s)
        return f"{self.value // size:,} {name}"


LANDED_FILE = Limit(4 * _GB, "bytes", "a file that the pull copies into landing")
TEXT = Limit(2 * _GB, "bytes", "a text file, unpacked")
CONVERTED_TEXT = Limit(512 * _MB, "bytes", "a text file that is not UTF-8")
TEXT_LINES = Limit(10_000_000, "lines", "a text file")
LINE = Limit(1 * _MB, "bytes", "one line of a text file")
PACKED = Limit(100, "times", "how far a gzip file above 64 MB, unpacked, may have shrunk")
CELLS = Limit(250_000_000, "cells", "rows times columns of a text or Parquet table")
COLUMNS = Limit(2_000, "columns", "one sheet or table")
CELL = Limit(128 * _KB, "bytes", "one cell (Excel itself allows 32,767 characters)")
WORKBOOK = Limit(512 * _MB, "bytes", "a workbook as it is sent")
OLD_WORKBOOK = Limit(128 * _MB, "bytes", "an .xls workbook as it is sent")
OLD_WORKBOOK_MEMORY = Limit(2 * _GB, "bytes", "the address space of the process that opens an .xls")
WORKBOOK_PARTS = Limit(10_000, "parts", "the parts (zip entries) of a workbook")
WORKBOOK_UNPACKED = Limit(1 * _GB, "bytes", "the parts of a workbook, unpacked")
WORKBOOK_PACKED = Limit(100, "times", "how far a workbook above 256 MB, unpacked, may have shrunk")
WORKBOOK_PART = Limit(16 * _MB, "bytes", "the list of a workbook's sheets, unpacked")
WORKBOOK_SHEETS = Limit(1_000, "sheets", "one workbook")
WORKBOOK_CELLS = Limit(30_000_000, "cells", "the areas of all sheets of a workbook, blanks included")
WORKBOOK_TEXT = Limit(1 * _GB, "bytes", "the text of all cells, each repetition counted")
PARQUET = Limit(2 * _GB, "bytes", "a Parquet file as it is sent, and unpacked")
PARQUET_FOOTER = Limit(16 * _MB, "bytes", "the footer of a Parquet file")

SUSPICIOUS_TEXT = 64 * _MB
SUSPICIOUS_WORKBOOK = 256 * _MB

LIMITS: dict[str, Limit] = {
    name.lower(): value for name, value in list(globals().items()) if isinstance(value, Limit)
}
