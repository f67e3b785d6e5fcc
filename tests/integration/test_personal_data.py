"""Names and numbers of persons stop at the private layers: nothing else that is written holds one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from checks.contract import TABLES, load_contract
from tests.integration.conftest import Second, Third
from tests.integration.line import Line
from tests.integration.odd_files import DAY, DOSSIER, MISPLACED, PERSONAL, YEAR, persons

# As they came, or kept for the person who mends them: private to the user of the home.
PRIVATE = ("drops", "landing", "raw", "quarantine")
_NUMBER = re.compile(r"(?<![0-9a-f])\d{9,16}(?![0-9a-f])")


def _texts(line: Line) -> Iterator[tuple[Path, str]]:
    """Every file of the home outside the private layers, as text; databases and Parquet as bytes."""
    for path in sorted(line.home.rglob("*")):
        layer = path.relative_to(line.home).parts[0]
        if path.is_file() and layer not in PRIVATE and path.suffix not in (".parquet", ".duckdb"):
            yield path.relative_to(line.home), path.read_bytes().decode("utf-8", errors="replace")


def _cells(database: Path) -> Iterator[tuple[str, str]]:
    """Every text of a DuckDB file, by table and column."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns()"
            " WHERE NOT internal AND (data_type LIKE 'VARCHAR%' OR data_type LIKE '%INT%')"
            " AND schema_name <> 'staging'"
        ).fetchall()
        for schema, table, column in columns:
            query = (
                f'SELECT DISTINCT "{column}"::VARCHAR FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL'
            )
            for (text,) in connection.execute(query).fetchall():
                yield f"{schema}.{table}.{column}", text


@pytest.mark.parametrize("word", (*PERSONAL, DOSSIER))
def test_no_file_of_the_home_names_the_person(third: Third, word: str) -> None:
    texts = dict(_texts(third.line))
    assert any(path.parts[0] == "dagster" for path in texts)
    assert any(path.parts[0] == "data_docs" for path in texts)
    assert any(path.parts[0] == "dbt" for path in texts)
    assert Path("journal.sqlite") in texts
    assert [str(path) for path, text in texts.items() if word in text] == []


def test_neither_database_names_the_person(third: Third) -> None:
    for database in (third.line.warehouse, third.line.home / "pipeline.duckdb"):
        found = [(where, word) for where, text in _cells(database) for word in PERSONAL if word in text]
        assert found == [], database
    assert DOSSIER not in {text for _, text in _cells(third.line.warehouse)}


def test_accepted_records_hold_pseudonyms(second: Second) -> None:
    for table in TABLES:
        accepted = second.night.line.parquet("accepted", table)
        text = accepted.astype(str).to_csv()
        assert [word for word in PERSONAL if word in text] == [], table
        names = {
            column.name
            for column in load_contract(table).all_columns()
            if column.personal in ("name", "identifier")
        }
        assert not names & set(accepted.columns), table


def test_the_terminal_names_nobody(second: Second, third: Third) -> None:
    told = second.night.told + second.fresh_told + third.done.stdout + third.done.stderr + third.status.stdout
    assert [word for word in PERSONAL if word in told] == []


def test_the_person_did_come_in(second: Second) -> None:
    """What is looked for was there: accepted, rejected and read from the wrong cell."""
    line = second.night.line
    for table in persons("00000"):
        accepted = line.parquet("accepted", table)
        assert (accepted["file_name"] == f"nguoi_{DAY}.csv").any(), table
        quarantined = line.parquet("quarantine", table)
        rejected = quarantined[
            (quarantined["file_name"] == f"nguoi_{DAY}.csv") & (quarantined["year"] == YEAR)
        ]
        assert set(rejected["reason"]) == {"unknown_commune", *MISPLACED.get(table, {}).values()}, table
        assert PERSONAL[0] in line.parquet("raw", table).astype(str).to_csv() or table == "health_visit"


def test_one_person_has_one_pseudonym_in_all_tables(second: Second) -> None:
    found = set()
    for table in persons("00000"):
        accepted = second.night.line.parquet("accepted", table)
        of_person = accepted[(accepted["file_name"] == f"nguoi_{DAY}.csv") & (accepted["source_row"] == 2)]
        column = next(name for name in accepted.columns if name.endswith("citizen_id_pseudonym"))
        found |= set(of_person[column])
    assert len(found) == 1
    assert re.fullmatch(r"[0-9a-f]{32}", found.pop())


def test_the_home_is_private(second: Second) -> None:
    assert second.night.line.home.stat().st_mode & 0o077 == 0
    assert (second.night.line.home / "pseudonym.key").stat().st_mode & 0o077 == 0


def test_no_number_of_any_person_leaves_the_private_layers(realistic: Line) -> None:
    """Over all persons of the sample: every citizen id, card, insurance number and account."""
    known: set[str] = set()
    for table in TABLES:
        raw = realistic.parquet("raw", table)
        for column in load_contract(table).all_columns():
            if column.personal == "identifier" and column.name in raw:
                known |= {
                    value for value in raw[column.name].dropna().unique() if re.fullmatch(r"\d{9,16}", value)
                }
    assert len(known) > 10_000
    found = {
        str(path): sorted(set(_NUMBER.findall(text)) & known)[:3]
        for path, text in _texts(realistic)
        if not known.isdisjoint(_NUMBER.findall(text))
    }
    assert found == {}
    shown = {text for _, text in _cells(realistic.warehouse)}
    assert shown.isdisjoint(known)
