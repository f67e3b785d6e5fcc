"""Flags and categories: texts of a closed list.

Belongs here: `x`, `Có`, `Hộ nghèo` -> what they stand for. Does not belong here: the lists
themselves (checks/vocabularies.yaml) and how texts are compared (checks.text).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from assets.values.parsed import Parsed, on_uniques, unread, without_missing_marks
from checks.contract import load_vocabulary
from checks.text import fold

_YES = frozenset({"x", "✓", "✔", "☑", "√", "có", "1", "1.0", "true", "yes", "y"})
_NO = frozenset({"0", "0.0", "không", "false", "no", "n"})


def read_flag(text: pa.Array) -> Parsed:
    """Texts as bool; a blank flag, and every missing mark, means no."""
    parsed = read_answer(text)
    blank = pc.and_(pc.is_null(parsed.values), pc.invert(parsed.unreadable))
    return Parsed(pc.if_else(blank, False, parsed.values), parsed.unreadable)


def read_answer(text: pa.Array) -> Parsed:
    """Texts as bool; a blank, and every missing mark, is no answer."""

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        values = pa.array([_flag(t) for t in known.to_pylist()], pa.bool_())
        return Parsed(values, pc.and_(pc.is_valid(known), pc.is_null(values)))

    return on_uniques(text, parse)


def read_category(text: pa.Array, vocabulary: str) -> Parsed:
    """Texts as the vocabulary's canonical values."""
    spellings = folded_spellings(vocabulary)

    def canonical(text: str | None) -> str | None:
        if text is None:
            return None
        folded = fold(text)
        # A code list that went through a float column: "1.0" for "1".
        return spellings.get(folded) or spellings.get(folded.removesuffix(" 0"))

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        values = pa.array([canonical(t) for t in known.to_pylist()], pa.string())
        return Parsed(values, unread(known, values))

    return on_uniques(text, parse)


@cache
def folded_spellings(vocabulary: str) -> dict[str, str]:
    """Folded spelling -> canonical value.

    Raises
    ------
    ValueError
        Two values of the vocabulary share a spelling.
    """
    found: dict[str, str] = {}
    for value, spellings in load_vocabulary(vocabulary).items():
        for spelling in (value, *spellings):
            other = found.setdefault(fold(spelling), value)
            if other != value:
                raise ValueError(
                    f"vocabulary {vocabulary}: {spelling!r} stands for {other!r} and {value!r}; "
                    "take it from one of them in checks/vocabularies.yaml"
                )
    return found


def _flag(text: str | None) -> bool | None:
    if text is None:
        return None
    word = unicodedata.normalize("NFC", text).casefold()
    if word in _YES:
        return True
    return False if word in _NO else None
