"""What stands in PostgreSQL after a publication: values, types, keys, comments, rights."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import threading
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from assets.published import mart_nodes
from assets.warehouse import (
    PublicationFailed,
    ReleaseContents,
    ReleaseUnknown,
    WarehouseUnavailable,
    WarehouseUnsupported,
    open_warehouse,
)
from assets.warehouse.contents import checksum_of
from assets.warehouse.postgres import Postgres
from assets.warehouse.postgres_load import checksum_held
from assets.warehouse.postgres_tables import release_tables
from pipelines.settings import Settings
from tests.acceptance.releases import ROWS, Maker, client, node, rows, schemas
from tests.integration.line import Line

_TYPES = """CREATE TABLE marts.odd (
    number INTEGER NOT NULL, flag BOOLEAN, tiny TINYINT, small SMALLINT, big BIGINT, huge HUGEINT,
    single FLOAT, rate DOUBLE, amount DECIMAL(28,6), day DATE, "at" TIMESTAMP, seconds TIMESTAMP_S,
    zoned TIMESTAMPTZ, "clock" TIME, "Tên xã" VARCHAR, "order" VARCHAR)"""
_VALUES = (
    "(1, true, -128, -32768, 9007199254740993, 99999999999999999999999999999999999999, 0.1, 0.1,"
    " 1234567890123456789012.345678, '1975-04-30', '2026-11-23 02:00:00.123456', '2026-11-23 02:00:00',"
    " '2026-11-23 02:00:00+07', '23:59:59.999999', 'Xã Phú Xuyên – Đại Từ', 'a\"b''c\\d')",
    "(2, false, 127, 32767, -9223372036854775808, -1, 'nan', 'infinity', -0.000001, '0001-01-01',"
    " '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59', '1900-01-01 00:00:00+00', '00:00:00',"
    " e'one\\ntwo\\r\\n\\tthree\\\\N', '\\N')",
    "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "(4, true, 0, 0, 0, 0, -0.0, 5e-324, 0, '9999-12-31', '9999-12-31 23:59:59', NULL, NULL, NULL, '', ' ')",
    "(5, true, 0, 0, 0, 0, 3.4e38, 0.30000000000000004, 1e-6, '2024-02-29', NULL, NULL, NULL, NULL,"
    " '🌾 Bắc Kạn', 'NULL')",
)


def _odd(maker: Maker) -> ReleaseContents:
    return maker.of(
        "r1", {"odd": node("number")}, _TYPES, *(f"INSERT INTO marts.odd VALUES {v}" for v in _VALUES)
    )


def test_types_and_values_survive(maker: Maker, database: sa.URL) -> None:
    Postgres(database).publish(_odd(maker))
    found = rows(database, "SELECT * FROM marts.odd ORDER BY number")
    assert found[0][4:9] == (
        9007199254740993,
        Decimal("9" * 38),
        pytest.approx(0.1),
        0.1,
        Decimal("1234567890123456789012.345678"),
    )
    assert found[0][9:12] == (
        dt.date(1975, 4, 30), dt.datetime(2026, 11, 23, 2, 0, 0, 123456), dt.datetime(2026, 11, 23, 2),
    )  # fmt: skip
    assert found[0][12] == dt.datetime(2026, 11, 22, 19, tzinfo=dt.UTC)
    assert found[0][13:] == (dt.time(23, 59, 59, 999999), "Xã Phú Xuyên – Đại Từ", "a\"b'c\\d")
    assert math.isnan(found[1][6]) and found[1][7] == math.inf
    assert found[1][14:] == ("one\ntwo\r\n\tthree\\N", "\\N")
    assert found[2] == (3, *[None] * 15)
    assert found[3][7] == 5e-324 and found[3][14:] == ("", " ")
    assert found[4][7] == 0.30000000000000004 and found[4][14:] == ("🌾 Bắc Kạn", "NULL")
    types = dict(
        rows(
            database,
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'marts.odd'::regclass AND attnum > 0",
        )
    )
    assert (types["rate"], types["amount"], types["day"]) == ("double precision", "numeric(28,6)", "date")
    assert (types["at"], types["Tên xã"], types["flag"]) == ("timestamp without time zone", "text", "boolean")


def test_both_targets_hold_the_same_checksum(maker: Maker, database: sa.URL, tmp_path: Path) -> None:
    contents = _odd(maker)
    [mart] = contents.marts
    Postgres(database).publish(contents)
    open_warehouse(f"duckdb:///{tmp_path / 'w.duckdb'}").publish(contents)
    table = sa.Table(mart.name, sa.MetaData(schema="marts"))
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        held = checksum_held(connection, mart.columns, table)
        connection.execute(sa.text('UPDATE marts.odd SET "Tên xã" = NULL WHERE number = 4'))
        damaged = checksum_held(connection, mart.columns, table)
    embedded = sa.create_engine(f"duckdb:///{tmp_path / 'w.duckdb'}?access_mode=read_only")
    with embedded.connect() as connection:
        beside = checksum_of(connection, "marts.odd", [c.name for c in mart.columns])
    embedded.dispose()
    assert held == beside == (mart.rows, mart.checksum)
    assert damaged[0] == held[0] and damaged[1] != held[1]


def test_a_mart_of_many_batches_has_the_checksum_of_one(maker: Maker, database: sa.URL) -> None:
    contents = maker.small("r1", rows=21_000)
    Postgres(database).publish(contents)
    assert rows(database, "SELECT count(*) FROM marts.poverty_rate") == [(21_000,)]


def test_keys_follow_the_grain(maker: Maker, database: sa.URL) -> None:
    Postgres(database).publish(maker.small("r1"))
    found = rows(
        database,
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'marts'::regnamespace ORDER BY 1, 2",
    )
    assert found == [
        ("marts.credit", "UNIQUE NULLS NOT DISTINCT (month, commune_code)"),
        ("marts.dim_standard", "PRIMARY KEY (standard)"),
        ("marts.poverty_rate", "FOREIGN KEY (standard) REFERENCES marts.dim_standard(standard)"),
        ("marts.poverty_rate", "PRIMARY KEY (year, commune_code, standard)"),
        ("marts.release", "PRIMARY KEY (release_id)"),
        ("marts.release_change", "FOREIGN KEY (release_id) REFERENCES marts.release(release_id)"),
    ]


def test_rows_without_their_dimension_cost_the_foreign_key_alone(
    maker: Maker, database: sa.URL, caplog: pytest.LogCaptureFixture
) -> None:
    contents = maker.of(
        "r1",
        {"dim_standard": node("standard"), "poverty_rate": node()},
        "CREATE TABLE marts.dim_standard (standard VARCHAR NOT NULL)",
        "CREATE TABLE marts.poverty_rate AS SELECT 'VN-1993' AS standard",
    )
    Postgres(database).publish(contents)
    assert rows(database, "SELECT * FROM marts.poverty_rate") == [("VN-1993",)]
    assert "mart poverty_rate: rows without their dimension" in caplog.text


def test_real_marts_keep_all_their_foreign_keys_and_nothing_is_warned_of(
    clean: Line, maker: Maker, database: sa.URL, caplog: pytest.LogCaptureFixture
) -> None:
    nodes = mart_nodes(Settings.model_validate(dict(clean.settings)).workplace())
    contents = maker.contents(clean.home / "pipeline.duckdb", "r1", nodes)
    declared = {
        (table.name, constraint.elements[0].target_fullname.split(".")[1])
        for table in release_tables(contents.marts, "marts").tables.values()
        for constraint in table.foreign_key_constraints
    }
    Postgres(database).publish(contents)
    assert "without their dimension" not in caplog.text
    query = (
        "SELECT c.relname, d.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
        " JOIN pg_class d ON d.oid = k.confrelid WHERE k.contype = 'f'"
    )
    assert set(rows(database, query)) == declared
    assert {
        ("deprivation", "dim_indicator"), ("deprivation_check", "dim_indicator"),
        ("multidimensional_poverty", "dim_standard"),
    } <= declared  # fmt: skip
    assert ("multidimensional_poverty", "dim_indicator") not in declared


def test_a_wrong_password_and_a_wrong_sslmode_are_not_tried_again(database: sa.URL) -> None:
    for url in (
        database.set(username="nobody_of_this_name", password="gehe%im"),
        database.update_query_dict({"sslmode": "secure"}),
        database.set(database="no_such_database"),
    ):
        with pytest.raises(WarehouseUnsupported, match="THOATNGHEO_WAREHOUSE_URL") as raised:
            Postgres(url).current_release()
        assert "gehe" not in str(raised.value)


def test_comments_stand_on_tables_and_columns(maker: Maker, database: sa.URL) -> None:
    described = node(description="Rate: 100% of 'it'", columns={"year": 'Năm: it\'s "dated" %s'})
    Postgres(database).publish(
        maker.of("r1", {"rate": described}, "CREATE TABLE marts.rate AS SELECT 2024 AS year")
    )
    assert rows(
        database,
        "SELECT obj_description('marts.rate'::regclass), col_description('marts.rate'::regclass, 1),"
        " col_description('marts.release'::regclass, 1)",
    ) == [("Rate: 100% of 'it'", 'Năm: it\'s "dated" %s', "Identifier of the release")]


def test_reader_roles_read_and_nothing_else(maker: Maker, database: sa.URL) -> None:
    with client(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE bi LOGIN")
        connection.execute('CREATE ROLE "nhà_phân_tích" LOGIN')
    try:
        url = database.update_query_dict({"reader": ("bi", "nhà_phân_tích")})
        open_warehouse(url.render_as_string(hide_password=False)).publish(maker.small("r1"))
        for role in ("bi", "nhà_phân_tích"):
            with client(database.set(username=role)) as connection:
                assert connection.execute("SELECT count(*) FROM marts.credit").fetchone() == (ROWS,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("DELETE FROM marts.credit")
    finally:
        with client(database, autocommit=True) as connection:
            connection.execute('DROP OWNED BY bi, "nhà_phân_tích"')
            connection.execute('DROP ROLE bi, "nhà_phân_tích"')


def test_what_cannot_be_published_leaves_the_last_release_and_no_litter(
    maker: Maker, database: sa.URL
) -> None:
    warehouse = Postgres(database)
    warehouse.publish(maker.small("r1"))
    good = maker.small("r2")
    changed = dataclasses.replace(good.marts[1], checksum="0" * 32)
    failures = {
        f"the server holds {ROWS} rows where {ROWS} were to be published, or their": changed,
        "two rows share the key": dataclasses.replace(good.marts[1], grain=("year",)),
    }
    for words, mart in failures.items():
        with pytest.raises(PublicationFailed, match=f"mart poverty_rate: {words}"):
            warehouse.publish(dataclasses.replace(good, marts=(good.marts[0], mart)))
    listed = maker.of("r3", {"odd": node()}, "CREATE TABLE marts.odd AS SELECT [1] AS many")
    with pytest.raises(WarehouseUnsupported, match=r"mart odd, column many: no type for INTEGER\[\]"):
        warehouse.publish(listed)
    nul = maker.of("r4", {"odd": node()}, "CREATE TABLE marts.odd AS SELECT 'secret' || chr(0) AS note")
    with pytest.raises(PublicationFailed, match="mart odd: a value has no place") as raised:
        warehouse.publish(nul)
    assert "secret" not in str(raised.value)
    with pytest.raises(PublicationFailed, match="release r1 is in the warehouse already"):
        warehouse.publish(dataclasses.replace(good, release={**good.release, "release_id": "r1"}))
    assert schemas(database) == ["marts"]
    assert rows(database, "SELECT DISTINCT release_id FROM marts.poverty_rate") == [("r1",)]


def test_the_last_releases_are_kept_and_can_be_put_back(maker: Maker, database: sa.URL) -> None:
    warehouse = Postgres(database, keep=3)
    assert warehouse.current_release() is None and warehouse.releases() == []
    for number in range(5):
        warehouse.publish(maker.small(f"r{number}"))
    assert schemas(database) == ["marts", "marts_r2", "marts_r3"]
    assert [(r["release_id"], r["is_current"]) for r in warehouse.releases()] == [
        ("r4", True), ("r3", False), ("r2", False),
    ]  # fmt: skip
    with pytest.raises(ReleaseUnknown, match="no release r0 is kept in the warehouse; kept: r4, r3, r2"):
        warehouse.rollback("r0")
    warehouse.rollback("r2")
    warehouse.rollback("r2")
    current = warehouse.current_release()
    assert current is not None and current["release_id"] == "r2" and "is_current" not in current
    assert rows(database, "SELECT DISTINCT release_id FROM marts.credit") == [("r2",)]
    assert schemas(database) == ["marts", "marts_r3", "marts_r4"]
    warehouse.publish(maker.small("r5"))
    assert [r["release_id"] for r in warehouse.releases()][:2] == ["r5", "r4"]


def test_schemas_of_others_are_never_touched(maker: Maker, database: sa.URL) -> None:
    with client(database) as connection:
        connection.execute("CREATE SCHEMA marts_new_ideas; CREATE TABLE marts_new_ideas.mine (a int)")
        connection.execute("CREATE SCHEMA marts; CREATE TABLE marts.mine (a int)")
    warehouse = Postgres(database, keep=1)
    with pytest.raises(WarehouseUnsupported, match="the schema marts holds tables that were not published"):
        warehouse.publish(maker.small("r1"))
    with client(database) as connection:
        connection.execute("DROP TABLE marts.mine")
    for number in range(2, 5):
        warehouse.publish(maker.small(f"r{number}"))
    assert schemas(database) == ["marts", "marts_new_ideas", "marts_r3"]
    assert rows(database, "SELECT count(*) FROM marts_new_ideas.mine") == [(0,)]


def test_what_others_built_on_an_old_release_is_not_dropped(
    maker: Maker, database: sa.URL, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse = Postgres(database, keep=2)
    warehouse.publish(maker.small("r0"))
    with client(database) as connection:
        connection.execute("CREATE VIEW public.mine AS SELECT DISTINCT release_id FROM marts.credit")
    for number in range(1, 4):
        warehouse.publish(maker.small(f"r{number}"))
    assert schemas(database) == ["marts", "marts_r0", "marts_r2"]
    assert rows(database, "SELECT * FROM public.mine") == [("r0",)]
    assert "schema marts_r0 is left in the warehouse: something depends on it" in caplog.text


def test_a_server_that_does_not_answer_is_named_without_the_password(maker: Maker, tmp_path: Path) -> None:
    warehouse = open_warehouse(f"postgresql://pipeline:gehe%40im@/poverty?host={tmp_path}")
    for call in (lambda: warehouse.publish(maker.small("r1")), warehouse.current_release, warehouse.releases):
        with pytest.raises(WarehouseUnavailable, match=r"poverty: .*THOATNGHEO_WAREHOUSE_URL") as raised:
            call()
        assert "gehe" not in str(raised.value) and "gehe" not in repr(raised.value.__cause__)


def test_a_connection_that_is_cut_is_retryable(maker: Maker, database: sa.URL) -> None:
    warehouse = Postgres(database)
    warehouse.publish(maker.small("r1"))
    contents = maker.small("r2", rows=60_000)

    def cut() -> None:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'thoatngheo' AND query LIKE 'COPY%'"
        while not rows(database, ended):
            pass

    thread = threading.Thread(target=cut)
    thread.start()
    with pytest.raises(WarehouseUnavailable, match="the last release stays"):
        warehouse.publish(contents)
    thread.join()
    assert schemas(database) == ["marts"]
    warehouse.publish(maker.small("r3"))


def test_missing_roles_and_rights_are_named_with_the_fix(maker: Maker, database: sa.URL) -> None:
    contents = maker.small("r1")
    with pytest.raises(WarehouseUnsupported, match="there is no role nobody to read the marts; CREATE ROLE"):
        Postgres(database.update_query_dict({"reader": "nobody"})).publish(contents)
    with client(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE weak LOGIN")
    with pytest.raises(WarehouseUnsupported, match=r"GRANT CREATE ON DATABASE warehouse_\d+ TO weak"):
        Postgres(database.set(username="weak")).publish(contents)
    with client(database, autocommit=True) as connection:
        connection.execute("DROP ROLE weak")
    assert schemas(database) == []
