"""A real web server shows a finished home: its graph, its runs, what its checks found."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from checks.contract import TABLES
from tests.integration.line import BIN, ROOT, Line
from tests.integration.mart_contract import MARTS

_PATIENCE = 180


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ask(address: str, query: str) -> dict[str, Any]:
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        content = json.loads(answer.read())
    assert "errors" not in content, content["errors"]
    return dict(content["data"])


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"no answer within {_PATIENCE} s")


@pytest.fixture(scope="module")
def address(realistic: Line) -> Iterator[str]:
    port = _free_port()
    log = (realistic.home / "tmp" / "webserver.log").open("wb")
    server = subprocess.Popen(
        [str(BIN / "dagster-webserver"), "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
        cwd=ROOT, env=realistic.environment, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def test_the_page_opens(address: str) -> None:
    with urllib.request.urlopen(address, timeout=60) as page:
        assert page.status == 200
        assert b"<html" in page.read().lower()


def test_the_code_location_loaded(address: str) -> None:
    data = _ask(
        address,
        "{workspaceOrError{__typename ... on Workspace{locationEntries{name"
        " locationOrLoadError{__typename}}}}}",
    )
    entries = data["workspaceOrError"]["locationEntries"]
    assert [(e["name"], e["locationOrLoadError"]["__typename"]) for e in entries] == [
        ("thoatngheo", "RepositoryLocation")
    ]


def test_the_graph_shows_every_layer(address: str) -> None:
    nodes = _ask(address, "{assetNodes{groupName description assetKey{path} kinds owners{__typename}}}")[
        "assetNodes"
    ]
    paths = {tuple(node["assetKey"]["path"]) for node in nodes}
    assert {
        (layer, table) for layer in ("landing", "raw", "accepted", "quarantine") for table in TABLES
    } <= paths
    assert {("published", mart) for mart in MARTS} <= paths
    assert all(node["description"] and node["owners"] and node["kinds"] for node in nodes)


def test_runs_of_the_command_are_shown(address: str, realistic: Line) -> None:
    data = _ask(
        address,
        "{runsOrError{__typename ... on Runs{results{status jobName tags{key value}}}}}",
    )
    runs = data["runsOrError"]["results"]
    assert [(run["jobName"], run["status"]) for run in runs] == [("backfill", "SUCCESS")]
    tags = {tag["key"]: tag["value"] for tag in runs[0]["tags"]}
    assert tags["dagster/asset_partition_range_start"] == "2021"
    assert tags["dagster/asset_partition_range_end"] == "2025"


def test_checks_are_shown_with_their_outcome(address: str) -> None:
    nodes = _ask(
        address,
        "{assetNodes{groupName assetKey{path} assetChecksOrError{__typename ... on AssetChecks{checks{"
        "name blocking executionForLatestMaterialization{status}}}}}}",
    )["assetNodes"]
    statuses: dict[str, dict[str, str]] = {}
    for node in nodes:
        checks = node["assetChecksOrError"].get("checks", [])
        if node["groupName"] == "accepted":
            statuses[node["assetKey"]["path"][-1]] = {
                check["name"]: (check["executionForLatestMaterialization"] or {}).get("status", "never run")
                for check in checks
            }
    assert set(statuses) == set(TABLES)
    for table, checks in statuses.items():
        assert "never run" not in checks.values(), (table, checks)
        assert checks["reconciliation"] == "SUCCEEDED"
    # Defects were planted in it: its rules have found something.
    assert statuses["loan_ledger"]["rules_arithmetic"] == "FAILED"


def test_every_layer_was_materialised(address: str) -> None:
    nodes = _ask(
        address,
        "{assetNodes{groupName assetKey{path} isMaterializable assetMaterializations(limit: 1){timestamp"
        " metadataEntries{label}}}}",
    )["assetNodes"]
    bare = [
        node["assetKey"]["path"]
        for node in nodes
        if node["isMaterializable"] and not node["assetMaterializations"]
    ]
    assert bare == []
    accepted = next(n for n in nodes if n["assetKey"]["path"] == ["accepted", "loan_ledger"])
    labels = {entry["label"] for entry in accepted["assetMaterializations"][0]["metadataEntries"]}
    assert "dagster/row_count" in labels
