"""Schemas that follow from a contract: nothing of a person in clear."""

from __future__ import annotations

import pyarrow as pa
import pytest

from assets.judging.arrow_types import SURVEY_TABLES, accepted_schema, arrow_type, pseudonym_name
from checks.contract import TABLES, Column, load_contract

_LAST = ["unit_id", "record_date", "place_method"]
_SOURCE = ["flags", "file_hash", "file_name", "source_sheet", "source_row"]


@pytest.mark.parametrize("table", TABLES)
def test_no_name_and_no_identifier_in_clear(table: str) -> None:
    contract = load_contract(table)
    names = set(accepted_schema(contract).names)
    for column in contract.all_columns():
        if column.personal in ("name", "identifier"):
            assert column.name not in names
        else:
            assert column.name in names
        assert (pseudonym_name(column) in names) == (column.personal == "identifier")


@pytest.mark.parametrize("table", TABLES)
def test_standard_columns_close_every_schema(table: str) -> None:
    schema = accepted_schema(load_contract(table))
    standard = ["standard", "is_sampled"] if table in ("survey_household", "survey_member") else []
    expected = [*_LAST, *(standard or ["standard"] * (table in SURVEY_TABLES)), *_SOURCE]
    assert schema.names[-len(expected) :] == expected
    assert ("standard" in schema.names) == (table in SURVEY_TABLES)
    assert schema.field("flags").type == pa.list_(pa.string())
    assert schema.field("record_date").type == pa.date32()
    assert schema.field("source_row").type == pa.int32()
    assert len(schema.names) == len(set(schema.names))


@pytest.mark.parametrize("table", TABLES)
def test_the_year_is_left_to_the_folder(table: str) -> None:
    assert "year" not in accepted_schema(load_contract(table)).names


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text", pa.string()), ("code", pa.string()), ("category", pa.string()), ("citizen_id", pa.string()),
        ("integer", pa.int64()), ("money", pa.int64()), ("number", pa.float64()), ("year", pa.int32()),
        ("date", pa.date32()), ("month", pa.date32()), ("datetime", pa.timestamp("s")), ("flag", pa.bool_()),
    ],
)  # fmt: skip
def test_type_of_a_column(kind: str, expected: pa.DataType) -> None:
    column = Column.model_validate({"name": "a", "label": "A", "type": kind})
    assert arrow_type(column) == expected


def test_only_a_visit_tells_the_insurance_number_in_its_card() -> None:
    with_it = [
        t for t in TABLES if "card_insurance_number_pseudonym" in accepted_schema(load_contract(t)).names
    ]
    assert with_it == ["health_visit"]
