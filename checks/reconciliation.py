"""Reconciliation: for every file, landed = accepted + quarantined + duplicate + superseded.

Pure. The counts are taken from what was written, not from what was meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FileCount:
    """One file's records by outcome."""

    file_name: str
    landed: int
    accepted: int
    quarantined: int
    duplicate: int
    superseded: int

    @property
    def difference(self) -> int:
        """Records unaccounted for (positive) or counted twice (negative)."""
        return self.landed - self.accepted - self.quarantined - self.duplicate - self.superseded


def unreconciled(counts: Mapping[str, FileCount]) -> list[str]:
    """A sentence for every file whose records do not add up; none where all close."""
    return [
        f"{c.file_name}: landed {c.landed} but accepted {c.accepted} + quarantined {c.quarantined} "
        f"+ duplicate {c.duplicate} + superseded {c.superseded} (difference {c.difference})"
        for c in counts.values()
        if c.difference
    ]
