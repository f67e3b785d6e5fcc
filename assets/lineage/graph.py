"""What a mart is made from, layer by layer, and the records of which years each step reads.

Pure: the project's manifest in, steps out. Most models read the records of their own year; one that
looks into other years declares it beside its SQL, as `config.meta.reads_years`: by what it reads, how
many years away (0 its own, -1 the year before), `any`, or `carried` (years that the data name).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Newest first: the order in which a number is followed back.
LAYERS = ("marts", "intermediate", "staging", "seeds", "accepted", "quality", "reference")
_EVERY = "all"


@dataclass(frozen=True)
class Years:
    """Of which years a step reads records: so many years from the number's own, or any."""

    offsets: frozenset[int] = frozenset()
    any: bool = False

    def plus(self, other: Years) -> Years:
        return Years(self.offsets | other.offsets, self.any or other.any)

    def of(self, year: int, known: frozenset[int]) -> tuple[int, ...]:
        """The years themselves; of any year, those that are known."""
        named = {year + offset for offset in self.offsets}
        return tuple(sorted((named | known) if self.any else named))


OWN_YEAR = Years(frozenset({0}))


@dataclass(frozen=True)
class Step:
    """One model, seed or source on the way, as the manifest describes it."""

    node: Mapping[str, Any]
    layer: str
    years: Years

    @property
    def name(self) -> str:
        return str(self.node["name"])

    @property
    def is_windowed_view(self) -> bool:
        """It shows the years of the last run alone: what it holds of others cannot be counted."""
        materialized = self.node.get("config", {}).get("materialized")
        return bool(materialized == "view" and "in_window" in str(self.node.get("raw_code", "")))


def layer_of(node: Mapping[str, Any]) -> str:
    """The layer of a node of the manifest."""
    if node["resource_type"] == "source":
        return str(node["source_name"])
    return "seeds" if node["resource_type"] == "seed" else str(node["fqn"][1])


def steps_to(
    manifest: Mapping[str, Any], mart: str, carried: frozenset[int] = frozenset()
) -> tuple[Step, ...]:
    """Everything that a mart is made from, the mart first, by layer.

    Parameters
    ----------
    carried
        From which other years denominators were carried: so many years from the number's own.
    """
    nodes = {**manifest["nodes"], **manifest["sources"]}
    start = next(n["unique_id"] for n in _models(manifest) if n["name"] == mart and layer_of(n) == "marts")
    years = {start: OWN_YEAR}
    ordered = _consumers_first(nodes, start)
    for name in ordered:
        for parent in _parents(nodes[name]):
            read = _read(nodes[name], nodes[parent], years[name], carried)
            years[parent] = years.get(parent, Years()).plus(read)
    steps = [Step(nodes[name], layer_of(nodes[name]), years[name]) for name in ordered]
    return tuple(sorted(steps, key=lambda step: LAYERS.index(step.layer)))


def _models(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (node for node in manifest["nodes"].values() if node["resource_type"] == "model")


def _parents(node: Mapping[str, Any]) -> list[str]:
    found = node.get("depends_on", {}).get("nodes", [])
    return [name for name in found if name.startswith(("model.", "seed.", "source."))]


def _consumers_first(nodes: Mapping[str, Mapping[str, Any]], start: str) -> list[str]:
    """The start and all that it is made from, each after everything that reads it."""
    done: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for parent in _parents(nodes[name]):
            visit(parent)
        done.append(name)

    visit(start)
    return done[::-1]


def _read(reader: Mapping[str, Any], parent: Mapping[str, Any], of: Years, carried: frozenset[int]) -> Years:
    """Of which years a model reads this parent, given of which years it is asked itself."""
    declared = reader.get("config", {}).get("meta", {}).get("reads_years", {})
    shifts = declared.get(parent["name"], declared.get(_EVERY, [0]))
    if "any" in shifts:
        return Years(of.offsets, any=True)
    away = {n for n in shifts if isinstance(n, int)} | (carried if "carried" in shifts else frozenset())
    return Years(frozenset(offset + n for offset in of.offsets for n in away), of.any)
