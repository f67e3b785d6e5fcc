"""What a release holds: its marts with their columns, counts and checksums.

Belongs here: describing the marts in the pipeline's own DuckDB file. Does not belong here:
putting them anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

MART_SCHEMA = "marts"


@dataclass(frozen=True)
class MartColumn:
    """A column as readers see it: name, DuckDB type, comment, and whether it may be blank."""

    name: str
    data_type: str
    comment: str
    nullable: bool = True


RELEASE_COMMENT = "One row a release; the newest is the one that stands here."
RELEASE_COLUMNS = (
    MartColumn("release_id", "VARCHAR", "Identifier of the release", nullable=False),
    MartColumn("published_at", "TIMESTAMP", "When it was published (UTC)"),
    MartColumn("code_version", "VARCHAR", "Version of the pipeline that made it"),
    MartColumn("years", "VARCHAR", "Years whose drops it is made from (JSON)"),
    MartColumn("inputs", "VARCHAR", "SHA-256 of every file by table and year (JSON)"),
    MartColumn("marts", "VARCHAR", "Rows and checksum of every mart (JSON)"),
    MartColumn("checksum", "VARCHAR", "Checksum over all marts: the same inputs give the same"),
    MartColumn("records", "VARCHAR", "Accepted records by table and year (JSON); blank where not noted"),
    MartColumn(
        "withdrawn_at", "TIMESTAMP", "When an earlier release was put in its place (UTC); blank mostly"
    ),
    MartColumn(
        "compared_with", "VARCHAR", "Release that stood before it: release_change tells what moved since"
    ),
    MartColumn("changes", "BIGINT", "Values that moved since then; blank where nothing was compared"),
    MartColumn("approved_at", "TIMESTAMP", "When somebody approved its large changes (UTC); blank mostly"),
)


@dataclass(frozen=True)
class MartContents:
    """One mart: what its rows are, its columns, how many rows, and a checksum over all of them.

    `grain` names the columns that no two rows share, where the dbt project tests that. `mixed` names
    those that hold more than the codes of a dimension, such as `all`: no foreign key leads from them.
    """

    name: str
    comment: str
    columns: tuple[MartColumn, ...]
    rows: int
    checksum: str
    grain: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReleaseContents:
    """One release: where its marts lie and the row that the table `release` gets for it."""

    source: Path
    marts: tuple[MartContents, ...]
    release: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...]
    # All changes until this release, and the file that holds them; none where nothing was compared yet.
    changes: MartContents | None = None
    changes_file: Path | None = None


def describe_mart(connection: sa.Connection, name: str, node: Mapping[str, Any], schema: str) -> MartContents:
    """Count and sum a mart, with the comments of its dbt node.

    Parameters
    ----------
    connection
        To the DuckDB file that holds it.
    schema
        The schema, with its catalogue where it is attached.
    """
    types = connection.execute(sa.text(f"DESCRIBE {schema}.{name}")).all()
    described = node.get("columns", {})
    columns = tuple(
        MartColumn(row[0], row[1], str(described.get(row[0], {}).get("description", "")), row[2] != "NO")
        for row in types
    )
    rows, checksum = checksum_of(connection, f"{schema}.{name}", [c.name for c in columns])
    grain = tuple(node.get("grain", ()))
    mixed = tuple(c for c, said in described.items() if _meta(said).get("holds_more_than_codes"))
    return MartContents(name, str(node.get("description", "")), columns, rows, checksum, grain, mixed)


def _meta(column: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = column.get("config", {}).get("meta") or column.get("meta") or {}
    return found


def checksum_of(connection: sa.Connection, table: str, columns: list[str]) -> tuple[int, str]:
    """Number of rows and a checksum that does not depend on their order.

    Every row is written as text and hashed; the lower halves of the hashes are added up, so equal rows
    count each. 64 bits of so many rows stay inside the 128 of the sum, where it is exact in any order.
    """
    rows, total = connection.execute(sa.text(hash_query(table, columns))).one()
    return int(rows), digest(int(rows), int(total))


def hash_query(table: str, columns: list[str]) -> str:
    """The DuckDB query for a table's rows and the sum of their hashes; parts of a table add up."""
    cells = ", ".join(f'coalesce("{name}"::VARCHAR, chr(0))' for name in columns)
    hashed = f"md5_number_lower(concat_ws(chr(31), {cells}))"
    return f"SELECT count(*), coalesce(sum({hashed}::HUGEINT), 0) FROM {table}"


def digest(rows: int, total: int) -> str:
    """The checksum of so many rows with this sum of hashes."""
    return hashlib.sha256(f"{rows}:{total}".encode()).hexdigest()[:32]
