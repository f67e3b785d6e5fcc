"""The dbt source YAML is what the contracts say, and what `accepted` holds."""

from __future__ import annotations

import pyarrow as pa
import pytest
import yaml

from assets.judging.arrow_types import accepted_schema
from checks.contract import TABLES, load_contract
from checks.dbt_sources import MARKS, SOURCES, accepted_columns, marks_macro, source_yaml
from checks.seeds import dbt_project

_DUCKDB = {
    pa.string(): "varchar", pa.int64(): "bigint", pa.int32(): "integer", pa.float64(): "double",
    pa.date32(): "date", pa.timestamp("s"): "timestamp", pa.bool_(): "boolean",
    pa.list_(pa.string()): "varchar[]",
}  # fmt: skip


def test_file_equals_derivation() -> None:
    written = (dbt_project() / SOURCES).read_text(encoding="utf-8")
    assert written == source_yaml(), "run `python -m checks.dbt_sources`"
    marks = (dbt_project() / MARKS).read_text(encoding="utf-8")
    assert marks == marks_macro(), "run `python -m checks.dbt_sources`"


def test_every_column_is_described() -> None:
    document = yaml.safe_load(source_yaml())
    for source in document["sources"]:
        for table in source["tables"]:
            for column in table["columns"]:
                assert column["description"] and column["data_type"], (table["name"], column)


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_accepted_files(table: str) -> None:
    contract = load_contract(table)
    written = {field.name: _DUCKDB[field.type] for field in accepted_schema(contract)}
    declared = {name: kind for name, kind, _ in accepted_columns(contract)}
    assert declared.pop("year") == "bigint"
    assert declared == written


def test_no_name_and_no_identifier_in_clear() -> None:
    for table in TABLES:
        contract = load_contract(table)
        names = {name for name, _, _ in accepted_columns(contract)}
        clear = {c.name for c in contract.all_columns() if c.personal in ("name", "identifier")}
        assert not names & clear, table


def test_sources_lie_under_home_alone() -> None:
    text = source_yaml()
    assert text.count("external_location") == text.count("THOATNGHEO_HOME")
