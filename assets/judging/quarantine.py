"""The rejected records as they are kept: reason, column, value class, place in the file, the record.

The quarantine is private like raw; only counts, reasons and value classes leave it.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from assets.judging.arrow_types import QUARANTINE_SCHEMA
from assets.judging.judge import Judgement
from assets.judging.verdicts import name_lists
from assets.values import value_class
from assets.workplace import Home
from checks.contract import Rule


def quarantine_table(judgement: Judgement, home: Home) -> pa.Table:
    """The rejected records of a judgement, in the order of their files and rows."""
    rejected = np.flatnonzero(judgement.outcomes.rejected)
    if not len(rejected):
        return QUARANTINE_SCHEMA.empty_table()
    decided = judgement.outcomes
    further = name_lists(decided.further, decided.names, len(judgement.records.live)).take(pa.array(rejected))
    rules = {v.rule.name: v.rule for v in judgement.validation.verdicts}
    reasons = [decided.names[n] for n in decided.reason[rejected]]
    positions = judgement.records.live[rejected]
    records = _raw_records(judgement, positions, home)
    index = judgement.records.file_index[positions]
    where = judgement.records.table.select(["source_sheet", "source_row"]).take(positions)
    columns = [_culprit(rules[reason]) for reason in reasons]
    classes = [_masked(judgement, name, record) for name, record in zip(columns, records, strict=True)]
    return pa.table(
        {
            "reason": reasons,
            "column_name": columns,
            "value_class": classes,
            "further_reasons": further,
            "file_hash": [judgement.files[n].sha256 for n in index],
            "file_name": [judgement.files[n].file_name for n in index],
            "source_sheet": where["source_sheet"],
            "source_row": where["source_row"],
            "record": [json.dumps(r, ensure_ascii=False) for r in records],
        },
        schema=QUARANTINE_SCHEMA,
    )


def _culprit(rule: Rule) -> str | None:
    if rule.columns:
        return rule.columns[0]
    return "commune_code" if rule.group == "place" else None


def _masked(judgement: Judgement, column: str | None, record: dict[str, str]) -> str | None:
    if column is None or column not in record:
        return None
    return value_class(record[column], personal=judgement.contract.column(column).personal != "none")


def _raw_records(judgement: Judgement, positions: np.ndarray, home: Home) -> list[dict[str, str]]:
    """The raw cells of records, blank ones left out, in the order of `positions`."""
    raw_index = judgement.records.table["raw_index"].take(pa.array(positions)).to_numpy()
    files = judgement.records.file_index[positions]
    found: list[dict[str, str]] = [{} for _ in positions]
    contract, year = judgement.contract, judgement.year
    # One engine for all files: opening one costs more than a file.
    with duckdb.connect() as connection:
        for number in np.unique(files):
            of_file = np.flatnonzero(files == number)
            path = home.raw_file(contract.table, year, judgement.files[number].sha256)
            for slot, row in zip(of_file, _rows_of(connection, path, raw_index[of_file]), strict=True):
                found[slot] = {n: v for n, v in row.items() if v is not None and not n.startswith("source_")}
    return found


def _rows_of(
    connection: duckdb.DuckDBPyConnection, path: Path, positions: np.ndarray
) -> list[dict[str, str]]:
    """Some rows of a raw file, in the order asked for, without reading all of it."""
    query = (
        "SELECT * FROM read_parquet(?, file_row_number = true, hive_partitioning = false) "
        "WHERE file_row_number IN (SELECT unnest(?::BIGINT[]))"
    )
    asked = [int(position) for position in positions]
    rows = connection.sql(query, params=[str(path), asked]).to_arrow_table()
    by_position = {row.pop("file_row_number"): row for row in rows.to_pylist()}
    return [by_position[int(position)] for position in positions]
