"""Whether a whole file is written on another date's list.

Belongs here: that one question. Every code of today is also an old one, so codes without names
prove nothing. The list of a record's own date comes first: it fails only where the rules find no
unit of that date for a pair, or where code and name are a later unit's, which nobody knew on that
date; and another list is taken only if it fits every pair as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assets.places.found import Found
from assets.places.gazetteer import Era, Gazetteer
from assets.places.rules import Sent

Resolver = Callable[[Sent, Era], Found]


def list_of_file(sent: Sequence[tuple[Sent, Era]], gazetteer: Gazetteer, resolve: Resolver) -> Era | None:
    """The era of another list that the whole file is on; None where each record's own list counts.

    Of several lists that fit, the one nearest in time to the failing records, then the earlier.
    """
    pairs = [(place, era) for place, era in sent if place.code and place.name]
    failing = [
        era.index
        for place, era in pairs
        if not _has_own_unit(resolve(place, era), era) or _is_too_new(place, era, gazetteer)
    ]
    if not failing:
        return None
    fitting = [era for era in gazetteer.eras if all(_fits(place, era) for place, _ in pairs)]
    return min(fitting, key=lambda era: (sum(abs(era.index - i) for i in failing), era.index), default=None)


def _fits(place: Sent, era: Era) -> bool:
    unit = era.by_code.get(place.code or "")
    return unit is not None and place.name is not None and unit.key == place.name.key


def _is_too_new(place: Sent, era: Era, gazetteer: Gazetteer) -> bool:
    """Whether code and name are one unit's of a later list, and not of the date's own."""
    return not _fits(place, era) and any(_fits(place, later) for later in gazetteer.eras[era.index + 1 :])


def _has_own_unit(found: Found, era: Era) -> bool:
    return found.unit is not None and found.unit.first <= era.start <= found.unit.last
