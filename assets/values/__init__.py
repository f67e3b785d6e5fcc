"""Text as the offices send it, read into typed values.

Belongs here: what one cell means (numbers, money, dates, flags, categories, codes, citizen
ids) and the file's evidence for its number style. Does not belong here: where a cell stands
(assets.reading), whether a value is allowed or fits its neighbours (checks), places.
"""

from __future__ import annotations

from assets.values.columns import parse_column
from assets.values.parsed import Parsed
from assets.values.style import NumberStyle, number_style
from assets.values.value_class import value_class

__all__ = ["NumberStyle", "Parsed", "number_style", "parse_column", "value_class"]
