"""Published totals to which the sample is calibrated, and their scaling.

Sources are those of the domain reference: 10.29 % and 42,903 poor at the start of 2022; 5.46 %,
23,061 poor and 15,482 near-poor, 83.93 % of the poor from ethnic minorities at the end of 2024;
Bắc Kạn 17.02 % (13,867) under the outgoing and 26.93 % (21,946) under the incoming standard at the
end of 2021, 21.9 % at the end of 2023. Figures of 2022 and 2023 are interpolated, 2025 is the
published forecast, 2026 an assumption; so is all that has no published figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

YEARS = (2021, 2022, 2023, 2024, 2025, 2026)
REVIEWED = {2021: 78_000, 2022: 74_000, 2023: 68_000, 2024: 64_000, 2025: 62_000, 2026: 61_000}
MINORITY_SHARE = {2021: 0.815, 2022: 0.822, 2023: 0.831, 2024: 0.8393, 2025: 0.842, 2026: 0.845}


@dataclass(frozen=True)
class Count:
    """Households of a territory in one year, and how many of them are poor and near-poor."""

    households: int
    poor: int
    near_poor: int


# The whole province, on the incoming standard (VN-2022) in every year.
PROVINCE = {
    2021: Count(416_939, 42_903, 22_695),
    2022: Count(418_760, 36_348, 20_300),
    2023: Count(420_580, 29_735, 17_900),
    2024: Count(422_400, 23_061, 15_482),
    2025: Count(422_700, 19_679, 14_000),
    2026: Count(423_500, 17_400, 12_900),
}
# Its poorest predecessor (Bắc Kạn).
POOR_PART = {
    2021: Count(81_488, 21_946, 7_935),
    2022: Count(81_800, 20_123, 7_600),
    2023: Count(82_300, 18_024, 7_200),
    2024: Count(82_500, 15_600, 6_700),
    2025: Count(82_700, 14_439, 6_200),
    2026: Count(82_900, 13_000, 5_900),
}
OUTGOING_PROVINCE = Count(416_939, 23_017, 22_900)
OUTGOING_POOR_PART = Count(81_488, 13_867, 8_239)
POOR_PART_MINORITY_SHARE = 0.975


def households(year: int, scale: float) -> tuple[int, int]:
    """Households of the poor part and of the rest in a year at a scale."""
    total = round(PROVINCE[year].households * scale)
    part = round(POOR_PART[year].households * scale)
    return part, total - part


def scaled(whole: Count, part: Count, sizes: tuple[int, int]) -> tuple[Count, Count]:
    """Counts of the poor part and of the rest: the total keeps its published rate exactly."""
    total = sum(sizes)
    poor, near = (round(n / whole.households * total) for n in (whole.poor, whole.near_poor))
    poor_1, near_1 = (round(n / part.households * sizes[0]) for n in (part.poor, part.near_poor))
    return Count(sizes[0], poor_1, near_1), Count(sizes[1], poor - poor_1, near - near_1)


def minority_poor(year: int, poor: tuple[int, int]) -> tuple[int, int]:
    """Poor households of ethnic minorities in the poor part and in the rest."""
    total = round(MINORITY_SHARE[year] * sum(poor))
    first = min(round(POOR_PART_MINORITY_SHARE * poor[0]), total)
    return first, int(np.clip(total - first, 0, poor[1]))
