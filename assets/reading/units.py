"""Which money unit a heading or a title row states: đồng, nghìn, triệu or tỷ.

Belongs here: words of a unit to its multiplier. Does not belong here: the multiplication, which
is the parser's.
"""

from __future__ import annotations

import re

from checks.text import fold

_SCALES = {
    "": 1,
    "nghìn": 10**3, "ngàn": 10**3, "1000": 10**3,
    "triệu": 10**6, "tr": 10**6,
    "tỷ": 10**9, "tỉ": 10**9,
}  # fmt: skip
# Read in folded text, where "tr.đ" is "tr đ" and "1.000 đ" is "1 000 đ".
_MONEY = re.compile(
    r"(?:\b(nghìn|ngàn|1 ?000|triệu|tr|tỷ|tỉ)\s*)?(?:(?<=[\d\s])|\b|(?<=tr))"
    r"(?<!hợp )(?<!cộng )(?<!hội )(?:đồng|đ|vnđ|vnd)\b"
)
_SCALE_ALONE = re.compile(r"(nghìn|ngàn|triệu|tỷ|tỉ)")
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_STATED = re.compile(r"\b(?:đvt|dvt|đơn vị tính|đơn vị)\b(.*)")
# A unit that stands after the label without brackets: "Dư nợ, triệu đồng", "Dư nợ - tỷ đồng".
_TAIL = re.compile(
    r"(?:\s*[,;:\-–]\s*(?:ĐVT\s*:?\s*)?(?:đồng|VNĐ|VND)"
    r"|[\s,;:\-–]+(?:ĐVT\s*:?\s*)?(?:triệu|tỷ|tỉ|nghìn|ngàn)\s+(?:đồng|đ|VNĐ|VND))\s*$",
    re.IGNORECASE,
)


def money_multipliers(words: str) -> set[int]:
    """The multipliers of all money units that the words name ("hộ, triệu đồng" → {10⁶})."""
    folded = fold(words)
    alone = _SCALE_ALONE.fullmatch(folded)
    if alone:
        return {_SCALES[alone.group(1)]}
    return {_SCALES[(match.group(1) or "").replace(" ", "")] for match in _MONEY.finditer(folded)}


def heading_unit(*texts: str) -> int | None:
    """The money unit in the brackets, or at the end, of the first text that has one."""
    for text in texts:
        tail = _TAIL.search(text)
        for words in (*_BRACKET.findall(text), *([tail.group()] if tail else [])):
            found = money_multipliers(words)
            if len(found) == 1:
                return found.pop()
    return None


def title_unit(titles: tuple[str, ...]) -> int | None:
    """The unit of "ĐVT: triệu đồng" above the table; None where titles name none, or several."""
    found: set[int] = set()
    for title in titles:
        stated = _STATED.search(fold(title))
        if stated:
            found |= money_multipliers(stated.group(1))
    return found.pop() if len(found) == 1 else None


def without_unit_tail(text: str) -> str:
    """The heading without a unit that follows it outside brackets."""
    return _TAIL.sub("", text)
