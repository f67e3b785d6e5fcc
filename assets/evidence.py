"""The evidence for a release, gathered from journal, home and warehouse.

Belongs here: what is on record, put together for the gate. Does not belong here: what stands
against a release (`checks.gate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa

from assets.accepted import check_names
from assets.changes.approvals import approval_of
from assets.changes.bounds import large_changes
from assets.changes.errors import NotComparable
from assets.dbt_evidence import dbt_evidence
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, FILE, RELEASE, Journal
from assets.judging.fingerprint import differing, files_fingerprint
from assets.project import manifest_nodes
from assets.pulling.pull import current_files
from assets.reference import reference_fingerprint
from assets.releases import as_value, newest_release, standing_release, standing_trouble, withdrawals
from assets.transformed import transformed_state, untransformed_years
from assets.workplace import Home, Workplace
from checks.contract import TABLES, ReleaseBound, load_contract
from checks.gate import Evidence, Judged, YearEvidence
from checks.large_change import LargeChange
from checks.plausible import Movement, is_settled

_SHAPE = "shape"


def gather(workplace: Workplace, journal: Journal, marts: Mapping[str, int]) -> Evidence:
    """All that the gate looks at.

    Parameters
    ----------
    marts
        Rows of the marts that are about to be published.
    """
    nodes = manifest_nodes(workplace)
    last = last_counts(workplace, journal)
    incomparable = ""
    try:
        large, approval = _large(workplace, journal, nodes, last if marts else None)
    except NotComparable as error:
        large, approval, incomparable = (), None, str(error)
    return Evidence(
        years=tuple(year_evidence(workplace, journal, last)),
        untransformed=tuple(untransformed_years(journal, workplace.home)),
        dbt=dbt_evidence(journal, nodes, transformed_state(journal)),
        movements=tuple(movements(journal, marts, nodes, last)),
        large_changes=() if approval else large,
        approval=approval,
        incomparable=incomparable,
    )


def _large(
    workplace: Workplace, journal: Journal, nodes: list[Mapping[str, Any]], last: Mapping[str, Any] | None
) -> tuple[tuple[LargeChange, ...], Mapping[str, Any] | None]:
    """The changes beyond their bound, and a person's approval of exactly these."""
    state = transformed_state(journal)
    if last is None:
        # Nothing on record and nothing readable: whether a first release goes out is not known.
        if trouble := standing_trouble(workplace):
            raise NotComparable(trouble)
        return (), None
    # Made from the same, the marts are the same.
    if last.get("state") == state:
        return (), None
    found = tuple(large_changes(workplace, nodes, last, _day(last["published_at"])))
    return found, approval_of(journal, state, last["release_id"], found) if found else None


def last_counts(workplace: Workplace, journal: Journal) -> Mapping[str, Any] | None:
    """The release that a new one is compared with: what readers see; None for a first release.

    That is the one in the warehouse, a release that was put back too. Where the warehouse was lost,
    it is the newest on record that nobody withdrew. Counts are taken from the journal where that
    knows the release.
    """
    standing = standing_release(workplace)
    if standing is None:
        return newest_release(journal, without=withdrawals(journal))
    known = journal.rows(sa.select(RELEASE).filter_by(release_id=standing["release_id"]))
    return known[0] if known else standing


def year_evidence(
    workplace: Workplace, journal: Journal, last: Mapping[str, Any] | None
) -> list[YearEvidence]:
    """What is on record for every table and year that has files, or is in the last release."""
    states = {(r["table_name"], r["year"]): r for r in journal.rows(sa.select(ACCEPTED_STATE))}
    checks: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in journal.rows(sa.select(CHECK_RESULT)):
        checks.setdefault((row["table_name"], row["year"]), []).append(row)
    landed = journal.rows(sa.select(FILE.c.table_name, FILE.c.year).distinct())
    places = {(r["table_name"], r["year"]) for r in landed} | records_of(last).keys()
    placed_by = {
        "reference": reference_fingerprint(workplace.home.reference),
        "province": workplace.province,
    }
    return [
        YearEvidence(
            table,
            year,
            files_fingerprint(current_files(journal, table, year)),
            _judged(workplace.home, states.get((table, year)), placed_by),
            tuple(checks.get((table, year), ())),
            (_SHAPE, *check_names(table)),
            check_names(table),
        )
        for table, year in sorted(places)
        if table in TABLES
    ]


def _judged(home: Home, state: Mapping[str, Any] | None, placed_by: Mapping[str, str]) -> Judged | None:
    """What is on record of a table and year; `placed_by` is the list of communes that holds now."""
    if state is None:
        return None
    path = home.partition("accepted", state["table_name"], state["year"])
    stored = pq.read_metadata(path).num_rows if path.exists() else None
    others = differing(state["made_from"], placed_by)
    return Judged(state["files_fingerprint"], state["fingerprint"], state, stored, others)


def records_of(release: Mapping[str, Any] | None) -> dict[tuple[str, int], int]:
    """Accepted records of a release by table and year; none where it did not note them."""
    noted = as_value(release.get("records")) if release else None
    return {
        (table, int(year)): count for table, years in (noted or {}).items() for year, count in years.items()
    }


def accepted_records(journal: Journal) -> dict[str, dict[str, int]]:
    """Accepted records by table and year, as a release notes them."""
    found: dict[str, dict[str, int]] = {}
    query = sa.select(ACCEPTED_STATE).order_by(ACCEPTED_STATE.c.table_name, ACCEPTED_STATE.c.year)
    for state in journal.rows(query):
        if state["landed"]:
            found.setdefault(state["table_name"], {})[str(state["year"])] = state["accepted"]
    return found


def movements(
    journal: Journal,
    marts: Mapping[str, int],
    nodes: list[Mapping[str, Any]],
    last: Mapping[str, Any] | None,
) -> list[Movement]:
    """Every count of the last release beside the one that would take its place."""
    if last is None:
        return []
    now = {(t, int(y)): n for t, years in accepted_records(journal).items() for y, n in years.items()}
    day = _day(last["published_at"])
    of_tables = [
        Movement(
            table,
            year,
            now.get((table, year), 0),
            before,
            load_contract(table).release,
            is_settled(year, day),
        )
        for (table, year), before in sorted(records_of(last).items())
        if table in TABLES
    ]
    bounds = {node["name"]: mart_bound(node) for node in nodes if node["resource_type"] == "model"}
    before = as_value(last["marts"]) or {}
    of_marts = [
        Movement(name, None, rows, before[name]["rows"], bound, False)
        for name, rows in marts.items()
        if name in before and (bound := bounds.get(name)) is not None
    ]
    return [*of_tables, *of_marts]


def mart_bound(node: Mapping[str, Any]) -> ReleaseBound | None:
    """The bound that a mart declares under `config.meta.release`, or its folder for all marts."""
    declared = node["config"].get("meta", {}).get("release")
    return ReleaseBound.model_validate(declared) if declared else None


def _day(moment: datetime | str) -> date:
    return (moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)).date()
