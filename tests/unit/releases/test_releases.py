"""Rolling back: what is noted, what stays, what ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assets.journal import ROLLBACK
from assets.releases import list_releases, put_back_by_decision, roll_back, withdrawals
from assets.warehouse import ReleaseUnknown
from assets.warehouse.duckdb_file import DuckDBFile
from tests.unit.releases.small_home import YEAR, SmallHome, small_home

LOST = "the warehouse does not hold the last release"


@pytest.fixture
def home(tmp_path: Path) -> SmallHome:
    return small_home(tmp_path)


def put_back(home: SmallHome, release_id: str, reason: str = "") -> bool:
    return roll_back(home.workplace, home.journal, release_id, decided_by="lan", reason=reason)


def noted(home: SmallHome) -> list[dict[str, Any]]:
    return home.journal.rows(ROLLBACK.select().order_by(ROLLBACK.c.id))


def test_a_rollback_stands_and_is_noted_with_who_and_why(home: SmallHome) -> None:
    assert put_back(home, "r1", "communes doubled")
    assert home.standing() == "r1"
    (row,) = noted(home)
    assert (row["release_id"], row["instead_of"], row["newest"]) == ("r1", "r3", "r3")
    assert (row["decided_by"], row["reason"]) == ("lan", "communes doubled")
    assert row["done_at"] >= row["at"]


def test_a_night_with_nothing_new_leaves_what_was_put_back(home: SmallHome) -> None:
    assert home.stale().years == ()
    put_back(home, "r2")
    assert home.stale().years == ()


def test_what_is_new_is_published_as_ever(home: SmallHome) -> None:
    put_back(home, "r2")
    home.transform("f4")
    assert home.stale().reasons == {YEAR: ["transformed but not published"]}
    home.publish("r4")
    assert home.stale().years == ()
    assert put_back_by_decision(home.journal, "r4") is None


def test_a_warehouse_that_lost_the_release_put_back_is_stale(home: SmallHome) -> None:
    put_back(home, "r2")
    Path(home.workplace.warehouse_url.removeprefix("duckdb:///")).unlink()
    assert home.stale().reasons == {YEAR: ["the warehouse does not hold the release that was put back"]}


def test_another_release_without_a_decision_is_stale(home: SmallHome) -> None:
    DuckDBFile.rollback(DuckDBFile(_url(home)), "r2")
    assert home.stale().reasons == {YEAR: [LOST]}


def _url(home: SmallHome) -> Any:
    import sqlalchemy as sa

    return sa.make_url(home.workplace.warehouse_url)


def test_to_put_the_newest_back_undoes_a_rollback(home: SmallHome) -> None:
    put_back(home, "r1")
    assert set(withdrawals(home.journal)) == {"r3"}
    put_back(home, "r3")
    assert home.standing() == "r3" and home.stale().years == ()
    assert withdrawals(home.journal) == {}
    assert put_back_by_decision(home.journal, "r3") is None


def test_one_step_back_and_one_forward_leaves_the_newest_withdrawn(home: SmallHome) -> None:
    put_back(home, "r1")
    put_back(home, "r2")
    assert set(withdrawals(home.journal)) == {"r3"}
    assert home.standing() == "r2"


def test_a_second_call_changes_nothing(home: SmallHome) -> None:
    put_back(home, "r1", "first")
    assert not put_back(home, "r1", "second")
    assert [row["reason"] for row in noted(home)] == ["first"]


def test_an_unknown_release_is_named_with_those_kept_and_nothing_is_noted(home: SmallHome) -> None:
    with pytest.raises(ReleaseUnknown, match=r"no release r9 is kept .* kept: r3 \(stands\), r2, r1"):
        put_back(home, "r9")
    assert noted(home) == [] and home.standing() == "r3"


class _Killed(BaseException):
    """Stands for a SIGKILL: nothing of the call's own handles it."""


@pytest.mark.parametrize("before_the_warehouse", [True, False])
def test_a_call_that_was_killed_is_finished_by_the_same_call(
    home: SmallHome, monkeypatch: pytest.MonkeyPatch, before_the_warehouse: bool
) -> None:
    real = DuckDBFile.rollback

    def killed(self: DuckDBFile, release_id: str) -> None:
        if not before_the_warehouse:
            real(self, release_id)
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(DuckDBFile, "rollback", killed)
        with pytest.raises(_Killed):
            put_back(home, "r1", "first")
    assert home.standing() == ("r3" if before_the_warehouse else "r1")
    assert home.stale().years == ()
    assert put_back(home, "r1", "again")
    assert home.standing() == "r1" and home.stale().years == ()
    (row,) = noted(home)
    assert row["reason"] == "first" and row["done_at"]


def test_the_list_tells_which_stands_and_which_can_be_put_back(tmp_path: Path) -> None:
    home = small_home(tmp_path, keep=2)
    put_back(home, "r2")
    found = {
        r.release_id: (r.stands, r.kept, r.can_be_put_back)
        for r in list_releases(home.workplace, home.journal)
    }
    assert found == {"r3": (False, True, True), "r2": (True, True, False), "r1": (False, False, False)}
    newest = list_releases(home.workplace, home.journal)[0]
    assert (newest.years, newest.marts, newest.rows) == ((YEAR,), 1, 40)
    assert newest.withdrawn_at is not None
