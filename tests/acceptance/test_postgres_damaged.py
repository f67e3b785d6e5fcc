"""A release in PostgreSQL that is not as it was published: told, and never in the way of the next."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from assets.warehouse import WarehouseDamaged
from assets.warehouse.postgres import Postgres
from tests.acceptance.releases import ROWS, Maker, client, rows, schemas


def _change(url: sa.URL, statement: str) -> None:
    with client(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture
def warehouse(maker: Maker, database: sa.URL) -> Postgres:
    made = Postgres(database, patience=5.0)
    for number in (1, 2, 3):
        made.publish(maker.small(f"r{number}"))
    return made


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE {}.release CASCADE",
        "DELETE FROM {}.release",
        "ALTER TABLE {}.release RENAME release_id TO id",
    ],
)
def test_a_kept_release_without_its_row_is_left_out_and_named(
    warehouse: Postgres, maker: Maker, database: sa.URL, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    _change(
        database,
        "ALTER TABLE marts_r1.release_change DROP CONSTRAINT release_change_release_id_fkey",
    )
    _change(database, damage.format("marts_r1"))
    with caplog.at_level(logging.WARNING):
        listed = [(row["release_id"], row["is_current"]) for row in warehouse.releases()]
    assert listed == [("r3", True), ("r2", False)]
    assert caplog.text.count("the schema marts_r1 holds release r1, but its table release is gone") == 1
    assert (warehouse.current_release() or {})["release_id"] == "r3"
    warehouse.publish(maker.small("r4"))
    assert (warehouse.whole_release() or {})["release_id"] == "r4"


def test_the_standing_release_without_its_row_is_damaged_and_the_next_takes_its_place(
    warehouse: Postgres, maker: Maker, database: sa.URL
) -> None:
    _change(database, "DROP TABLE marts.release CASCADE")
    for look in (warehouse.current_release, warehouse.whole_release):
        with pytest.raises(
            WarehouseDamaged, match=r"schema marts holds release r3, but .*thoatngheo publish"
        ):
            look()
    assert [row["release_id"] for row in warehouse.releases()] == ["r2", "r1"]
    warehouse.publish(maker.small("r4"))
    assert (warehouse.whole_release() or {})["release_id"] == "r4"
    assert "marts_r3" in schemas(database)


def test_the_standing_release_without_its_row_gives_way_to_a_kept_one(
    warehouse: Postgres, database: sa.URL
) -> None:
    _change(database, "DROP TABLE marts.release CASCADE")
    warehouse.rollback("r2")
    assert (warehouse.whole_release() or {})["release_id"] == "r2"


def test_deleted_rows_and_a_dropped_mart_are_damage(
    warehouse: Postgres, maker: Maker, database: sa.URL
) -> None:
    assert (warehouse.whole_release() or {})["release_id"] == "r3"
    _change(database, "DELETE FROM marts.poverty_rate; DROP TABLE marts.credit")
    words = f"release r3 is not as .*mart credit is gone; mart poverty_rate holds 0 rows, not {ROWS}"
    with pytest.raises(WarehouseDamaged, match=words):
        warehouse.whole_release()
    assert (warehouse.current_release() or {})["release_id"] == "r3"
    warehouse.publish(maker.small("r4"))
    assert (warehouse.whole_release() or {})["release_id"] == "r4"


def test_an_empty_database_holds_no_release(database: sa.URL) -> None:
    assert Postgres(database).whole_release() is None


def test_a_look_leaves_nothing_locked(warehouse: Postgres, database: sa.URL) -> None:
    warehouse.whole_release()
    held = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n"
    assert rows(database, f"{held} ON n.oid = c.relnamespace WHERE n.nspname LIKE 'marts%'") == [(0,)]


def test_what_moved_belongs_to_a_release_on_record(warehouse: Postgres, database: sa.URL) -> None:
    query = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = 'marts.release'::regclass"
    assert rows(database, f"{query} AND conrelid = 'marts.release_change'::regclass") == [(1,)]
