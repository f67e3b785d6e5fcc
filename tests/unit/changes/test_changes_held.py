"""A value beyond its bound holds a release until a person approves exactly that."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rich.console import Console

from assets.changes.approvals import NothingHeld, approval_of, approvals, approve, use
from assets.changes.bounds import change_bounds, large_changes
from assets.changes.errors import NotComparable
from assets.errors import PERMANENT
from assets.evidence import gather
from assets.journal import APPROVAL, RELEASE, Journal
from assets.releases import standing_release
from checks.gate import DbtEvidence, Evidence, objections
from checks.large_change import ChangeBound, LargeChange, content_of
from pipelines.cli.release_summary import show_held
from tests.unit.changes.small_marts import RATE, SmallMarts, rate, small_marts

BOUND = ChangeBound(
    columns=("poor_households",), maximum=0.25, floor=30, where={"geography": "as_reported"},
    since=date(2026, 11, 23), reason="no real corrections were seen",
)  # fmt: skip
NODES = [
    {
        "name": RATE, "unique_id": f"model.p.{RATE}",
        "config": {"meta": {"change": [BOUND.model_dump(mode="json")]}},
    },
    {
        "name": "grain", "unique_id": "test.p.grain", "config": {}, "attached_node": f"model.p.{RATE}",
        "test_metadata": {"name": "unique_grain", "kwargs": {"columns": ["year", "geography", "commune_code"]}},
    },
]  # fmt: skip
DAY = date(2026, 7, 1)


def large(old: float | None, new: float | None, place: str = "01840 Nguyễn Thị Minh Khai") -> LargeChange:
    return LargeChange(RATE, 2021, '{"year":2021}', "poor_households", place, old, new, BOUND)


@pytest.mark.parametrize(
    ("old", "new", "too_far"),
    [
        (100, 125, False),
        (100, 131, True),
        (100, 69, True),
        (10, 40, False),
        (10, 41, True),
        (None, 31, True),
        (None, 30, False),
        (31, None, True),
        (0, 31, True),
        (21_946, 22_312, False),
    ],
)
def test_a_value_must_leave_both_its_share_and_its_floor(
    old: float | None, new: float | None, too_far: bool
) -> None:
    assert large(old, new).too_far is too_far


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_value_that_moved_as_far_the_other_way_is_judged_alike_from_the_larger(a: float, b: float) -> None:
    low, high = sorted((a, b))
    if large(high, low).too_far:
        assert large(low, high).too_far
    assert not large(a, a).too_far


def test_a_bound_without_a_reason_or_column_is_refused() -> None:
    for wrong in ({"reason": "short"}, {"columns": []}, {"maximum": 0}, {"minimum": 0.5}):
        with pytest.raises(ValidationError):
            ChangeBound.model_validate(BOUND.model_dump() | wrong)


def test_the_gate_tells_what_moved_how_far_and_how_to_go_on() -> None:
    evidence = Evidence(
        (), (), DbtEvidence(True, True, ()), (), (large(100, 200), large(19, 64, "01945 Cốc Đán"))
    )
    (said,) = objections(evidence)
    assert (said.where, said.year, said.check) == (RATE, 2021, "change")
    assert said.found == (
        "poor_households of 01840 Nguyễn Thị Minh Khai: 200 where the last release has 100, +100.0%; and 1 more"
    )
    assert said.bound.startswith("a past year's value within 25% or 30")
    assert "thoatngheo approve --reason" in said.todo
    told = io.StringIO()
    show_held(Console(file=told, width=200), [said])
    assert "approve" in told.getvalue() and len(told.getvalue().splitlines()) < 15


def test_each_bound_that_was_left_is_told_by_its_own_limits() -> None:
    totals = BOUND.model_copy(update={"columns": ("households",), "maximum": 0.1, "floor": 200})
    of_total = replace(large(1000, 2000), column="households", bound=totals)
    found = objections(Evidence((), (), DbtEvidence(True, True, ()), (), (large(100, 200), of_total)))
    assert [(o.check, o.bound.partition(" of the last")[0]) for o in found] == [
        ("change", "a past year's value within 10% or 200"),
        ("change", "a past year's value within 25% or 30"),
    ]


def test_a_value_of_today_s_map_says_so() -> None:
    today = replace(large(100, 200), key='{"year":2021,"geography":"current"}')
    assert "of 01840 Nguyễn Thị Minh Khai on today's map: 200" in today.found


def declared() -> dict[str, tuple[ChangeBound, ...]]:
    """The bounds of the project's own marts."""
    import yaml

    from checks.seeds import dbt_project

    files = [dbt_project() / "models" / "marts" / f"{mart}.yml" for mart in (RATE, f"{RATE}_province")]
    models = [yaml.safe_load(file.read_text(encoding="utf-8"))["models"][0] for file in files]
    for model in models:
        columns = {column["name"] for column in model["columns"]}
        for bound in change_bounds([model])[model["name"]]:
            assert set(bound.columns) | set(bound.where) <= columns
            assert "Unverified" in bound.reason
    return change_bounds(models)


# What a settled year had and has, and whether somebody's word is needed.
CASES = [
    # every total doubled, or one commune's; a correction of a village
    (f"{RATE}_province", "as_reported", "households", 416_939, 833_878, True),
    (f"{RATE}_province", "as_reported", "persons", 1_600_000, None, True),
    (f"{RATE}_province", "as_reported", "households", 81_500, 82_300, False),
    (RATE, "as_reported", "households", 1_500, 3_000, True),
    (RATE, "as_reported", "households", 1_500, 1_620, False),
    (RATE, "as_reported", "persons", 88, 188, False),
    # other weights of a divided commune: half of it went over, or a tenth
    (RATE, "current", "households", 3_000, 3_750, True),
    (RATE, "current", "poor_households", 100, 140, True),
    (RATE, "current", "households", 3_000, 3_150, False),
    # fewer communes count, in the rate as in its denominator
    (f"{RATE}_province", "current", "households", 416_939, 208_470, True),
    (f"{RATE}_province", "as_reported", "poor_households", 21_946, 22_312, False),
]


@pytest.mark.parametrize(("mart", "geography", "column", "old", "new", "held"), CASES)
def test_the_project_s_bounds_hold_what_is_no_correction(
    mart: str, geography: str, column: str, old: float, new: float | None, held: bool
) -> None:
    row = {"geography": geography, "area_type": "all"}
    bounds = [
        bound
        for bound in declared()[mart]
        if column in bound.columns and all(row[name] == value for name, value in bound.where.items())
    ]
    changes = [LargeChange(mart, 2021, json.dumps(row), column, "", old, new, bound) for bound in bounds]
    assert changes and any(change.too_far for change in changes) is held


@pytest.fixture
def home(tmp_path: Path) -> SmallMarts:
    home = small_marts(tmp_path)
    home.run("INSERT INTO marts.dim_commune VALUES ('a', 'Xã Cũ', '2016-01-01', '2025-06-30', false)")
    home.run("INSERT INTO marts.dim_commune VALUES ('a', 'Xã Mới', '2025-07-01', NULL, true)")
    rate(home, {(2021, "a"): 100, (2021, "b"): 100, (2026, "a"): 100})
    home.publish()
    return home


def found(home: SmallMarts, day: date = DAY) -> list[LargeChange]:
    return large_changes(home.workplace, NODES, standing_release(home.workplace) or {}, day)


def test_only_values_of_settled_years_beyond_their_bound_are_found(home: SmallMarts) -> None:
    assert found(home) == []
    home.run("UPDATE marts.poverty_rate SET poor_households = 200 WHERE commune_code = 'a'")
    home.run("UPDATE marts.poverty_rate SET poor_households = 110, poor_rate = 9 WHERE commune_code = 'b'")
    home.run(
        "INSERT INTO marts.poverty_rate SELECT * REPLACE ('current' AS geography) FROM marts.poverty_rate"
    )
    rate(home, {(2020, "a"): 1000})
    (change,) = found(home)
    assert (change.year, change.place, change.old, change.new) == (2021, "a Xã Cũ", 100, 200)
    assert found(home, date(2022, 6, 30)) == []


def test_a_row_that_went_or_came_is_a_large_change_too(home: SmallMarts) -> None:
    home.run("DELETE FROM marts.poverty_rate WHERE commune_code = 'b'")
    rate(home, {(2021, "c"): 50})
    assert {(c.key, c.old, c.new) for c in found(home)} == {
        ('{"year":2021,"geography":"as_reported","commune_code":"b"}', 100, None),
        ('{"year":2021,"geography":"as_reported","commune_code":"c"}', None, 50),
    }


def test_a_release_that_stands_and_cannot_be_read_holds_what_is_to_follow(home: SmallMarts) -> None:
    last = standing_release(home.workplace) or {}
    home.run("UPDATE marts.poverty_rate SET poor_households = 200 WHERE commune_code = 'a'")
    warehouse = home.workplace.home.warehouse
    whole = warehouse.read_bytes()
    assert NotComparable in PERMANENT
    for spoilt in (b"no database", b"", whole[: len(whole) // 2], _blocks_damaged(whole)):
        warehouse.write_bytes(spoilt)
        with pytest.raises(NotComparable, match=last["release_id"]):
            large_changes(home.workplace, NODES, last, DAY)
    warehouse.write_bytes(whole)
    with pytest.raises(NotComparable, match="r9 is not in the warehouse any more"):
        large_changes(home.workplace, NODES, {**last, "release_id": "r9"}, DAY)


def test_what_the_database_says_of_a_release_that_it_lacks_is_not_told(
    home: SmallMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Server:
        def whole_release(self) -> None:
            return None

        def lend(self, *_: object) -> None:
            driver = ValueError("column of Nguyễn Văn A is not there")
            raise sa.exc.ProgrammingError("SELECT secret", {"name": "Nguyễn Văn A"}, driver)

    monkeypatch.setattr("assets.changes.bounds.warehouse_of", lambda _: Server())
    with pytest.raises(NotComparable) as raised:
        large_changes(home.workplace, NODES, standing_release(home.workplace) or {}, DAY)
    told = str(raised.value)
    assert "(ValueError)" in told and "thoatngheo publish --rollback" in told
    assert "secret" not in told and "Nguyễn" not in told
    assert raised.value.__suppress_context__


def _blocks_damaged(whole: bytes) -> bytes:
    """Every block of rows: the headers, and what is read of them, are as they were."""
    return whole[:12288] + bytes(b ^ 1 for b in whole[12288:])


def test_where_nothing_stands_nothing_is_compared(home: SmallMarts) -> None:
    last = standing_release(home.workplace) or {}
    home.run("UPDATE marts.poverty_rate SET poor_households = 200 WHERE commune_code = 'a'")
    home.workplace.home.warehouse.unlink()
    assert large_changes(home.workplace, NODES, last, DAY) == []


@pytest.mark.parametrize("journal_is_lost", [False, True])
def test_the_gate_says_that_it_could_not_compare(
    home: SmallMarts, monkeypatch: pytest.MonkeyPatch, journal_is_lost: bool
) -> None:
    monkeypatch.setattr(
        "assets.evidence.manifest_nodes", lambda _: [{**n, "resource_type": "x"} for n in NODES]
    )
    monkeypatch.setattr("assets.evidence.transformed_state", lambda _: "newer")
    kept = home.journal
    assert gather(home.workplace, kept, {RATE: 3}).incomparable == ""
    home.workplace.home.warehouse.write_bytes(b"no database")
    if journal_is_lost:
        with kept.transaction() as connection:
            connection.execute(RELEASE.delete())
    evidence = gather(home.workplace, kept, {RATE: 3})
    [said] = [o for o in objections(evidence) if o.check == "change"]
    assert said.where == "warehouse" and "warehouse.duckdb is damaged" in said.found
    assert "--rollback RELEASE" in said.todo and "move the damaged file away" in said.todo
    home.workplace.home.warehouse.unlink()
    assert not [o for o in objections(gather(home.workplace, kept, {RATE: 3})) if o.check == "change"]


def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def test_an_approval_is_good_for_these_inputs_against_this_release_only(tmp_path: Path) -> None:
    kept, changes = journal(tmp_path), [large(100, 200), large(1, 50, "b")]
    row, is_new = approve(kept, "s1", "r1", changes, decided_by="lan", reason="xã bổ sung danh sách")
    assert is_new and row["content"] == content_of(changes[::-1])
    (noted,) = kept.rows(APPROVAL.select())
    assert (noted["approved_by"], noted["reason"], noted["at"] > "2026") == (
        "lan",
        "xã bổ sung danh sách",
        True,
    )
    assert noted["held"][0] == {
        "mart": RATE, "key": {"year": 2021}, "column": "poor_households", "old": 100, "new": 200,
    }  # fmt: skip
    assert approval_of(kept, "s1", "r1", changes) == noted
    assert approval_of(kept, "s2", "r1", changes) is None
    assert approval_of(kept, "s1", "r2", changes) is None
    assert approval_of(kept, "s1", "r1", changes[:1]) is None
    assert approval_of(kept, "s1", "r1", [replace(changes[0], new=201), changes[1]]) is None


def test_a_second_approval_of_the_same_changes_nothing(tmp_path: Path) -> None:
    kept, changes = journal(tmp_path), [large(100, 200)]
    approve(kept, "s1", "r1", changes, decided_by="lan", reason="first")
    row, is_new = approve(kept, "s1", "r1", changes, decided_by="minh", reason="second")
    assert not is_new and row["reason"] == "first"


def test_an_approval_goes_with_its_release_and_a_killed_one_leaves_it_good(tmp_path: Path) -> None:
    kept, changes = journal(tmp_path), [large(100, 200)]
    approve(kept, "s1", "r1", changes, decided_by="lan", reason="right")
    row = approval_of(kept, "s1", "r1", changes)
    assert row is not None
    use(kept, row, "r2")
    # Killed before the warehouse: no such release is on record.
    assert approval_of(kept, "s1", "r1", changes) is not None
    release = {c.name: "" for c in RELEASE.c} | {"release_id": "r2", "years": [], "inputs": {}, "marts": {}}
    kept.put(RELEASE, [release | {"records": None, "changes": 1}])
    assert approval_of(kept, "s1", "r1", changes) is None
    assert approvals(kept)["r2"]["reason"] == "right"


def test_nothing_held_is_nothing_to_approve(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    for changes, base in (([], "r1"), ([large(1, 100)], None)):
        with pytest.raises(NothingHeld, match="nothing to approve"):
            approve(kept, "s1", base, changes, decided_by="lan", reason="right")
    assert kept.rows(APPROVAL.select()) == []


def test_the_release_says_that_it_was_approved(home: SmallMarts) -> None:
    home.run("UPDATE marts.poverty_rate SET poor_households = 200 WHERE commune_code = 'a' AND year = 2021")
    changes, base = found(home), standing_release(home.workplace) or {}
    approve(home.journal, "s1", base["release_id"], changes, decided_by="lan", reason="right")
    row = approval_of(home.journal, "s1", base["release_id"], changes)
    made = home.publish(approval=row)
    standing = standing_release(home.workplace) or {}
    assert standing["release_id"] == made.release_id and standing["approved_at"] is not None
    assert approvals(home.journal)[made.release_id]["approved_by"] == "lan"
    # Who it was stays in the home.
    assert "lan" not in str(standing)
