"""Whether a published value of a past year moved too far for a release to go out unseen.

Pure. Belongs here: the bound, and one value beside it. Does not belong here: where values come from
(`assets.changes`), or what follows (`checks.gate`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ChangeBound(BaseModel):
    """How far a value of a settled year may move before a person has to agree.

    A mart declares a list of them under `config.meta.change`. A value is too far off when it moved by
    more than `maximum` of what it was and by more than `floor` in its own unit; `where` chooses rows by
    the columns of their grain. `since` and `reason` say when and why the bound was set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    maximum: Annotated[float, Field(gt=0)]
    floor: Annotated[float, Field(ge=0)] = 0
    where: dict[str, str] = Field(default_factory=dict)
    since: date
    reason: Annotated[str, Field(min_length=10)]


@dataclass(frozen=True)
class LargeChange:
    """A value now and in the last release; None where the row was not there.

    Parameters
    ----------
    key
        The row's grain, as JSON.
    place
        Commune with its name, or blank.
    """

    mart: str
    year: int
    key: str
    column: str
    place: str
    old: float | None
    new: float | None
    bound: ChangeBound

    @property
    def difference(self) -> float:
        return (self.new or 0) - (self.old or 0)

    @property
    def share(self) -> float:
        """Of what it was; without end where there was nothing."""
        return abs(self.difference) / abs(self.old) if self.old else float("inf")

    @property
    def too_far(self) -> bool:
        """Whether it left its bound."""
        return abs(self.difference) > self.bound.floor and self.share > self.bound.maximum

    @property
    def found(self) -> str:
        share = f", {self.difference / self.old:+.1%}" if self.old else ""
        where = f" of {self.place}" if self.place else ""
        # A code may be of either map: the rows of both are held.
        where += " on today's map" if json.loads(self.key).get("geography") == "current" else ""
        return (
            f"{self.column}{where}: {_number(self.new)} where the last release has {_number(self.old)}{share}"
        )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.10g}"


def content_of(changes: Iterable[LargeChange]) -> str:
    """A hash over which values moved from what to what: an approval is for exactly these."""
    listed = sorted([c.mart, c.key, c.column, repr(c.old), repr(c.new)] for c in changes)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:32]


def by_mart_year_and_bound(changes: Iterable[LargeChange]) -> list[list[LargeChange]]:
    """The changes of each mart and year that left the same bound, largest first."""
    found: dict[tuple[str, int, str], list[LargeChange]] = {}
    for change in sorted(changes, key=lambda c: (-abs(c.difference), c.key, c.column)):
        place = (change.mart, change.year, change.bound.model_dump_json())
        found.setdefault(place, []).append(change)
    return [found[place] for place in sorted(found)]
