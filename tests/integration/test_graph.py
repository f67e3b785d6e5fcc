"""The graph is the reviewed one, and each of its nodes can be understood by who looks at it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import dagster as dg
import pytest

from checks.contract import TABLES
from checks.rules import rule_groups
from pipelines.definitions import build_definitions
from tests.integration.graph_snapshot import SNAPSHOT, graph
from tests.integration.line import BIN, ROOT, Line
from tests.integration.mart_contract import MARTS

LAYERS = (
    "landing", "raw", "accepted", "quarantine", "quality", "reference", "seeds", "staging", "intermediate",
    "marts", "published",
)  # fmt: skip


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_definitions(Line(tmp_path_factory.mktemp("graph") / "home").settings)


def test_the_graph_is_the_reviewed_one(definitions: dg.Definitions) -> None:
    """Meant to fail when the graph changes: renew as `graph_snapshot.py` says, and review the diff."""
    assert graph(definitions) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_stands_in_its_layer(definitions: dg.Definitions) -> None:
    for key, node in graph(definitions)["assets"].items():
        assert node["group"] in LAYERS, key
        assert key.split("/")[0] == node["group"]


def test_every_asset_tells_what_and_whose_it_is(definitions: dg.Definitions) -> None:
    assets = definitions.get_repository_def().asset_graph
    for key in assets.get_all_asset_keys():
        node = assets.get(key)
        assert node.description and len(node.description) > 15, key
        assert node.owners, key
        if node.group_name in ("raw", "accepted", "published") and key.path[-1] not in ("release", "forms"):
            assert "dagster/column_schema" in node.metadata, key


def test_every_table_goes_through_every_layer(definitions: dg.Definitions) -> None:
    assets = graph(definitions)["assets"]
    for table in TABLES:
        assert f"landing/{table}" in assets[f"raw/{table}"]["deps"]
        assert f"raw/{table}" in assets[f"accepted/{table}"]["deps"]
        assert assets[f"raw/{table}"]["checks"] == ["shape (blocking)"]
        expected = {f"rules_{group}" for group in rule_groups(table)}
        expected |= {"table_rules (blocking)", "reconciliation (blocking)"}
        assert expected <= set(assets[f"accepted/{table}"]["checks"])


def test_every_mart_is_published(definitions: dg.Definitions) -> None:
    assets = graph(definitions)["assets"]
    published = {key for key in assets if key.startswith("published/")}
    assert published == {f"published/{mart}" for mart in MARTS} | {"published/forms"}
    for mart in set(MARTS) - {"release", "release_change"}:
        assert assets[f"published/{mart}"]["deps"] == sorted({f"marts/{mart}", "marts/data_quality"})


def test_forms_are_made_from_what_is_published(definitions: dg.Definitions) -> None:
    deps = graph(definitions)["assets"]["published/forms"]["deps"]
    assert {"published/poverty_rate", "published/poverty_transition"} <= set(deps)
    assert all(dep.startswith("published/") for dep in deps)


def test_nothing_depends_on_what_no_asset_makes(definitions: dg.Definitions) -> None:
    assets = graph(definitions)["assets"]
    missing = {dep for node in assets.values() for dep in node["deps"]} - set(assets)
    assert missing == set()


def test_both_jobs_run_everything(definitions: dg.Definitions) -> None:
    found = graph(definitions)
    assert found["jobs"] == {"backfill": len(found["assets"]), "refresh": len(found["assets"])}


def test_the_workspace_loads(tmp_path: Path) -> None:
    line = Line(tmp_path / "home")
    (line.home / "dagster").mkdir(parents=True)
    done = subprocess.run(
        [str(BIN / "dagster"), "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT, env=line.environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
