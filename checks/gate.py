"""The gate before publication: what stands against a release, from stored evidence.

Pure: it is handed the evidence, and says in sentences what holds a release and what to do.
Nothing is published over a failed blocking check; the last release stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class YearEvidence:
    """What is on record for one table and year of a release.

    `expected` is the fingerprint of what the year would be judged from now; `judged` the one it
    was judged from; `checks` the latest result of every check.
    """

    table: str
    year: int
    expected: str
    judged: str | None
    checks: tuple[Mapping[str, Any], ...]


def objections(evidence: Iterable[YearEvidence]) -> list[str]:
    """Why a release must not be published; empty where nothing stands against it."""
    found: list[str] = []
    for entry in evidence:
        where = f"{entry.table} {entry.year}"
        failed = [c for c in entry.checks if c["blocking"] and not c["passed"]]
        found.extend(f"{where}: blocking check {c['check_name']} failed; {_advice(c)}" for c in failed)
        if not failed and entry.judged != entry.expected:
            found.append(f"{where}: judged from other inputs than those landed; refresh the year")
    return found


def _advice(check: Mapping[str, Any]) -> str:
    detail = check["detail"]
    if check["check_name"] == "shape":
        return "no file of the year can be read: see the refusals and ask the office for it again"
    if check["check_name"] == "reconciliation":
        return f"records are unaccounted for in {'; '.join(detail.get('files', []))}"
    broken = ", ".join(f"{name} (value {entry['value']:.3g})" for name, entry in detail.items())
    return f"{broken}: mend the drop, or change the bound in the contract with its date and reason"
