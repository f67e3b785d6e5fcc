"""The copy of one drop in the home, under a passing name until it is whole.

Belongs here: writing it, and telling a failure of the home's disk from one of the drop. Does not
belong here: reading the drop, or what is journalled of it (`assets.pulling.pull`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from assets.disk import disk_trouble
from assets.workplace import Home, HomeUnusable

HALF_COPIED = ".pulling-"


class HomeCopy:
    """A file of the home that is written, then given its name, or removed.

    Whatever fails of it is the home's failure, which stops the run: taken for the drop's, a full disk
    would let a release go out without the file.

    Raises
    ------
    HomeUnusable
        The disk is full, or the home cannot be written to; by every method.
    """

    def __init__(self, home: Home, folder: Path) -> None:
        self._home = home.root
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=HALF_COPIED)
        self._path = Path(name)
        self._file: IO[bytes] = os.fdopen(descriptor, "wb")

    def __enter__(self) -> HomeCopy:
        return self

    def __exit__(self, *_: object) -> None:
        """What was not kept is removed; a failure of that would hide the one that led here."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def write(self, block: bytes) -> int:
        with self._writing():
            return self._file.write(block)

    def finish(self) -> int:
        """Close it; its size. What was buffered is written only now."""
        with self._writing():
            self._file.close()
            return self._path.stat().st_size

    def keep(self, target: Path) -> None:
        """Give it its name."""
        with self._writing():
            os.replace(self._path, target)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise disk_trouble(error, self._home) or HomeUnusable(
                f"THOATNGHEO_HOME {self._home} cannot be written to ({why}); the last release stays. See "
                "to its disk, then refresh again"
            ) from error
