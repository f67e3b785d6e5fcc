"""The column lineage of all models, worked out once for a version of the dbt project and kept.

dbt writes the SQL of every model while it builds it: what is followed is what was run, and no dbt is
started for it. The book lies beside the project's manifest in the home.

Belongs here: when it is written, and its form in Dagster. Does not belong here: reading one statement
(`columns`).
"""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.catalogue import asset_key
from assets.files import put_file
from assets.lineage.columns import NotFollowed, Origin, column_origins
from assets.lineage.graph import layer_of

_LOG = logging.getLogger(__name__)
# Raised when the same SQL gives another lineage: the book is then written anew.
VERSION = "1"

Columns = Mapping[str, list[Origin]]


class ColumnBook:
    """The columns of every model, each with the columns of its parents that it is computed from.

    Parameters
    ----------
    manifest
        Of the project as it is run.
    folder
        Where the book is kept: one folder a version of the project.
    compiled
        Where dbt writes the SQL that it runs.
    project
        The project's folder, for the headings of seeds.
    """

    def __init__(self, manifest: Mapping[str, Any], folder: Path, compiled: Path, project: Path) -> None:
        self._nodes: dict[str, Any] = {**manifest["nodes"], **manifest["sources"]}
        self._seeds = {n["name"] for n in self._nodes.values() if n["resource_type"] == "seed"}
        self._path = folder / f"columns-{VERSION}.json"
        self._compiled, self._project = compiled, project
        self._kept: dict[str, Columns] = _read(self._path)
        self._is_whole = bool(self._kept)

    def of(self, unique_id: str) -> Columns | None:
        """The columns of a model that has just been run, or of any model of a whole book.

        None where they cannot be followed: that is logged, and stops nothing.
        """
        if unique_id not in self._kept and not self._is_whole:
            try:
                self._kept[unique_id] = self._followed(self._nodes[unique_id])
            except (NotFollowed, OSError, KeyError) as error:
                _LOG.warning("columns of %s cannot be followed: %s", unique_id, error)
        return self._kept.get(unique_id)

    def metadata(self, unique_id: str) -> dict[str, Any]:
        """The lineage of a model as Dagster's metadata; nothing where there is none."""
        columns = self.of(unique_id)
        if columns is None:
            return {}
        deps = {
            name: [dg.TableColumnDep(self._key(layer, table), column) for layer, table, column in origins]
            for name, origins in columns.items()
        }
        return {"dagster/column_lineage": dg.TableColumnLineage(deps_by_column=deps)}

    def keep(self) -> None:
        """Keep the book, where every model is in it; what a part of the graph gave is not kept."""
        models = {name for name, node in self._nodes.items() if node["resource_type"] == "model"}
        if self._is_whole or not models <= self._kept.keys():
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        put_file(self._path, json.dumps(self._kept).encode())

    def _followed(self, node: Mapping[str, Any]) -> Columns:
        path = self._compiled / node["package_name"] / node["original_file_path"]
        schema: dict[str, dict[str, list[str]]] = {}
        for parent in node["depends_on"]["nodes"]:
            layer = "reference" if parent.startswith("seed.") else layer_of(self._nodes[parent])
            schema.setdefault(layer, {})[self._nodes[parent]["name"]] = self._columns_of(parent)
        found = column_origins(path.read_text(encoding="utf-8"), schema)
        return {name: sorted(origins) for name, origins in found.items()}

    def _columns_of(self, unique_id: str) -> list[str]:
        node = self._nodes[unique_id]
        if node["resource_type"] == "source":
            return list(node["columns"])
        if node["resource_type"] == "seed":
            with (self._project / node["original_file_path"]).open(encoding="utf-8") as lines:
                return next(csv.reader(lines))
        columns = self._kept.get(unique_id)
        if columns is None:
            raise NotFollowed(f"{node['name']}, which it reads, was not run with it")
        return list(columns)

    def _key(self, layer: str, table: str) -> dg.AssetKey:
        # dbt keeps the seeds in the schema of the reference tables; their assets stand apart.
        return asset_key("seeds" if layer == "reference" and table in self._seeds else layer, table)


def _read(path: Path) -> dict[str, Columns]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        # Nothing but a saving: what a power cut left half written is worked out anew.
        return {}
    return {
        model: {name: [(o[0], o[1], o[2]) for o in origins] for name, origins in columns.items()}
        for model, columns in found.items()
    }
