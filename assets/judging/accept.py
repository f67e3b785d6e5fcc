"""The accepted records as they are written: typed, flagged, without a name or number of a person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.judging.arrow_types import SURVEY_TABLES, accepted_schema, pseudonym_name
from assets.judging.judge import Judgement
from assets.judging.verdicts import name_lists
from assets.values.pseudonym import pseudonymise
from checks.contract import Column

# A card's last ten characters are its holder's social-insurance number.
_INSURANCE_DIGITS = 10
_CARD_LENGTH = 15


def accepted_table(judgement: Judgement, key: bytes) -> pa.Table:
    """The accepted records of a judgement, with identifiers as pseudonyms under `key`."""
    decided = judgement.outcomes
    keep = np.flatnonzero(~decided.rejected)
    positions = judgement.records.live[keep]
    mask = np.zeros(len(judgement.records.table), dtype=bool)
    mask[positions] = True

    def kept(name: str) -> pa.ChunkedArray:
        return pc.filter(judgement.records.table[name], pa.array(mask))

    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for column in judgement.contract.all_columns():
        if column.personal != "name":
            columns.update(_column(column, kept(column.name), key))
    for name in ("unit_id", "record_date", "place_method", "source_sheet", "source_row"):
        columns[name] = kept(name)
    if judgement.contract.table in SURVEY_TABLES:
        columns["standard"] = kept("standard")
    if judgement.contract.sample:
        columns["is_sampled"] = kept("is_sampled")
    flags = name_lists(decided.flagged, decided.names, len(judgement.records.live))
    columns["flags"] = flags if decided.rejected.sum() == 0 else flags.take(pa.array(keep))
    columns.update(_files(judgement, positions))
    schema = accepted_schema(judgement.contract)
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def _files(judgement: Judgement, positions: np.ndarray) -> dict[str, pa.Array]:
    index = pa.array(judgement.records.file_index[positions], pa.int32())
    return {
        name: pa.DictionaryArray.from_arrays(index, pa.array(values, pa.string())).dictionary_decode()
        for name, values in (
            ("file_hash", [f.sha256 for f in judgement.files]),
            ("file_name", [f.file_name for f in judgement.files]),
        )
    }


def _column(column: Column, values: pa.ChunkedArray, key: bytes) -> dict[str, pa.Array | pa.ChunkedArray]:
    if column.personal != "identifier":
        return {column.name: values}
    clear = values.combine_chunks()
    made = {pseudonym_name(column): pseudonymise(clear, key)}
    if column.multiple:
        made["card_insurance_number_pseudonym"] = pseudonymise(_insurance_number(clear), key)
    return made


def _insurance_number(cards: pa.Array) -> pa.Array:
    whole = pc.equal(pc.utf8_length(cards), _CARD_LENGTH)
    ending: Callable[..., pa.Array] = pc.utf8_slice_codeunits
    return pc.if_else(whole, ending(cards, _CARD_LENGTH - _INSURANCE_DIGITS), pa.scalar(None, pa.string()))
