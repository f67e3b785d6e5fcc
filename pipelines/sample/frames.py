"""Frames whose cells stay Python objects: text beside numbers beside nothing, as in a spreadsheet."""

from __future__ import annotations

import numpy as np
import pandas as pd


def objects(frame: pd.DataFrame, *, but: tuple[str, ...] = ()) -> pd.DataFrame:
    """The same frame with object columns (but for some), missing values as None."""
    columns = {n: frame[n] if n in but else object_column(frame[n]) for n in frame.columns}
    return pd.DataFrame(columns, index=frame.index)


def object_column(values: pd.Series) -> pd.Series:
    """One column of Python objects, missing values as None."""
    return pd.Series(cells(values), index=values.index, dtype=object)


def cells(values: pd.Series) -> np.ndarray:
    """The values of a column as Python objects, missing ones as None."""
    result = values.to_numpy(dtype=object)
    missing = pd.isna(result)
    if missing.any():
        result = result.copy()
        result[missing] = None
    return result


def blank_unless(wanted: np.ndarray, values: np.ndarray | str) -> np.ndarray:
    """The values where wanted, None elsewhere, as Python objects."""
    result = np.full(len(wanted), None, dtype=object)
    result[wanted] = values if isinstance(values, str) else values[wanted]
    return result
