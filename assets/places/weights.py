"""Shares of a divided unit, exact: they sum to 1 to the last digit.

Belongs here: arithmetic on weights. Does not belong here: where the weights come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

STEP = Decimal("0.000001")


def equal_parts(count: int) -> list[Fraction]:
    """The shares of `count` parts of which nothing is known."""
    return [Fraction(1, count)] * count


def as_decimals(shares: Sequence[Fraction]) -> list[Decimal]:
    """The shares with six places, the last one taking what rounding left over.

    Examples
    --------
    >>> as_decimals(equal_parts(3))
    [Decimal('0.333333'), Decimal('0.333333'), Decimal('0.333334')]

    Raises
    ------
    ValueError
        The shares do not sum to 1.
    """
    if sum(shares) != 1:
        raise ValueError(f"shares of a unit must sum to 1, not {float(sum(shares))}")
    cut = [(Decimal(s.numerator) / Decimal(s.denominator)).quantize(STEP, ROUND_DOWN) for s in shares]
    cut[-1] = Decimal(1).quantize(STEP) - sum(cut[:-1], Decimal(0))
    return cut
