"""What lies at the place of the embedded warehouse and is not a whole release of ours."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from assets.errors import PERMANENT
from assets.warehouse import (
    ReleaseUnknown,
    WarehouseBusy,
    WarehouseDamaged,
    WarehouseUnsupported,
    duckdb_file,
    duckdb_place,
)
from assets.warehouse.duckdb_file import DuckDBFile
from tests.acceptance.releases import Maker

_WRITE = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE mine AS SELECT 1')"
_AND_DIE = "; os.kill(os.getpid(), 9)"


def _write(path: Path, end: str = "") -> int:
    """Another program writes to the file; its exit code."""
    return subprocess.run(
        [sys.executable, "-c", _WRITE + end, str(path)], stderr=subprocess.DEVNULL
    ).returncode


def _killed_writer(path: Path) -> Path:
    assert _write(path, _AND_DIE) == -9
    log = Path(f"{path}.wal")
    assert log.exists()
    return log


def _seen(path: Path) -> str:
    """The release that a reader of the file finds, in a process of its own as BI tools are."""
    look = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(*c.execute('SELECT DISTINCT release_id FROM marts.credit').fetchone())"
    )
    return subprocess.run(
        [sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of its own with a warehouse in which r1 stands and r0 is kept."""
    path = tmp_path / "out" / "warehouse.duckdb"
    for name in ("r0", "r1"):
        _warehouse(path).publish(Maker(tmp_path).small(name))
    return path


def _warehouse(path: Path, own: Path | None = None) -> DuckDBFile:
    return DuckDBFile(sa.make_url(f"duckdb:///{path}"), own=own)


def test_the_log_of_a_killed_writer_goes_before_the_next_release_stands(place: Path, tmp_path: Path) -> None:
    log = _killed_writer(place)
    _warehouse(place).publish(Maker(tmp_path).small("r2"))
    assert not log.exists() and _seen(place) == "r2"
    assert [row["release_id"] for row in _warehouse(place).releases()] == ["r2", "r1", "r0"]
    assert _seen(place.with_name("warehouse.r1.duckdb")) == "r1"


def test_a_rollback_goes_without_the_log_too(place: Path) -> None:
    log = _killed_writer(place)
    _warehouse(place).rollback("r0")
    assert not log.exists() and _seen(place) == "r0"


def test_at_the_rename_there_is_no_log_and_nobody_can_write_one(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, renamed = _killed_writer(place), []

    def replace(source: Path, target: Path) -> None:
        assert not log.exists() and _write(place) != 0 and not log.exists()
        assert _seen(place) == "r1"
        renamed.append(target)
        source.rename(target)

    monkeypatch.setattr(duckdb_place.os, "replace", replace)
    _warehouse(place).publish(Maker(tmp_path).small("r2"))
    assert renamed == [place]


def test_a_log_without_its_file_does_not_meet_the_next_release(place: Path, tmp_path: Path) -> None:
    _killed_writer(place)
    place.unlink()
    _warehouse(place).publish(Maker(tmp_path).small("r2"))
    assert _seen(place) == "r2"


def test_a_log_of_another_file_is_told_and_costs_no_release(place: Path, tmp_path: Path) -> None:
    log = _killed_writer(place)
    os.replace(place, place.with_name("warehouse.r1.duckdb"))
    os.link(place.with_name("warehouse.r0.duckdb"), place)
    with pytest.raises(WarehouseDamaged, match=r"remove warehouse\.duckdb\.wal"):
        _warehouse(place).current_release()
    _warehouse(place).publish(Maker(tmp_path).small("r2"))
    assert not log.exists() and _seen(place) == "r2"
    assert len(_warehouse(place).releases()) == 3
    assert not list(place.parent.glob("*damaged*"))


def test_a_program_that_writes_holds_the_release_up(place: Path, tmp_path: Path) -> None:
    script = _WRITE + "; print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseBusy, match=r"warehouse\.duckdb is open in another program"):
            _warehouse(place).publish(Maker(tmp_path).small("r2"))
        with pytest.raises(WarehouseBusy), duckdb_place.unwritten(place):
            pass
        assert Path(f"{place}.wal").exists()
        writer.communicate()
    assert _seen(place) == "r1"


def test_a_release_is_opened_again_before_it_is_told_as_published(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _killed_writer(place)
    left = log.read_bytes()

    def careless(beside: Path, path: Path) -> None:
        os.replace(beside, path)
        log.write_bytes(left)

    monkeypatch.setattr(duckdb_file, "put_in_place", careless)
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb\.wal"):
        _warehouse(place).publish(Maker(tmp_path).small("r2"))


def test_pruned_releases_take_their_logs_with_them(place: Path, tmp_path: Path) -> None:
    log = _killed_writer(place.with_name("warehouse.r0.duckdb"))
    DuckDBFile(sa.make_url(f"duckdb:///{place}"), keep=2).publish(Maker(tmp_path).small("r2"))
    assert not log.exists() and not place.with_name("warehouse.r0.duckdb").exists()


def _own_database(path: Path, statement: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (a)")


_FOREIGN: dict[str, Callable[[Path], object]] = {
    "table": lambda path: _own_database(path, "CREATE TABLE mine AS SELECT 1"),
    "view": lambda path: _own_database(path, "CREATE VIEW mine AS SELECT 1"),
    "marts": lambda path: _own_database(path, "CREATE SCHEMA marts; CREATE TABLE marts.mine AS SELECT 1"),
    "text": lambda path: path.write_text("Kính gửi: Uỷ ban"),
    "sqlite": _sqlite,
}


@pytest.mark.parametrize("make", _FOREIGN.values(), ids=_FOREIGN)
def test_somebody_else_s_file_is_refused_and_not_touched(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "out" / "mine.duckdb"
    path.parent.mkdir()
    make(path)
    before = path.read_bytes()
    with pytest.raises(WarehouseUnsupported, match=r"mine\.duckdb.*nothing in it is touched.*_WAREHOUSE_URL"):
        _warehouse(path).publish(Maker(tmp_path).small("r0"))
    assert path.read_bytes() == before and [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("make", [_FOREIGN["table"], _FOREIGN["marts"]])
def test_a_readable_database_is_refused_in_our_own_place_too(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path)
    warehouse = _warehouse(path, own=path)
    for call in (warehouse.current_release, warehouse.releases, lambda: warehouse.rollback("r0")):
        with pytest.raises(WarehouseUnsupported, match="was not published from here"):
            call()


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: _own_database(path, "SELECT 1")])
def test_a_file_that_holds_nothing_is_nobody_s(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path)
    _warehouse(path).publish(Maker(tmp_path).small("r0"))
    assert _seen(path) == "r0" and not list(tmp_path.glob("*damaged*"))


def test_a_folder_is_no_warehouse(tmp_path: Path) -> None:
    warehouse = _warehouse(tmp_path)
    calls = (warehouse.current_release, warehouse.releases, lambda: warehouse.rollback("r0"))
    for call in calls:
        with pytest.raises(WarehouseUnsupported, match="is a folder; name a file in it"):
            call()


def _spoilt(content: bytes) -> dict[str, bytes]:
    return {
        "no database": b"no database at all" * 1000,
        "zeros": bytes(len(content)),
        "half": content[: len(content) // 2],
        "headers": content[:4096] + bytes(8192) + content[12288:],
        "blocks": content[:12288] + b"\xab" * (len(content) - 12288),
    }


@pytest.mark.parametrize("kind", _spoilt(b""))
def test_a_damaged_warehouse_is_told_and_its_kept_releases_go_on(place: Path, kind: str) -> None:
    assert WarehouseDamaged in PERMANENT
    spoilt = _spoilt(place.read_bytes())[kind]
    place.write_bytes(spoilt)
    warehouse = _warehouse(place)
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb.*--rollback RELEASE") as raised:
        warehouse.current_release()
    assert str(place.parent) not in str(raised.value)
    for call in (
        lambda: warehouse.lend(duckdb.connect(), "before", ["credit"]),
        lambda: warehouse.lend(duckdb.connect(), "before", ["credit"], "r1"),
    ):
        with pytest.raises(WarehouseDamaged):
            call()
    with pytest.raises(WarehouseDamaged), warehouse.reading():
        pass
    assert [(row["release_id"], row["is_current"]) for row in warehouse.releases()] == [("r0", False)]
    assert warehouse.lend(duckdb.connect(), "before", ["credit"], "r0") == ["credit"]
    with pytest.raises(ReleaseUnknown, match="kept: r0"):
        warehouse.rollback("r9")
    warehouse.rollback("r0")
    assert _seen(place) == "r0"
    [aside] = place.parent.glob("warehouse.duckdb.damaged-*")
    assert aside.read_bytes() == spoilt


def test_a_damaged_warehouse_with_kept_releases_is_ours_and_the_next_release_mends_it(
    place: Path, tmp_path: Path
) -> None:
    for number in (1, 2):
        place.write_bytes(b"no database")
        _warehouse(place).publish(Maker(tmp_path).small(f"r{number + 1}"))
        assert len(list(place.parent.glob("warehouse.duckdb.damaged-*"))) == number
    assert _seen(place) == "r3"


def test_rows_that_are_damaged_are_told_where_they_are_read(place: Path) -> None:
    with _warehouse(place).reading() as connection:
        query = "SELECT count(*) FROM marts.credit"
        assert connection.execute(sa.text(query)).scalar_one() == 40
    words = "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at 12288"
    with pytest.raises(WarehouseDamaged), _warehouse(place).reading():
        raise duckdb.Error(words)
