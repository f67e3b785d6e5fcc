"""Which separator marks the decimals: the shapes of numbers and the evidence of a file.

Belongs here: telling apart texts that can be read in one way only from `1.234` and `1,234`,
which need the file's evidence. Does not belong here: making values of them (numbers.py).

Shapes that are sure: both separators (`1.234,5`), a repeated one (`1.234.567`), a separator
before other than three digits (`1,5`), after a leading zero (`0,125`), after more than three
digits (`1234,567`), or beside blanks that group (`1 234,5`). Native numbers (`1234.5e0`) and
bare digits are always sure and prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from assets.values.parsed import nearly_all_distinct

_SURE = (
    r"^-?(?:"
    r"[1-9]\d{{0,2}}(?:{group}\d{{3}})+{point}\d+"
    r"|[1-9]\d{{0,2}}(?:{group}\d{{3}}){{2,}}"
    r"|\d+{point}(?:\d{{1,2}}|\d{{4,}})"
    r"|\d{{4,}}{point}\d{{3}}"
    r"|0\d*{point}\d{{3}}"
    r"|[1-9]\d{{0,2}}(?: \d{{3}})+{point}\d+"
    r")$"
)
SURE_VI = _SURE.format(group=r"\.", point=",")
SURE_EN = _SURE.format(group=",", point=r"\.")
AMBIGUOUS = r"^-?[1-9]\d{0,2}[.,]\d{3}$"
BARE = r"^-?(?:\d+|[1-9]\d{0,2}(?: \d{3})+)$"
NATIVE = r"^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?e0$"

# One slip of the pen among so many distinct sure numbers does not make a file's style doubtful.
STRAY = 100

_BLANKS = "[\u00a0\u2007\u2009\u202f]"
CURRENCY = r"(?i)\s*(?:đ|₫|đồng|vnđ|vnd)$"
PERCENT = r"\s*%$"
NO_SUFFIX = r"\s+$"
_ANY_SUFFIX = r"(?i)\s*(?:đ|₫|đồng|vnđ|vnd|%)$"


class NumberStyle(StrEnum):
    """How a file writes its numbers, as far as its sure ones tell."""

    VI = "vi"
    """`1.234.567,89`"""
    EN = "en"
    """`1,234,567.89`"""
    PLAIN = "plain"
    """`1234567.89`: a decimal point, nothing grouped; read as EN"""
    MIXED = "mixed"
    """Both, and not just a stray one: an ambiguous number of this file cannot be read."""


def tidy_numbers(text: pa.Array, suffix: str = _ANY_SUFFIX) -> pa.Array:
    """Signs, parentheses and blanks brought to one form, the suffix that may stand left out."""
    odd = pc.match_substring_regex(text, r"[^0-9.,]")
    if not pc.any(odd).as_py():
        return text
    tidy = pc.replace_substring_regex(text, _BLANKS, " ")
    tidy = pc.replace_substring_regex(tidy, suffix, "")
    tidy = pc.replace_substring_regex(tidy, r"^[-−]\s*", "-")
    tidy = pc.replace_substring_regex(tidy, r"^\(\s*([0-9., ]*[0-9])\s*\)$", r"-\1")
    return pc.replace_substring_regex(tidy, r"^\+(\d)", r"\1")


def number_style(columns: Iterable[pa.Array]) -> NumberStyle | None:
    """The evidence of a file for its number style.

    Parameters
    ----------
    columns
        The texts of all numeric columns of one file.

    Returns
    -------
    NumberStyle or None
        None where no number of the file can be read in one way only.
    """
    vi = en = grouped = 0
    for column in columns:
        tokens = tidy_numbers(_with_separator(column))
        if not len(tokens):
            continue
        vi += _count(tokens, SURE_VI)
        sure_en = tokens.filter(pc.match_substring_regex(tokens, SURE_EN))
        en += len(sure_en)
        grouped += _count(sure_en, ",") if len(sure_en) else 0
    if vi and en and min(vi, en) * STRAY > max(vi, en):
        return NumberStyle.MIXED
    if vi > en:
        return NumberStyle.VI
    if en:
        return NumberStyle.EN if grouped else NumberStyle.PLAIN
    return None


def _with_separator(column: pa.Array) -> pa.Array:
    """The texts that hold a point or a comma; each once, as far as that is cheap."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pc.all(pc.ascii_is_decimal(column)).as_py() is not False:
        return column.slice(0, 0)
    tokens = column if nearly_all_distinct(column) else pc.unique(column)
    tokens = pc.utf8_trim_whitespace(tokens)
    return tokens.filter(pc.match_substring_regex(tokens, r"[.,]"))


def _count(tokens: pa.Array, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(tokens, pattern)).as_py() or 0)
