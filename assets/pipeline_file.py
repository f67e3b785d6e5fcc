"""The pipeline's own DuckDB file, where it is damaged: set aside, since all of it can be made again.

Belongs here: telling that it is, and moving it out of the way. Does not belong here: making it
(`assets.transformed`) or the warehouse that readers open (`assets.warehouse`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from assets.warehouse.duckdb_errors import is_damage, is_of_another_kind, reason
from assets.warehouse.duckdb_place import move_aside

_ASIDE = ".damaged-"


def set_aside_damaged(path: Path) -> str:
    """Move the file away if it cannot be opened as a database; what is to be told, blank where it can.

    Only called by a run that holds the home's lock.

    Raises
    ------
    WarehouseBusy
        Another program writes to it.
    """
    why = _damage(path) if path.exists() else ""
    return set_aside(path, why) if why else ""


def set_aside(path: Path, why: str) -> str:
    """Give the file a name that says that it is damaged; one such is kept. What is to be told of it."""
    aside = move_aside(path)
    path.unlink()
    for older in kept_aside(path):
        if not older.name.startswith(aside.name):
            older.unlink()
    return (
        f"{path.name} is damaged ({why}): all years are made again; it is kept as {aside.name}, "
        "remove it when it is of no use"
    )


def kept_aside(path: Path) -> list[Path]:
    """What of the file was set aside and lies there still, by name."""
    return sorted(path.parent.glob(f"{path.name}{_ASIDE}*"))


def _damage(path: Path) -> str:
    """Why the file cannot be opened, by any version of DuckDB or by this one; blank where it can.

    One that a program holds is none of this: dbt waits for it.
    """
    if not path.stat().st_size:
        return "it is empty"
    quoted = str(path).replace("'", "''")
    try:
        with duckdb.connect() as duck:
            duck.execute(f"ATTACH '{quoted}' AS looked_at (READ_ONLY)")
    except duckdb.Error as error:
        text = str(error)
        return reason(path, text) if is_damage(text) or is_of_another_kind(text) else ""
    return ""
