"""What the reference tables cannot say for sure, counted and named instead of guessed.

Belongs here: looking for gaps. Does not belong here: filling them.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow.compute as pc

from assets.places.lineage import SPLIT_UNKNOWN
from assets.places.reference import Reference


def find_exceptions(reference: Reference) -> dict[str, tuple[str, ...]]:
    """Unit ids by kind of gap, each kind present even when empty.

    Kinds: `uncovered` (an old unit with no way to today), `unreached` (a unit of today that no old
    one went to), `split_unknown` (divided into equal parts for want of better), `without_communes`
    (an island district standing as a unit), `without_area`.
    """
    units, bridge = reference.units.to_pylist(), reference.bridge
    old = set(bridge["old_unit_id"].to_pylist())
    reached = {
        new
        for source, new in zip(bridge["old_unit_id"].to_pylist(), bridge["unit_id"].to_pylist(), strict=True)
        if source != new
    }
    split = bridge.filter(pc.equal(bridge["method"], SPLIT_UNKNOWN))["old_unit_id"].to_pylist()
    return {
        "uncovered": _sorted(u["unit_id"] for u in units if u["unit_id"] not in old),
        "unreached": _sorted(u["unit_id"] for u in units if u["is_current"] and u["unit_id"] not in reached),
        "split_unknown": _sorted(split),
        "without_communes": _sorted(u["unit_id"] for u in units if u["commune_type"] == "huyện"),
        "without_area": _sorted(u["unit_id"] for u in units if u["is_current"] and u["area_km2"] is None),
    }


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))
