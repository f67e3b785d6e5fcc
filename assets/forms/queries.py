"""Reading the published marts: plain queries, rows as mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa


def marts(connection: sa.Connection) -> set[str]:
    """The marts that are published."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts'"
    return {row["table_name"] for row in rows(connection, query)}


def rows(connection: sa.Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    """The answer to a query, with those of the values that it names."""
    statement = sa.text(query)
    used = {name: value for name, value in values.items() if f":{name}" in query}
    return [dict(row) for row in connection.execute(statement, used).mappings()]


def indicators(connection: sa.Connection, chosen: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The indicators of a standard with their names, in the official order."""
    query = "SELECT indicator, name_vi FROM marts.dim_indicator WHERE standard = :standard ORDER BY position"
    found = rows(connection, query, standard=chosen["standard"])
    return tuple((row["indicator"], row["name_vi"]) for row in found)
