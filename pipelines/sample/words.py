"""The words in which offices write categories and flags; spellings vary from file to file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample.population import ETHNICITIES

CLASSES = (
    ("Hộ không nghèo", "Hộ cận nghèo", "Hộ nghèo"),
    ("Không nghèo", "Cận nghèo", "Nghèo"),
    ("Hộ có mức sống trung bình", "HCN", "HN"),
)
FLAGS: tuple[tuple[str | int | None, str | int], ...] = ((None, "x"), (0, 1), ("Không", "Có"), (None, "X"))
_TONE_PLACES = (("òa", "oà"), ("óa", "oá"), ("ọa", "oạ"), ("ùy", "uỳ"), ("úy", "uý"), ("ụy", "uỵ"))
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
    return np.asarray(result)


def spelt(rng: np.random.Generator, names: pd.Series) -> pd.Series:
    """Commune names in one file's manner: as it is, in capitals, without prefix, tones elsewhere."""
    manner = int(rng.choice(4, p=[0.6, 0.1, 0.15, 0.15]))
    changes = (str, str.upper, _bare, _other_tones)
    written = {name: changes[manner](name) for name in names.unique()}
    return names.map(written).astype(object)


def _bare(name: str) -> str:
    for prefix in ("Xã ", "Phường ", "Thị trấn "):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _other_tones(name: str) -> str:
    for one, other in _TONE_PLACES:
        if one in name:
            return name.replace(one, other)
        if other in name:
            return name.replace(other, one)
    return name
