"""The way from one release to another along what they were compared with.

Every release was compared with the one that stood when it was made, so the releases form a tree: a
rollback begins a new branch. From one to another the way leads up, undoing changes, and down, making
them again.

Pure. Belongs here: the way, and who stood when. Does not belong here: any value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class NoWay(Exception):
    """The record does not lead from one release to the other."""


@dataclass(frozen=True)
class Step:
    """The changes of one release, undone or made again."""

    release_id: str
    undo: bool


def way(releases: Iterable[Mapping[str, Any]], start: str, end: str) -> list[Step]:
    """The steps that lead from a release to another, in order.

    Raises
    ------
    NoWay
        One of the releases between them was compared with nothing.
    """
    parents = {row["release_id"]: row.get("compared_with") for row in releases}
    up, down = _line(parents, start), _line(parents, end)
    common = next((name for name in up if name in down), None)
    if common is None:
        raise NoWay(
            f"the record of changes does not lead from {start} to {end}: it begins anew at {up[-1]} "
            f"and {down[-1]}"
        )
    undone = [Step(name, True) for name in up[: up.index(common)]]
    return undone + [Step(name, False) for name in reversed(down[: down.index(common)])]


def _line(parents: Mapping[str, str | None], release_id: str) -> list[str]:
    """A release, the one it was compared with, and so on; at least itself."""
    found = [release_id]
    while (parent := parents.get(found[-1])) and parent not in found:
        found.append(parent)
    return found


def stood_at(
    releases: Iterable[Mapping[str, Any]], rollbacks: Iterable[Mapping[str, Any]], moment: datetime
) -> str | None:
    """The release that readers saw at a moment (UTC); None where nothing was published yet.

    Parameters
    ----------
    releases
        The journal's, each with `published_at`.
    rollbacks
        The journal's, each with `done_at` where it was carried out.
    """
    turns = [(_utc(row["published_at"]), row["release_id"]) for row in releases]
    turns += [(_utc(row["done_at"]), row["release_id"]) for row in rollbacks if row["done_at"]]
    return max((turn for turn in turns if turn[0] <= moment), default=(moment, None))[1]


def _utc(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def named(releases: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """The release of a name, or of the beginning of one that no other has."""
    found = [row for row in releases if row["release_id"] == name]
    found = found or [row for row in releases if name and row["release_id"].startswith(name)]
    return found[0] if len(found) == 1 else None
