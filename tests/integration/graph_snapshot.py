"""The graph as data: keys, dependencies, groups, owners, kinds, checks, jobs.

Renew the reviewed snapshot, then read its diff:

    .venv/bin/python -m tests.integration.graph_snapshot
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import dagster as dg

from tests.integration.line import Line

SNAPSHOT = Path(__file__).with_name("graph_snapshot.json")


def graph(definitions: dg.Definitions) -> dict[str, Any]:
    """What the snapshot holds of the definitions."""
    repository = definitions.get_repository_def()
    assets = repository.asset_graph
    nodes = {}
    for key in sorted(assets.get_all_asset_keys(), key=lambda key: key.path):
        node = assets.get(key)
        nodes["/".join(key.path)] = {
            "group": node.group_name,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "deps": sorted("/".join(parent.path) for parent in node.parent_keys),
            "partitioned": node.partitions_def is not None,
            "checks": sorted(
                f"{check.name}{' (blocking)' if assets.get(check).blocking else ''}"
                for check in node.check_keys
            ),
        }
    jobs = {
        job.name: sorted("/".join(key.path) for key in job.asset_layer.executable_asset_keys)
        for job in repository.get_all_jobs()
        if not job.name.startswith("__")
    }
    return {
        "assets": nodes,
        "jobs": {name: len(keys) for name, keys in sorted(jobs.items())},
        "schedules": sorted(schedule.name for schedule in repository.schedule_defs),
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
    }


def current_graph(home: Path) -> dict[str, Any]:
    """The graph of the code as it stands."""
    from pipelines.definitions import build_definitions

    return graph(build_definitions(Line(home).settings))


def main() -> None:
    """Write the snapshot anew."""
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(current_graph(Path(folder)), indent=1, ensure_ascii=False)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
