"""Whether a count moved too far from one release to the next.

Pure. Belongs here: comparing with the bound. Does not belong here: where counts come from, or
what follows (`checks.gate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from checks.contract import ReleaseBound

# Lists of a year arrive until 30 June of the next: the same day until which a review may be dated.
_SETTLED = (7, 1)


@dataclass(frozen=True)
class Movement:
    """A count now and in the last release.

    Parameters
    ----------
    name
        Table or mart.
    year
        The records' year; None for a mart, which holds all of them.
    settled
        Whether nothing more is expected, so that a rise is judged too.
    """

    name: str
    year: int | None
    now: int
    before: int
    bound: ReleaseBound
    settled: bool

    @property
    def share(self) -> float:
        return self.now / self.before

    @property
    def too_far(self) -> bool:
        """Whether the count left its bound; none can be left where there was nothing before."""
        if not self.before:
            return False
        risen = self.bound.maximum is not None and self.settled and self.share > self.bound.maximum
        return self.share < self.bound.minimum or risen

    @property
    def found(self) -> str:
        return f"{self.now:,} where the last release has {self.before:,} ({self.share:.2f})"

    @property
    def allowed(self) -> str:
        upper = f" to {self.bound.maximum:g}" if self.bound.maximum is not None and self.settled else ""
        return f"{self.bound.minimum:g}{upper or ' or more'} of it since {self.bound.since}"


def is_settled(year: int, day: date) -> bool:
    """Whether a year's lists were all due on a day."""
    return day >= date(year + 1, *_SETTLED)
