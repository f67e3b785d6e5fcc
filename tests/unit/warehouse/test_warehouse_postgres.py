"""The tables of a release as PostgreSQL gets them, and what its errors are told as."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from assets.errors import PERMANENT, RETRYABLE
from assets.warehouse import (
    MartContents,
    WarehouseBusy,
    WarehouseUnavailable,
    WarehouseUnsupported,
    open_warehouse,
)
from assets.warehouse.contents import MartColumn
from assets.warehouse.postgres import Postgres
from assets.warehouse.postgres_errors import place, server_told
from assets.warehouse.postgres_tables import release_tables
from assets.warehouse.types import sqlalchemy_type

URL = sa.make_url("postgresql+psycopg://pipeline:geheim@db.example/poverty")


def _mart(name: str, columns: dict[str, bool], grain: tuple[str, ...]) -> MartContents:
    made = tuple(MartColumn(c, "VARCHAR", f"Mã {c}", nullable) for c, nullable in columns.items())
    return MartContents(name, f"Bảng {name}", made, 0, "", grain)


def _created(marts: list[MartContents], name: str) -> str:
    table = release_tables(marts, "marts").tables[f"marts.{name}"]
    return " ".join(str(CreateTable(table).compile(dialect=postgresql.dialect())).split())


@pytest.mark.parametrize(
    ("duckdb_type", "postgres_type"),
    [
        ("INTEGER", "INTEGER"),
        ("BIGINT", "BIGINT"),
        ("HUGEINT", "NUMERIC(38, 0)"),
        ("DOUBLE", "DOUBLE PRECISION"),
        ("DECIMAL(18,3)", "NUMERIC(18, 3)"),
        ("DECIMAL(9, 6)", "NUMERIC(9, 6)"),
        ("VARCHAR", "TEXT"),
        ("DATE", "DATE"),
        ("TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE"),
        ("BOOLEAN", "BOOLEAN"),
    ],
)
def test_types(duckdb_type: str, postgres_type: str) -> None:
    assert sqlalchemy_type(duckdb_type, "").compile(dialect=postgresql.dialect()) == postgres_type


@pytest.mark.parametrize("data_type", ["VARCHAR[]", "STRUCT(a INTEGER)", "MAP(VARCHAR, INTEGER)", "BLOB"])
def test_a_type_without_a_place_is_named_with_its_column(data_type: str) -> None:
    with pytest.raises(WarehouseUnsupported, match=r"mart m, column c: no type for .*; cast the column"):
        sqlalchemy_type(data_type, "mart m, column c")


def test_the_grain_is_the_key() -> None:
    filled = _mart("a", {"year": False, "code": False, "rate": True}, ("year", "code"))
    assert "PRIMARY KEY (year, code)" in _created([filled], "a")
    blank = _mart("b", {"year": False, "code": True}, ("year", "code"))
    assert "UNIQUE NULLS NOT DISTINCT (year, code)" in _created([blank], "b")
    none = _mart("c", {"year": False}, ())
    assert "KEY" not in _created([none], "c") and "year TEXT NOT NULL" in _created([none], "c")


def test_foreign_keys_lead_to_dimensions_whose_whole_key_is_there() -> None:
    marts = [
        _mart("dim_standard", {"standard": False}, ("standard",)),
        _mart("dim_indicator", {"standard": False, "indicator": False}, ("standard", "indicator")),
        _mart("dim_commune", {"commune_code": False, "valid_from": False}, ("commune_code", "valid_from")),
        _mart("deprivation", {"commune_code": False, "standard": False, "indicator": False}, ()),
        _mart("standardless", {"commune_code": False, "valid_from": False, "indicator": False}, ()),
    ]
    made = _created(marts, "deprivation")
    assert made.count("FOREIGN KEY") == 2
    assert "REFERENCES marts.dim_indicator (standard, indicator)" in made
    assert "FOREIGN KEY" not in _created(marts, "standardless") + _created(marts, "dim_standard")


def test_no_foreign_key_leads_from_a_column_that_holds_more_than_codes() -> None:
    marts = [
        _mart("dim_standard", {"standard": False}, ("standard",)),
        _mart("dim_indicator", {"standard": False, "indicator": False}, ("standard", "indicator")),
        replace(_mart("poverty", {"standard": False, "indicator": False}, ()), mixed=("indicator",)),
    ]
    made = _created(marts, "poverty")
    assert made.count("FOREIGN KEY") == 1 and "REFERENCES marts.dim_standard (standard)" in made


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgres"])
def test_every_spelling_of_the_url_opens_it(scheme: str) -> None:
    assert isinstance(open_warehouse(f"{scheme}://a:b@host/db?reader=bi"), Postgres)


@pytest.mark.parametrize("url", ["postgresql://", "postgresql://host:geheim/db"])
def test_a_url_that_names_no_database_is_refused_without_its_text(url: str) -> None:
    with pytest.raises(WarehouseUnsupported, match="THOATNGHEO_WAREHOUSE_URL") as raised:
        open_warehouse(url)
    assert "geheim" not in str(raised.value)


def _told(error: Exception) -> Exception:
    with pytest.raises(Exception) as raised, server_told(URL):
        raise error
    return raised.value


def test_a_lost_server_is_retryable_and_lacking_rights_are_not() -> None:
    lost = _told(psycopg.OperationalError("connection to geheim refused\nIs the server running?"))
    assert isinstance(lost, WarehouseUnavailable) and str(lost).startswith(
        "warehouse db.example/poverty: connection to *** refused; the last release stays."
    )
    for error in (psycopg.errors.DiskFull("full"), psycopg.errors.AdminShutdown("ended")):
        assert isinstance(_told(sa.exc.OperationalError("COPY", None, error)), WarehouseUnavailable)
    rights = _told(psycopg.errors.InsufficientPrivilege("permission denied"))
    assert isinstance(rights, WarehouseUnsupported) and "GRANT CREATE ON DATABASE poverty TO pipeline" in str(
        rights
    )
    other = psycopg.errors.UndefinedColumn("no such column")
    assert _told(other) is other
    assert {WarehouseUnavailable, WarehouseBusy} <= set(RETRYABLE)
    assert WarehouseUnsupported in PERMANENT


_AT = 'connection failed: connection to server at "db.example", port 5432 failed: '


@pytest.mark.parametrize(
    "said",
    [
        _AT + 'FATAL:  password authentication failed for user "pipeline"',
        _AT + "fe_sendauth: no password supplied",
        _AT + 'FATAL:  role "pipeline" does not exist',
        _AT + 'FATAL:  database "poverty" does not exist',
        _AT + 'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "pipeline", no encryption',
        _AT + "SSL error: certificate verify failed",
        _AT + "server does not support SSL, but SSL was required",
        'connection is bad: invalid sslmode value: "geheim"',
        'connection is bad: invalid port number: "99999"',
    ],
)
def test_a_server_that_will_not_let_us_in_is_not_asked_again(said: str) -> None:
    told = _told(sa.exc.OperationalError("", None, psycopg.OperationalError(said)))
    assert isinstance(told, WarehouseUnsupported) and "THOATNGHEO_WAREHOUSE_URL" in str(told)
    assert "geheim" not in str(told) and "db.example/poverty" in str(told)


@pytest.mark.parametrize(
    "said", ['invalid connection option "foo"\n', "bad value for connect_timeout: 'abc'"]
)
def test_an_option_that_no_server_knows_is_a_wrong_setting(said: str) -> None:
    told = _told(psycopg.ProgrammingError(said))
    assert isinstance(told, WarehouseUnsupported) and "mend that part of THOATNGHEO_WAREHOUSE_URL" in str(
        told
    )


@pytest.mark.parametrize(
    "said",
    [
        _AT + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
        _AT + "FATAL:  the database system is starting up",
        _AT + "FATAL:  sorry, too many clients already",
        "connection timeout expired",
        "[Errno -2] Name or service not known",
    ],
)
def test_a_server_that_may_come_back_is_asked_again(said: str) -> None:
    assert isinstance(_told(psycopg.OperationalError(said)), WarehouseUnavailable)


def test_the_place_holds_neither_role_nor_password() -> None:
    assert place(URL) == "db.example/poverty"
    assert place(sa.make_url("postgresql://a:b@/db?host=/run/postgresql")) == "/run/postgresql/db"
    assert place(sa.make_url("postgresql://a:b@/db")) == "(local socket)/db"
