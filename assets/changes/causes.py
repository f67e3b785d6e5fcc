"""The files that differ between two releases, and which of them a mart's year rests on.

Belongs here: files by name and hash, and what feeds which mart. Does not belong here: the changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assets.journal import FILE, Journal
from assets.releases import as_value


@dataclass(frozen=True)
class ChangedFile:
    """A file of which one release is made and the other is not; `is_new` in the later one only."""

    table: str
    year: int
    name: str
    sha256: str
    is_new: bool

    def __str__(self) -> str:
        return f"{'+' if self.is_new else '−'} {self.table} {self.year} {self.name} ({self.sha256[:12]})"


def changed_files(journal: Journal, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ChangedFile]:
    """The files that are in the inputs of one of two releases; the new ones first."""
    one, other = _hashes(before), _hashes(after)
    names = {
        (row["table_name"], row["year"], row["sha256"]): row["file_name"]
        for row in journal.rows(sa.select(FILE))
    }
    found = [
        ChangedFile(table, year, names.get((table, year, sha256), "(name not on record)"), sha256, is_new)
        for files, is_new in ((other - one, True), (one - other, False))
        for table, year, sha256 in files
    ]
    return sorted(found, key=lambda f: (f.year, f.table, not f.is_new, f.name, f.sha256))


def _hashes(release: Mapping[str, Any]) -> set[tuple[str, int, str]]:
    inputs = as_value(release["inputs"]) or {}
    return {
        (table, int(year), sha256)
        for table, years in inputs.items()
        for year, hashes in years.items()
        for sha256 in hashes
    }


def feeding_tables(manifest: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The extract tables that each model of the dbt project is made from, at any distance."""
    parents, sources = manifest["parent_map"], manifest["sources"]
    known: dict[str, frozenset[str]] = {}

    def tables(unique_id: str) -> frozenset[str]:
        if unique_id not in known:
            if unique_id in sources:
                known[unique_id] = frozenset({sources[unique_id]["name"]})
            else:
                known[unique_id] = frozenset().union(*(tables(p) for p in parents.get(unique_id, ())))
        return known[unique_id]

    return {
        node["name"]: tables(key)
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }


def files_behind(
    files: Iterable[ChangedFile], feeding: Mapping[str, frozenset[str]], mart: str, year: int | None
) -> list[ChangedFile]:
    """The files that can have moved a mart's year: of that year, else of any; of tables that feed it."""
    tables = feeding.get(mart, frozenset())
    fitting = [file for file in files if file.table in tables]
    return [file for file in fitting if file.year == year] or fitting
