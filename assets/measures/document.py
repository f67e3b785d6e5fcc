"""The YAML of a standard as it was written: read, its keys held to the known ones, its parts laid flat.

A key that nobody knows is refused and never passed over: a misspelt `indicators` would drop a dimension, and
the others would weigh 1 without it. Belongs here: keys and their places. Does not belong here: values
(`standard`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from assets.measures.problems import MeasureRefused, quoted

_OF_DIMENSION = ("weight", "indicators")


class _EachKeyOnce(yaml.SafeLoader):
    """YAML's own loader keeps the last of two equal keys and says nothing."""


def _mapping(loader: _EachKeyOnce, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]  # type: ignore[no-untyped-call]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise yaml.MarkedYAMLError(problem=f"the key {twice!r} stands twice", problem_mark=node.start_mark)
    found: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return found


_EachKeyOnce.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_document(path: Path) -> Any:
    """What a YAML file says.

    Raises
    ------
    MeasureRefused
        It cannot be read, or says something twice.
    """
    try:
        # a safe loader: it makes plain values only
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_EachKeyOnce)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MeasureRefused([f"{path} cannot be read: {' '.join(str(error).split())}"]) from error


def unknown_key(key: object, known: Collection[str]) -> str:
    """What is said of a key that nobody knows, with the one that was perhaps meant."""
    near = get_close_matches(str(key), list(known), n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown key {str(key)!r}{meant} (known: {quoted(list(known), 20)})"


def flattened(data: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its indicators as one list: they may stand so, by name, or inside their dimensions.

    Raises
    ------
    ValueError
        A dimension has a key that is not known, or nothing in it.
    """
    flat = dict(data)
    found = _named(flat.get("indicators"))
    dimensions = flat.get("dimensions")
    if isinstance(dimensions, list):
        dimensions = _by_name(dimensions)
    if isinstance(dimensions, dict):
        weights = {}
        for name, inner in dimensions.items():
            if not isinstance(inner, dict):
                weights[name] = inner
                continue
            _check_dimension(name, inner)
            if inner.get("weight") is not None:
                weights[name] = inner["weight"]
            for indicator in _named(inner.get("indicators")):
                found.append({"dimension": name, **indicator} if isinstance(indicator, dict) else indicator)
        flat["dimensions"] = weights
    flat["indicators"] = found
    return flat


def _by_name(dimensions: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for dimension in dimensions:
        if not isinstance(dimension, dict) or "name" not in dimension:
            raise ValueError(
                "dimensions: each of a list needs a name; or write them as name: {indicators: …}"
            )
        name = str(dimension["name"])
        if name in found:
            raise ValueError(f"dimension {name!r} stands twice")
        found[name] = {key: value for key, value in dimension.items() if key != "name"}
    return found


def _check_dimension(name: object, inner: dict[Any, Any]) -> None:
    for key in inner:
        if key not in _OF_DIMENSION:
            raise ValueError(f"dimension {str(name)!r}: {unknown_key(key, _OF_DIMENSION)}")
    if inner.get("weight") is None and not inner.get("indicators"):
        raise ValueError(f"dimension {str(name)!r} has no indicators")


def _named(indicators: Any) -> list[Any]:
    if isinstance(indicators, dict):
        return [
            {"name": name, **(inner if isinstance(inner, dict) else {"column": inner})}
            for name, inner in indicators.items()
        ]
    if indicators is None:
        return []
    if not isinstance(indicators, list):
        return [indicators]
    return [{"name": i} if isinstance(i, str) else i for i in indicators]
