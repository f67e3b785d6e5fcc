"""The result of reading a column, and the ways to build it.

Belongs here: `Parsed`, the missing marks, the passage from unique values to all rows. Does not
belong here: how any one type is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

_MISSING = r"(?i)^(?:[-–—]*|#?n/a|null)$"
_SAMPLE = 50_000


@dataclass(frozen=True)
class Parsed:
    """One column read.

    Attributes
    ----------
    values
        Typed values, null where the text was blank or could not be read.
    unreadable
        True where there was text that could not be read. Never null.
    notes
        Name of a flag -> where it holds, e.g. `two_digit_year`. Never null.
    """

    values: pa.Array
    unreadable: pa.Array
    notes: dict[str, pa.Array] = field(default_factory=dict)


def without_missing_marks(text: pa.Array) -> pa.Array:
    """The texts trimmed; blank, dashes, `NULL`, `N/A` and `#N/A` become null."""
    trimmed = pc.utf8_trim_whitespace(text)
    # A mark is short, so most columns are settled by their lengths alone.
    short = pc.less_equal(pc.binary_length(trimmed), 9)
    if not pc.any(short).as_py():
        return trimmed
    missing = pc.match_substring_regex(trimmed, _MISSING)
    return pc.if_else(missing, pa.scalar(None, trimmed.type), trimmed)


def on_uniques(text: pa.Array, parse: Callable[[pa.Array], Parsed]) -> Parsed:
    """Read each distinct text once and give every row its result.

    Where nearly every text is distinct, looking for the distinct ones costs more than it saves.
    """
    if nearly_all_distinct(text):
        return parse(text)
    encoded = text.dictionary_encode()
    parsed = parse(encoded.dictionary)

    def marks(array: pa.Array) -> pa.Array:
        return pc.fill_null(pc.take(array, encoded.indices), False)

    return Parsed(
        values=pc.take(parsed.values, encoded.indices),
        unreadable=marks(parsed.unreadable),
        notes={name: marks(array) for name, array in parsed.notes.items()},
    )


def nearly_all_distinct(text: pa.Array) -> bool:
    """As far as the first rows tell."""
    sample = text.slice(0, _SAMPLE)
    return len(text) > _SAMPLE and len(pc.unique(sample)) > 0.97 * _SAMPLE


def all_false(length: int) -> pa.Array:
    """That many times false."""
    return pa.repeat(pa.scalar(False), length)


def unread(text: pa.Array, values: pa.Array) -> pa.Array:
    """Where there was text, but no value came of it."""
    return pc.and_(pc.is_valid(text), pc.is_null(values))
