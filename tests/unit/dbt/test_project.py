"""The dbt project's own order: a YAML beside each SQL, layers that look one way, marts as agreed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.seeds import dbt_project

MODELS = sorted((dbt_project() / "models").rglob("*.sql"), key=lambda p: p.name)
MARTS = {
    "dim_commune", "bridge_commune", "dim_indicator", "dim_standard", "dim_programme", "poverty_rate",
    "poverty_rate_province", "deprivation", "poverty_cause", "poverty_group", "multidimensional_poverty", "monetary_poverty", "poverty_transition", "credit", "housing_support", "health_access", "sanitation", "data_quality", "reclassified_poverty", "deprivation_check",
}  # fmt: skip
_READS = {"staging": (), "intermediate": ("stg_", "int_"), "marts": ("stg_", "int_")}
_PERSONAL = re.compile(r"(_key|_pseudonym|_row|village|household_code|birth)")


def _properties(path: Path) -> dict[str, Any]:
    (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    return dict(model)


def _seeds() -> set[str]:
    return {p.stem for p in (dbt_project() / "seeds").glob("*.csv")}


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_a_described_yaml_stands_beside_each_model(path: Path) -> None:
    model = _properties(path)
    assert model["name"] == path.stem
    assert model["description"].startswith("One row ")
    for column in model["columns"]:
        assert column["description"] and column["config"]["meta"]["label_vi"], column["name"]


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_no_model_looks_back_up_the_layers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    refs = set(re.findall(r"ref\('(\w+)'\)", text)) - _seeds()
    layer = path.parent.name
    assert all(ref.startswith(_READS[layer]) for ref in refs) if refs else True, refs
    assert ("source(" in text) == (layer == "staging")
    if layer == "staging":
        assert not refs


def test_marts_are_those_of_the_contract() -> None:
    assert {p.stem for p in MODELS if p.parent.name == "marts"} == MARTS


@pytest.mark.parametrize("path", [p for p in MODELS if p.parent.name == "marts"], ids=lambda p: p.stem)
def test_marts_declare_types_and_hold_nothing_personal(path: Path) -> None:
    for column in _properties(path)["columns"]:
        assert column["data_type"], column["name"]
        assert not _PERSONAL.search(column["name"]), column["name"]


def test_facts_rebuild_a_window_alone() -> None:
    for path in MODELS:
        text = path.read_text(encoding="utf-8")
        if "incremental" in text:
            assert "incremental_strategy='window'" in text, path.stem
            assert "in_window(" in text or "ref('int_card')" in text, path.stem
            assert "on_schema_change='fail'" in text, path.stem


def test_nothing_reads_the_clock() -> None:
    for path in (dbt_project() / "models").rglob("*.sql"):
        assert not re.search(r"current_date|now\(\)|run_started_at", path.read_text(encoding="utf-8")), (
            path.stem
        )


# What a column is called that follows from counts beside it.
_RATE = re.compile(
    r"(^|_)(rate|share|coverage|progress|estimate|standard_error|ci_low|ci_high)$|_per_|^change_"
)


@pytest.mark.parametrize("path", [p for p in MODELS if p.parent.name == "marts"], ids=lambda p: p.stem)
def test_every_rate_of_a_mart_is_declared_as_one(path: Path) -> None:
    """By the test that holds it between 0 and 1, else by `meta.rate`: `diff` tells rates after the counts."""
    for column in _properties(path)["columns"]:
        tests = {test if isinstance(test, str) else next(iter(test)) for test in column.get("data_tests", ())}
        is_rate = "rate_between_0_and_1" in tests or column["config"]["meta"].get("rate", False)
        if column["data_type"] == "double" and column["name"] != "k":
            assert is_rate is bool(_RATE.search(column["name"])), column["name"]
