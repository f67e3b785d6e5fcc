"""Databases named in `sources.yaml`, and drops that cannot be opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from assets.journal import FILE
from assets.pulling.databases import DatabaseSource, load_sources
from assets.pulling.sources import DropFile, DropStore, SourcesInvalid, SourceUnavailable

Drops = Any
TABLES = ("survey_total", "loan_ledger")
QUERY = "SELECT commune_code, households_total FROM totals WHERE year = :year ORDER BY commune_code"


@pytest.fixture
def database(tmp_path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'office.sqlite'}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE totals (year INT, commune_code TEXT, households_total INT)"))
        connection.execute(
            sa.text(
                "INSERT INTO totals VALUES (2024, '01840', 1000), (2024, '01843', 2000), (2023, '01840', 900)"
            )
        )
    return engine


def source(engine: sa.Engine, query: str = QUERY, years: tuple[int, ...] = (2023, 2024)) -> DatabaseSource:
    return DatabaseSource("survey_total", str(engine.url), query, years)


def test_a_query_s_answer_is_landed_as_parquet(drops: Drops, database: sa.Engine) -> None:
    assert drops.pull(database=source(database)) == {"survey_total_2024_database.parquet": "landed"}
    (path,) = (drops.home.landing / "survey_total" / "2024").iterdir()
    assert pq.read_table(path).to_pylist() == [
        {"commune_code": "01840", "households_total": 1000},
        {"commune_code": "01843", "households_total": 2000},
    ]


def test_the_same_answer_is_unchanged_and_another_replaces_it(drops: Drops, database: sa.Engine) -> None:
    drops.pull(database=source(database))
    assert drops.pull(database=source(database)) == {"survey_total_2024_database.parquet": "unchanged"}
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE totals SET households_total = 1001 WHERE commune_code = '01840'"))
    assert drops.pull(database=source(database)) == {"survey_total_2024_database.parquet": "replaced"}
    assert [state for _, _, state in drops.states()] == ["replaced", "current"]


def test_the_same_answer_on_another_day_stays_of_its_first_day(
    drops: Drops, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = iter([datetime(2024, 5, 1, tzinfo=UTC).timestamp(), datetime(2024, 5, 2, tzinfo=UTC).timestamp()])
    monkeypatch.setattr("assets.pulling.pull._seconds_now", lambda: next(days))
    drops.pull(database=source(database))
    drops.pull(database=source(database))
    assert [r["file_date"] for r in drops.journal.rows(sa.select(FILE))] == ["2024-05-01"]


def test_a_year_that_is_not_asked_of_the_database_is_left_alone(drops: Drops, database: sa.Engine) -> None:
    assert drops.pull(database=source(database, years=(2023,))) == {}


def test_a_database_that_does_not_answer_fails_and_files_go_on(drops: Drops, tmp_path: Path) -> None:
    drops.write("a.csv", "1")
    silent = DatabaseSource("survey_total", f"sqlite:///{tmp_path}/none/office.sqlite", QUERY, (2024,))
    assert drops.pull(database=silent) == {"a.csv": "landed", "survey_total_2024_database.parquet": "failed"}


@pytest.mark.parametrize(
    "query", ["SELECT * FROM no_such_table", "SELEC", "SELECT * FROM totals WHERE year = :other"]
)
def test_a_query_that_cannot_be_answered_tells_no_words_of_the_driver(
    database: sa.Engine, query: str
) -> None:
    with pytest.raises(SourceUnavailable) as raised:
        source(database, query).pull(2024)
    assert str(raised.value).startswith("database of survey_total 2024: ")
    assert "no_such_table" not in str(raised.value)
    assert "office.sqlite" not in str(raised.value)


def test_an_unknown_kind_of_database_is_told_without_its_password() -> None:
    unknown = DatabaseSource("survey_total", "nothing://user:secret@host/db", QUERY, (2024,))
    with pytest.raises(SourceUnavailable) as raised:
        unknown.pull(2024)
    assert "secret" not in str(raised.value)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "sources.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_sources_are_read_by_table(written: Callable[[str], Path]) -> None:
    text = "survey_total:\n  url: sqlite:///a.db\n  query: SELECT 1\n  years: [2023, 2024]\n"
    assert load_sources(written(text), TABLES) == {
        "survey_total": DatabaseSource("survey_total", "sqlite:///a.db", "SELECT 1", (2023, 2024))
    }


def test_no_file_and_an_empty_one_name_no_source(written: Callable[[str], Path], tmp_path: Path) -> None:
    assert load_sources(tmp_path / "absent.yaml", TABLES) == {}
    assert load_sources(written(""), TABLES) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- survey_total", "sources.yaml: must map a table to its url and query"),
        ("nothing: {url: a, query: b, years: [2024]}", "sources.yaml: no table 'nothing'; known: survey_total, loan_ledger"),
        ("survey_total: {url: a, years: [2024]}", "sources.yaml: survey_total needs `url`, `query` and `years`"),
        ("survey_total: sqlite:///a.db", "sources.yaml: survey_total needs `url`, `query` and `years`"),
        ("survey_total: {url: a, query: b, years: 2024}", "sources.yaml: survey_total needs `years` as a list such as"),
        ("survey_total: {url: a, query: b, years: [all]}", "sources.yaml: survey_total needs `years` as a list such as"),
        ("survey_total: {url: a", "sources.yaml: no valid YAML"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_is_named(written: Callable[[str], Path], text: str, message: str) -> None:
    with pytest.raises(SourcesInvalid) as raised:
        load_sources(written(text), TABLES)
    assert str(raised.value).startswith(message)


def test_an_unknown_kind_of_drops_is_named() -> None:
    with pytest.raises(SourcesInvalid, match="THOATNGHEO_DROPS cannot be opened") as raised:
        DropStore("nothing://user:secret@drops")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.csv.gz", ".csv.gz"), ("A.XLSX", ".xlsx"), ("a.xls", ".xls"), ("a.csv", ".csv"), ("a.parquet", ".parquet"), ("a.docx", ""), ("csv", "")],
)  # fmt: skip
def test_the_ending_tells_the_format(name: str, suffix: str) -> None:
    assert DropFile("survey_total", 2024, name, "", 0, 0.0).suffix == suffix
