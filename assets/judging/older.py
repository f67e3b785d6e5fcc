"""Files that stand behind, or beside, files of a later date: what a corrected file that is dated before the
one that it should replace comes to.

Belongs here: which files hold the places of an older one's records, and where an older one's own records
count beside a newer file of the same commune. Does not belong here: which file holds a slot (`supersede`),
or what is told of it (`tally`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from assets.judging.files import JudgedFile

_VILLAGE = "village"


@dataclass(frozen=True)
class OlderFiles:
    """What files of a year have to do with newer ones, by their numbers.

    Attributes
    ----------
    behind
        For a file with replaced records the files that hold their slots, of most of them first.
    beside
        For a file with records that count beside a newer file of their commune, that file (of most of
        them) and how many they are.
    """

    behind: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    beside: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def files_behind(file_index: np.ndarray, holder: np.ndarray) -> dict[int, tuple[int, ...]]:
    """By file, those that hold the slots of its replaced records; `holder` is -1 where none was replaced."""
    replaced = holder >= 0
    pairs = pd.DataFrame({"file": file_index[replaced], "holder": holder[replaced]})
    counts = pairs.value_counts(["file", "holder"], sort=False).reset_index(name="records")
    counts = counts.sort_values(["file", "records", "holder"], ascending=[True, False, True])
    found: dict[int, list[int]] = {}
    for file, behind in zip(counts["file"], counts["holder"], strict=True):
        found.setdefault(int(file), []).append(int(behind))
    return {file: tuple(holders) for file, holders in found.items()}


def files_beside(
    slots: pd.DataFrame,
    file_index: np.ndarray,
    counts: np.ndarray,
    lost: np.ndarray,
    files: tuple[JudgedFile, ...],
) -> dict[int, tuple[int, int]]:
    """By older file, the newer one of the same commune beside which it counts, and with how many records.

    That a commune sends each village's list apart, one day after the other, is no finding: the older file
    must have lost another village of the commune to a newer file, or have come after it.

    Parameters
    ----------
    slots
        The slot columns of every record; without the village they are the commune.
    counts, lost
        Whether a record stands in its slot; whether a newer file took its place.
    """
    if _VILLAGE not in slots:
        return {}
    place = [name for name in slots.columns if name != _VILLAGE]
    records = slots[place].assign(_file=file_index, _counts=counts, _lost=lost)
    summed = records.groupby([*place, "_file"], as_index=False)[["_counts", "_lost"]].sum()
    found: dict[int, dict[int, int]] = {}
    for _, rows in summed[summed["_counts"] > 0].groupby(place):
        newest = max(map(int, rows["_file"]), key=lambda number: (files[number].rank, number))
        for number, records_of, taken in zip(rows["_file"], rows["_counts"], rows["_lost"], strict=True):
            older, newer = files[int(number)], files[newest]
            if older.rank < newer.rank and (taken or older.arrived > newer.arrived):
                of_file = found.setdefault(int(number), {})
                of_file[newest] = of_file.get(newest, 0) + int(records_of)
    return {
        number: (max(newer, key=lambda n: (newer[n], -n)), sum(newer.values()))
        for number, newer in found.items()
    }
