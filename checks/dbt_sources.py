"""The dbt source YAML and the list of deprivation marks, derived from the contracts.

Belongs here: what dbt may read of `accepted`, `quality` and `reference`, as YAML text, and the macro
that names the marks of all layouts. Does not belong here: writing the accepted files, or anything
that reads a file.

    python -m checks.dbt_sources

rewrites `dbt_project/models/staging/_sources.yml` and `dbt_project/macros/_marks.sql`; a test holds
the files to this derivation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from checks.contract import TABLES, Column, Contract, load_contract

SOURCES = Path("models/staging/_sources.yml")
MARKS = Path("macros/_marks.sql")

_TYPES = {
    "text": "varchar", "code": "varchar", "citizen_id": "varchar", "category": "varchar",
    "integer": "bigint", "year": "integer", "number": "double", "money": "bigint",
    "date": "date", "month": "date", "datetime": "timestamp", "flag": "boolean",
    "answer": "boolean",
}  # fmt: skip

_STANDARD_TABLES = ("survey_household", "survey_member", "survey_total")

# Columns that every accepted record carries beside those of its contract.
_RECORD = (
    ("unit_id", "varchar", "Administrative unit: commune code and first day of its validity"),
    ("record_date", "date", "Day on whose map the unit was found"),
    ("place_method", "varchar", "How the unit was found"),
    ("standard", "varchar", "Poverty standard under which the review was held"),
    ("is_sampled", "boolean", "Drawn for a sample survey, and so on no list"),
    ("flags", "varchar[]", "Names of the rules that flagged the record"),
    ("file_hash", "varchar", "SHA-256 of the file that held the record"),
    ("file_name", "varchar", "The office's name of the file"),
    ("source_sheet", "varchar", "Sheet of the file; blank where it has none"),
    ("source_row", "integer", "Row in the sheet or file, from 1"),
)
_YEAR = ("year", "bigint", "Year of the folder (from the path)")

_QUALITY = (
    ("table_name", "varchar", "Table of the extract"),
    ("file_hash", "varchar", "SHA-256 of the file"),
    ("file_name", "varchar", "The office's name of the file"),
    ("outcome", "varchar", "What became of the records"),
    ("reason", "varchar", "Name of the rule or reason; blank where none is needed"),
    ("records", "bigint", "Number of records"),
    _YEAR,
)

_REFERENCE: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "units": (
        "Communes of all provinces, one row a unit and period of validity",
        (
            ("unit_id", "varchar", "Commune code and first day of validity"),
            ("commune_code", "varchar", "Code of five digits; it means nothing without its date"),
            ("commune_name", "varchar", "Official name with its kind"),
            ("commune_type", "varchar", "xã, phường, thị trấn or đặc khu"),
            ("area_type", "varchar", "urban or rural"),
            ("district_code", "varchar", "District; blank after 30 June 2025"),
            ("district_name", "varchar", "District; blank after 30 June 2025"),
            ("province_code", "varchar", "Province of that time"),
            ("province_name", "varchar", "Province of that time"),
            ("valid_from", "date", "First day"),
            ("valid_to", "date", "Last day; blank while the unit stands"),
            ("is_current", "boolean", "Stands today"),
            ("latitude", "double", "Latitude"),
            ("longitude", "double", "Longitude"),
            ("area_km2", "double", "Area in km²"),
        ),
    ),
    "bridge": (
        "Old units and today's, one row a pair; the weights of an old unit add up to 1",
        (
            ("old_unit_id", "varchar", "Old unit"),
            ("old_code", "varchar", "Code of the old unit"),
            ("old_valid_from", "date", "First day of the old unit"),
            ("old_valid_to", "date", "Last day of the old unit"),
            ("unit_id", "varchar", "Unit of today"),
            ("commune_code", "varchar", "Code of the unit of today"),
            ("weight", "decimal(9,6)", "Share of the old unit"),
            ("method", "varchar", "Where the share comes from"),
            ("legal_basis", "varchar", "Resolution"),
        ),
    ),
    "unit_map": (
        "The map of every era between two days of change, one row an era, unit and target",
        (
            ("era_from", "date", "First day of the era"),
            ("era_to", "date", "Last day of the era; blank for the present one"),
            ("unit_id", "varchar", "Any unit"),
            ("target_unit_id", "varchar", "Unit of the era on which it stands"),
            ("commune_code", "varchar", "Code of the target"),
            ("weight", "decimal(9,6)", "Share of the unit"),
        ),
    ),
}


def accepted_columns(contract: Contract) -> tuple[tuple[str, str, str], ...]:
    """Name, DuckDB type and description of every column of a table's accepted records.

    Names of persons are left out; identifiers stand as pseudonyms.
    """
    columns: list[tuple[str, str, str]] = []
    for column in contract.all_columns():
        if column.personal == "name":
            continue
        if column.personal == "identifier":
            columns.append((f"{column.name}_pseudonym", "varchar", f"Pseudonym: {_describe(column)}"))
        else:
            columns.append((column.name, _TYPES[column.type], _describe(column)))
    if contract.table == "health_visit":
        text = "Pseudonym: insurance number inside the card number"
        columns.append(("card_insurance_number_pseudonym", "varchar", text))
    absent = set() if contract.table in _STANDARD_TABLES else {"standard"}
    if contract.sample is None:
        absent.add("is_sampled")
    return (*columns, *(c for c in _RECORD if c[0] not in absent), _YEAR)


def _describe(column: Column) -> str:
    text = column.description or f"Deprived: {column.label}"
    return f"{text} ({column.unit})" if column.unit else text


def _columns(columns: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    return [{"name": n, "data_type": t, "description": d} for n, t, d in columns]


def _location(glob: str, *, hive: bool) -> str:
    options = ", hive_partitioning=true" if hive else ""
    return f"read_parquet('{{{{ env_var('THOATNGHEO_HOME') }}}}/{glob}'{options})"


def _source(name: str, description: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "description": description, "tables": tables}


def _accepted_table(contract: Contract) -> dict[str, Any]:
    location = _location(f"accepted/{contract.table}/year=*/{contract.table}.parquet", hive=True)
    return {
        "name": contract.table,
        "description": f"{contract.title}: {contract.grain}",
        "config": {"meta": {"external_location": location, "label_vi": contract.title_vi}},
        "columns": _columns(accepted_columns(contract)),
    }


def source_document() -> dict[str, Any]:
    """The whole of `_sources.yml` as data."""
    quality = {
        "name": "quality",
        "description": "What became of the records of every file, by outcome and reason",
        "config": {"meta": {"external_location": _location("quality/*/year=*/*.parquet", hive=True)}},
        "columns": _columns(_QUALITY),
    }
    reference = [
        {
            "name": name,
            "description": description,
            "config": {"meta": {"external_location": _location(f"reference/{name}.parquet", hive=False)}},
            "columns": _columns(columns),
        }
        for name, (description, columns) in _REFERENCE.items()
    ]
    accepted = [_accepted_table(load_contract(table)) for table in TABLES]
    return {
        "version": 2,
        "sources": [
            _source("accepted", "Records with types and flags, one Parquet file a table and year", accepted),
            _source("quality", "Outcome rows of the checks", [quality]),
            _source("reference", "Administrative units of all dates", reference),
        ],
    }


def source_yaml() -> str:
    """The text of `_sources.yml`."""
    head = (
        "# Derived from the contracts by checks/dbt_sources.py: `python -m checks.dbt_sources` rewrites it.\n"
    )
    return head + yaml.safe_dump(source_document(), allow_unicode=True, sort_keys=False, width=110)


def marks_macro() -> str:
    """The text of `_marks.sql`: every deprivation mark of every layout, without the prefix `dep_`."""
    columns = (c.name for c in load_contract("survey_household").all_columns())
    names = [f"'{name.removeprefix('dep_')}'" for name in columns if name.startswith("dep_")]
    lines = (f"        {', '.join(names[i : i + 6])}" for i in range(0, len(names), 6))
    return (
        "{#\n  Every deprivation mark of every layout, without the prefix dep_. Derived from the contract\n"
        "  by checks/dbt_sources.py: `python -m checks.dbt_sources` rewrites it.\n#}\n"
        "{% macro deprivation_indicators() -%}\n    {{ return([\n"
        + ",\n".join(lines)
        + "\n    ]) }}\n{%- endmacro %}\n"
    )


if __name__ == "__main__":
    project = Path(__file__).parent.parent / "dbt_project"
    (project / SOURCES).write_text(source_yaml(), encoding="utf-8")
    (project / MARKS).write_text(marks_macro(), encoding="utf-8")
