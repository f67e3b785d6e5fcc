"""The releases before the one that stands: `<name>.<release>.duckdb` beside the warehouse's file.

Belongs here: naming, finding, keeping and dropping them. Does not belong here: building one, or the
rename by which one comes to stand (`duckdb_place`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb

from assets.warehouse.duckdb_look import release_in
from assets.warehouse.duckdb_place import link, logs_of, move_aside, put_in_place
from assets.warehouse.seam import WarehouseBusy, WarehouseDamaged, WarehouseUnsupported


def kept(path: Path) -> dict[Path, dict[str, Any]]:
    """The files that are kept, newest first; one that does not hold what it is called is not ours."""
    found: dict[Path, dict[str, Any]] = {}
    for file in sorted(path.parent.glob(f"{path.stem}.*{path.suffix}"), reverse=True):
        try:
            row = release_in(file)
        except (duckdb.Error, WarehouseDamaged, WarehouseUnsupported, WarehouseBusy):
            continue
        if row and file == _name(path, row["release_id"]):
            found[file] = row
    return found


def set_aside(path: Path, own: Path | None) -> None:
    """Give the file that stands a second name, under which it stays when another takes its place.

    A damaged one must not hold up the release that mends it, and must not be lost either: it might be
    somebody else's file of another kind, named by mistake. So it is moved aside where it is known to be
    ours, and refused where it is not.

    Parameters
    ----------
    own
        A file that is ours, whatever is found in it.

    Raises
    ------
    WarehouseUnsupported
        It was not published from here, as far as can be known.
    WarehouseBusy
        Another program writes to it: what it has not written yet would be lost.
    """
    try:
        row = release_in(path)
    except WarehouseDamaged:
        row = _without_log(path)
        if row is None and path.stat().st_size:
            _refuse_unknown(path, own)
            move_aside(path)
    aside = _name(path, row["release_id"]) if row else None
    if aside and not aside.exists():
        link(path, aside)


def _without_log(path: Path) -> dict[str, Any] | None:
    """The release in a file of which only the log beside it is at fault: under a name where none lies."""
    if not logs_of(path):
        return None
    alone = path.with_name(f".{path.name}.{os.getpid()}.new.alone")
    link(path, alone)
    try:
        return release_in(alone)
    except WarehouseDamaged:
        return None
    finally:
        alone.unlink(missing_ok=True)


def _refuse_unknown(path: Path, own: Path | None) -> None:
    if path != own and not kept(path):
        raise WarehouseUnsupported(
            f"{path.name} cannot be read as a database, and nothing tells that it was published from here: "
            "nothing in it is touched; move it away, or give another file in THOATNGHEO_WAREHOUSE_URL"
        )


def put_back(path: Path, release_id: str) -> None:
    """Let a kept file stand; it keeps its second name."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    link(_name(path, release_id), beside)
    try:
        put_in_place(beside, path)
    finally:
        # Where both were names of one file, nothing was renamed.
        beside.unlink(missing_ok=True)


def prune(path: Path, keep: int) -> None:
    """Drop the oldest kept files; `keep` counts the one that stands too."""
    for file in list(kept(path))[max(keep - 1, 0) :]:
        for dropped in (*logs_of(file), file):
            dropped.unlink(missing_ok=True)


def _name(path: Path, release_id: str) -> Path:
    return path.with_name(f"{path.stem}.{release_id}{path.suffix}")
