"""The quality counts: how many records of every file were accepted, flagged, rejected, and why.

Belongs here: the Dagster asset that stands for the counts of all tables. Does not belong here:
counting (`assets.judging.quality`); every table's counts are written with its judgement.
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from assets.catalogue import asset_key
from assets.workplace import Home, Workplace
from checks.contract import TABLES

_TEXT = "Records by file, outcome and reason, all tables (chất lượng dữ liệu)."


def quality_asset(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The counts of all tables, as the mart `data_quality` reads them."""
    spec = dg.AssetSpec(
        asset_key("quality", "quality"),
        group_name="quality",
        description=_TEXT,
        owners=["team:steering-committee"],
        deps=[asset_key("accepted", table) for table in TABLES],
        partitions_def=partitions,
        kinds={"parquet"},
    )

    @dg.multi_asset(specs=[spec], name="quality", backfill_policy=dg.BackfillPolicy.single_run())
    def quality(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        for key in context.partition_keys:
            counts = outcome_counts(workplace.home, int(key))
            context.add_asset_metadata(counts, asset_key=spec.key, partition_key=key)
        return dg.MaterializeResult(asset_key=spec.key)

    return quality


def outcome_counts(home: Home, year: int) -> dict[str, int]:
    """Records of a year by outcome, over all tables."""
    counts: dict[str, int] = {}
    for table in TABLES:
        path = home.partition("quality", table, year)
        if path.exists():
            grouped = (
                pq.read_table(path, partitioning=None).group_by("outcome").aggregate([("records", "sum")])
            )
            for row in grouped.to_pylist():
                counts[row["outcome"]] = counts.get(row["outcome"], 0) + row["records_sum"]
    return counts
