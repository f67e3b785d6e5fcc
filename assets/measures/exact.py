"""Weights and cut-offs as exact fractions, so that a score that equals the cut-off is never below it.

One third three times is one, and a score of 1/6 + 1/6 reaches a cut-off of 1/3: sums of binary fractions
do not promise that. Weights become whole numbers over a common denominator, and so does the cut-off.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, lcm

# A decimal such as 0.166667 means 1/6: from this many digits on, a near fraction is what was meant.
_DIGITS = 5
_NEAR = Fraction(1, 10**6)
_SIMPLE = 1000
# Beyond this denominator whole numbers no longer fit; twelve digits do.
_LARGEST = 10**15
_TWELVE_DIGITS = 10**12


def as_fraction(value: object) -> Fraction:
    """A fraction from `1/6`, `0.25`, `3` or a number; a long decimal is taken for the near simple fraction.

    Raises
    ------
    ValueError
        It is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is no number; write 0.25 or 1/4")
    try:
        found = Fraction(value.replace(" ", "") if isinstance(value, str) else repr(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{value!r} is no number; write 0.25 or 1/4") from error
    simple = found.limit_denominator(_SIMPLE)
    if found.denominator >= 10**_DIGITS and abs(found - simple) <= _NEAR:
        return simple
    return found


def whole_weights(weights: Sequence[Fraction]) -> tuple[list[int], int]:
    """Whole numbers in the proportion of the weights, and what they add up to."""
    denominator = lcm(*(w.denominator for w in weights))
    if denominator > _LARGEST:
        weights = [Fraction(round(w * _TWELVE_DIGITS), _TWELVE_DIGITS) for w in weights]
        denominator = lcm(*(w.denominator for w in weights))
    whole = [int(w * denominator) for w in weights]
    return whole, sum(whole)


def whole_threshold(cutoff: Fraction, total: int) -> int:
    """The least whole score that reaches the cut-off."""
    return ceil(cutoff * total)
