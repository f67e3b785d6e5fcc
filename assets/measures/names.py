"""Names and texts in SQL, and names as people write them: one spelling of their accents, none taken twice."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection


def name(column: str) -> str:
    """A quoted SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def text(value: object) -> str:
    """An SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def folded(word: str) -> str:
    """A name in the one spelling by which names are compared: accents composed (NFC), letter case gone."""
    return unicodedata.normalize("NFC", word).casefold()


def free_name(wanted: str, taken: Collection[str]) -> str:
    """The wanted name, with as many blanks as keep it apart from those taken."""
    known = {folded(other) for other in taken}
    while folded(wanted) in known:
        wanted += " "
    return wanted


def named_twice(names: Collection[str]) -> list[str]:
    """Names that stand more than once, in whatever spelling; a column without a name is none."""
    counted = Counter(folded(column) for column in names if column)
    return [column for column, number in counted.items() if number > 1]
