"""What every warehouse can do, whatever database it is, and how it fails."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import duckdb
import sqlalchemy as sa

from assets.warehouse.contents import ReleaseContents

# The release that stands and the ones before it that can be put back.
KEEP = 7
NOTHING_PUBLISHED = "nothing has been published yet; run `thoatngheo refresh`"


class WarehouseUnsupported(Exception):
    """Nothing can be published into this database as it is set up: permanent."""


class WarehouseDamaged(Exception):
    """What stands cannot be read: permanent, until a release takes its place."""


class PublicationFailed(Exception):
    """What was written is not what was to be published; the last release stays."""


class ReleaseUnknown(Exception):
    """A release to put back is not among those that are kept: permanent."""


class WarehouseUnavailable(Exception):
    """The server does not answer or went away: the same call may succeed later."""


class WarehouseBusy(Exception):
    """Readers or another publication would not let go in time: the same call may succeed later."""


class Warehouse(Protocol):
    """One target of publication."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection that reads the release that stands, and nothing else while it is open."""

    def lend(
        self,
        duck: duckdb.DuckDBPyConnection,
        schema: str,
        tables: Iterable[str],
        release_id: str | None = None,
    ) -> list[str]:
        """Let a DuckDB connection read tables of a kept release, by default of the one that stands.

        Parameters
        ----------
        duck
            Whose connection; it sees them until it is closed.
        schema
            The schema of it under which they stand, their columns of DuckDB's types.
        tables
            Which; those that the release does not hold are left out.

        Returns
        -------
        list
            The tables that are there.

        Raises
        ------
        ReleaseUnknown
            No such release is kept.
        """

    def publish(self, contents: ReleaseContents) -> None:
        """Put a whole release in the place of the last one; on any error the last one stays."""

    def current_release(self) -> dict[str, Any] | None:
        """The release that readers see now, None where there is none."""

    def whole_release(self) -> dict[str, Any] | None:
        """The same, once its marts were looked at: all are there, with the rows that were published.

        Raises
        ------
        WarehouseDamaged
            A mart is gone, holds another number of rows, or cannot be read.
        """

    def releases(self) -> list[dict[str, Any]]:
        """The releases that are kept, newest first: their rows, and `is_current`."""

    def rollback(self, release_id: str) -> None:
        """Put a kept release back in the place of the one that stands, which is kept too.

        Raises
        ------
        ReleaseUnknown
            No such release is kept.
        """
