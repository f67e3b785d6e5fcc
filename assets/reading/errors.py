"""The one error of the reader: a file that cannot be taken, with its place and its fix."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "empty_file", "header_only", "missing_column", "ambiguous_column", "not_a_workbook",
    "nul_bytes", "unreadable_text", "too_large", "unsupported_format", "no_header",
]  # fmt: skip
_LONGEST = 300


class FileRefused(Exception):
    """A permanent failure: the same file will fail again, until its office sends another.

    No field ever holds a cell's value: the file, sheet, row and column say where to look.

    Parameters
    ----------
    reason
        One of the closed list of codes, counted in `data_quality`.
    detail
        What is wrong, a clause without a full stop.
    fix
        What the office or the data engineer can do, a clause without a full stop.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        file: str,
        detail: str,
        fix: str,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        self.reason: Reason = reason
        self.file = file
        self.sheet = sheet or None
        self.row = row
        self.column = column
        self.detail = detail
        self.fix = fix
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        where = [self.file]
        if self.sheet:
            where.append(f"sheet {self.sheet}")
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column:
            where.append(f"column {self.column}")
        return f"{', '.join(map(_plain, where))}: {_plain(self.detail)}; {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.reason, self.file, self.detail, self.fix, self.sheet, self.row, self.column))


def _plain(text: str) -> str:
    """Names and headings are the office's: no line breaks, terminal codes or turned text, no pages."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _rebuild(
    reason: Reason, file: str, detail: str, fix: str, sheet: str | None, row: int | None, column: str | None
) -> FileRefused:
    return FileRefused(reason, file=file, detail=detail, fix=fix, sheet=sheet, row=row, column=column)
