"""Text columns and codes of digits.

Belongs here: what is kept as text, and codes whose leading zeros Excel lost. Does not belong
here: citizen ids (citizen_id.py), whether a code exists (places).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from assets.values.arrays import null_unless, only_digits
from assets.values.parsed import Parsed, all_false, on_uniques, unread, without_missing_marks


def read_text(text: pa.Array) -> Parsed:
    """Texts as they are, missing marks left out."""
    return Parsed(without_missing_marks(text), all_false(len(text)))


def read_code(text: pa.Array, width: int) -> Parsed:
    """Digits padded with zeros to `width`; anything longer or else is unreadable."""
    if only_digits(text, length=width):
        return Parsed(text, all_false(len(text)))

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        digits = pc.replace_substring_regex(known, r"^(\d+)\.0+$", r"\1")
        fits = pc.match_substring_regex(digits, rf"^\d{{1,{width}}}$")
        padded = pc.utf8_lpad(digits, width, padding="0")
        values = null_unless(padded, fits)
        return Parsed(values, unread(known, values))

    return on_uniques(text, parse)


def first_part(text: pa.Array, separator: str) -> pa.Array:
    """The first of several values joined in one cell; blank parts do not count."""
    if not pc.any(pc.match_substring(text, separator)).as_py():
        return text
    trimmed = pc.utf8_trim(text, characters=separator + " ")
    return pc.utf8_trim_whitespace(pc.list_element(pc.split_pattern(trimmed, separator), 0))
