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

    `landed` is the fingerprint of the files that are landed; `judged` of those that the accepted
    records were made from, None where there are none; `checks` the latest result of every check.
    """

    table: str
    year: int
    landed: str
    judged: str | None
    checks: tuple[Mapping[str, Any], ...]


def objections(evidence: Iterable[YearEvidence], untransformed: Iterable[int]) -> list[str]:
    """Why a release must not be published; empty where nothing stands against it.

    `untransformed` are the years whose accepted records the marts were not (successfully) made from.
    """
    found = [
        f"{year}: its accepted records have not gone through the transformation; refresh the year"
        for year in sorted(untransformed)
    ]
    for entry in evidence:
        where = f"{entry.table} {entry.year}"
        failed = [c for c in entry.checks if c["blocking"] and not c["passed"]]
        found.extend(f"{where}: blocking check {c['check_name']} failed; {_advice(c)}" for c in failed)
        if not failed and entry.judged != entry.landed:
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
