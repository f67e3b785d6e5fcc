"""Conditions of a standard on the columns of a table: parsed, held to a short list of words, rebuilt.

A condition is one SQL expression such as `age < 5 and stunted = 1`. What is not on the list (a query, a
function, a path) is refused by name, and what is run is made from the parsed tree, never from the text.
An unknown value makes a comparison unknown, as in SQL; the standard says how that counts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_ALLOWED: tuple[type[exp.Expression], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE,
    exp.Is, exp.In, exp.Between, exp.Like,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Abs, exp.Floor, exp.Ceil, exp.Round,
    exp.Coalesce, exp.Case, exp.If, exp.Least, exp.Greatest, exp.Lower, exp.Upper, exp.Trim,
)  # fmt: skip
ALLOWED_WORDS = (
    "columns, numbers, 'texts', true, false, null, and, or, not, = <> < <= > >=, is null, in (…), between, "
    "like, + - * / %, abs, floor, ceil, round, coalesce, case, if, least, greatest, lower, upper, trim"
)

# The parser goes one deeper for each; people need three or four.
_DEEPEST = 40


class ConditionInvalid(ValueError):
    """A condition that cannot be parsed, or holds what a condition may not."""


def parse(text: str) -> exp.Expression:
    """The tree of a condition.

    Raises
    ------
    ConditionInvalid
        It is no single expression, or uses what is not allowed.
    """
    text = unicodedata.normalize("NFC", text)  # as the texts of a table are compared
    if _nesting(text) > _DEEPEST:
        raise ConditionInvalid(f"has more than {_DEEPEST} parentheses within one another")
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        raise ConditionInvalid(f"cannot be read: {str(error).splitlines()[0]}") from error
    except RecursionError:
        raise ConditionInvalid("holds too much within one another; make columns of its parts first") from None
    if len(trees) != 1 or trees[0] is None:
        raise ConditionInvalid("must be one expression")
    tree = cast(exp.Expression, trees[0])
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
            raise ConditionInvalid(f"may not use {name!r}; allowed: {ALLOWED_WORDS}")
        if isinstance(node, exp.Column) and node.table:
            raise ConditionInvalid(f"names the table {node.table!r}; name the column alone")
        if isinstance(node, exp.In) and (node.args.get("query") or not node.expressions):
            raise ConditionInvalid("'in' takes a list of values: in (1, 2)")
    return tree


def _nesting(text: str) -> int:
    """How deep the parentheses of a text lie; what stands in quotes counts, which no condition needs."""
    depth = deepest = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


def columns(tree: exp.Expression) -> list[str]:
    """The columns that a condition reads, each once, in their order."""
    return list(dict.fromkeys(node.name for node in tree.find_all(exp.Column)))


def as_sql(tree: exp.Expression, names: Mapping[str, str]) -> str:
    """The condition in SQL, each column under the name that the table has for it.

    Parameters
    ----------
    names
        Column of the table, unquoted, by the name that the condition uses.
    """

    def renamed(node: exp.Expression) -> exp.Expression:
        return exp.column(names[node.name], quoted=True) if isinstance(node, exp.Column) else node

    return tree.copy().transform(renamed, copy=False).sql(dialect="duckdb")
