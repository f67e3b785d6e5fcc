"""The tables of a release as SQLAlchemy metadata: types, comments, keys.

Belongs here: what the tables look like. Does not belong here: rows, or any connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from assets.warehouse.change_table import CHANGE_COLUMNS, CHANGE_COMMENT, CHANGE_TABLE
from assets.warehouse.contents import RELEASE_COLUMNS, RELEASE_COMMENT, MartColumn, MartContents
from assets.warehouse.types import sqlalchemy_type

_DIMENSION = "dim_"


def release_tables(marts: Iterable[MartContents], schema: str) -> sa.MetaData:
    """The marts and the tables `release` and `release_change`, in a schema."""
    metadata = sa.MetaData(schema=schema)
    listed = list(marts)
    for mart in listed:
        table = _table(metadata, mart.name, mart.columns, mart.comment)
        key = _key(mart)
        # A key without a table has no columns yet and counts as false.
        if key is not None:
            table.append_constraint(key)
    for mart in listed:
        for dimension in _dimensions_of(mart, listed):
            target = [f"{schema}.{dimension.name}.{name}" for name in dimension.grain]
            metadata.tables[f"{schema}.{mart.name}"].append_constraint(
                sa.ForeignKeyConstraint(list(dimension.grain), target)
            )
    release = _table(metadata, "release", RELEASE_COLUMNS, RELEASE_COMMENT)
    release.append_constraint(sa.PrimaryKeyConstraint("release_id"))
    changes = _table(metadata, CHANGE_TABLE, CHANGE_COLUMNS, CHANGE_COMMENT)
    # No key of its own: docs/decisions/0010-postgres.md tells why.
    changes.append_constraint(sa.ForeignKeyConstraint(["release_id"], [f"{schema}.release.release_id"]))
    return metadata


def _table(metadata: sa.MetaData, name: str, columns: Iterable[MartColumn], comment: str) -> sa.Table:
    made = (
        sa.Column(
            c.name,
            sqlalchemy_type(c.data_type, f"mart {name}, column {c.name}"),
            nullable=c.nullable,
            comment=c.comment or None,
            autoincrement=False,
        )
        for c in columns
    )
    return sa.Table(name, metadata, *made, comment=comment or None)


def _key(mart: MartContents) -> sa.PrimaryKeyConstraint | sa.UniqueConstraint | None:
    """A primary key over the grain; where a part may be blank, blank is one value among others."""
    if not mart.grain:
        return None
    if _all_filled(mart):
        return sa.PrimaryKeyConstraint(*mart.grain)
    return sa.UniqueConstraint(*mart.grain, postgresql_nulls_not_distinct=True)


def _all_filled(mart: MartContents) -> bool:
    nullable = {c.name for c in mart.columns if c.nullable}
    return bool(mart.grain) and not nullable & set(mart.grain)


def _dimensions_of(mart: MartContents, marts: list[MartContents]) -> Iterator[MartContents]:
    """The dimensions of which the mart holds the whole key, under the same names.

    A commune's or a programme's code alone is no key: codes are used again, and only code and
    `valid_from` together name one row. So no mart refers to `dim_commune` or `dim_programme`. Nor is a
    key declared that can't hold, since the column says `all` or a group of codes in some rows.
    """
    names = {c.name for c in mart.columns} - set(mart.mixed)
    for dimension in marts:
        is_other = dimension.name.startswith(_DIMENSION) and dimension is not mart
        has_key = _all_filled(dimension) and "valid_from" not in dimension.grain
        if is_other and has_key and names.issuperset(dimension.grain):
            yield dimension
