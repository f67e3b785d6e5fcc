"""The release that stands is looked at: a DuckDB file whose marts are not as published is damaged."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from assets.failing import what_fails
from assets.warehouse import WarehouseDamaged
from assets.warehouse.duckdb_file import DuckDBFile
from assets.warehouse.whole import published_counts, require_whole
from tests.acceptance.releases import ROWS, Maker
from tests.unit.releases.small_home import YEAR, SmallHome, small_home

_BLOCK = 262_144
_ROW = {"release_id": "r1", "marts": '{"credit": {"rows": 2}, "dim": {"rows": 3}}'}


def _change(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def _spoil_a_page_of_rows(path: Path) -> None:
    """Bytes of the page that holds the values of a column; the file's head stays sound."""
    with duckdb.connect(str(path), read_only=True) as connection:
        query = (
            "SELECT min(block_id) FROM pragma_storage_info('marts.credit') WHERE persistent AND block_id >= 0"
        )
        [(block,)] = connection.execute(query).fetchall()
    content = bytearray(path.read_bytes())
    start = 3 * 4096 + int(block) * _BLOCK + 64
    content[start : start + 32] = bytes(b ^ 0xAB for b in content[start : start + 32])
    path.write_bytes(content)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "warehouse.duckdb"
    DuckDBFile(sa.make_url(f"duckdb:///{path}")).publish(Maker(tmp_path).small("r1", rows=20_000))
    return path


def test_rows_are_compared_by_mart() -> None:
    assert published_counts(_ROW) == {"credit": 2, "dim": 3}
    require_whole(_ROW, {"credit": 2, "dim": 3, "mine": 9})
    with pytest.raises(
        WarehouseDamaged,
        match=r"release r1 is not as .*mart credit holds 0 rows, not 2; mart dim is gone; thoat",
    ):
        require_whole(_ROW, {"credit": 0})


def test_a_whole_release_is_handed_out_and_no_release_is_none(place: Path, tmp_path: Path) -> None:
    whole = DuckDBFile(sa.make_url(f"duckdb:///{place}")).whole_release()
    assert whole is not None and whole["release_id"] == "r1"
    assert DuckDBFile(sa.make_url(f"duckdb:///{tmp_path}/none.duckdb")).whole_release() is None


def test_deleted_rows_and_a_dropped_mart_are_damage(place: Path) -> None:
    _change(place, "DELETE FROM marts.poverty_rate WHERE commune_code = 'xã 1'", "DROP TABLE marts.credit")
    warehouse = DuckDBFile(sa.make_url(f"duckdb:///{place}"))
    with pytest.raises(
        WarehouseDamaged, match="credit is gone; mart poverty_rate holds 19999 rows, not 20000"
    ):
        warehouse.whole_release()
    assert (warehouse.current_release() or {})["release_id"] == "r1"


def test_a_spoilt_page_is_damage_though_every_count_holds(place: Path) -> None:
    _spoil_a_page_of_rows(place)
    warehouse = DuckDBFile(sa.make_url(f"duckdb:///{place}"))
    assert (warehouse.current_release() or {})["release_id"] == "r1"
    with duckdb.connect(str(place), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM marts.credit").fetchall() == [(20_000,)]
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb is damaged"):
        warehouse.whole_release()


@pytest.fixture
def home(tmp_path: Path) -> SmallHome:
    return small_home(tmp_path)


def _errors(home: SmallHome) -> list[str]:
    found = what_fails(home.workplace, home.journal)
    return [f.found for f in found if (f.where, f.check, f.severity) == ("warehouse", "readable", "error")]


def test_status_tells_it_and_the_night_publishes_again(home: SmallHome) -> None:
    assert not home.stale().years and not _errors(home)
    _change(home.workplace.home.warehouse, "DELETE FROM marts.credit")
    assert len(told := _errors(home)) == 1 and f"mart credit holds 0 rows, not {ROWS}" in told[0]
    assert home.stale().reasons == {YEAR: ["the warehouse does not hold the last release"]}
    home.publish("r4")
    assert not _errors(home) and not home.stale().years
