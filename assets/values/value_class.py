"""The shape of a value, for reports that must not show the value.

Belongs here: masking one example. Does not belong here: choosing the examples.
"""

from __future__ import annotations

import re

_LONGEST = 24
_RUN = re.compile(r"9{5,}|a{2,}|A{2,}|\s{2,}")


def value_class(text: str | None, *, personal: bool = False) -> str:
    """Digits as 9, letters as a or A, the rest as it stands; at most 24 characters.

    More than four digits in a row are counted, letters in a row become one. Of a personal
    value only the length is told.

    Examples
    --------
    >>> value_class("1.489,744")
    '9.999,999'
    >>> value_class("Hộ nghèo 19088001234")
    'Aa a 9{11}'
    >>> value_class("019088001234", personal=True)
    'text(12)'
    """
    if text is None or not text.strip():
        return "blank"
    if personal:
        return f"text({len(text)})"
    shape = _RUN.sub(_shorten, "".join(_letter_class(c) for c in text))
    return shape if len(shape) <= _LONGEST else shape[: _LONGEST - 1] + "…"


def _letter_class(char: str) -> str:
    if char.isdigit():
        return "9"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return " " if char.isspace() else char


def _shorten(run: re.Match[str]) -> str:
    kind, length = run.group()[0], len(run.group())
    return f"9{{{length}}}" if kind == "9" else kind
