"""A drop that was written to a moment ago: whether it has come to rest.

One rule for the command, the night and the sensor, since each of them pulls. It costs nothing where no
drop is that young.

Belongs here: the wait. Does not belong here: copying (`pull`), or that the sensor asks for a year only when
two looks saw the same (`pipelines.requests`).
"""

from __future__ import annotations

import time

from assets.pulling.sources import DropChanged, DropFile, DropStore

# Whoever writes a file line by line writes more often than this.
SECONDS = 2.0


def require_at_rest(store: DropStore, file: DropFile) -> None:
    """Wait until a young drop has not been written to for two seconds; files written together wait once.

    A time in the future, of a store whose clock is ahead, is as young only where it is as near.

    Raises
    ------
    DropChanged
        It was written to meanwhile, or is gone: it is taken at the next look.
    """
    age = time.time() - file.modified
    if not file.modified or abs(age) >= SECONDS:
        return
    time.sleep(min(SECONDS - age, SECONDS))
    try:
        store.require_unchanged(file, file.size)
    except DropChanged:
        raise DropChanged("it is being written to") from None
