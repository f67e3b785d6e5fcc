"""Where a record lies: communes with their dates, and how a record's commune is found.

Belongs here: the reference tables (units, bridge, unit map), commune names made comparable, and
the rules by which a code, a name or a file's title becomes a unit. Does not belong here: reading
files, and what becomes of a record whose place was not found.

A commune code means nothing without its date (codes were used again on 1 July 2025), so every
unit is named by code and first day: `05467@2025-07-01`.
"""

from assets.places.gazetteer import Gazetteer, build_gazetteer, load_gazetteer
from assets.places.hints import PlaceHint, combine_hints
from assets.places.reference import write_reference
from assets.places.resolve import resolve_places

__all__ = [
    "Gazetteer",
    "PlaceHint",
    "build_gazetteer",
    "combine_hints",
    "load_gazetteer",
    "resolve_places",
    "write_reference",
]
