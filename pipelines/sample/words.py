"""The words in which offices write categories and flags; spellings vary from file to file."""

from __future__ import annotations

import numpy as np

from pipelines.sample.population import ETHNICITIES

CLASSES = (
    ("Hộ không nghèo", "Hộ cận nghèo", "Hộ nghèo"),
    ("Không nghèo", "Cận nghèo", "Nghèo"),
    ("Hộ có mức sống trung bình", "HCN", "HN"),
)
FLAGS: tuple[tuple[str | int | None, str | int], ...] = ((None, "x"), (0, 1), ("Không", "Có"), (None, "X"))
_SPELLINGS = {"Mông": ("Mông", "H'Mông", "Hmông"), "Sán Chay": ("Sán Chay", "Cao Lan", "Sán Chỉ")}


def flags(values: np.ndarray, style: int) -> np.ndarray:
    """Flags in one style: x or blank, 1 or 0, Có or Không."""
    no, yes = FLAGS[style % len(FLAGS)]
    result = np.full(values.shape, no, dtype=object)
    result[values] = yes
    return result


def ethnicity(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
    """Names of ethnic groups, in the spellings that vary."""
    result = np.array(ETHNICITIES, dtype=object)[codes]
    for name, spellings in _SPELLINGS.items():
        rows = codes == ETHNICITIES.index(name)
        result[rows] = rng.choice(np.array(spellings, dtype=object), int(rows.sum()))
    return result
