"""The releases: which stand, which are kept, and a person's decision to let an earlier one stand.

Belongs here: asking journal and warehouse about releases, and rolling back. Does not belong here:
making a release (`assets.published`) or what a database does for it (`assets.warehouse`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assets.journal import RELEASE, ROLLBACK, Journal, now
from assets.warehouse import ReleaseUnknown, Warehouse, WarehouseDamaged, open_warehouse
from assets.workplace import Workplace


@dataclass(frozen=True)
class ListedRelease:
    """One release as journal and warehouse know it.

    Parameters
    ----------
    published_at
        UTC, without a zone.
    rows
        Rows of all marts together, None where nobody noted them.
    stands
        Readers see it now.
    kept
        It is in the warehouse: it can be rolled back to, unless it stands already.
    withdrawn_at
        When an earlier release took its place by a person's decision (UTC); None where none did.
    """

    release_id: str
    published_at: datetime
    years: tuple[int, ...]
    marts: int
    rows: int | None
    checksum: str
    stands: bool
    kept: bool
    withdrawn_at: str | None

    @property
    def can_be_put_back(self) -> bool:
        return self.kept and not self.stands


def warehouse_of(workplace: Workplace) -> Warehouse:
    """The warehouse of these settings."""
    return open_warehouse(workplace.warehouse_url, keep=workplace.keep_releases, own=workplace.home.warehouse)


def standing_release(workplace: Workplace) -> dict[str, Any] | None:
    """The row of the release that readers see; None where there is none, or it is damaged."""
    try:
        return warehouse_of(workplace).current_release()
    except WarehouseDamaged:
        return None  # publishing puts a whole one in its place


def whole_release(workplace: Workplace) -> dict[str, Any] | None:
    """The same, its marts looked at; None too where they are not as they were published."""
    try:
        return warehouse_of(workplace).whole_release()
    except WarehouseDamaged:
        return None


def standing_trouble(workplace: Workplace) -> str:
    """Why the release that stands cannot be read, with the fix; blank where it can, or none stands."""
    try:
        warehouse_of(workplace).current_release()
    except WarehouseDamaged as error:
        return str(error)
    return ""


def newest_release(journal: Journal, without: Collection[str] = ()) -> dict[str, Any] | None:
    """The row of the release that was made last, whether it stands or not.

    Parameters
    ----------
    without
        Releases that do not count.
    """
    query = (
        sa.select(RELEASE)
        .where(RELEASE.c.release_id.not_in(list(without)))
        .order_by(RELEASE.c.published_at.desc(), RELEASE.c.release_id.desc())
        .limit(1)
    )
    return next(iter(journal.rows(query)), None)


def published_at(journal: Journal) -> datetime | None:
    """When the newest release was made (UTC, without a zone)."""
    newest = newest_release(journal)
    return datetime.fromisoformat(newest["published_at"]) if newest else None


def decision(journal: Journal) -> dict[str, Any] | None:
    """The last rollback, as long as no release was made since: it says which release is to stand."""
    last = next(iter(journal.rows(sa.select(ROLLBACK).order_by(ROLLBACK.c.id.desc()).limit(1))), None)
    newest = newest_release(journal)
    if last is None or last["newest"] != (newest["release_id"] if newest else None):
        return None
    return last


def put_back_by_decision(journal: Journal, standing: str | None) -> dict[str, Any] | None:
    """The rollback in force, given the release that the warehouse holds; None where there is none.

    It is in force until a newer release is made. One that was killed before the warehouse heard of
    it has changed nothing and is not in force; one that was killed after it is. To put the newest
    release back only ends another rollback.
    """
    decided = decision(journal)
    if not decided or decided["release_id"] == decided["newest"]:
        return None
    if decided["done_at"] or decided["release_id"] == standing:
        return decided
    return None


def withdrawals(journal: Journal) -> dict[str, str]:
    """The releases that were put aside and not put back since, with the moment (UTC)."""
    found: dict[str, str] = {}
    for row in journal.rows(
        sa.select(ROLLBACK).where(ROLLBACK.c.done_at.is_not(None)).order_by(ROLLBACK.c.id)
    ):
        # To put a newer one back withdraws nothing: it undoes.
        if row["instead_of"] and row["instead_of"] > row["release_id"]:
            found[row["instead_of"]] = row["at"]
        found.pop(row["release_id"], None)
    return found


def list_releases(workplace: Workplace, journal: Journal) -> list[ListedRelease]:
    """Every release on record or in the warehouse, newest first."""
    kept = {row["release_id"]: row for row in warehouse_of(workplace).releases()}
    known = {row["release_id"]: row for row in journal.rows(sa.select(RELEASE))}
    withdrawn = withdrawals(journal)
    return [
        _listed({**kept.get(name, {}), **known.get(name, {})}, kept.get(name), withdrawn.get(name))
        for name in sorted(kept.keys() | known.keys(), reverse=True)
    ]


def _listed(
    row: Mapping[str, Any], in_warehouse: Mapping[str, Any] | None, withdrawn_at: str | None
) -> ListedRelease:
    marts = as_value(row["marts"]) or {}
    counts = [entry["rows"] for entry in marts.values()]
    moment = row["published_at"]
    return ListedRelease(
        release_id=row["release_id"],
        published_at=moment if isinstance(moment, datetime) else datetime.fromisoformat(moment),
        years=tuple(as_value(row["years"]) or ()),
        marts=len(counts),
        rows=sum(counts) if counts else None,
        checksum=row["checksum"],
        stands=bool(in_warehouse and in_warehouse["is_current"]),
        kept=in_warehouse is not None,
        withdrawn_at=withdrawn_at,
    )


def as_value(value: Any) -> Any:
    """A list or map, whether it is one or its JSON text, as the warehouse holds it."""
    return json.loads(value) if isinstance(value, str) else value


def roll_back(
    workplace: Workplace, journal: Journal, release_id: str, *, decided_by: str, reason: str
) -> bool:
    """Let a kept release stand again, by somebody's decision, and note it.

    The decision is noted before the warehouse is told, and that it was carried out afterwards: a
    call that is killed in between is finished by the same call once more. Call it under the home's
    lock.

    Returns
    -------
    bool
        False where the release stood already and there was nothing to note.

    Raises
    ------
    ReleaseUnknown
        No such release is kept; the message names those that are. Nothing is noted.
    """
    warehouse = warehouse_of(workplace)
    kept = {row["release_id"]: row["is_current"] for row in warehouse.releases()}
    if release_id not in kept:
        raise ReleaseUnknown(_unknown(release_id, kept))
    decided = decision(journal)
    # What a call noted that was killed before its end is carried out, and stays its caller's decision.
    begun = decided is not None and decided["release_id"] == release_id and not decided["done_at"]
    if not begun:
        if kept[release_id]:
            return False
        newest = newest_release(journal)
        row = {
            "release_id": release_id,
            "instead_of": _instead_of(kept, decided, newest),
            "newest": newest["release_id"] if newest else None,
            "decided_by": decided_by,
            "reason": reason,
            "at": now(),
        }
        with journal.transaction() as connection:
            connection.execute(ROLLBACK.insert().values(**row))
        decided = decision(journal)
    assert decided is not None
    warehouse.rollback(release_id)
    with journal.transaction() as connection:
        connection.execute(ROLLBACK.update().where(ROLLBACK.c.id == decided["id"]).values(done_at=now()))
    return True


def _instead_of(
    kept: Mapping[str, bool], decided: Mapping[str, Any] | None, newest: Mapping[str, Any] | None
) -> str | None:
    """The release that stands; where none can be read, the one that was to stand."""
    standing = next((name for name, stands in kept.items() if stands), None)
    carried_out = decided if decided and decided["done_at"] else None
    expected = carried_out or newest
    return standing or (expected["release_id"] if expected else None)


def _unknown(release_id: str, kept: Mapping[str, bool]) -> str:
    listed = ", ".join(f"{name} (stands)" if current else name for name, current in kept.items())
    return f"no release {release_id} is kept in the warehouse; kept: {listed or 'none'}"
