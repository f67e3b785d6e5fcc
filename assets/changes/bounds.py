"""The values of past years that moved beyond their bound since the release that stands.

Belongs here: asking two releases about the few columns that have a bound. Does not belong here: the
bound's meaning (`checks.large_change`) or a person's agreement (`approvals`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import sqlalchemy as sa

from assets.changes.compare import AFTER, BEFORE, FOUND, compare, prepare
from assets.changes.errors import NotComparable
from assets.changes.names import commune_names
from assets.changes.sides import scratch, show_marts
from assets.releases import warehouse_of
from assets.warehouse import ReleaseUnknown, WarehouseDamaged
from assets.workplace import Workplace
from checks.large_change import ChangeBound, LargeChange
from checks.plausible import is_settled

_MEND = (
    "thoatngheo publish --rollback RELEASE puts back one that thoatngheo releases lists as kept; where none "
    "can be, see that nobody else changes the schemas of the warehouse, then thoatngheo publish"
)
# What is told together cannot be judged value by value: a mart that has a bound is compared whole.
ALL = 10**12


def mart_grains(nodes: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The columns that no two rows of a model share, where the project tests that, by its unique id."""
    return {
        node["attached_node"]: node["test_metadata"]["kwargs"]["columns"]
        for node in nodes
        if (node.get("test_metadata") or {}).get("name") == "unique_grain"
    }


def change_bounds(nodes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[ChangeBound, ...]]:
    """The bounds that marts declare, by the mart's name."""
    declared = {node["name"]: node["config"].get("meta", {}).get("change") for node in nodes}
    return {
        name: tuple(ChangeBound.model_validate(bound) for bound in bounds)
        for name, bounds in declared.items()
        if bounds
    }


def large_changes(
    workplace: Workplace, nodes: list[Mapping[str, Any]], last: Mapping[str, Any], day: date
) -> list[LargeChange]:
    """What left its bound, in the marts as they stand against the release that stands.

    Where none stands, as before the first publication or when the warehouse is gone, there is
    nothing to compare with and nothing is found.

    Parameters
    ----------
    nodes
        The manifest's.
    last
        The row of the release that stands.
    day
        When that was made: years that were settled by then are judged.

    Raises
    ------
    NotComparable
        A release stands, or is to, and cannot be read: what moved since is not known.
    WarehouseBusy, WarehouseUnavailable
        One of the two cannot be looked at now.
    """
    bounds = change_bounds(nodes)
    if not bounds or not workplace.home.duckdb.exists():
        return []
    tests = mart_grains(nodes)
    grains = {node["name"]: tests.get(node["unique_id"], []) for node in nodes}
    try:
        return _compared(workplace, bounds, grains, last, day)
    except WarehouseDamaged as error:
        raise NotComparable(f"release {last['release_id']} cannot be read: {error}") from error
    except sa.exc.SQLAlchemyError as error:
        # Its words hold the statement and its parameters, and this error's may be told outside.
        kind = type(getattr(error, "orig", None) or error).__name__
        raise NotComparable(f"release {last['release_id']} cannot be read ({kind}): {_MEND}") from None
    except ReleaseUnknown as error:
        if warehouse_of(workplace).current_release() is None:
            return []
        raise NotComparable(f"release {last['release_id']} is not in the warehouse any more") from error


def _compared(
    workplace: Workplace,
    bounds: Mapping[str, tuple[ChangeBound, ...]],
    grains: Mapping[str, list[str]],
    last: Mapping[str, Any],
    day: date,
) -> list[LargeChange]:
    with scratch(workplace.engine) as duck:
        prepare(duck)
        warehouse = warehouse_of(workplace)
        # Marts that are gone or lost rows would be told as changes.
        warehouse.whole_release()
        lent = warehouse.lend(duck, BEFORE, bounds, last["release_id"])
        shown = show_marts(duck, workplace.home.duckdb, [*bounds, "dim_commune"])
        there = sorted(set(lent) & set(shown))
        for name in there:
            columns = {column for bound in bounds[name] for column in bound.columns}
            compare(duck, name, grains[name], "", only=sorted(columns), most=ALL)
        if "dim_commune" in shown:
            commune_names(duck, AFTER)
        else:
            commune_names(duck, None)
        return beyond(duck, {name: bounds[name] for name in there}, day)


def beyond(
    duck: duckdb.DuckDBPyConnection, bounds: Mapping[str, Iterable[ChangeBound]], day: date
) -> list[LargeChange]:
    """Those of the values found that left their bound; the names of the communes are made already.

    Parameters
    ----------
    day
        Years that were settled by then are judged.
    """
    return [
        change
        for name, of_mart in sorted(bounds.items())
        for bound in of_mart
        for change in _beyond(duck, name, bound, day)
    ]


def _beyond(duck: duckdb.DuckDBPyConnection, mart: str, bound: ChangeBound, day: date) -> list[LargeChange]:
    conditions = [f"json_extract_string(key, '$.{name}') = ?" for name in bound.where]
    query = (
        "SELECT year, key, column_name,"
        " trim(coalesce(commune_code, '') || ' ' || coalesce(commune_name, '')),"
        " TRY_CAST(old_value AS DOUBLE), TRY_CAST(new_value AS DOUBLE)"
        f" FROM {FOUND} LEFT JOIN commune_name USING (mart, key)"
        " WHERE mart = ? AND kind IN ('changed', 'added', 'removed') AND list_contains(?, column_name)"
        " AND abs(difference) > ?"
    )
    rows = duck.execute(
        " AND ".join([query, *conditions]), [mart, list(bound.columns), bound.floor, *bound.where.values()]
    ).fetchall()
    changes = (
        LargeChange(mart, year, key, column, place, old, new, bound)
        for year, key, column, place, old, new in rows
        if is_settled(year, day)
    )
    return [change for change in changes if change.too_far]


def as_listed(change: LargeChange) -> dict[str, Any]:
    """A large change as the journal keeps it beside its approval."""
    return {
        "mart": change.mart,
        "key": json.loads(change.key),
        "column": change.column,
        "old": change.old,
        "new": change.new,
    }
