"""What resolving a place can come to: the words for it, and the answer's type.

Belongs here: names that the flags, the quarantine and the marts repeat. Does not belong here: the
rules that choose among them (rules.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assets.places.gazetteer import Unit

Method = Literal[
    "code",  # a code of the date, without a name
    "code_and_name",  # a code of the date with its name
    "name",  # the name of the date decided
    "hint",  # sheet, title or file name told the commune
    "other_list",  # the whole file is on another date's list
    "carried",  # a unit of another date, to be carried over the bridge
    "successor",  # another date's code with the name of what it became
    "split_village",  # a divided unit, by its village
    "split_unknown",  # a divided unit, by the bridge's weights
]
Issue = Literal["unknown_commune", "commune_conflict", "other_province"]

OTHER_DATE = "commune_code_of_other_date"


@dataclass(frozen=True, slots=True)
class Found:
    """A unit and how it was found; or, without a unit, what is wrong."""

    unit: Unit | None = None
    method: Method | None = None
    issue: Issue | None = None
    is_other_date: bool = False


UNKNOWN = Found(issue="unknown_commune")
CONFLICT = Found(issue="commune_conflict")
OTHER_PROVINCE = Found(issue="other_province")
