"""What dbt came to, as evidence: all of the graph, on exactly these inputs, in this run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assets.dbt_evidence import dbt_evidence, forget_results, keep_results, read_results
from assets.journal import Journal


def node(kind: str, name: str, severity: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "unique_id": f"{kind}.p.{name}",
        "name": name,
        "resource_type": kind,
        "config": {},
    }
    if severity:
        found |= {"config": {"severity": severity}, "attached_node": "model.p.credit"}
    return found


NODES = [
    node("model", "credit"),
    node("seed", "causes"),
    node("test", "grain", "ERROR"),
    node("test", "odd", "warn"),
]
GOOD = {"model.p.credit": "success", "seed.p.causes": "success", "test.p.grain": "pass", "test.p.odd": "warn"}


def write(target: Path, results: dict[str, str]) -> None:
    rows = [{"unique_id": k, "status": s, "failures": 3 if s == "fail" else None} for k, s in results.items()]
    target.mkdir(exist_ok=True)
    (target / "run_results.json").write_text(json.dumps({"results": rows}))


def kept(tmp_path: Path, results: dict[str, str], state: str = "now") -> Journal:
    journal = Journal(tmp_path / "journal.sqlite")
    write(tmp_path / "run", results)
    with journal.transaction() as connection:
        keep_results(connection, read_results(tmp_path / "run"), state)
    return journal


def test_a_whole_good_run_is_evidence(tmp_path: Path) -> None:
    journal = kept(tmp_path, GOOD)
    assert read_results(tmp_path / "run").unfinished(NODES) == []
    found = dbt_evidence(journal, NODES, "now")
    assert (found.on_record, found.on_these_inputs, found.findings) == (True, True, ())


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"test.p.grain": "fail"}, "grain"),
        ({"test.p.grain": "error"}, "grain"),
        ({"test.p.grain": "skipped"}, "grain"),
        ({"model.p.credit": "error"}, "credit"),
        ({"seed.p.causes": "skipped"}, "causes"),
    ],
)
def test_what_did_not_end_well_is_named(tmp_path: Path, changed: dict[str, str], missing: str) -> None:
    journal = kept(tmp_path, GOOD | changed)
    assert read_results(tmp_path / "run").unfinished(NODES) == [missing]
    (finding,) = dbt_evidence(journal, NODES, "now").findings
    assert (finding.name, finding.status) == (missing, next(iter(changed.values())))


def test_a_part_of_the_graph_proves_nothing(tmp_path: Path) -> None:
    part = {"model.p.credit": "success", "seed.p.causes": "success"}
    journal = kept(tmp_path, part)
    assert read_results(tmp_path / "run").unfinished(NODES) == ["grain"]
    (finding,) = dbt_evidence(journal, NODES, "now").findings
    assert (finding.kind, finding.on, finding.status) == ("test", "credit", "was not run")


def test_results_on_other_inputs_are_none_of_these(tmp_path: Path) -> None:
    journal = kept(tmp_path, GOOD, "before")
    found = dbt_evidence(journal, NODES, "now")
    assert found.on_record and not found.on_these_inputs


def test_a_killed_run_leaves_no_results_of_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path / "run", GOOD)
    forget_results(tmp_path / "run")
    assert read_results(tmp_path / "run").unfinished(NODES) == ["credit", "causes", "grain"]
    journal = kept(tmp_path, {})
    assert not dbt_evidence(journal, NODES, "now").on_record
