"""Of which columns a column is made: read off the SQL that dbt compiled.

sqlglot names every column's table (`qualify`); here the names are followed through subqueries to the
tables outside. Followed is what a column is computed from, not by what its rows were joined, chosen or
grouped. Its own `lineage` does the same one column at a time, in thirty times the time.

Pure. Belongs here: one statement. Does not belong here: which statements there are, or keeping the
answer (`column_cache`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from assets.lineage.plain_sql import plain

_DIALECT = "duckdb"
# A table outside the statement and a column of it: layer, table, column.
Origin = tuple[str, str, str]
# The columns of the tables that a statement may read, by layer and table.
Schema = Mapping[str, Mapping[str, list[str]]]

# A source is a set of Parquet files: its folder in the home is its layer, then its table.
_FILES = re.compile(r"read_parquet\('[^']*?/(accepted|quality|reference)/([a-z_]+|\*)[/.][^']*'[^)]*\)")


class NotFollowed(Exception):
    """A statement whose columns cannot be named."""


def column_origins(sql: str, schema: Schema) -> dict[str, frozenset[Origin]]:
    """The columns that each column of a statement is computed from, in the statement's order.

    Parameters
    ----------
    sql
        A compiled model, of DuckDB.
    schema
        The columns of what it reads.

    Raises
    ------
    NotFollowed
        The statement cannot be parsed, or a column's table not be told.
    """
    try:
        tree = plain(parse_one(_FILES.sub(_source, sql), dialect=_DIALECT))
        for table in tree.find_all(exp.Table):
            table.set("catalog", None)
        types: Any = {
            layer: {t: dict.fromkeys(c, "varchar") for t, c in ts.items()} for layer, ts in schema.items()
        }
        named = qualify(tree, schema=types, dialect=_DIALECT, validate_qualify_columns=False)
        scope = build_scope(named)
    except SqlglotError as error:
        raise NotFollowed(str(error)) from error
    if scope is None or not isinstance(named, exp.Query):
        raise NotFollowed("the statement is no query")
    return _all(scope, named.named_selects)


def _source(match: re.Match[str]) -> str:
    table = match[1] if match[2] == "*" else match[2]
    return f"{match[1]}.{table}"


def _all(scope: Scope, names: list[str]) -> dict[str, frozenset[Origin]]:
    """The origins of some columns; of a recursive statement, as often as something is added."""
    scopes = {id(inner.expression): inner for inner in scope.traverse()}
    before = _Known(scopes, {})
    while True:
        known = _Known(scopes, before.found)
        found = {name: _follow(scope, name, known) for name in names}
        if known.found == before.found:
            return found
        before = known


class _Known:
    """What is known of the columns of scopes: in this round, and at the end of the last one."""

    def __init__(
        self, scopes: Mapping[int, Scope], before: Mapping[tuple[int, str], frozenset[Origin]]
    ) -> None:
        self.scopes, self.before = scopes, before
        self.found: dict[tuple[int, str], frozenset[Origin]] = {}

    def scope(self, scope: Scope) -> Scope:
        """A scope as it was built: a recursive statement refers to its first part by an empty one."""
        if self.scopes.get(id(scope.expression)) is scope:
            return scope
        return self.scopes.get(id(scope.expression.parent), scope)


def _follow(scope: Scope, column: str, known: _Known) -> frozenset[Origin]:
    """The outside columns behind one column of a scope."""
    key = (id(scope), column)
    if key not in known.found:
        # While a recursive column is followed it comes by again: then as the last round left it.
        known.found[key] = known.before.get(key, frozenset())
        known.found[key] = frozenset(_origins(scope, column, known))
    return known.found[key]


def _origins(scope: Scope, column: str, known: _Known) -> set[Origin]:
    query: Any = scope.expression
    if isinstance(query, exp.SetOperation):
        if column not in query.named_selects:
            return set()
        position = query.named_selects.index(column)
        found: set[Origin] = set()
        for side in scope.set_operation_scopes or ():
            names = _names(side)
            if position < len(names):
                found |= _follow(side, names[position], known)
        return found
    selected = next((s for s in query.selects if s.alias_or_name == column), None)
    if selected is None:
        return set()
    found = set()
    inner = {id(s.expression): s for s in scope.subquery_scopes}
    for part in selected.find_all(exp.Column):
        owner = scope
        above: Any = part.parent
        while above is not None and above is not selected:
            owner = inner.get(id(above), owner) if owner is scope else owner
            above = above.parent
        found |= _column_of(owner, part, known) or _column_of(scope, part, known)
    return found


def _names(scope: Scope) -> list[str]:
    query: Any = scope.expression
    return list(query.named_selects)


def _column_of(scope: Scope, part: exp.Column, known: _Known) -> set[Origin]:
    source: Any = scope.sources.get(part.table)
    if isinstance(source, Scope):
        return set(_follow(known.scope(source), part.name, known))
    if isinstance(source, exp.Table) and source.db:
        return {(source.db, source.name, part.name)}
    return set()
