"""What dbt's models and tests came to, kept with the state of the tables that they ran on.

Belongs here: reading a run's results, what is missing from them, keeping them. Does not belong
here: running dbt (`assets.transformed`) or what follows for a release (`checks.gate`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assets.journal import DBT_RESULT, Journal, now
from checks.gate import DbtEvidence, DbtFinding

_RESULTS = "run_results.json"
_BUILT = ("model", "seed", "snapshot")
_DONE = ("success", "pass")


@dataclass(frozen=True)
class DbtRun:
    """The results of one run of dbt, by the nodes' unique ids."""

    results: Mapping[str, Mapping[str, Any]]

    def unfinished(self, nodes: Iterable[Mapping[str, Any]]) -> list[str]:
        """The nodes that a release needs and that this run did not bring to a good end, by name."""
        ids = {node["unique_id"]: node["name"] for node in required(nodes)}
        return [name for key, name in ids.items() if self._status(key) not in _DONE]

    def _status(self, unique_id: str) -> str:
        return str(self.results.get(unique_id, {}).get("status", "was not run"))


def forget_results(target: Path) -> None:
    """Take away the results of an earlier run, so that they are never taken for this one's."""
    (target / _RESULTS).unlink(missing_ok=True)


def read_results(target: Path) -> DbtRun:
    """The results that dbt wrote last; none where it was killed before it wrote any."""
    path = target / _RESULTS
    if not path.exists():
        return DbtRun({})
    found = json.loads(path.read_text(encoding="utf-8"))["results"]
    return DbtRun({entry["unique_id"]: entry for entry in found})


def required(nodes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What a release needs: every model and seed, and every test whose failure is an error.

    A test that only warns is told and holds nothing.
    """
    return [node for node in nodes if _is_required(node)]


def _is_required(node: Mapping[str, Any]) -> bool:
    if node["resource_type"] == "test":
        return str(node["config"].get("severity", "error")).lower() == "error"
    return node["resource_type"] in _BUILT


def keep_results(connection: sa.Connection, run: DbtRun, state: str) -> None:
    """Keep a run's results in the place of the last one's.

    Parameters
    ----------
    state
        What the tables were made from when it ran (`assets.transformed.transformed_state`).
    """
    connection.execute(DBT_RESULT.delete())
    rows = [
        {
            "unique_id": key,
            "status": entry["status"],
            "failures": entry["failures"],
            "state": state,
            "at": now(),
        }
        for key, entry in run.results.items()
    ]
    if rows:
        connection.execute(DBT_RESULT.insert(), rows)


def dbt_evidence(journal: Journal, nodes: Iterable[Mapping[str, Any]], state: str) -> DbtEvidence:
    """What is on record of the models and tests that a release needs.

    Parameters
    ----------
    nodes
        The manifest's nodes.
    state
        What the tables are made from now.
    """
    rows = {row["unique_id"]: row for row in journal.rows(sa.select(DBT_RESULT))}
    findings = []
    for node in required(nodes):
        row = rows.get(node["unique_id"])
        if row is None or row["status"] not in _DONE:
            findings.append(_finding(node, row))
    return DbtEvidence(
        on_record=bool(rows),
        on_these_inputs=bool(rows) and all(row["state"] == state for row in rows.values()),
        findings=tuple(findings),
    )


def _finding(node: Mapping[str, Any], row: Mapping[str, Any] | None) -> DbtFinding:
    attached = str(node.get("attached_node") or node["unique_id"])
    return DbtFinding(
        kind=str(node["resource_type"]),
        name=str(node["name"]),
        on=attached.rsplit(".", 1)[-1],
        status=row["status"] if row else "was not run",
        failures=(row or {}).get("failures"),
    )
