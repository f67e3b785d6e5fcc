"""Citizen ids (CCCD, and the older CMND).

Belongs here: which ids are whole, which had lost their leading zeros, which are beyond
reading. Does not belong here: hiding them (pseudonym.py).

A CCCD is 3 digits of the province of birth registration, 1 of century and sex (0, 1 for a man,
a woman of 19xx; 2, 3 of 20xx), 2 of the birth year, 6 free ones. Excel takes the leading zeros:
11 digits are left of an id of 0xx, 10 of one of 00x. They are padded only if province, century,
sex and birth year then agree with the row. A CMND has 9 digits; 8 are one that lost its zero.
An id that cannot be read is null and noted, never a reason to reject its record.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.values.arrays import Bools, as_ints, as_mask, null_unless, only_digits, rows_where, take_rows
from assets.values.parsed import Parsed, all_false, without_missing_marks

# The 63 provinces of the code list of Circular 59/2021/TT-BCA; ids keep them after the merger
# of provinces in 2025.
_PROVINCES = (
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 "
    "040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 "
    "083 084 086 087 089 091 092 093 094 095 096"
)
_PADDED, _UNREADABLE = "citizen_id_padded", "citizen_id_unreadable"


def read_citizen_id(
    text: pa.Array, year: int, *, sex: pa.Array | None = None, birth_year: pa.Array | None = None
) -> Parsed:
    """Texts as ids of 12 (CCCD) or 9 (CMND) digits.

    Parameters
    ----------
    text
        The column.
    year
        The folder's year; nobody on its list is born after the next.
    sex, birth_year
        "male"/"female" and the birth year of the rows, where known; they are what a padded id
        has to agree with.
    """
    if only_digits(text, length=12):
        return _noted(text, all_false(len(text)), all_false(len(text)))
    known = without_missing_marks(text)
    digits = _digits(known)
    length = pc.binary_length(digits)
    short = rows_where(pc.or_(pc.equal(length, 10), pc.equal(length, 11)))
    old = pc.equal(length, 8)
    agrees = np.zeros(len(text), np.bool_)
    agrees[short] = _agrees(
        pc.utf8_lpad(take_rows(digits, short), 12, padding="0"),
        year,
        None if sex is None else take_rows(sex, short),
        None if birth_year is None else take_rows(birth_year, short),
    )
    padded = pc.or_(pa.array(agrees), old)
    whole = pc.or_(pc.equal(length, 12), pc.equal(length, 9))
    values = null_unless(digits, whole)
    values = pc.if_else(pa.array(agrees), pc.utf8_lpad(digits, 12, padding="0"), values)
    values = pc.if_else(pc.fill_null(old, False), pc.utf8_lpad(digits, 9, padding="0"), values)
    return _noted(values, pc.fill_null(padded, False), pc.and_(pc.is_valid(known), pc.is_null(values)))


def _noted(values: pa.Array, padded: pa.Array, unreadable: pa.Array) -> Parsed:
    return Parsed(values, all_false(len(values)), {_PADDED: padded, _UNREADABLE: unreadable})


def _digits(known: pa.Array) -> pa.Array:
    """The ids' digits; blanks inside, Excel's apostrophe and `.0` do not count. Null where none."""
    if only_digits(known):
        return known
    bare = pc.replace_substring_regex(known, "^['’]|[ \u00a0\u202f]|\\.0+$", "")
    return null_unless(bare, pc.ascii_is_decimal(bare))


def _agrees(ids: pa.Array, year: int, sex: pa.Array | None, birth_year: pa.Array | None) -> Bools:
    """Which padded ids have a true province, and century, sex and birth year of their row."""
    province = pc.is_in(pc.utf8_slice_codeunits(ids, 0, 3), value_set=pa.array(_PROVINCES.split()))
    century = as_ints(pc.utf8_slice_codeunits(ids, 3, 4))
    born = 1900 + 100 * (century // 2) + as_ints(pc.utf8_slice_codeunits(ids, 4, 6))
    agrees: Bools = as_mask(province) & (born <= year + 1)
    if sex is not None:
        agrees &= ~(as_mask(pc.equal(sex, "male")) & (century % 2 == 1))
        agrees &= ~(as_mask(pc.equal(sex, "female")) & (century % 2 == 0))
    if birth_year is not None:
        wanted = pc.cast(birth_year, pa.int64())
        agrees &= ~as_mask(pc.not_equal(wanted, pa.array(born)))
    return agrees
