"""A raw file without records, so that every rule reports also where nothing came."""

from __future__ import annotations

import pyarrow as pa

from assets.raw_store import RawFile
from assets.reading import SheetFacts
from checks.contract import Contract


def empty_raw(contract: Contract) -> RawFile:
    """No record, every column of the contract's newest layout."""
    layout = max(contract.layouts) if contract.layouts else None
    names = [c.name for c in contract.layout_columns(layout)]
    schema = pa.schema(
        [(n, pa.string()) for n in names] + [("source_sheet", pa.string()), ("source_row", pa.int32())]
    )
    facts = SheetFacts(
        sheet="", layout=layout, titles=(), units={}, unknown_columns=(), header_row=0, records=0, skipped={}
    )
    return RawFile(schema.empty_table(), (facts,), None)
