"""Arrow arrays as numpy arrays, and quick questions about columns.

Belongs here: conversions that every reader of this package needs. Does not belong here:
anything that knows what a text means.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def as_mask(marks: pa.Array) -> Bools:
    """Booleans; null counts as false."""
    mask: Bools = pc.fill_null(marks, False).to_numpy(zero_copy_only=False)
    return mask


def as_ints(digits: pa.Array) -> Ints:
    """Texts of digits, none null, as numbers; a blank counts 0."""
    filled = pc.if_else(pc.equal(digits, ""), "0", digits)
    numbers: Ints = pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def rows_where(marks: pa.Array) -> Ints:
    """Row numbers where it is true."""
    return np.flatnonzero(as_mask(marks))


def take_rows(array: pa.Array, rows: Ints) -> pa.Array:
    """The rows of those numbers."""
    return array.take(pa.array(rows, pa.int64()))


def null_unless(text: pa.Array, keep: pa.Array) -> pa.Array:
    """The texts where `keep` is true, else null."""
    return pc.if_else(pc.fill_null(keep, False), text, pa.scalar(None, text.type))


def only_digits(text: pa.Array, *, length: int | None = None, longest: int | None = None) -> bool:
    """Every text is null or ASCII digits, of that length or at most that long."""
    if pc.all(pc.ascii_is_decimal(text)).as_py() is False:
        return False
    size = pc.min_max(pc.binary_length(text)).as_py()
    if size["max"] is None:
        return True
    if length is not None and not size["min"] == size["max"] == length:
        return False
    return longest is None or size["max"] <= longest
