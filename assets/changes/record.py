"""The change record of a release that is about to be published.

Belongs here: what it is compared with, and the record's making. Does not belong here: the
comparison itself (`compare`) or the publication (`assets.published`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import sqlalchemy as sa

from assets.changes import chain
from assets.changes.compare import BEFORE, FOUND, compare, prepare
from assets.changes.sides import scratch, show_marts
from assets.releases import as_value
from assets.warehouse import MartContents, ReleaseUnknown, Warehouse, WarehouseDamaged
from assets.warehouse.change_table import describe_changes
from assets.workplace import Workplace

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChangeRecord:
    """All changes until a release, as the table that goes out with it.

    `compared_with` is the release that stood; None for a first one, of which nothing is told.
    `changes` counts the values that moved since.
    """

    table: MartContents
    compared_with: str | None
    changes: int | None


def record_changes(
    workplace: Workplace,
    warehouse: Warehouse,
    marts: Sequence[MartContents],
    standing: Mapping[str, Any] | None,
    releases: Sequence[Mapping[str, Any]],
    release_id: str,
) -> ChangeRecord:
    """Compare the marts with those of the release that stands, and write the record into the home.

    A mart with the same rows is not looked at.

    Parameters
    ----------
    standing
        The row of the release that readers see; None where there is none.
    releases
        The releases on record.
    release_id
        The one that is about to be published.
    """
    file = workplace.home.changes
    with scratch(workplace.engine) as duck:
        prepare(duck)
        moved = moved_marts(marts, standing) if standing else []
        if standing and moved and not _lent(warehouse, duck, moved, standing["release_id"]):
            standing, moved = None, []
        if moved:
            show_marts(duck, workplace.home.duckdb, moved)
            grains = {mart.name: mart.grain for mart in marts}
            for name in moved:
                compare(duck, name, grains.get(name, ()), release_id)
        chain.load(duck, file, warehouse, [row for row in releases if row["release_id"] != release_id])
        chain.write(duck, file, FOUND)
        [(count,)] = duck.execute(f"SELECT coalesce(sum(cells), 0)::BIGINT FROM {FOUND}").fetchall()
    compared_with = standing["release_id"] if standing else None
    return ChangeRecord(describe_changes(file), compared_with, int(count) if standing else None)


def _lent(warehouse: Warehouse, duck: duckdb.DuckDBPyConnection, marts: list[str], release_id: str) -> bool:
    try:
        warehouse.lend(duck, BEFORE, marts, release_id)
    except (ReleaseUnknown, WarehouseDamaged, sa.exc.SQLAlchemyError, duckdb.Error) as error:
        # It must not hold up the release that takes its place.
        _LOG.warning("the release that stands cannot be compared with: %s", type(error).__name__)
        return False
    return True


def moved_marts(marts: Sequence[MartContents], standing: Mapping[str, Any]) -> list[str]:
    """The marts of either side whose rows are not the same."""
    before = {name: entry["checksum"] for name, entry in (as_value(standing["marts"]) or {}).items()}
    after = {mart.name: mart.checksum for mart in marts}
    return [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
