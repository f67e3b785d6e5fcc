"""What every warehouse can do, whatever database it is."""

from __future__ import annotations

from typing import Any, Protocol

from assets.warehouse.contents import ReleaseContents


class WarehouseUnsupported(Exception):
    """The URL names a database into which nothing can be published: permanent."""


class Warehouse(Protocol):
    """One target of publication."""

    def publish(self, contents: ReleaseContents) -> None:
        """Put a whole release in the place of the last one; on any error the last one stays."""

    def current_release(self) -> dict[str, Any] | None:
        """The release that readers see now, None where there is none."""
