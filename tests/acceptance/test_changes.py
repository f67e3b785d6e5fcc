"""What releases changed, in both warehouses: the record, what was said on a day, kills and rollbacks."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.changes import compare
from assets.changes.steps import NoWay, stood_at
from assets.journal import ROLLBACK
from assets.releases import roll_back, warehouse_of, withdrawals
from assets.warehouse.duckdb_file import DuckDBFile
from assets.warehouse.postgres import Postgres
from tests.unit.changes.small_marts import RATE, SmallMarts, rate, small_marts

_SEED = int(os.environ.get("THOATNGHEO_CHANGES_SEED", "20211"))


@pytest.fixture(params=["duckdb", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallMarts]:
    """Two releases are kept: the one that stands and the one before it."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("database").render_as_string(hide_password=False)
    yield small_marts(tmp_path, url, keep=2)


def put_back(home: SmallMarts, release_id: str) -> None:
    roll_back(home.workplace, home.journal, release_id, decided_by="lan", reason="")


def test_a_first_release_changes_nothing_and_the_next_says_what_it_did(home: SmallMarts) -> None:
    rate(home, {(2021, "01840"): 21_946, (2021, "01843"): 10})
    first = home.publish()
    assert first.record is not None and (first.record.compared_with, first.record.changes) == (None, None)
    assert home.changes() == []
    home.run("UPDATE marts.poverty_rate SET poor_households = 22312 WHERE commune_code = '01840'")
    second = home.publish()
    columns = "release_id, mart, kind, column_name, old_value, new_value, difference, year, commune_code"
    assert home.changes(columns) == [
        (second.release_id, RATE, "changed", "poor_households", "21946.0", "22312.0", 366.0, 2021, "01840"),
    ]  # fmt: skip
    told = {row["release_id"]: (row["compared_with"], row["changes"]) for row in home.releases()}
    assert told == {first.release_id: (None, None), second.release_id: (first.release_id, 1)}


def test_the_same_marts_again_add_nothing(home: SmallMarts) -> None:
    rate(home, {(2021, "a"): 1.0})
    home.publish()
    again = home.publish()
    assert again.record is not None and again.record.changes == 0
    assert home.changes() == []


def test_what_was_said_on_a_day_outlives_the_tables_of_the_release(home: SmallMarts) -> None:
    """The real case: Bắc Kạn at the end of 2021, first 21,946 poor households, later over 22,300."""
    rate(home, {(2021, "06"): 21_946})
    first = home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = 22312")
    home.publish()
    for year in (2022, 2023):
        rate(home, {(year, "06"): 20_000})
        home.publish()
    assert first.release_id not in {r.release_id for r in _kept(home)}
    day = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    stood = stood_at(home.releases(), home.journal.rows(ROLLBACK.select()), day)
    assert stood == first.release_id
    made, rows = home.vintage(str(stood))
    assert made.rebuilt_from is not None
    assert [(row[0], row[3]) for row in rows] == [(2021, 21_946.0)]


def _kept(home: SmallMarts) -> list[Any]:
    from assets.releases import list_releases

    return [r for r in list_releases(home.workplace, home.journal) if r.kept]


def test_every_release_can_be_read_back_whatever_came_after_it(home: SmallMarts) -> None:
    chance, said = random.Random(_SEED), {}
    rate(home, {(year, f"c{n}"): 10.0 * n for year in (2021, 2022) for n in range(6)})
    for number in range(9):
        if number == 4:
            # One branch is given up: what it changed is undone and stays on record.
            before = next(r.release_id for r in _kept(home) if not r.stands)
            put_back(home, before)
            _restore(home, said[before])
        for _ in range(chance.randint(1, 6)):
            _disturb(home, chance)
        made = home.publish()
        said[made.release_id] = home.now()
    withdrawn = withdrawals(home.journal)
    for release_id, rows in said.items():
        try:
            assert home.vintage(release_id)[1] == rows, release_id
        except NoWay as error:
            # Only the branch that was given up is led to forwards, where a year that came is told once.
            assert release_id in withdrawn and "slice_added" in str(error)


def _restore(home: SmallMarts, rows: list[tuple[Any, ...]]) -> None:
    home.run("DELETE FROM marts.poverty_rate")
    for row in rows:
        home.run("INSERT INTO marts.poverty_rate VALUES (?, ?, ?, ?, ?, ?, ?)", list(row))


def _disturb(home: SmallMarts, chance: random.Random) -> None:
    where = f"WHERE commune_code = 'c{chance.randrange(8)}' AND year = {chance.choice((2021, 2022))}"
    change = chance.choice(
        [
            f"UPDATE marts.poverty_rate SET poor_households = {chance.random() * 1e6} {where}",
            f"UPDATE marts.poverty_rate SET poor_households = NULL, poor_rate = {chance.random()} {where}",
            f"UPDATE marts.poverty_rate SET households_source = chr({chance.randrange(32, 900)}) || '\"' {where}",
            f"UPDATE marts.poverty_rate SET households_source = '', is_final = NOT is_final {where}",
            f"DELETE FROM marts.poverty_rate {where}",
            "INSERT INTO marts.poverty_rate SELECT 2021, 'current', 'n' || count(*), NULL, NULL, NULL, NULL"
            " FROM marts.poverty_rate HAVING count(*) NOT IN (SELECT coalesce(substr(commune_code, 2), '0')::INT"
            " FROM marts.poverty_rate WHERE geography = 'current')",
            f"INSERT INTO marts.poverty_rate SELECT max(year) + 1, 'as_reported', NULL, {chance.random()}, 0, 'x',"
            " true FROM marts.poverty_rate",
        ]
    )
    home.run(change)


def test_a_withdrawn_release_stays_on_record_and_is_compared_with_no_more(home: SmallMarts) -> None:
    rate(home, {(2021, "a"): 10})
    first = home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = 20")
    second = home.publish()
    put_back(home, first.release_id)
    assert home.changes() == []
    home.run("UPDATE marts.poverty_rate SET poor_households = 11")
    third = home.publish()
    moved = "release_id, old_value, new_value"
    assert sorted(home.changes(moved, "column_name = 'poor_households'")) == [
        (second.release_id, "10.0", "20.0"), (third.release_id, "10.0", "11.0"),
    ]  # fmt: skip


def test_a_killed_publication_leaves_neither_release_nor_record(
    home: SmallMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate(home, {(2021, "a"): 10})
    first = home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = 20")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        for kind in (DuckDBFile, Postgres):
            patched.setattr(kind, "publish", _killed)
        home.publish()
    assert home.changes() == [] and [r["release_id"] for r in home.releases()] == [first.release_id]
    home.run("UPDATE marts.poverty_rate SET poor_households = 30")
    home.publish()
    assert home.changes("old_value, new_value") == [("10.0", "30.0")]


def test_a_release_killed_before_it_was_journalled_keeps_its_record(
    home: SmallMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assets.journal import Journal

    rate(home, {(2021, "a"): 10})
    first = home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = 20")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Journal, "put", _killed)
        home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = 30")
    home.publish()
    assert home.changes("old_value, new_value") == [("10.0", "20.0"), ("20.0", "30.0")]
    assert home.vintage(first.release_id)[1][0][3] == 10.0


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_record_that_the_home_lost_is_taken_from_the_warehouse(
    home: SmallMarts, caplog: pytest.LogCaptureFixture
) -> None:
    rate(home, {(2021, "a"): 10})
    home.publish()
    for poor in (20, 30):
        home.run("UPDATE marts.poverty_rate SET poor_households = ?", [poor])
        home.publish()
    file = home.workplace.home.changes
    for spoil in (file.unlink, lambda: file.write_bytes(b"PAR1 half")):
        spoil()
        home.run("UPDATE marts.poverty_rate SET poor_households = poor_households + 1")
        home.publish()
    values = [old for (old,) in home.changes("old_value")]
    assert values == ["10.0", "20.0", "30.0", "31.0"]
    assert "taken from the warehouse" in caplog.text and "made anew" in caplog.text


def test_what_was_told_together_is_not_read_back_as_if_it_were_known(
    home: SmallMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare.compare, "__kwdefaults__", {"only": (), "most": 3})
    rate(home, {(2021, f"c{n}"): n for n in range(5)})
    first = home.publish()
    home.run("UPDATE marts.poverty_rate SET poor_households = poor_households + 1")
    cut = home.publish()
    assert home.changes("kind, column_name, cells, old_value") == [("rolled_up", "poor_households", 5, None)]
    assert cut.record is not None and cut.record.changes == 5
    # Its own tables are kept still.
    assert home.vintage(first.release_id)[0].rebuilt_from is None
    home.publish()
    with pytest.raises(NoWay, match=rf"poverty_rate of {first.release_id} cannot be led back to: .*5"):
        home.vintage(first.release_id)
    # Another mart is not touched by it, and the release itself can still be read.
    assert home.vintage(first.release_id, "credit")[1] == []
    assert len(home.vintage(cut.release_id)[1]) == 5


def test_both_warehouses_lend_the_values_that_they_were_given(home: SmallMarts) -> None:
    home.run(
        "INSERT INTO marts.credit VALUES (DATE '2024-01-01', e'a\"b,\\n\\\\N', 0.000001, 9007199254740993),"
        " (DATE '0001-01-01', '\\N', -1234567890123456789012.345678, NULL), (DATE '9999-12-31', '', NULL, 0)"
    )
    rate(home, {(2021, "a"): 0.1 + 0.2})
    home.run("INSERT INTO marts.poverty_rate VALUES (2022, '', NULL, 'nan', '-infinity', 'NULL', NULL)")
    made = home.publish()
    for mart in ("credit", RATE):
        assert str(home.vintage(made.release_id, mart)[1]) == str(home.now(mart))


def test_the_documented_query_says_what_was_said(home: SmallMarts) -> None:
    text = (Path(__file__).parents[2] / "docs" / "releases.md").read_text(encoding="utf-8")
    query = text.partition("```sql")[2].partition("```")[0].strip().rstrip(";")
    rate(home, {(2021, "01840"): 21_946, (2021, "01843"): 10})
    home.publish()
    for poor in (22_000, 22_312):
        home.run("UPDATE marts.poverty_rate SET poor_households = ? WHERE commune_code = '01840'", [poor])
        home.publish()
    # Published at 02:00, 03:00 and 04:00.
    said = {"02:30": 21_946.0, "03:30": 22_000.0, "04:30": 22_312.0}
    for hour, poor in said.items():
        asked = query.replace("02:30:00", f"{hour}:00")
        with warehouse_of(home.workplace).reading() as connection:
            assert connection.execute(sa.text(asked.replace(":", "\\:"))).scalars().all() == [poor]


def test_moments_between_releases_and_rollbacks() -> None:
    releases = [{"release_id": f"r{n}", "published_at": f"2026-03-0{n}T02:00:00"} for n in (1, 2, 4)]
    rollbacks = [
        {"release_id": "r1", "done_at": "2026-03-03T05:00:00+00:00"}, {"release_id": "r2", "done_at": None}
    ]  # fmt: skip
    first = datetime(2026, 3, 1, 1, tzinfo=UTC)
    seen = [stood_at(releases, rollbacks, first + timedelta(hours=12 * n)) for n in range(8)]
    assert seen == [None, "r1", "r1", "r2", "r2", "r1", "r1", "r4"]


def test_postgres_readers_see_the_table_with_its_comments(database: sa.URL, tmp_path: Path) -> None:
    home = small_marts(tmp_path, database.render_as_string(hide_password=False))
    home.publish()
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        query = (
            "SELECT count(*), count(col_description('marts.release_change'::regclass, attnum)) FROM pg_attribute"
            " WHERE attrelid = 'marts.release_change'::regclass AND attnum > 0"
        )
        assert connection.execute(sa.text(query)).one() == (12, 12)
