"""The jobs: `refresh` and `backfill` run the same graph over a range of years.

Belongs here: which assets a job runs. Does not belong here: which years it is asked for.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

REFRESH = "refresh"
BACKFILL = "backfill"


def jobs() -> list[Any]:
    """The jobs of the graph."""
    everything = dg.AssetSelection.all()
    return [
        dg.define_asset_job(
            REFRESH,
            selection=everything,
            description="The nightly refresh (cập nhật hằng đêm): years whose inputs changed, all layers.",
        ),
        dg.define_asset_job(
            BACKFILL,
            selection=everything,
            description="Past years again (nạp lại các năm trước): a range of years, all layers.",
        ),
    ]
