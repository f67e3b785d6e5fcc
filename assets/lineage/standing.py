"""The release that is explained, and where the pipeline has gone on since.

Belongs here: comparing release and pipeline for one answer. Does not belong here: which release
stands (`assets.releases`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import sqlalchemy as sa

from assets.journal import FILE, RELEASE, TRANSFORMED_STATE, Journal
from assets.lineage.row import Answer
from assets.project import project_fingerprint
from assets.releases import as_value, put_back_by_decision, warehouse_of
from assets.transformed import PROJECT, transformed_state, untransformed_years
from assets.warehouse import ReleaseUnknown
from assets.workplace import Workplace


@dataclass(frozen=True)
class Changed:
    """A value that the release and the pipeline's own tables do not share."""

    keys: Mapping[str, Any]
    column: str
    published: Any
    now: Any


@dataclass(frozen=True)
class ReleaseState:
    """The release that stands, and what is newer than it.

    Parameters
    ----------
    inputs
        SHA-256 of its files by table and year.
    newer
        Sentences: in what the pipeline has gone on since; none where it has not.
    changed
        Values of the explained rows that the next release would change.
    """

    release_id: str
    published_at: str
    code_version: str
    checksum: str
    inputs: Mapping[str, Mapping[str, list[str]]]
    newer: tuple[str, ...]
    changed: tuple[Changed, ...]

    def files(self, table: str, year: int) -> Collection[str]:
        """The files of a table and year that it was made from."""
        return frozenset(self.inputs.get(table, {}).get(str(year), ()))


def release_state(
    workplace: Workplace, journal: Journal, own: duckdb.DuckDBPyConnection, found: Answer
) -> ReleaseState:
    """The release that stands beside the state of the pipeline.

    Raises
    ------
    ReleaseUnknown
        Nothing has been published.
    """
    row = warehouse_of(workplace).current_release()
    if row is None:
        raise ReleaseUnknown("nothing has been published yet; run `thoatngheo refresh`")
    inputs = as_value(row["inputs"]) or {}
    moment = row["published_at"]
    return ReleaseState(
        release_id=row["release_id"],
        published_at=moment if isinstance(moment, str) else moment.isoformat(timespec="seconds"),
        code_version=str(row["code_version"]),
        checksum=row["checksum"],
        inputs=inputs,
        newer=tuple(_newer(workplace, journal, row["release_id"], inputs)),
        changed=tuple(_changed(own, found)),
    )


def _newer(
    workplace: Workplace, journal: Journal, release_id: str, inputs: Mapping[str, Mapping[str, list[str]]]
) -> list[str]:
    told = []
    if back := put_back_by_decision(journal, release_id):
        told.append(f"this release was put back by {back['decided_by']}: a newer one was made and withdrawn")
    known = journal.rows(sa.select(RELEASE.c.state).filter_by(release_id=release_id))
    if not known or known[0]["state"] != transformed_state(journal):
        told.append("the tables were made anew since it was published")
    if _other_models(journal):
        told.append("the installed models are not those that the tables were made with")
    elif years := untransformed_years(journal, workplace.home):
        listed = ", ".join(map(str, years))
        told.append(f"records of {listed} were judged that are in no table yet")
    told += _other_files(journal, inputs)
    return told


def _other_models(journal: Journal) -> bool:
    """Whether the tables stand as another version of the dbt project made them."""
    rows = journal.rows(sa.select(TRANSFORMED_STATE.c.fingerprint).filter_by(year=PROJECT))
    return not rows or rows[0]["fingerprint"] != project_fingerprint()


def _other_files(journal: Journal, inputs: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    landed: dict[tuple[str, int], set[str]] = {}
    for row in journal.rows(sa.select(FILE).where(FILE.c.state != "replaced")):
        landed.setdefault((row["table_name"], row["year"]), set()).add(row["sha256"])
    told = []
    for (table, year), hashes in sorted(landed.items()):
        before = set(inputs.get(table, {}).get(str(year), ()))
        if new := hashes - before:
            told.append(f"{table} {year}: {len(new)} files came since")
        if gone := before - hashes:
            told.append(f"{table} {year}: {len(gone)} files were replaced since")
    return told


def _changed(own: duckdb.DuckDBPyConnection, found: Answer) -> list[Changed]:
    """Where the same rows of the pipeline's own mart hold something else."""
    changed = []
    for row in found.rows:
        keys = {name: row[name] for name in found.grain}
        where = " and ".join(f'"{name}" is not distinct from ?' for name in keys)
        query = f'select * from marts."{found.question.mart}" where {where}'
        try:
            cursor = own.execute(query, list(keys.values()))
        except duckdb.CatalogException:
            continue  # a mart that the code has no more, or not yet made
        names = [column[0] for column in cursor.description or ()]
        now = cursor.fetchone()
        told = dict(zip(names, now, strict=True)) if now else {}
        changed += [
            Changed(keys, name, row[name], told.get(name))
            for name in found.values
            if _differs(row[name], told.get(name))
        ]
    return changed


def _differs(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) > 1e-9
    return bool(one != other)
