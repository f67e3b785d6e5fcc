"""The failures that are foreseen, and whether trying again can help.

Permanent: something must be mended first. Retryable: the same call may succeed later.
"""

from __future__ import annotations

from assets.changes.errors import NotComparable
from assets.crew import WorkerLost
from assets.forms.errors import FormsUnavailable
from assets.journal import JournalDamaged
from assets.places.events import EventsUnusable
from assets.pulling.sources import SourcesInvalid, SourceUnavailable
from assets.warehouse import (
    PublicationFailed,
    ReleaseUnknown,
    WarehouseBusy,
    WarehouseDamaged,
    WarehouseUnavailable,
    WarehouseUnsupported,
)
from assets.workplace import HomeUnusable

RETRYABLE: tuple[type[Exception], ...] = (
    SourceUnavailable,
    WarehouseUnavailable,
    WarehouseBusy,
    WorkerLost,
)
PERMANENT: tuple[type[Exception], ...] = (
    SourcesInvalid,
    WarehouseUnsupported,
    WarehouseDamaged,
    NotComparable,
    ReleaseUnknown,
    PublicationFailed,
    FormsUnavailable,
    HomeUnusable,
    JournalDamaged,
    EventsUnusable,
)
FORESEEN = (*RETRYABLE, *PERMANENT)
