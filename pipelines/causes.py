"""Which error of a chain says why something failed.

Belongs here: choosing it among an error and its causes. Does not belong here: how it is worded
outside (`pipelines.alerts`) or reading run records (`pipelines.run_records`).
"""

from __future__ import annotations

from dagster_shared.error import SerializableErrorInfo

from assets.errors import FORESEEN
from assets.published import PublicationHeld
from assets.raw import ReaderBroken
from checks.standards import UnsoundSeeds
from pipelines.lock import Busy

# The project's own errors: each names the culprit and the fix, and quotes no record and no address.
OWN = frozenset(kind.__name__ for kind in (*FORESEEN, Busy, PublicationHeld, ReaderBroken, UnsoundSeeds))


def telling(error: SerializableErrorInfo | None) -> SerializableErrorInfo | None:
    """The outermost error of the project's own; the innermost where none is.

    What lies behind an error of our own is what it was made from: a library's words, which name no
    fix and may quote a record or an address.
    """
    innermost = error
    while error:
        if error.cls_name in OWN:
            return error
        innermost, error = error, error.cause
    return innermost
