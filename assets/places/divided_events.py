"""Rows from what the lists show of divided units, and a deployment's files with them in.

Belongs here: rows as `events.py` and `villages.py` read them. Does not belong here: the shares and the
villages themselves (divided.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import timedelta

from assets.places.divided import Division
from assets.places.lineage import SPLIT_UNKNOWN
from assets.places.villages import OPTIONAL, REQUIRED, VillageRow
from checks.text import fold

_EDGE = ("effective_date", "old_code", "new_code")


def event_rows(found: Iterable[Division]) -> list[dict[str, str]]:
    """Rows for the deployment's own events (`events.py`): of divisions into parts that nobody knew so far.

    Where an act or an earlier row gave the shares they stand; whoever holds the lists for nearer writes
    that row himself.
    """
    rows = []
    for division in found:
        if division.method != SPLIT_UNKNOWN:
            continue
        evidence, last_day = division.evidence, division.unit.valid_to
        for heir, share in zip(division.heirs, evidence.shares or (), strict=False):
            assert last_day is not None, "a unit that was divided has ended"
            rows.append(
                {
                    "effective_date": (last_day + timedelta(days=1)).isoformat(),
                    "old_code": division.unit.commune_code,
                    "old_name": division.unit.commune_name,
                    "new_code": heir.commune_code,
                    "new_name": heir.commune_name,
                    "share": f"{share:f}",
                    "share_method": "split_by_households",
                    "legal_basis": division.legal_basis,
                    "provenance": (
                        f"lists of {evidence.last_year} and {evidence.next_year}: "
                        f"{evidence.known_villages} of {evidence.villages} villages known"
                    ),
                }
            )
    return rows


def village_rows(found: Iterable[Division]) -> list[dict[str, str]]:
    """Rows for the deployment's villages (`villages.py`): of each that went to one heir alone.

    Only where the lists show the unit's shares: with one heir's list still to come, a name that the other
    has might be its own.
    """
    return [
        {
            "effective_date": (division.unit.valid_to + timedelta(days=1)).isoformat(),
            "old_code": division.unit.commune_code,
            "old_name": division.unit.commune_name,
            "village": village,
            "new_code": division.heirs[heir].commune_code,
            "new_name": division.heirs[heir].commune_name,
            "provenance": f"lists of {division.evidence.last_year} and {division.evidence.next_year}",
        }
        for division in found
        if division.evidence.why_not is None and division.unit.valid_to is not None
        for village, heir in division.evidence.went
    ]


def new_villages(rows: Iterable[dict[str, str]], standing: Iterable[VillageRow]) -> list[dict[str, str]]:
    """Those of which no row stands yet: what a person wrote stays, whatever the lists show."""
    known = {(row.day.isoformat(), row.old_code, row.village) for row in standing}
    return [r for r in rows if (r["effective_date"], r["old_code"], fold(r["village"])) not in known]


def with_villages(standing: str, rows: list[dict[str, str]]) -> str:
    """A deployment's file of villages with these rows after those that stand in it, as text."""
    reader = csv.DictReader(io.StringIO(standing))
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    found = [row for row in reader if any((value or "").strip() for value in row.values())]
    return _as_csv([*columns, *(n for n in (*REQUIRED, *OPTIONAL) if n not in columns)], [*found, *rows])


def with_rows(standing: str, rows: list[dict[str, str]]) -> str:
    """A deployment's file of events with these rows in it, as text: what stands in it stays.

    A row of an edge that stands there already gets the share, its method and where it comes from.

    Parameters
    ----------
    standing
        The file as it is; blank where there is none.
    """
    reader = csv.DictReader(io.StringIO(standing))
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    found = [row for row in reader if any((value or "").strip() for value in row.values())]
    edges = {tuple((row.get(name) or "").strip() for name in _EDGE): row for row in found}
    for new in rows:
        known = edges.get(tuple(new[name] for name in _EDGE))
        if known is None:
            found.append(new)
        else:
            known |= {name: new[name] for name in ("share", "share_method", "provenance")}
    columns += [name for name in (rows[0] if rows else {}) if name not in columns]
    return _as_csv(columns, found)


def _as_csv(columns: list[str], rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
