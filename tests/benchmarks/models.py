"""The SQL of the marts as the line compiled it, for the plain script to run without dbt.

Reading, placing and typing are the plain script's own; the marts are the same statements on both
sides, so that rows can be compared and the ratio says what everything around them costs.
"""

from __future__ import annotations

import json
import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

# Where a model reads Parquet of the home, the plain script has a table of the same name.
_PARQUET = re.compile(r"read_parquet\('[^']*/(accepted|reference)/(\w+)(?:/[^']*|\.parquet)'[^)]*\)")
_QUALITY = re.compile(r"read_parquet\('[^']*/quality/\*/[^']*'[^)]*\)")


def write_models(manifest: Path, seeds: Path, target: Path) -> None:
    """Write seeds and models in an order in which each finds what it needs.

    Parameters
    ----------
    manifest
        dbt's manifest of a run, with compiled statements.
    seeds
        Folder of the seeds' CSV files.
    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    wanted = {k: n for k, n in nodes.items() if n["resource_type"] in ("model", "seed")}
    order = TopologicalSorter(
        {k: [d for d in n["depends_on"].get("nodes", ()) if d in wanted] for k, n in wanted.items()}
    ).static_order()
    target.write_text(json.dumps([_model(wanted[key], seeds) for key in order]), encoding="utf-8")


def _model(node: dict[str, Any], seeds: Path) -> dict[str, str]:
    if node["resource_type"] == "seed":
        return {
            "schema": node["schema"],
            "name": node["name"],
            "kind": "table",
            "sql": _seed(node, seeds),
        }
    sql = _QUALITY.sub("quality.quality", _PARQUET.sub(r"\1.\2", node["compiled_code"]))
    sql = sql.replace(f'"{node["database"]}".', "")
    return {
        "schema": node["schema"],
        "name": node["name"],
        "kind": node["config"]["materialized"],
        "sql": sql,
    }


def _seed(node: dict[str, Any], seeds: Path) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in node["config"]["column_types"].items())
    return f"from read_csv('{seeds / node['name']}.csv', header=true, types={{{types}}})"
