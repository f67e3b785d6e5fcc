"""Old Excel workbooks (.xls), opened in a process of their own.

The library takes memory as the bytes of an .xls say, before it knows that they are true, and where
it gets none it ends its process. An .xls cannot be looked into beforehand as a zip can, and few
come; so each is opened in a child with a bounded address space, and only its cells come back.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from assets import limits

_CHILD = Path(__file__).with_name("old_workbook_child.py")
_SECONDS = 600
Cells = list[list[Any]]
Range = tuple[tuple[int, int], tuple[int, int]]


class OldWorkbookDamaged(Exception):
    """The library could not open it."""


class OldWorkbookLocked(Exception):
    """It asks for a password."""


class OldWorkbookTooLarge(Exception):
    """Its sheets need more memory than is given."""


class OldWorkbook:
    """An .xls while its child process is open."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-I", str(_CHILD), str(path)]
        bounds = (
            limits.OLD_WORKBOOK_MEMORY.value,
            limits.WORKBOOK_CELLS.value,
            limits.COLUMNS.value,
            _SECONDS,
        )
        self._child = subprocess.Popen(
            [*command, *map(str, bounds)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> OldWorkbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()

    def sheets(self) -> Iterator[tuple[str, Cells, list[Range]]]:
        """Name, cells and merged ranges of each sheet.

        Raises
        ------
        OldWorkbookDamaged
            Or `OldWorkbookLocked`, `OldWorkbookTooLarge`.
        """
        assert self._child.stdout is not None
        while True:
            try:
                said, *what = pickle.load(self._child.stdout)
            except (EOFError, pickle.UnpicklingError) as error:
                raise self._ended() from error
            if said == "end":
                return
            if said == "locked":
                raise OldWorkbookLocked
            if said == "too_large":
                raise OldWorkbookTooLarge
            if said == "damaged":
                raise OldWorkbookDamaged
            name, rows, ranges = what
            yield name, rows, ranges

    def _ended(self) -> Exception:
        """The child died without a word: by the bound of its memory, or by a fault of the library."""
        self._child.wait()
        return OldWorkbookTooLarge() if self._child.returncode < 0 else OldWorkbookDamaged()
