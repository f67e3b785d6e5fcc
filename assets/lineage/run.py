"""What a run tells Dagster of lineage: columns of every model, and what each year of a mart is made from.

A run over several years makes one event a year and asset. The columns are the same in all of them and
stand in the last one alone, which is where the page of an asset looks; what a year is made from stands in
the event of that year.

Belongs here: adding metadata to the events of a run. Does not belong here: finding it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.catalogue import as_table, asset_key
from assets.journal import Journal
from assets.lineage.column_book import ColumnBook
from assets.lineage.graph import layer_of
from assets.lineage.inputs import Inputs
from assets.warehouse.contents import MartContents
from checks.seeds import dbt_project


class RunLineage:
    """The lineage of the models of one dbt run."""

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        manifest: Mapping[str, Any],
        folder: Path,
        target: Path,
        journal: Journal,
    ) -> None:
        self._context, self._nodes = context, manifest["nodes"]
        self._book = ColumnBook(manifest, folder, target / "compiled", dbt_project())
        self._inputs = Inputs(manifest, journal)

    def tell(self, event: Any) -> None:
        """Add a model's lineage to the event that dbt's end of it gives; call it before that is yielded."""
        told = getattr(event, "metadata", None) or {}
        node = self._nodes.get(getattr(told.get("unique_id"), "value", None))
        if node is None or node["resource_type"] != "model":
            return
        keys = self._context.partition_keys
        key = asset_key(layer_of(node), node["name"])
        if columns := self._book.metadata(node["unique_id"]):
            self._context.add_asset_metadata(columns, asset_key=key, partition_key=keys[-1])
        if layer_of(node) == "marts":
            _tell_inputs(self._context, key, node["name"], self._inputs)

    def keep(self) -> None:
        """Keep what the run has found out of the columns."""
        self._book.keep()


def tell_inputs(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    journal: Journal,
    marts: Iterable[MartContents],
) -> None:
    """Add to a release's events what it is made from: extracts by mart and year, files by year, columns."""
    inputs = Inputs(manifest, journal)
    for mart in marts:
        key = asset_key("published", mart.name)
        _tell_inputs(context, key, mart.name, inputs)
        if mart.columns:
            context.add_asset_metadata(
                _as_made(mart), asset_key=key, partition_key=context.partition_keys[-1]
            )
    release = asset_key("published", "release")
    for year in context.partition_keys:
        if files := inputs.files_of(int(year)):
            context.add_asset_metadata({"files": as_table(files)}, asset_key=release, partition_key=year)


def _tell_inputs(context: dg.AssetExecutionContext, key: dg.AssetKey, mart: str, inputs: Inputs) -> None:
    for year in context.partition_keys:
        if metadata := inputs.metadata(mart, int(year)):
            context.add_asset_metadata(metadata, asset_key=key, partition_key=year)


def _as_made(mart: MartContents) -> dict[str, Any]:
    """A published column is the mart's column of that name."""
    made = asset_key("marts", mart.name)
    deps = {column.name: [dg.TableColumnDep(made, column.name)] for column in mart.columns}
    return {"dagster/column_lineage": dg.TableColumnLineage(deps_by_column=deps)}
