"""The releases before the next one: which there were, and at what moment the next one may stand.

A release that a killed publication put into the warehouse, and could not journal any more, is
taken from there. Moments only go forward, whatever the clock does: identifiers, ages and "the last
release" all follow them.

Belongs here: the history that a release is added to. Does not belong here: what a release holds
(`assets.published`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assets.journal import RELEASE, Journal
from assets.warehouse import Warehouse, WarehouseDamaged

_LOG = logging.getLogger(__name__)
_JSON = ("years", "inputs", "marts", "records")
_MOMENTS = ("published_at", "approved_at")
# What the transformed years were is not known of a release that was found in the warehouse.
_UNKNOWN_STATE = ""


def utc_now() -> datetime:
    """What the clock says, in UTC."""
    return datetime.now(UTC)


def known_releases(journal: Journal, warehouse: Warehouse) -> list[dict[str, Any]]:
    """The releases on record, oldest first, with the one that stands in the warehouse among them."""
    rows = journal.rows(sa.select(RELEASE).order_by(RELEASE.c.published_at))
    try:
        found = warehouse.current_release()
    except WarehouseDamaged:
        found = None  # the next one is put in its place
    if found and found["release_id"] not in {row["release_id"] for row in rows}:
        _LOG.warning("release %s was published and not journalled; it is on record now", found["release_id"])
        journal.put(RELEASE, [_journalled(found)])
        return known_releases(journal, warehouse)
    return rows


def _journalled(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table `release` as the journal keeps it."""
    known = {column.name: row[column.name] for column in RELEASE.c if column.name in row}
    known |= {name: json.loads(row[name]) for name in _JSON if isinstance(row.get(name), str)}
    known |= {name: row[name].isoformat() for name in _MOMENTS if row.get(name)}
    return known | {"state": _UNKNOWN_STATE}


def moment_after(clock: datetime, releases: Iterable[Mapping[str, Any]]) -> datetime:
    """The moment of the next release, to the second: the clock's, but later than that of every other.

    Two releases within a second, or a clock that was set back, would otherwise give a release the
    identifier of another one, or a place before it.
    """
    said = clock.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    latest = max((datetime.fromisoformat(row["published_at"]) for row in releases), default=None)
    if latest is None or said > latest:
        return said
    moment = latest + timedelta(seconds=1)
    if moment - said > timedelta(minutes=1):
        _LOG.warning(
            "the clock says %s, before the last release (%s): the release is dated %s; set the clock",
            said, latest, moment,
        )  # fmt: skip
    return moment
