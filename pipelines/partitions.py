"""The one partitioning: review years from 2016, the current year included."""

from __future__ import annotations

import dagster as dg

FIRST_YEAR = 2016
TIMEZONE = "Asia/Ho_Chi_Minh"


def known_years() -> frozenset[int]:
    """The years that have a partition today."""
    return frozenset(int(key) for key in yearly().get_partition_keys())


def yearly() -> dg.TimeWindowPartitionsDefinition:
    """One partition a calendar year; its key is the year."""
    return dg.TimeWindowPartitionsDefinition(
        start=str(FIRST_YEAR), fmt="%Y", cron_schedule="0 0 1 1 *", timezone=TIMEZONE, end_offset=1
    )
