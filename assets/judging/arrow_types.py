"""The Arrow types and schemas that follow from a contract.

Pure: the schema of parsed records in memory and of the `accepted` Parquet files.
"""

from __future__ import annotations

import pyarrow as pa

from checks.contract import Column, Contract

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "category": pa.string(),
    "citizen_id": pa.string(),
    "integer": pa.int64(),
    "money": pa.int64(),
    "number": pa.float64(),
    "year": pa.int32(),
    "date": pa.date32(),
    "month": pa.date32(),
    "datetime": pa.timestamp("s"),
    "flag": pa.bool_(),
    "answer": pa.bool_(),
}

SURVEY_TABLES = ("survey_household", "survey_member", "survey_total")


def arrow_type(column: Column) -> pa.DataType:
    """The type of a column's parsed values."""
    return _TYPES[column.type]


def pseudonym_name(column: Column) -> str:
    """The name under which an identifier leaves `accepted`."""
    return f"{column.name}_pseudonym"


def accepted_schema(contract: Contract) -> pa.Schema:
    """The schema of a table's `accepted` Parquet: no name and no identifier in clear."""
    fields: list[pa.Field] = []
    for column in contract.all_columns():
        if column.personal == "name":
            continue
        if column.personal == "identifier":
            fields.append(pa.field(pseudonym_name(column), pa.string()))
            if column.multiple:
                fields.append(pa.field("card_insurance_number_pseudonym", pa.string()))
        else:
            fields.append(pa.field(column.name, arrow_type(column)))
    standard = [pa.field("standard", pa.string())] if contract.table in SURVEY_TABLES else []
    sampled = [pa.field("is_sampled", pa.bool_())] if contract.sample else []
    return pa.schema(
        [
            *fields,
            pa.field("unit_id", pa.string()),
            pa.field("record_date", pa.date32()),
            pa.field("place_method", pa.string()),
            *standard,
            *sampled,
            pa.field("flags", pa.list_(pa.string())),
            pa.field("file_hash", pa.string()),
            pa.field("file_name", pa.string()),
            pa.field("source_sheet", pa.string()),
            pa.field("source_row", pa.int32()),
        ]
    )


QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("reason", pa.string()),
        pa.field("column_name", pa.string()),
        pa.field("value_class", pa.string()),
        pa.field("further_reasons", pa.list_(pa.string())),
        pa.field("file_hash", pa.string()),
        pa.field("file_name", pa.string()),
        pa.field("source_sheet", pa.string()),
        pa.field("source_row", pa.int32()),
        pa.field("record", pa.string()),
    ]
)

QUALITY_SCHEMA = pa.schema(
    [
        pa.field("table_name", pa.string()),
        pa.field("file_hash", pa.string()),
        pa.field("file_name", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("records", pa.int64()),
    ]
)
