"""What killed runs left half made in the home.

Only called by a run that holds the home's lock: nothing that is found here is still being written.
Belongs here: finding and removing it. Does not belong here: the warehouse's own leftovers (the next
publication removes them, wherever it lies) or anything finished.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from assets.workplace import Workplace

_LOG = logging.getLogger(__name__)
# Written beside under these names and renamed when whole (`files`, `pulling`, `raw_store`, `places`,
# `changes`), or set down for a later step of the same run (`judging.pieces`).
_HALF_MADE = (
    "landing/**/.pulling-*",
    "raw/**/.*.parquet.*",
    "accepted/**/.*.parquet.*",
    "quarantine/**/.*.parquet.*",
    "quality/**/.*.parquet.*",
    "reference/.*.tmp",
    *(f"{folder}/.*.new" for folder in ("reference", "data_docs", "data_docs/*", "forms", "dbt/*")),
    ".release_changes.parquet.new",
    "judging/*",
)
# Made by whoever opens the home, with or without its lock.
_ANYBODY_S = ("dbt/.parse-*", "dagster/.dagster.yaml.*", ".pseudonym.key.*")
_LONGER_THAN_ANY = 3600.0
# What DuckDB could not hold in memory; the folder may be shared with others.
_SPILLED = "duckdb_temp_*"


def remove_leftovers(workplace: Workplace) -> list[str]:
    """Remove what is half made; the names of what was found, under the home."""
    found = []
    for path in _leftovers(workplace):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        found.append(path.name)
    if found:
        _LOG.info("removed %d half-made files of a killed run", len(found))
    return found


def _leftovers(workplace: Workplace) -> Iterator[Path]:
    home = workplace.home.root
    for pattern in _HALF_MADE:
        yield from home.glob(pattern)
    for pattern in _ANYBODY_S:
        yield from (p for p in home.glob(pattern) if p.stat().st_mtime < time.time() - _LONGER_THAN_ANY)
    if workplace.engine.temp.is_relative_to(home):
        yield from workplace.engine.temp.glob(_SPILLED)
