"""The embedded warehouse: built beside, verified, put in place by one rename."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from assets.warehouse import (
    MartContents,
    PublicationFailed,
    ReleaseContents,
    ReleaseUnknown,
    WarehouseUnsupported,
    open_warehouse,
)
from assets.warehouse.contents import describe_mart
from assets.warehouse.duckdb_file import DuckDBFile

NODE = {
    "description": "Rate: by commune's class",
    "columns": {"commune_code": {"description": "Code: it's dated"}},
}
ROWS = [("01840", 5.46, None), ("01843", 10.29, "Bắc Kạn"), ("01843", 10.29, "Bắc Kạn")]


def pipeline(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute("CREATE TABLE marts.rate (commune_code VARCHAR, rate DOUBLE, note VARCHAR)")
        connection.executemany("INSERT INTO marts.rate VALUES (?, ?, ?)", rows)
    return path


def described(path: Path) -> MartContents:
    engine = sa.create_engine(f"duckdb:///{path}")
    try:
        with engine.connect() as connection:
            return describe_mart(connection, "rate", NODE, "marts")
    finally:
        engine.dispose()


def release(
    source: Path, release_id: str, *marts: MartContents, history: tuple[Any, ...] = ()
) -> ReleaseContents:
    row = {
        "release_id": release_id, "published_at": datetime(2026, 11, int(release_id[-1]) + 1), "code_version": "1",
        "years": "[2024]", "inputs": "{}", "marts": "{}", "checksum": "c", "records": None,
        "withdrawn_at": None,
    }  # fmt: skip
    return ReleaseContents(source, marts, row, history)


def published(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("SELECT * FROM marts.rate ORDER BY ALL").fetchall()


def test_equal_rows_in_another_order_have_one_checksum(tmp_path: Path) -> None:
    one = described(pipeline(tmp_path / "a.duckdb", ROWS))
    other = described(pipeline(tmp_path / "b.duckdb", ROWS[::-1]))
    assert (one.rows, len(one.checksum)) == (3, 32)
    assert one == other


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:2],
        [*ROWS, ROWS[0]],
        [("01840", 5.46, ""), *ROWS[1:]],
        [("01840", 5.47, None), *ROWS[1:]],
        [(None, 5.46, "01840"), *ROWS[1:]],
    ],
)
def test_other_rows_have_another_checksum(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    one = described(pipeline(tmp_path / "a.duckdb", ROWS))
    assert described(pipeline(tmp_path / "b.duckdb", rows)).checksum != one.checksum


def test_an_empty_mart_has_a_checksum_too(tmp_path: Path) -> None:
    empty = pipeline(tmp_path / "a.duckdb", ROWS)
    with duckdb.connect(str(empty)) as connection:
        connection.execute("DELETE FROM marts.rate")
    assert described(empty).rows == 0
    assert len(described(empty).checksum) == 32


def test_a_mart_is_described_by_its_node(tmp_path: Path) -> None:
    mart = described(pipeline(tmp_path / "a.duckdb", ROWS))
    assert [(c.name, c.data_type, c.comment) for c in mart.columns] == [
        ("commune_code", "VARCHAR", "Code: it's dated"), ("rate", "DOUBLE", ""), ("note", "VARCHAR", ""),
    ]  # fmt: skip


def test_a_release_stands_with_rows_comments_and_history(tmp_path: Path) -> None:
    source = pipeline(tmp_path / "p.duckdb", ROWS)
    path = tmp_path / "new" / "warehouse.duckdb"
    warehouse = open_warehouse(f"duckdb:///{path}")
    assert warehouse.current_release() is None
    first = release(source, "r0", described(source))
    warehouse.publish(first)
    warehouse.publish(release(source, "r1", described(source), history=(first.release,)))
    assert published(path) == sorted(ROWS, key=lambda r: r[0])
    current = warehouse.current_release()
    assert current is not None and current["release_id"] == "r1"
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT release_id FROM marts.release ORDER BY 1").fetchall() == [
            ("r0",),
            ("r1",),
        ]
        comments = dict(
            connection.execute(
                "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'rate'"
            ).fetchall()
        )
        table = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'rate'").fetchone()
    assert comments["commune_code"] == "Code: it's dated"
    assert table == ("Rate: by commune's class",)
    assert sorted(p.name for p in path.parent.iterdir()) == ["warehouse.duckdb", "warehouse.r0.duckdb"]


def test_a_failed_publication_keeps_the_last_release(tmp_path: Path) -> None:
    source = pipeline(tmp_path / "p.duckdb", ROWS)
    path = tmp_path / "out" / "warehouse.duckdb"
    warehouse = open_warehouse(f"duckdb:///{path}")
    mart = described(source)
    warehouse.publish(release(source, "r0", mart))
    before = path.read_bytes()
    changed = MartContents(mart.name, mart.comment, mart.columns, mart.rows, "0" * 32)
    with pytest.raises(
        PublicationFailed, match="mart rate: wrote 3 rows where 3 were to be published, or their content"
    ):
        warehouse.publish(release(source, "r1", changed))
    missing = MartContents("absent", "", mart.columns, 0, "0" * 32)
    with pytest.raises(sa.exc.SQLAlchemyError):
        warehouse.publish(release(source, "r1", mart, missing))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["warehouse.duckdb"]


def test_what_a_killed_publication_left_is_removed(tmp_path: Path) -> None:
    source = pipeline(tmp_path / "p.duckdb", ROWS)
    path = tmp_path / "out" / "warehouse.duckdb"
    path.parent.mkdir()
    (path.parent / ".warehouse.duckdb.4711.new").write_bytes(b"half")
    (path.parent / ".warehouse.duckdb.4711.new.wal").write_bytes(b"half")
    (path.parent / "mine.duckdb").write_bytes(b"other")
    open_warehouse(f"duckdb:///{path}").publish(release(source, "r0", described(source)))
    assert sorted(p.name for p in path.parent.iterdir()) == ["mine.duckdb", "warehouse.duckdb"]


def test_an_open_reader_keeps_the_old_release_until_it_opens_anew(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    warehouse = open_warehouse(f"duckdb:///{path}")
    old = pipeline(tmp_path / "old.duckdb", ROWS[:1])
    warehouse.publish(release(old, "r0", described(old)))
    reader = duckdb.connect(str(path), read_only=True)
    try:
        new = pipeline(tmp_path / "new.duckdb", ROWS[1:2])
        warehouse.publish(release(new, "r1", described(new)))
        assert reader.execute("SELECT commune_code FROM marts.rate").fetchall() == [("01840",)]
    finally:
        reader.close()
    assert published(path) == [ROWS[1]]


def test_the_last_releases_are_kept_and_can_be_put_back(tmp_path: Path) -> None:
    path = tmp_path / "out" / "warehouse.duckdb"
    warehouse = DuckDBFile(sa.make_url(f"duckdb:///{path}"), keep=3)
    assert warehouse.releases() == []
    path.parent.mkdir()
    (path.parent / "warehouse.mine.duckdb").write_bytes(b"other")
    for number, row in enumerate([*ROWS, ROWS[0]]):
        source = pipeline(tmp_path / f"{number}.duckdb", [row])
        warehouse.publish(release(source, f"r{number}", described(source)))
    assert [(r["release_id"], r["is_current"]) for r in warehouse.releases()] == [
        ("r3", True), ("r2", False), ("r1", False),
    ]  # fmt: skip
    with pytest.raises(ReleaseUnknown, match="no release r0 is kept beside the warehouse; kept: r3, r2, r1"):
        warehouse.rollback("r0")
    for wanted, row in (("r1", ROWS[1]), ("r1", ROWS[1]), ("r3", ROWS[0])):
        warehouse.rollback(wanted)
        assert published(path) == [row]
        assert [r["release_id"] for r in warehouse.releases() if r["is_current"]] == [wanted]
        assert len(warehouse.releases()) == 3
    assert (path.parent / "warehouse.mine.duckdb").read_bytes() == b"other"
    assert not [p for p in path.parent.iterdir() if p.name.startswith(".")]


def test_a_damaged_warehouse_does_not_hold_up_the_next_release_and_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"no database")
    source = pipeline(tmp_path / "p.duckdb", ROWS[:1])
    ours = DuckDBFile(sa.make_url(f"duckdb:///{path}"), own=path)
    ours.publish(release(source, "r0", described(source)))
    assert published(path) == ROWS[:1]
    [aside] = tmp_path.glob("warehouse.duckdb.damaged-*")
    assert aside.read_bytes() == b"no database"


@pytest.mark.parametrize("url", ["sqlite:///a.db", "duckdb://", "duckdb:///:memory:", "no url"])
def test_a_warehouse_of_another_kind_is_refused_with_what_to_give(url: str) -> None:
    with pytest.raises(
        WarehouseUnsupported, match=r"THOATNGHEO_WAREHOUSE_URL.*give a file such as duckdb:///"
    ):
        open_warehouse(url)


def test_a_refusal_does_not_quote_a_password() -> None:
    with pytest.raises(WarehouseUnsupported) as raised:
        open_warehouse("mysql://user:secret@host/db")
    assert "secret" not in str(raised.value)
