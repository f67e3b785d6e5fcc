"""The failures that are foreseen, and whether trying again can help.

Permanent: something must be mended first. Retryable: the same call may succeed later.
"""

from __future__ import annotations

from assets.pulling.sources import SourcesInvalid, SourceUnavailable
from assets.warehouse import WarehouseUnsupported

RETRYABLE: tuple[type[Exception], ...] = (SourceUnavailable,)
PERMANENT: tuple[type[Exception], ...] = (SourcesInvalid, WarehouseUnsupported)
FORESEEN = (*RETRYABLE, *PERMANENT)
