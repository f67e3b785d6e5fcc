"""Which releases are meant, the way between them, files behind a change, and how it is told."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assets.changes import chain
from assets.changes.between import find_between
from assets.changes.causes import changed_files, feeding_tables, files_behind
from assets.changes.compare import FOUND
from assets.changes.look import Difference, Wanted, chosen
from assets.changes.sides import scratch
from assets.changes.steps import NoWay, Step, named, way
from assets.journal import FILE, Journal
from assets.releases import warehouse_of
from assets.warehouse import ReleaseUnknown
from pipelines.cli import change_summary
from pipelines.cli.change_commands import moment_of
from tests.unit.changes.small_marts import MARTS, RATE, SmallMarts, rate, small_marts

# r3 was given up for r1, from which r4 came.
TREE = [
    {"release_id": name, "compared_with": parent, "marts": {}, "inputs": {}}
    for name, parent in (("r0", None), ("r1", "r0"), ("r2", "r1"), ("r3", "r2"), ("r4", "r1"))
]


def test_the_way_undoes_and_makes_again() -> None:
    assert way(TREE, "r4", "r3") == [Step("r4", True), Step("r2", False), Step("r3", False)]
    assert way(TREE, "r3", "r0") == [Step("r3", True), Step("r2", True), Step("r1", True)]
    assert way(TREE, "r2", "r2") == []


def test_no_way_leads_over_a_release_that_was_compared_with_nothing() -> None:
    with pytest.raises(NoWay, match="does not lead from r4 to other: it begins anew at r0 and other"):
        way([*TREE, {"release_id": "other", "compared_with": None}], "r4", "other")


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        ([], ("r1", "r4")),
        (["r3"], ("r2", "r3")),
        (["r0", "r3"], ("r0", "r3")),
        (["r3", "r0"], ("r3", "r0")),
    ],
)
def test_which_releases_are_meant(names: list[str], pair: tuple[str, str]) -> None:
    assert tuple(row["release_id"] for row in chosen(TREE, names, "r4")) == pair


@pytest.mark.parametrize(
    ("names", "standing", "said"),
    [
        (["r9"], "r4", "no release r9 is on record.*on record: r4, r3, r2, r1, r0"),
        (["r"], "r4", "several begin so"),
        (["r0"], "r4", "release r0 is the first"),
        ([], None, "no release stands"),
    ],
)
def test_unknown_names_are_told_with_those_known(names: list[str], standing: str | None, said: str) -> None:
    with pytest.raises(ReleaseUnknown, match=said):
        chosen(TREE, names, standing)


def test_the_beginning_of_a_name_is_enough() -> None:
    rows = [{"release_id": "20261123T01-a"}, {"release_id": "20261124T01-b"}]
    assert named(rows, "20261124") == rows[1]
    assert named(rows, "202611") is None and named(rows, "") is None


def test_files_that_differ_are_named_and_laid_to_the_marts_they_feed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    sample: dict[str, Any] = {c.name: "" for c in FILE.c} | {"version": 1, "size": 1, "modified": 0.0}
    place = {"table_name": "survey_total", "year": 2021}
    journal.put(FILE, [sample | place | {"file_name": "tong.csv", "sha256": s} for s in ("old", "new")])
    one = {"inputs": {"survey_total": {"2021": ["old", "same"]}, "loan_ledger": {"2024": ["x"]}}}
    other = {
        "inputs": json.dumps({"survey_total": {"2021": ["new", "same"]}, "loan_ledger": {"2024": ["x", "y"]}})
    }
    files = changed_files(journal, one, other)
    told = [(f.table, f.year, f.name, f.sha256, f.is_new) for f in files]
    assert told == [
        ("survey_total", 2021, "tong.csv", "new", True),
        ("survey_total", 2021, "tong.csv", "old", False),
        ("loan_ledger", 2024, "(name not on record)", "y", True),
    ]
    feeding = {RATE: frozenset({"survey_total"}), "credit": frozenset({"loan_ledger", "survey_total"})}
    assert files_behind(files, feeding, RATE, 2021) == files[:2]
    # A year without a file of its own: a denominator that was carried, say.
    assert files_behind(files, feeding, RATE, 2022) == files[:2]
    assert files_behind(files, feeding, "credit", 2024) == files[2:]


def test_what_feeds_a_mart_is_found_at_any_distance() -> None:
    manifest = {
        "parent_map": {"model.m": ["model.i"], "model.i": ["source.a", "seed.s"], "seed.s": [], "source.a": []},
        "sources": {"source.a": {"name": "survey_total"}},
        "nodes": {
            "model.m": {"name": "m", "resource_type": "model"}, "seed.s": {"name": "s", "resource_type": "seed"}
        },
    }  # fmt: skip
    assert feeding_tables(manifest) == {"m": frozenset({"survey_total"})}


@pytest.fixture
def home(tmp_path: Path) -> SmallMarts:
    home = small_marts(tmp_path, keep=3)
    rate(home, {(2021, "a"): 10, (2021, "b"): 20})
    home.publish()
    for statement in (
        "UPDATE marts.poverty_rate SET poor_households = 11 WHERE commune_code = 'a'",
        "DELETE FROM marts.poverty_rate WHERE commune_code = 'b'",
        "UPDATE marts.poverty_rate SET poor_households = 12 WHERE commune_code = 'a'",
        "INSERT INTO marts.poverty_rate VALUES (2021, 'as_reported', 'b', 21, 0.02, 'sent', true)",
    ):
        home.run(statement)
        home.publish()
    return home


def between(home: SmallMarts, first: int, last: int) -> tuple[str, list[tuple[Any, ...]]]:
    releases = home.releases()
    warehouse = warehouse_of(home.workplace)
    with scratch(home.workplace.engine) as duck:
        chain.load(duck, home.workplace.home.changes, warehouse, releases)
        how = find_between(duck, warehouse, releases, releases[first], releases[last], MARTS)
        query = f"SELECT commune_code, column_name, old_value, new_value FROM {FOUND} ORDER BY ALL"
        return how, duck.execute(query).fetchall()


def test_releases_that_are_gone_are_compared_by_their_records(home: SmallMarts) -> None:
    assert between(home, 0, 4) == (
        "records",
        [("a", "poor_households", "10.0", "12.0"), ("b", "poor_households", "20.0", "21.0")],
    )
    assert between(home, 4, 0)[1] == [
        ("a", "poor_households", "12.0", "10.0"),
        ("b", "poor_households", "21.0", "20.0"),
    ]
    how, rows = between(home, 0, 3)
    assert how == "records" and {row[0] for row in rows} == {"a", "b"}
    assert ("b", "poor_households", "20.0", None) in rows


def test_the_same_is_found_in_tables_and_in_records(home: SmallMarts) -> None:
    how, rows = between(home, 2, 4)
    assert how == "tables"
    home.publish()
    home.publish()
    again, records = between(home, 2, 4)
    assert again == "records" and records == rows


def test_one_release_is_read_from_its_own_record(home: SmallMarts) -> None:
    assert between(home, 2, 3) == ("record", [("a", "poor_households", "11.0", "12.0")])


def row(**changed: Any) -> dict[str, Any]:
    return {
        "mart": RATE, "kind": "changed", "key": '{"year":2021,"commune_code":"a"}', "column_name": "poor_households",
        "old_value": "21946.0", "new_value": "22312.0", "difference": 366.0, "share": 0.01, "year": 2021,
        "commune_code": "a", "commune_name": "Xã [Cũ]", "cells": 1,
    } | changed  # fmt: skip


def test_what_moved_is_told_with_names_and_what_was_told_together() -> None:
    rolled = row(kind="rolled_up", key='{"kind":"changed","year":2021}', cells=3_596_400, old_value=None,
                 new_value=None, commune_code=None, commune_name=None)  # fmt: skip
    marts = ({"mart": RATE, "kind": "changed", "rows": 1, "cells": 1},)
    found = Difference("r1", "r2", "record", marts, (rolled, row()), 7, (), {}, None)
    told = io.StringIO()
    change_summary.show(Console(file=told, width=200), found)
    text = " ".join(told.getvalue().split())
    assert "a Xã [Cũ]" in text and "21,946" in text and "22,312" in text and "+366" in text
    assert "too many to be told one by one: 3,596,400" in text and "and 7 more" in text
    assert "made from the same files" in text
    document = json.loads(json.dumps(change_summary.as_json(found)))
    assert document["changes"][1]["key"] == {"year": 2021, "commune_code": "a"}


def test_filters_are_parameters_and_no_text_of_the_query() -> None:
    condition, parameters = Wanted(mart="x' OR 1", year=2021).condition()
    assert condition == "true AND mart = ? AND year = ?" and parameters == ["x' OR 1", 2021]


def test_a_day_means_its_end_by_the_province_s_clock() -> None:
    assert moment_of("2026-03-31") == datetime(2026, 3, 31, 16, 59, 59, 999999, UTC)
    assert moment_of("2026-03-31T08:00") == datetime(2026, 3, 31, 1, tzinfo=UTC)
    assert moment_of("2026-03-31T08:00:00+00:00") == datetime(2026, 3, 31, 8, tzinfo=UTC)
    with pytest.raises(ValueError):
        moment_of("yesterday")
