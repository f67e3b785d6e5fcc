"""From a mart back over the manifest, with the years of each step; and no model hides other years."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from assets.lineage.graph import Years, steps_to
from checks.seeds import dbt_project

# How a model's SQL says that it looks into the records of other years.
_OTHER_YEARS = re.compile(
    r"year\s*[+-]\s*1\b|years\s+as\s+year|\bback=|\bahead=|>=\s*\w+\.year|<\s*\w+\.year"
)
# Looked at, and read no other year's records: they are made again when another year changes, place a
# date on the next year's map, or say in which year a list holds.
_ONLY_WINDOWS = {"int_link_unit_year", "int_review_year"}


def _model(name: str, layer: str, *parents: str, **meta: Any) -> dict[str, Any]:
    return {
        "unique_id": f"model.p.{name}", "name": name, "resource_type": "model", "fqn": ["p", layer, name],
        "depends_on": {"nodes": list(parents), "macros": []}, "config": {"meta": meta}, "columns": {},
    }  # fmt: skip


def _manifest(*models: dict[str, Any]) -> dict[str, Any]:
    source = {
        "unique_id": "source.p.accepted.lists", "name": "lists", "resource_type": "source",
        "source_name": "accepted", "fqn": [], "columns": {},
    }  # fmt: skip
    return {
        "nodes": {m["unique_id"]: m for m in models},
        "sources": {source["unique_id"]: source},
    }


_LINE = (
    _model("rate", "marts", "model.p.counts", "model.p.total"),
    _model("counts", "intermediate", "model.p.stg"),
    _model("total", "intermediate", "model.p.stg", reads_years={"stg": [0, "carried"]}),
    _model("stg", "staging", "source.p.accepted.lists"),
    _model("other", "marts", "model.p.stg"),
)


def test_a_mart_is_followed_to_its_sources_layer_by_layer() -> None:
    steps = steps_to(_manifest(*_LINE), "rate")
    assert [step.layer for step in steps] == ["marts", "intermediate", "intermediate", "staging", "accepted"]
    assert steps[0].name == "rate"
    assert "other" not in {step.name for step in steps}
    assert all(step.years == Years(frozenset({0})) for step in steps)


def test_a_carried_denominator_leads_to_its_year_and_to_no_other_step() -> None:
    steps = {s.name: s.years for s in steps_to(_manifest(*_LINE), "rate", frozenset({-2}))}
    assert steps["counts"].of(2024, frozenset()) == (2024,)
    assert steps["total"].of(2024, frozenset()) == (2024,)
    assert steps["lists"].of(2024, frozenset()) == (2022, 2024)


def test_years_add_up_over_the_steps() -> None:
    line = (
        _model("mart", "marts", "model.p.in_force", "model.p.month"),
        _model("in_force", "intermediate", "model.p.review", reads_years={"review": [-1]}),
        _model("review", "intermediate", "model.p.stg", reads_years={"all": [0, -1]}),
        _model("month", "intermediate", "model.p.stg"),
        _model("stg", "staging", "source.p.accepted.lists"),
    )
    steps = {s.name: s.years for s in steps_to(_manifest(*line), "mart")}
    assert steps["lists"].of(2024, frozenset()) == (2022, 2023, 2024)


def test_any_year_is_every_year_with_records() -> None:
    line = (
        _model("mart", "marts", "model.p.cases"),
        _model("cases", "intermediate", "source.p.accepted.lists", reads_years={"lists": ["any"]}),
    )
    steps = {s.name: s.years for s in steps_to(_manifest(*line), "mart")}
    assert steps["lists"].of(2024, frozenset({2021, 2025})) == (2021, 2024, 2025)


def _properties() -> dict[str, tuple[str, dict[str, Any]]]:
    """Every model's SQL and its declared years."""
    found = {}
    for path in sorted((dbt_project() / "models").rglob("*.sql")):
        (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        found[path.stem] = (text, model.get("config", {}).get("meta", {}).get("reads_years", {}))
    return found


@pytest.mark.parametrize(
    ("name", "model"), _properties().items(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_model_that_looks_into_other_years_says_so(name: str, model: tuple[str, dict[str, Any]]) -> None:
    text, declared = model
    if _OTHER_YEARS.search(text) and name not in _ONLY_WINDOWS:
        assert declared, "declare config.meta.reads_years beside the SQL"
    for read in set(declared) - {"all"}:
        assert f"ref('{read}')" in text, f"{read} is not read"
    assert all(isinstance(n, int) or n in ("any", "carried") for ns in declared.values() for n in ns)
