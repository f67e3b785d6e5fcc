"""The answers to a person who asks about changes: what moved, why it is held, what was said on a day.

Belongs here: putting journal, warehouse and record together into one answer. Does not belong here:
words and tables on a screen (`pipelines.cli`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pandas as pd
import sqlalchemy as sa

from assets.changes import chain
from assets.changes.approvals import approvals
from assets.changes.asof import VINTAGE, Vintage, make_vintage
from assets.changes.between import find_between
from assets.changes.bounds import ALL, beyond, change_bounds, large_changes, mart_grains
from assets.changes.causes import ChangedFile, changed_files, feeding_tables, files_behind
from assets.changes.compare import BEFORE, FOUND, MOST, compare, prepare
from assets.changes.marks import MARKED, mark
from assets.changes.names import commune_names
from assets.changes.rates import rate_columns
from assets.changes.sides import scratch, show_marts
from assets.changes.steps import named, stood_at
from assets.evidence import last_counts
from assets.journal import ROLLBACK, Journal
from assets.project import manifest_nodes, manifest_of
from assets.release_history import known_releases
from assets.releases import warehouse_of
from assets.warehouse import ReleaseUnknown
from assets.warehouse.contents import MART_SCHEMA
from assets.workplace import Workplace
from checks.large_change import LargeChange

PENDING = "the marts as they stand"
_TOLD = (
    "mart, kind, key, column_name, old_value, new_value, difference, share, year, commune_code,"
    " commune_name, cells, beyond_bound"
)
# What holds a release comes first. A rate follows from counts that are told too: behind them.
_ORDER = (
    "beyond_bound DESC, kind = 'rolled_up' DESC, is_rate, coalesce(share, 0) DESC,"
    " abs(difference) DESC NULLS LAST, mart, key, column_name"
)


@dataclass(frozen=True)
class Difference:
    """What moved between two releases.

    Parameters
    ----------
    before, after
        The releases; `after` may be what is about to be published.
    how
        `record`, `tables` or `records`: from what it was found.
    marts
        A row a mart and kind: values and rows.
    rows
        The largest changes: first those beyond their bound (`beyond_bound`), then the others, largest first.
    matching
        How many there are beside these, by the same filter.
    beyond
        How many are beyond their bound, shown or not, by the same filter.
    moved
        Values that moved, whatever the filter.
    files
        The files that differ.
    behind
        By mart and year, those of them that can have moved it.
    approval
        The approval by which the later release went out.
    """

    before: str
    after: str
    how: str
    marts: tuple[Mapping[str, Any], ...]
    rows: tuple[Mapping[str, Any], ...]
    matching: int
    beyond: int
    moved: int
    files: tuple[ChangedFile, ...]
    behind: Mapping[tuple[str, int | None], tuple[ChangedFile, ...]]
    approval: Mapping[str, Any] | None


@dataclass(frozen=True)
class Wanted:
    """Which changes or rows are shown: all where a field is None; so many of the largest; which columns."""

    mart: str | None = None
    year: int | None = None
    commune: str | None = None
    most: int = 40
    columns: tuple[str, ...] = ()

    def condition(self) -> tuple[str, list[Any]]:
        """As SQL, with its parameters."""
        fields = {"mart": self.mart, "year": self.year, "commune_code": self.commune}
        asked = {name: value for name, value in fields.items() if value is not None}
        return " AND ".join(["true", *(f"{name} = ?" for name in asked)]), list(asked.values())


def difference(
    workplace: Workplace, journal: Journal, names: Sequence[str], wanted: Wanted, *, pending: bool = False
) -> Difference:
    """What moved: between two releases, in one, in the one that stands, or in what is to be published.

    Parameters
    ----------
    names
        None, one (against the one it was compared with), or two releases, the earlier first.
    pending
        The marts as they stand, against the release that does.

    Raises
    ------
    ReleaseUnknown
        No such release is on record, none was before it, or no such mart is published.
    NoWay
        The two are neither kept nor connected by the record.
    """
    warehouse = warehouse_of(workplace)
    releases = known_releases(journal, warehouse)
    manifest = manifest_of(workplace)
    nodes = list(manifest["nodes"].values())
    grains, bounds = _grains(nodes), change_bounds(nodes)
    with scratch(workplace.engine) as duck:
        chain.load(duck, workplace.home.changes, warehouse, releases)
        if pending:
            before, after, how = *_pending(workplace, journal, duck, releases, grains, bounds), "tables"
        else:
            before, after = chosen(releases, names, _standing(workplace))
            how = find_between(duck, warehouse, releases, before, after, grains)
        dims = warehouse.lend(duck, "lent_names", ["dim_commune"])
        commune_names(duck, "lent_names" if dims else None)
        if wanted.mart is not None:
            _require_mart(duck, wanted.mart, grains)
        mark(duck, beyond(duck, bounds, _day(before["published_at"])), rate_columns(nodes))
        told = _told(duck, wanted)
    files = changed_files(journal, before, after)
    feeding = feeding_tables(manifest)
    places = {(row["mart"], row["year"]) for row in told["rows"]}
    return Difference(
        before=before["release_id"],
        after=after["release_id"],
        how=how,
        files=tuple(files),
        behind={p: tuple(files_behind(files, feeding, *p)) for p in sorted(places, key=str)},
        approval=approvals(journal).get(after["release_id"]),
        **told,
    )


def _told(duck: duckdb.DuckDBPyConnection, wanted: Wanted) -> dict[str, Any]:
    """Of what was found and marked: what is shown by a filter, and how much there is."""
    condition, parameters = wanted.condition()
    found = f"(SELECT * FROM {MARKED} WHERE {condition})"
    rows = _records(
        duck, f"SELECT {_TOLD} FROM {found} ORDER BY {_ORDER} LIMIT {int(wanted.most)}", parameters
    )
    marts = _records(
        duck,
        f"SELECT mart, kind, sum(cells)::BIGINT AS cells, count(DISTINCT key) AS rows FROM {found}"
        " GROUP BY ALL ORDER BY ALL",
        parameters,
    )
    query = f"SELECT count(*), count(*) FILTER (beyond_bound) FROM {found}"
    [(count, held)] = duck.execute(query, parameters).fetchall()
    [(moved,)] = duck.execute(f"SELECT coalesce(sum(cells), 0)::BIGINT FROM {FOUND}").fetchall()
    return {
        "rows": tuple(rows),
        "marts": tuple(marts),
        "matching": count - len(rows),
        "beyond": held,
        "moved": moved,
    }


def _grains(nodes: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The grains of the published marts: other models and seeds have one too and never go out."""
    tests = mart_grains(nodes)
    return {
        node["name"]: tests[node["unique_id"]]
        for node in nodes
        if node["unique_id"] in tests and node["resource_type"] == "model" and node["fqn"][1] == MART_SCHEMA
    }


def _require_mart(duck: duckdb.DuckDBPyConnection, mart: str, known: Iterable[str]) -> None:
    """Refuse a mart that is published neither now nor in what was found, where one may be that is gone."""
    told = duck.execute(f"SELECT 1 FROM {FOUND} WHERE mart = ? LIMIT 1", [mart]).fetchone()
    if told is None and mart not in known:
        raise _unknown_mart(mart, known)


def _unknown_mart(mart: str, known: Iterable[str]) -> ReleaseUnknown:
    return ReleaseUnknown(f"no mart {mart}; known: {', '.join(sorted(known))}")


def _standing(workplace: Workplace) -> str | None:
    standing = warehouse_of(workplace).current_release()
    return standing["release_id"] if standing else None


def chosen(
    releases: Sequence[Mapping[str, Any]], names: Sequence[str], standing: str | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The two releases that are meant by none, one or two names.

    Raises
    ------
    ReleaseUnknown
        A name is no release's, or nothing was before.
    """
    rows = [_named(releases, name) for name in names]
    if len(rows) == 2:
        return rows[0], rows[1]
    after = rows[0] if rows else named(releases, standing or "")
    if after is None:
        raise ReleaseUnknown("no release stands; thoatngheo releases lists those on record")
    earlier = [row for row in releases if row["release_id"] < after["release_id"]]
    before = named(releases, after.get("compared_with") or "") or (earlier[-1] if earlier else None)
    if before is None:
        raise ReleaseUnknown(f"release {after['release_id']} is the first: there is none to compare it with")
    return before, after


def _named(releases: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    if found := named(releases, name):
        return found
    known = ", ".join(row["release_id"] for row in reversed(releases)) or "none"
    raise ReleaseUnknown(f"no release {name} is on record, or several begin so; on record: {known}")


def _pending(
    workplace: Workplace,
    journal: Journal,
    duck: duckdb.DuckDBPyConnection,
    releases: Sequence[Mapping[str, Any]],
    grains: Mapping[str, Sequence[str]],
    bounds: Collection[str],
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Compare the marts as they stand with the release that does."""
    from assets.published import inputs_now

    before = named(releases, _standing(workplace) or "")
    if before is None:
        raise ReleaseUnknown("no release stands: there is nothing to compare the marts with")
    prepare(duck)
    shown = show_marts(duck, workplace.home.duckdb, grains)
    warehouse_of(workplace).lend(duck, BEFORE, shown, before["release_id"])
    for name in shown:
        # What holds the release is told one by one, as many as it may be.
        compare(duck, name, grains[name], PENDING, most=ALL if name in bounds else MOST)
    return before, {"release_id": PENDING, "inputs": inputs_now(journal)}


def _records(duck: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    done = duck.execute(query, parameters)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def held_changes(workplace: Workplace, journal: Journal) -> tuple[str | None, list[LargeChange]]:
    """The release that stands, and what left its bound since; approved or not."""
    last = last_counts(workplace, journal)
    if last is None:
        return None, []
    day = _day(last["published_at"])
    return last["release_id"], large_changes(workplace, manifest_nodes(workplace), last, day)


def _day(moment: datetime | str) -> date:
    return (moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)).date()


def vintage(
    workplace: Workplace, journal: Journal, moment: datetime, mart: str, wanted: Wanted
) -> tuple[Vintage, pd.DataFrame]:
    """A mart as readers saw it at a moment (UTC): where it comes from, and its rows.

    Raises
    ------
    ReleaseUnknown
        Nothing was published yet, or no such mart.
    NoWay
        Its release is not kept, and the record does not lead to it.
    """
    warehouse = warehouse_of(workplace)
    releases = known_releases(journal, warehouse)
    stood = stood_at(releases, journal.rows(sa.select(ROLLBACK)), moment)
    if stood is None:
        first = releases[0]["published_at"] if releases else "never"
        raise ReleaseUnknown(f"nothing was published yet at {moment:%Y-%m-%d %H:%M} UTC; first: {first}")
    grains = _grains(manifest_nodes(workplace))
    if mart not in grains:
        raise _unknown_mart(mart, grains)
    with scratch(workplace.engine) as duck:
        chain.load(duck, workplace.home.changes, warehouse, releases)
        made = make_vintage(duck, warehouse, releases, stood, mart, grains[mart])
        query = f"SELECT * FROM {VINTAGE}"
        columns = {c[0] for c in duck.execute(f"{query} LIMIT 0").description or ()}
        asked = {"year": wanted.year, "commune_code": wanted.commune}
        used = {c: v for c, v in asked.items() if v is not None}
        if unknown := {*used, *wanted.columns} - columns:
            raise ReleaseUnknown(f"mart {mart} has no column {', '.join(sorted(unknown))}")
        conditions = " AND ".join(["true", *(f"{c} = ?" for c in used)])
        chosen_columns = ", ".join(f'"{c}"' for c in wanted.columns) or "*"
        query = f"SELECT {chosen_columns} FROM {VINTAGE} WHERE {conditions} ORDER BY ALL"
        rows = duck.execute(query, list(used.values())).df()
    return made, rows
