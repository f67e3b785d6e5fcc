"""Column types: those of the pipeline's DuckDB file and what they are in other databases.

Belongs here: the mapping to SQLAlchemy's types. Does not belong here: tables or their keys.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from assets.warehouse.seam import WarehouseUnsupported

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "BOOLEAN": sa.Boolean(),
    "TINYINT": sa.SmallInteger(),
    "SMALLINT": sa.SmallInteger(),
    "INTEGER": sa.Integer(),
    "BIGINT": sa.BigInteger(),
    "HUGEINT": sa.Numeric(38, 0),
    "FLOAT": sa.REAL(),
    "DOUBLE": sa.Double(),
    "VARCHAR": sa.Text(),
    "DATE": sa.Date(),
    "TIME": sa.Time(),
    "TIMESTAMP": sa.TIMESTAMP(),
    "TIMESTAMP_S": sa.TIMESTAMP(),
    "TIMESTAMP_MS": sa.TIMESTAMP(),
    "TIMESTAMP WITH TIME ZONE": sa.TIMESTAMP(timezone=True),
}
# Subclasses before what they are made from.
_BACK: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.Boolean: "BOOLEAN",
    sa.SmallInteger: "SMALLINT",
    sa.BigInteger: "BIGINT",
    sa.Integer: "INTEGER",
    sa.REAL: "FLOAT",
    sa.Float: "DOUBLE",
    sa.Date: "DATE",
    sa.Time: "TIME",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def sqlalchemy_type(data_type: str, where: str) -> sa.types.TypeEngine[Any]:
    """The type that holds every value of a DuckDB type unchanged.

    Parameters
    ----------
    where
        The mart and column, for the message.

    Raises
    ------
    WarehouseUnsupported
        Lists, structures and the like have no place in a mart.
    """
    if data_type in _TYPES:
        return _TYPES[data_type]
    if match := _DECIMAL.fullmatch(data_type):
        return sa.Numeric(int(match[1]), int(match[2]))
    raise WarehouseUnsupported(
        f"{where}: no type for {data_type} in the warehouse; cast the column in its dbt model to one of "
        f"{', '.join(_TYPES)} or DECIMAL"
    )


def duckdb_type(type_: sa.types.TypeEngine[Any]) -> str:
    """The DuckDB type of a column that was made by `sqlalchemy_type`: the same values, the same text."""
    if isinstance(type_, sa.Numeric) and not isinstance(type_, sa.Float):
        return f"DECIMAL({type_.precision},{type_.scale})" if type_.scale else "HUGEINT"
    if isinstance(type_, sa.TIMESTAMP):
        return "TIMESTAMP WITH TIME ZONE" if type_.timezone else "TIMESTAMP"
    return next((name for kind, name in _BACK.items() if isinstance(type_, kind)), "VARCHAR")
