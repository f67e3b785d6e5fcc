"""Which error of a chain says why something failed.

Belongs here: choosing it among an error and its causes. Does not belong here: how it is worded
outside (`pipelines.alerts`) or reading run records (`pipelines.run_records`).
"""

from __future__ import annotations

import re

from dagster_shared.error import SerializableErrorInfo

from assets.errors import FORESEEN
from assets.published import PublicationHeld
from assets.raw import ReaderBroken
from checks.standards import UnsoundSeeds
from pipelines.lock import Busy

# The project's own errors: each names the culprit and the fix, and quotes no record and no address.
OWN = frozenset(kind.__name__ for kind in (*FORESEEN, Busy, PublicationHeld, ReaderBroken, UnsoundSeeds))


_DBT_LOG, _DBT_ERRORS = "view the dbt debug log: ", "Errors parsed from dbt logs:"
# What differs from run to run: which of how many, how long it took, colours.
_PASSING = re.compile(r"\x1b\[[\d;]*m|^\d+ of \d+ |[ .]*\[[A-Z]+(?: \d+)? in \d+\.\d+s\]")


def dbt_words(message: str) -> str:
    """What a failed dbt command says, its own errors first; the command itself tells nothing.

    Examples
    --------
    >>> dbt_words(
    ...     "The dbt CLI process with command ... view the dbt debug log: dbt.log.\\n"
    ...     "Errors parsed from dbt logs:\\n\\n3 of 9 ERROR creating model m ... [ERROR in 0.12s]"
    ... )
    'dbt: ERROR creating model m\\ndbt log: dbt.log'
    """
    head, _, errors = message.partition(_DBT_ERRORS)
    lines = [told for line in errors.splitlines() if (told := _PASSING.sub("", line.strip()))]
    if not lines:
        return message
    log = head.partition(_DBT_LOG)[2].strip().rstrip(".")
    return "\n".join([f"dbt: {lines[0]}", *([f"dbt log: {log}"] if log else []), *lines[1:]])


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
