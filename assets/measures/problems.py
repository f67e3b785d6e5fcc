"""Why a measure is refused: what is wrong with the standard, the table or the design, all at once."""

from __future__ import annotations

from collections.abc import Sequence


class MeasureRefused(ValueError):
    """The measures cannot be computed from what was given; nothing was.

    Parameters
    ----------
    problems
        One sentence a problem: where (file, key, column, stratum), what, and what to do.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def quoted(names: Sequence[object], most: int = 10) -> str:
    """Names for a sentence, the first ones where there are many."""
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
