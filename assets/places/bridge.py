"""From every old unit to today's: one row an old unit and current unit.

Belongs here: the bridge table. Does not belong here: maps of other dates (unit_map.py).
"""

from __future__ import annotations

import pyarrow as pa

from assets.places.lineage import Lineage, legal_basis
from assets.places.weights import as_decimals

WEIGHT = pa.decimal128(9, 6)

SCHEMA = pa.schema(
    [
        pa.field("old_unit_id", pa.string(), nullable=False),
        pa.field("old_code", pa.string(), nullable=False),
        pa.field("old_valid_from", pa.date32(), nullable=False),
        pa.field("old_valid_to", pa.date32()),
        pa.field("unit_id", pa.string(), nullable=False),
        pa.field("commune_code", pa.string(), nullable=False),
        pa.field("weight", WEIGHT, nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("legal_basis", pa.string(), nullable=False),
    ]
)


def build_bridge(lineage: Lineage) -> pa.Table:
    """The bridge of all units to today's, each of today's to itself.

    The weights of a unit sum to exactly 1. An old unit that reaches no unit of today has no row.
    """
    today = max(unit.valid_from for unit in lineage.units)
    rows = []
    for old in lineage.units:
        parts = lineage.parts_on(old, today)
        if not all(part.unit.is_current for part in parts):
            continue
        for part, weight in zip(parts, as_decimals([part.share for part in parts]), strict=True):
            basis = "; ".join(part.bases) or legal_basis(part.unit.province_code)
            new = (part.unit.unit_id, part.unit.commune_code)
            rows.append(
                (
                    old.unit_id,
                    old.commune_code,
                    old.valid_from,
                    old.valid_to,
                    *new,
                    weight,
                    part.method,
                    basis,
                )
            )
    rows.sort(key=lambda row: (row[0], row[4]))
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)
