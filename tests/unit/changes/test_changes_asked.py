"""Which releases are meant, the way between them, files behind a change, and how it is told."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assets.changes import chain, look
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
        "commune_code": "a", "commune_name": "Xã [Cũ]", "cells": 1, "beyond_bound": False,
    } | changed  # fmt: skip


def test_what_moved_is_told_with_names_and_what_was_told_together() -> None:
    rolled = row(kind="rolled_up", key='{"kind":"changed","year":2021}', cells=3_596_400, old_value=None,
                 new_value=None, commune_code=None, commune_name=None)  # fmt: skip
    marts = ({"mart": RATE, "kind": "changed", "rows": 1, "cells": 1},)
    found = Difference("r1", "r2", "record", marts, (rolled, row()), 7, 0, 3_596_401, (), {}, None)
    told = io.StringIO()
    change_summary.show(Console(file=told, width=200), found)
    text = " ".join(told.getvalue().split())
    assert "a Xã [Cũ]" in text and "21,946" in text and "22,312" in text and "+366" in text
    assert "too many to be told one by one: 3,596,400" in text and "and 7 more" in text
    assert "made from the same files" in text
    document = json.loads(json.dumps(change_summary.as_json(found)))
    assert document["changes"][1]["key"] == {"year": 2021, "commune_code": "a"}


def shown(found: Difference) -> str:
    told = io.StringIO()
    change_summary.show(Console(file=told, width=200), found)
    return " ".join(told.getvalue().split())


def test_a_filter_that_nothing_fits_is_told_from_nothing_that_moved() -> None:
    nothing = Difference("r1", "r2", "record", (), (), 0, 0, 0, (), {}, None)
    assert "No value is another one." in shown(nothing)
    other = shown(replace(nothing, moved=1234))
    assert "None of the 1,234 values that moved fits" in other and "No value" not in other


MANIFEST: dict[str, Any] = {
    "parent_map": {},
    "sources": {},
    "nodes": {
        f"model.p.{RATE}": {
            "name": RATE, "unique_id": f"model.p.{RATE}", "resource_type": "model", "fqn": ["p", "marts", RATE],
            "columns": {}, "config": {"meta": {"change": [{
                "columns": ["poor_households"], "maximum": 0.25, "floor": 1, "since": "2026-11-27",
                "reason": "an example of a bound",
            }]}},
        },
        "model.p.int_x": {
            "name": "int_x", "unique_id": "model.p.int_x", "resource_type": "model", "fqn": ["p", "intermediate"],
            "columns": {}, "config": {},
        },
        "seed.p.standards": {
            "name": "standards", "unique_id": "seed.p.standards", "resource_type": "seed", "fqn": ["p", "marts"],
            "columns": {}, "config": {},
        },
        **{
            f"test.p.{n}": {
                "name": f"t{n}", "unique_id": f"test.p.{n}", "resource_type": "test", "config": {}, "fqn": ["p"],
                "attached_node": model, "column_name": column,
                "test_metadata": {"name": name, "kwargs": {"columns": list(MARTS[RATE])}},
            }
            for n, (model, column, name) in enumerate((
                (f"model.p.{RATE}", None, "unique_grain"), ("model.p.int_x", None, "unique_grain"),
                ("seed.p.standards", None, "unique_grain"),
                (f"model.p.{RATE}", "poor_rate", "rate_between_0_and_1"),
            ))
        },
    },
}  # fmt: skip


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallMarts:
    """Sixty communes of 2021 in one release; since, one left its bound and the others moved more within theirs."""
    monkeypatch.setattr(look, "manifest_of", lambda _: MANIFEST)
    monkeypatch.setattr(look, "manifest_nodes", lambda _: list(MANIFEST["nodes"].values()))
    monkeypatch.setattr("assets.published.inputs_now", lambda _: {})
    home = small_marts(tmp_path)
    rate(home, {(2021, f"c{n:02}"): 1000.0 for n in range(60)} | {(2021, "held"): 4.0})
    home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = poor_households * 1.2, poor_rate = 0.9")
    home.run("UPDATE marts.poverty_rate SET poor_households = 8 WHERE commune_code = 'held'")
    return home


def pending(home: SmallMarts, **filters: Any) -> Difference:
    return look.difference(home.workplace, home.journal, (), Wanted(**filters), pending=True)


def test_what_holds_the_release_comes_first_and_is_marked(asked: SmallMarts) -> None:
    found = pending(asked)
    assert (found.rows[0]["commune_code"], found.rows[0]["beyond_bound"]) == ("held", True)
    assert [row["beyond_bound"] for row in found.rows].count(True) == found.beyond == 1
    assert "(beyond its bound)" in shown(found) and "First 1 beyond their bound" in shown(found)
    assert change_summary.as_json(found)["changes"][0]["beyond_bound"] is True


def test_rates_come_after_the_counts(asked: SmallMarts) -> None:
    columns = [row["column_name"] for row in pending(asked, most=1000).rows]
    assert columns == ["poor_households"] * 61 + ["poor_rate"] * 61


def test_a_mart_that_is_not_published_is_refused_with_those_that_are(asked: SmallMarts) -> None:
    for mart in ("nonsense", "int_x", "standards"):
        with pytest.raises(ReleaseUnknown, match=f"no mart {mart}; known: {RATE}$"):
            pending(asked, mart=mart)
        with pytest.raises(ReleaseUnknown, match=f"no mart {mart}; known: {RATE}$"):
            look.vintage(asked.workplace, asked.journal, datetime(2027, 1, 1, tzinfo=UTC), mart, Wanted())


def test_a_year_or_commune_of_which_nothing_moved_is_told_apart(asked: SmallMarts) -> None:
    for filters in ({"year": 1066}, {"commune": "nonsense"}):
        found = pending(asked, **filters)
        assert found.rows == () and found.moved == 122
        assert "None of the 122 values that moved fits" in shown(found)


def test_filters_are_parameters_and_no_text_of_the_query() -> None:
    condition, parameters = Wanted(mart="x' OR 1", year=2021).condition()
    assert condition == "true AND mart = ? AND year = ?" and parameters == ["x' OR 1", 2021]


def test_a_day_means_its_end_by_the_province_s_clock() -> None:
    assert moment_of("2026-03-31") == datetime(2026, 3, 31, 16, 59, 59, 999999, UTC)
    assert moment_of("2026-03-31T08:00") == datetime(2026, 3, 31, 1, tzinfo=UTC)
    assert moment_of("2026-03-31T08:00:00+00:00") == datetime(2026, 3, 31, 8, tzinfo=UTC)
    with pytest.raises(ValueError):
        moment_of("yesterday")
