"""Files that are written whole or not at all.

Belongs here: writing beside a place and renaming there. Does not belong here: what a file holds.
"""

from __future__ import annotations

import os
from pathlib import Path


def put_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there, so that nobody opens half of it.

    Raises
    ------
    OSError
        It cannot be written or put there; nothing is left beside.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
