"""The pandas batch on which the rules are stated.

Pure: from parsed records (Arrow) to the columns that some rule looks at, in pandas.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import Contract, Rule


def needed_columns(contract: Contract, rules: tuple[Rule, ...], available: list[str]) -> list[str]:
    """The columns of the parsed records that the rules look at."""
    wanted: set[str] = {"unit_id"}
    for rule in rules:
        wanted |= {*rule.columns, *(name for group in rule.any_of for name in group)}
        if rule.columns:
            wanted |= {f"{rule.columns[0]}__{suffix}" for suffix in ("unreadable", "sent")}
        if rule.prefix:
            wanted |= {name for name in available if name.startswith(rule.prefix) and "__" not in name}
        wanted |= {f"note__{rule.name}", f"{rule.group}_issue"}
    return [name for name in available if name in wanted]


def batch_frame(
    records: pa.Table, live: pa.Array, contract: Contract, rules: tuple[Rule, ...], year: int
) -> pd.DataFrame:
    """The batch: one row a live record, index 0 … n-1.

    Numbers become float64 (exact up to 2**53, above any amount in đồng), dates datetime64,
    texts pandas strings; what is blank is missing. `live` is true for the records to be judged.
    """
    names = needed_columns(contract, rules, records.column_names)
    columns = {name: _series(name, pc.filter(records[name], live)) for name in names}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(pc.sum(live).as_py() or 0), copy=False)
    frame["year"] = float(year)
    return frame


def _series(name: str, column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if name.endswith("__unreadable") and column.null_count == len(column):
        # Where nothing was unreadable, a column of millions of blanks takes no memory.
        return pd.Series(pd.arrays.ArrowExtensionArray(pa.nulls(len(column))))
    if pa.types.is_integer(kind):
        return pd.Series(column.cast(pa.float64(), safe=False).to_numpy())
    if pa.types.is_boolean(kind) and column.null_count:
        return pd.Series(column.cast(pa.int8()).cast(pa.float64()).to_numpy())
    if pa.types.is_date32(kind):
        column = column.cast(pa.timestamp("s"))
    return pd.Series(column.to_pandas().to_numpy() if pa.types.is_timestamp(kind) else column.to_pandas())
