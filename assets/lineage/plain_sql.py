"""DuckDB's own ways to turn columns into rows, as the plain queries that they stand for.

sqlglot parses them and does not know what columns they give. What is put in their place gives the same
columns, computed from the same ones; rows do not matter here.

Pure. Belongs here: these rewritings. Does not belong here: following columns (`columns`).
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp


def plain(tree: Any) -> Any:
    """A statement without UNPIVOT and without records that are unnested."""
    for select in list(tree.find_all(exp.Select)):
        select.set("expressions", [part for s in select.expressions for part in _unnested(s)])
    for pivot in list(tree.find_all(exp.Pivot)):
        query = _unpivoted(pivot)
        if query is not None and pivot is tree:
            return query
        if query is not None:
            pivot.replace(query)
    return tree


def _unnested(selected: Any) -> list[Any]:
    """`unnest([{a: x}, {a: y}], recursive := true)` as a column for each field."""
    array = selected.this if isinstance(selected, exp.Explode) else None
    records = array.expressions if isinstance(array, exp.Array) else []
    if not records or not all(isinstance(record, exp.Struct) for record in records):
        return [selected]
    fields: dict[str, list[Any]] = {}
    for record in records:
        for field in record.expressions:
            fields.setdefault(field.name, []).append(field.expression.copy())
    return [_one_of(values, name) for name, values in fields.items()]


def _unpivoted(pivot: exp.Pivot) -> exp.Query | None:
    """`UNPIVOT t ON a, b INTO NAME n VALUE v`: the other columns, the name, the value."""
    into = pivot.args.get("into")
    if not pivot.args.get("unpivot") or into is None:
        return None
    values = [value.copy() for value in pivot.expressions]
    others = exp.Star(except_=[exp.to_identifier(value.name) for value in values])
    name = exp.alias_(exp.Literal.string(""), into.this.name)
    query = exp.select(others, name, _one_of(values, into.expressions[0].name)).from_(pivot.this.copy())
    if named := pivot.args.get("with_"):
        query.set("with_", named.copy())
    return query


def _one_of(values: list[Any], name: str) -> Any:
    return exp.alias_(exp.func("coalesce", *values), name)
