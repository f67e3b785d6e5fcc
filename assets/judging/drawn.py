"""Whether a record was drawn for a sample survey, or stands on a list.

Pure: from the parsed columns of a sheet to a mark a record. Does not belong here: what a sample is
worth (the models), or which file counts (`supersede`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import Sample


def drawn(columns: Mapping[str, pa.Array], sample: Sample) -> pa.Array:
    """True for every record of a sheet that was drawn; never null.

    A weight tells it, also one of no use (0, a word). A stratum or PSU alone tells nothing (`Tầng` is a
    storey too), but on a sheet with weights it marks a drawn record whose weight was forgotten: as a record
    of the list it would replace its village's.
    """
    weighted = _weighted(columns, sample)
    if not pc.any(weighted).as_py():
        return weighted
    return pc.or_(weighted, _of_a_design(columns, sample))


def design_without_weight(columns: Mapping[str, pa.Array], sample: Sample) -> pa.Array:
    """True for every record with a stratum or a PSU that was not drawn: there is no weight on its sheet."""
    return pc.and_not(_of_a_design(columns, sample), drawn(columns, sample))


def _weighted(columns: Mapping[str, pa.Array], sample: Sample) -> pa.Array:
    return pc.or_(pc.is_valid(columns[sample.weight]), pc.is_valid(columns[f"{sample.weight}__unreadable"]))


def _of_a_design(columns: Mapping[str, pa.Array], sample: Sample) -> pa.Array:
    filled = [pc.is_valid(columns[name]) for name in sample.design]
    nothing = pa.repeat(pa.scalar(False), len(columns[sample.weight]))
    return reduce(pc.or_, filled, nothing)
