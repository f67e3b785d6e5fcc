"""A person's agreement to a change beyond its bound: for one content, and for one release.

It is good for these inputs against the release that stands now, and for the very values that moved.
With the release that goes out by it, it is used up: what was withdrawn is asked about again.

Belongs here: noting and finding approvals. Does not belong here: what is too far (`bounds`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from assets.changes.bounds import as_listed
from assets.journal import APPROVAL, RELEASE, Journal, now
from checks.large_change import LargeChange, content_of


class NothingHeld(Exception):
    """No change is beyond its bound: there is nothing to approve."""


def approval_of(
    journal: Journal, state: str, compared_with: str, changes: Sequence[LargeChange]
) -> dict[str, Any] | None:
    """The approval of exactly these changes, unless a release went out by it already.

    Parameters
    ----------
    state
        What the marts are made from.
    compared_with
        The release that stands.
    """
    out = sa.select(RELEASE.c.release_id)
    query = sa.select(APPROVAL).where(
        APPROVAL.c.state == state,
        APPROVAL.c.compared_with == compared_with,
        APPROVAL.c.content == content_of(changes),
        sa.or_(APPROVAL.c.release_id.is_(None), APPROVAL.c.release_id.not_in(out)),
    )
    return next(iter(journal.rows(query.order_by(APPROVAL.c.id))), None)


def approve(
    journal: Journal,
    state: str,
    compared_with: str | None,
    changes: Sequence[LargeChange],
    *,
    decided_by: str,
    reason: str,
) -> tuple[Mapping[str, Any], bool]:
    """Note an approval; the one on record where these changes have one.

    Returns
    -------
    tuple
        The approval, and whether it is a new one.

    Raises
    ------
    NothingHeld
        Nothing is beyond its bound.
    """
    if not changes or compared_with is None:
        raise NothingHeld("no change is beyond its bound: there is nothing to approve")
    if known := approval_of(journal, state, compared_with, changes):
        return known, False
    row = {
        "state": state,
        "compared_with": compared_with,
        "content": content_of(changes),
        "held": [as_listed(change) for change in changes],
        "approved_by": decided_by,
        "reason": reason,
        "at": now(),
    }
    with journal.transaction() as connection:
        connection.execute(APPROVAL.insert().values(**row))
    return row, True


def use(journal: Journal, approval: Mapping[str, Any], release_id: str) -> None:
    """Note by which release an approval goes out, before the warehouse is told.

    Where that is killed, the release is not on record and the approval still good.
    """
    with journal.transaction() as connection:
        update = APPROVAL.update().where(APPROVAL.c.id == approval["id"])
        connection.execute(update.values(release_id=release_id))


def approvals(journal: Journal) -> dict[str, dict[str, Any]]:
    """The approvals by the release that went out by them."""
    rows = journal.rows(sa.select(APPROVAL).where(APPROVAL.c.release_id.is_not(None)))
    return {row["release_id"]: row for row in rows}
