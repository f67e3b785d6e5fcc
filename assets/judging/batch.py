"""The pandas batch on which the rules are stated, made column by column from parsed records.

Pure: from Arrow to pandas, of the records that the rules judge.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


class ArrowBatch:
    """The live records of a table of parsed ones, as the rules look at them.

    Numbers become float64 (exact up to 2**53, above any amount in đồng), dates datetime64,
    texts pandas strings; what is blank is missing. A column is made when it is asked for.

    Parameters
    ----------
    records
        Parsed records.
    live
        One flag a record: whether it is judged.
    year
        The year of the batch, shown as column `year`.
    """

    def __init__(self, records: pa.Table, live: np.ndarray, year: int) -> None:
        self._records = records
        self._live = None if live.all() else pa.array(live)
        self._size = int(live.sum())
        self._year = year

    @property
    def columns(self) -> list[str]:
        """All columns of the records, and `year`."""
        return [*(n for n in self._records.column_names if n != "year"), "year"]

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, names: list[str], /) -> pd.DataFrame:
        columns = {name: self._column(name) for name in names}
        return pd.DataFrame(columns, index=pd.RangeIndex(self._size), copy=False)

    def _column(self, name: str) -> pd.Series:
        if name == "year":
            return pd.Series(np.full(self._size, float(self._year)))
        column = self._records[name]
        return _series(name, column if self._live is None else pc.filter(column, self._live))


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
