"""Which published row is meant, and what is said where none is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from assets.lineage.errors import NothingToExplain
from assets.lineage.row import Answer, Question, answer, require_mart

_KEYS = {
    "rate": ["year", "geography", "commune_code", "standard"],
    "credit": ["month", "geography", "commune_code", "programme"],
    "dim_standard": ["standard"],
}
_TYPES = {"year": "integer", "month": "date"}
NODES: dict[str, Any] = {
    name: {
        "name": name,
        "grain": grain,
        "columns": {k: {"data_type": _TYPES.get(k, "varchar")} for k in grain},
    }
    for name, grain in _KEYS.items()
}
_MARTS = """
create schema marts;
create table marts.dim_commune as select * from (values
    ('05467', 'Phường Cam Giá', date '2016-01-01', date '2025-06-30'),
    ('05467', 'Phường Gia Sàng', date '2025-07-01', null),
    ('05461', 'Phường Gia Sàng', date '2016-01-01', date '2025-06-30')
) as t (commune_code, commune_name, valid_from, valid_to);
create table marts.rate as select * from (values
    (2021, 'as_reported', '05467', 'Phường Cam Giá', 'VN-2016', false, 4.0),
    (2021, 'as_reported', '05467', 'Phường Cam Giá', 'VN-2022', true, 9.0),
    (2021, 'current', '05467', 'Phường Gia Sàng', 'VN-2022', true, 6.5),
    (2024, 'as_reported', '05461', 'Phường Gia Sàng', 'VN-2022', true, 2.0)
) as t (year, geography, commune_code, commune_name, standard, is_headline, poor_households);
create table marts.credit as select * from (values
    (date '2025-06-01', 'as_reported', '05461', 'Phường Gia Sàng', 'HN', 1.0),
    (date '2025-08-01', 'as_reported', '05467', 'Phường Gia Sàng', 'HN', 3.0),
    (date '2025-08-01', 'as_reported', '05467', 'Phường Gia Sàng', 'GQVL', 5.0)
) as t (month, geography, commune_code, commune_name, programme, clients);
create table marts.dim_standard as select 'VN-2022' as standard, 12 as indicators;
"""


@pytest.fixture(scope="module")
def marts() -> Iterator[sa.Connection]:
    engine = sa.create_engine("duckdb:///:memory:")
    with engine.connect() as connection:
        for statement in _MARTS.split(";"):
            if statement.strip():
                connection.execute(sa.text(statement))
        yield connection
    engine.dispose()


def ask(marts: sa.Connection, mart: str, year: int | None, commune: str | None = None, **keys: str) -> Answer:
    return answer(marts, NODES[mart], Question(mart, year, commune, keys))


def test_the_headline_list_on_the_map_of_its_time_is_taken_and_said(marts: sa.Connection) -> None:
    found = ask(marts, "rate", 2021, "05467")
    assert [row["poor_households"] for row in found.rows] == [9]
    assert found.keys == {
        "year": 2021, "geography": "as_reported", "commune_code": "05467", "standard": "VN-2022",
    }  # fmt: skip
    told = " ".join(found.notes)
    assert "VN-2016" in told and "current: 05467 is Phường Gia Sàng" in told


def test_what_is_asked_for_is_taken(marts: sa.Connection) -> None:
    assert ask(marts, "rate", 2021, "05467", standard="VN-2016").rows[0]["poor_households"] == 4
    assert ask(marts, "rate", 2021, "Gia Sàng").geography == "current"


def test_a_name_is_looked_for_on_the_map_of_the_month(marts: sa.Connection) -> None:
    assert ask(marts, "credit", 2025, "Gia Sàng", month="2025-06").commune_code == "05461"
    last = ask(marts, "credit", 2025, "Gia Sàng")
    assert last.keys["month"] == date(2025, 8, 1) and len(last.rows) == 2
    assert ask(marts, "credit", 2025, "Gia Sàng", programme="GQVL").rows[0]["clients"] == 5


def test_a_mart_without_years_and_communes(marts: sa.Connection) -> None:
    assert ask(marts, "dim_standard", None, standard="VN-2022").keys == {"standard": "VN-2022"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("rate", None), "add --year"),
        (("rate", 2021), "add --commune"),
        (("rate", 2019, "05467"), "nothing of 2019; its years: 2021, 2024"),
        (("rate", 2024, "05467"), "05467 has no row in 2024: .*Cam Giá.*2025-06-30"),
        (("dim_standard", 2021), "leave --year out"),
        (("dim_standard", None, "05467"), "leave --commune out"),
    ],
)
def test_what_does_not_fit_the_mart_is_told(marts: sa.Connection, asked: tuple[Any, ...], told: str) -> None:
    with pytest.raises(NothingToExplain, match=told):
        ask(marts, *asked)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"indicator": "x"}, "no key indicator; its further keys: geography, standard"),
        ({"standard": "VN-2030"}, "no row has standard VN-2030; there are: VN-2016, VN-2022"),
        ({"geography": "today"}, "no row on the map today"),
    ],
)
def test_a_key_that_does_not_fit_is_told(marts: sa.Connection, keys: dict[str, str], told: str) -> None:
    with pytest.raises(NothingToExplain, match=told):
        ask(marts, "rate", 2021, "05467", **keys)


def test_a_month_that_is_none_is_told(marts: sa.Connection) -> None:
    with pytest.raises(NothingToExplain, match="cannot be read as date"):
        ask(marts, "credit", 2025, "05467", month="August")


def test_an_unknown_mart_is_told_with_what_is_near() -> None:
    with pytest.raises(NothingToExplain, match="did you mean rate"):
        require_mart(NODES, "rates")
    with pytest.raises(NothingToExplain, match="there are rate, credit, dim_standard"):
        require_mart(NODES, "xyz")
