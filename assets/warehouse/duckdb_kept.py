"""The releases before the one that stands: `<name>.<release>.duckdb` beside the warehouse's file.

Belongs here: naming, finding, keeping and dropping them. Does not belong here: building one.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assets.warehouse.contents import MART_SCHEMA
from assets.warehouse.duckdb_errors import locked

_LOG = logging.getLogger(__name__)


def release_in(path: Path) -> dict[str, Any]:
    """The newest row of the table `release` in a file."""
    engine = sa.create_engine(f"duckdb:///{path}?access_mode=read_only")
    query = f"SELECT * FROM {MART_SCHEMA}.release ORDER BY published_at DESC, release_id DESC LIMIT 1"
    try:
        with engine.connect() as connection:
            return dict(connection.execute(sa.text(query)).mappings().one())
    finally:
        engine.dispose()


def kept(path: Path) -> dict[Path, dict[str, Any]]:
    """The files that are kept, newest first; one that does not hold what it is called is not ours."""
    found: dict[Path, dict[str, Any]] = {}
    for file in sorted(path.parent.glob(f"{path.stem}.*{path.suffix}"), reverse=True):
        try:
            row = release_in(file)
        except sa.exc.SQLAlchemyError:
            continue
        if file == _name(path, row["release_id"]):
            found[file] = row
    return found


def set_aside(path: Path) -> None:
    """Give the file that stands a second name, under which it stays when another takes its place."""
    if not path.exists():
        return
    try:
        aside = _name(path, release_in(path)["release_id"])
    except sa.exc.SQLAlchemyError as error:
        if locked(str(error)):
            # Written to by another program: what it has not written yet would be lost, and half of
            # it stay beside the next release.
            raise
        # A damaged warehouse must not hold up the release that mends it.
        _LOG.warning("the release that stands cannot be read, and is not kept")
        return
    if not aside.exists():
        _link(path, aside)


def put_back(path: Path, release_id: str) -> None:
    """Let a kept file stand; it keeps its second name."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    _link(_name(path, release_id), beside)
    os.replace(beside, path)
    # Where both were names of one file, nothing was renamed.
    beside.unlink(missing_ok=True)


def prune(path: Path, keep: int) -> None:
    """Drop the oldest kept files; `keep` counts the one that stands too."""
    for file in list(kept(path))[max(keep - 1, 0) :]:
        file.unlink(missing_ok=True)


def _name(path: Path, release_id: str) -> Path:
    return path.with_name(f"{path.stem}.{release_id}{path.suffix}")


def _link(source: Path, target: Path) -> None:
    """A second name costs nothing; where the file system has none, a copy under a passing name."""
    try:
        os.link(source, target)
    except OSError:
        passing = target.with_name(f".{source.name}.{os.getpid()}.new.copy")
        shutil.copy2(source, passing)
        os.replace(passing, target)
