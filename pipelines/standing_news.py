"""What of the standing list is told by itself: failures that no run fails of.

Belongs here: which entries those are, and when one is news or over. Does not belong here: the list
(`assets.failing`), the words (`pipelines.alerts`), sending (`pipelines.channels`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.failing import NO_ANSWER, REACHABLE, USABLE, Failing

# A warehouse that is away, or that refuses us (a changed password, somebody else's file), lets no night know
# what is stale: it is skipped, and starts no run that could fail. A database that stays away lets its run go
# on. All else holds a run, whose failure is told: a damaged file of ours starts one too.
_BY_ITSELF = (REACHABLE, USABLE, NO_ANSWER)
# Away for one look is a hiccup.
_TOLD_AFTER = 2


@dataclass(frozen=True)
class News:
    """One look at the list, after others.

    Parameters
    ----------
    looks
        In how many looks on end each entry was there, by its name: what the next look is handed.
    begun
        Entries to be told now.
    over
        Names of entries that were told and are gone.
    """

    looks: Mapping[str, int]
    begun: tuple[Failing, ...]
    over: tuple[str, ...]


def news(found: Sequence[Failing], before: Mapping[str, int]) -> News:
    """What is told of a list: what is on it for the second time, and what was told and is gone."""
    named = {_name(entry): entry for entry in found if entry.check in _BY_ITSELF}
    looks = {name: min(before.get(name, 0) + 1, _TOLD_AFTER) for name in named}
    begun = [
        entry
        for name, entry in named.items()
        if looks[name] == _TOLD_AFTER and before.get(name, 0) < _TOLD_AFTER
    ]
    over = [name for name, seen in before.items() if seen >= _TOLD_AFTER and name not in named]
    return News(looks, tuple(begun), tuple(over))


def _name(entry: Failing) -> str:
    """What stays the same from look to look: the words of a failure may not."""
    year = f" {entry.year}" if entry.year else ""
    return f"{entry.where}{year}: {entry.check}"
