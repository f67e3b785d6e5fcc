"""The rows behind `data_quality`: every file's records by outcome and reason."""

from __future__ import annotations

import pyarrow as pa

from assets.judging.arrow_types import QUALITY_SCHEMA
from assets.judging.tally import YearTally


def quality_table(tally: YearTally) -> pa.Table:
    """One row a file, outcome and reason that occurs. A refused file is a row with 0 records."""
    rows = [
        {
            "table_name": tally.contract.table,
            "file_hash": tally.files[number].sha256,
            "file_name": tally.files[number].file_name,
            "outcome": outcome,
            "reason": reason,
            "records": records,
        }
        for (number, outcome, reason), records in sorted(tally.quality.items())
    ]
    return pa.Table.from_pylist(rows, schema=QUALITY_SCHEMA)
