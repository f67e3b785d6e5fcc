"""Whether a release holds what its own row says: every mart, with as many rows as were published.

Belongs here: the comparison and its words. Does not belong here: counting (`duckdb_look`,
`postgres_look`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assets.warehouse.seam import WarehouseDamaged

# What puts a whole release in the place of one that is not.
MENDED_BY = "thoatngheo publish puts a whole one in its place, as does the next night"
_MOST = 5


def published_counts(row: Mapping[str, Any]) -> dict[str, int]:
    """Rows of every mart as the table `release` tells them."""
    said = row.get("marts")
    marts = json.loads(said) if isinstance(said, str) else said or {}
    return {name: int(entry["rows"]) for name, entry in marts.items()}


def require_whole(row: Mapping[str, Any], held: Mapping[str, int]) -> None:
    """Compare what was published with what is there.

    Parameters
    ----------
    row
        The release's own, from the table `release`.
    held
        Rows of the marts that are there now.

    Raises
    ------
    WarehouseDamaged
        A mart is gone or holds another number of rows.
    """
    wrong = [
        f"mart {name} is gone" if name not in held else f"mart {name} holds {held[name]} rows, not {rows}"
        for name, rows in sorted(published_counts(row).items())
        if held.get(name) != rows
    ]
    if wrong:
        more = f" and {len(wrong) - _MOST} more" if len(wrong) > _MOST else ""
        raise WarehouseDamaged(
            f"release {row['release_id']} is not as it was published: {'; '.join(wrong[:_MOST])}{more}; "
            f"{MENDED_BY}"
        )
