"""How the layers' assets are named, grouped, owned and described in Dagster.

Belongs here: what every asset of a table shares. Does not belong here: what any of them does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import dagster as dg

from assets.judging.arrow_types import accepted_schema, pseudonym_name
from checks.contract import Contract

# Written by Dagster for a single-writer file: one step at a time.
DUCKDB_POOL = "duckdb"
# Reading and judging a large table takes gigabytes: one at a time, also between runs.
MEMORY_POOL = "memory"
# The steps that make assets, as run records name them; that of a table is its layer, then its name.
LANDING_STEP, RAW_STEP, ACCEPTED_STEP = "landing", "raw", "accepted"
REFERENCE_STEP, TRANSFORMED_STEP, PUBLISHED_STEP = "reference", "transformed", "published"


def asset_key(layer: str, name: str) -> dg.AssetKey:
    """The key of an asset: its layer, then its name."""
    return dg.AssetKey([layer, name])


def table_step(layer: str, table: str) -> str:
    """The name of the step that makes one table's assets in a layer."""
    return f"{layer}_{table}"


def is_up_to_the_marts(step: str) -> bool:
    """Whether a step is one without which the marts are not made, by its name."""
    of_tables = tuple(table_step(layer, "") for layer in (LANDING_STEP, RAW_STEP, ACCEPTED_STEP))
    return step in (REFERENCE_STEP, TRANSFORMED_STEP) or step.startswith(of_tables)


def as_table(entries: Sequence[Any]) -> dg.TableMetadataValue:
    """Dataclass instances of one kind as a table in the UI; what is None is blank."""
    rows = [dg.TableRecord({k: "" if v is None else str(v) for k, v in vars(e).items()}) for e in entries]
    names = [] if not entries else [field.name for field in fields(entries[0])]
    return dg.MetadataValue.table(rows, dg.TableSchema([dg.TableColumn(name) for name in names]))


def owners(contract: Contract) -> list[str]:
    """The office that answers for a table."""
    return ["team:" + re.sub(r"[^a-z]+", "-", contract.owner.lower()).strip("-")]


def table_spec(
    contract: Contract, layer: str, what: str, partitions: dg.PartitionsDefinition[Any], **extra: Any
) -> dg.AssetSpec:
    """The specification of one table's asset in a layer."""
    metadata = {
        "grain": contract.grain,
        "title_vi": contract.title_vi,
        "contract": f"checks/contracts/{contract.table}.yaml",
        "contract_fingerprint": contract.fingerprint,
        **extra.pop("metadata", {}),
    }
    return dg.AssetSpec(
        key=asset_key(layer, contract.table),
        group_name=layer,
        description=f"{contract.title} ({contract.title_vi}). {what}",
        owners=owners(contract),
        partitions_def=partitions,
        metadata=metadata,
        tags={"office": owners(contract)[0].removeprefix("team:")},
        **extra,
    )


def accepted_columns(contract: Contract) -> dg.TableSchema:
    """The column schema of a table's accepted records."""
    described = {c.name: c for c in contract.all_columns()}
    pseudonyms = {pseudonym_name(c): c for c in contract.all_columns()}
    columns = []
    for field in accepted_schema(contract):
        column = described.get(field.name) or pseudonyms.get(field.name)
        text = f"{column.description} ({column.label})" if column else _STANDARD_COLUMNS.get(field.name, "")
        if column and field.name in pseudonyms:
            text = f"Pseudonym. {text}"
        columns.append(dg.TableColumn(field.name, str(field.type), description=text))
    return dg.TableSchema(columns=columns)


def raw_columns(contract: Contract) -> dg.TableSchema:
    """The column schema of a table's raw records: all text, headed as in the contract."""
    columns = [
        dg.TableColumn(c.name, "string", description=f"{c.label}: as sent") for c in contract.all_columns()
    ]
    position = [
        dg.TableColumn("source_sheet", "string", description="Sheet; blank for CSV and Parquet"),
        dg.TableColumn("source_row", "int32", description="Row in the sheet or file, from 1"),
    ]
    return dg.TableSchema(columns=[*columns, *position])


_STANDARD_COLUMNS = {
    "unit_id": "Unit in which the record lies on its own date: code@first day",
    "record_date": "Date on which the unit was found",
    "place_method": "How the unit was found",
    "standard": "Poverty standard under which the review was held",
    "is_sampled": "Drawn for a sample survey, and so on no list",
    "flags": "Names of the rules that the record breaks without being rejected",
    "file_hash": "SHA-256 of the file",
    "file_name": "Name of the file as sent",
    "source_sheet": "Sheet; blank for CSV and Parquet",
    "source_row": "Row in the sheet or file, from 1",
    "card_insurance_number_pseudonym": "Pseudonym of the social-insurance number in the card number",
}
