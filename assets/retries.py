"""Trying again: how long a step waits before it does.

Belongs here: the waits. Does not belong here: which failures are worth it (`assets.errors`).
"""

from __future__ import annotations

import dagster as dg

MOST = 3
# A reader that lets go, or a connection that comes back, mostly does so within seconds; a server
# that starts anew takes a minute or two.
FIRST_WAIT = 5.0
_FACTOR = 4.0


def wait_before(retry: int) -> float:
    """Seconds before the next attempt, when so many retries were made: 5, 20, 80."""
    return FIRST_WAIT * _FACTOR**retry


def may_try_again(context: dg.AssetExecutionContext) -> bool:
    """Whether a step has an attempt left: where it has none it may go on without what failed."""
    return bool(context.retry_number < MOST)


def try_again(context: dg.AssetExecutionContext, error: Exception) -> dg.RetryRequested:
    """What a step raises on a failure that may pass; after the last retry the failure stands."""
    wait = wait_before(context.retry_number)
    if may_try_again(context):
        context.log.warning(f"{error} (the next attempt is in {wait:.0f} s)")
    return dg.RetryRequested(max_retries=MOST, seconds_to_wait=wait)
