"""Which columns of the marts are rates, as the dbt project declares them.

A rate is held between 0 and 1 by the test `rate_between_0_and_1`; what follows from counts too but may lie
outside (a change of a rate, visits a person) says so by `config.meta.rate`.

Belongs here: reading the declaration. Does not belong here: what the order of changes makes of it (`look`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_TEST = "rate_between_0_and_1"


def rate_columns(nodes: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The rates, as mart and column.

    Parameters
    ----------
    nodes
        The manifest's.
    """
    nodes = list(nodes)
    names = {node["unique_id"]: node["name"] for node in nodes}
    tested = {
        (names[node["attached_node"]], node["column_name"])
        for node in nodes
        if (node.get("test_metadata") or {}).get("name") == _TEST
    }
    said = {
        (node["name"], column["name"])
        for node in nodes
        for column in (node.get("columns") or {}).values()
        if column["config"].get("meta", {}).get("rate")
    }
    return tested | said
