"""Formulas that a workbook keeps without a result, which calamine would show as a blank or 0.

A program that writes a workbook without calculating it leaves `<f>` with no `<v>`, or with a 0
and the order to calculate everything when it is opened. Neither is a value: such a cell becomes
the visible text "=FORMULA", and an error cell its error ("#REF!"), which no parser takes for a
number. A formula with a result is an ordinary value, and so is the empty text that a template's
`=IF(A5="","",…)` makes down to a row where nobody wrote. Old .xls files are not looked into.
"""

from __future__ import annotations

import re

_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d+)["']""")
_ERROR = re.compile(rb"""\bt=["']e["']""")
_TEXT = re.compile(rb"""\bt=["']str["']""")
_FORMULA = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>([^<]*)</f>)")
_RESULT = re.compile(rb"<v[^>]*>([^<]+)</v>|<is>")
_CELL_END = b"</c>"
_LONGEST = 60


def valueless_cells(xml: bytes, *, uncalculated: bool) -> dict[tuple[int, int], str]:
    """The cells (row, column, from 0) of a sheet without a value, and the text to show.

    Parameters
    ----------
    xml
        The sheet's part of the workbook.
    uncalculated
        Whether the workbook orders that everything be calculated when it is opened.
    """
    if b"<f" not in xml and not _ERROR.search(xml):
        return {}
    found = {}
    start = 0
    while (end := xml.find(_CELL_END, start)) >= 0:
        piece = xml[start:end]
        start = end + len(_CELL_END)
        if b"<f" not in piece and not _ERROR.search(piece):
            continue
        attributes, inside = _last_cell(piece)
        text = _shown(attributes, inside, uncalculated=uncalculated)
        place = _PLACE.search(attributes) if text is not None else None
        if text is not None and place is not None:
            found[(int(place[2]) - 1, _column(place[1]))] = text
    return found


def _last_cell(piece: bytes) -> tuple[bytes, bytes]:
    """Attributes and content of the cell that is open at the end of a piece.

    Cells before it have no end tag of their own: `<c r="A1" s="1"/>`.
    """
    begin = max(piece.rfind(b"<c" + blank) for blank in (b" ", b"\n", b"\t", b"\r"))
    close = piece.find(b">", begin)
    return (piece[begin + 2 : close], piece[close + 1 :]) if 0 <= begin < close else (b"", b"")


def _shown(attributes: bytes, inside: bytes, *, uncalculated: bool) -> str | None:
    formula = _FORMULA.search(inside)
    result = _RESULT.search(inside)
    if result and _ERROR.search(attributes):
        return (result.group(1) or b"#ERROR").decode("utf-8", errors="replace")
    if _TEXT.search(attributes) and b"<v" in inside:
        return None
    if formula is None or (result and not (uncalculated and result.group(1) == b"0")):
        return None
    return "=" + (formula.group(1) or b"").decode("utf-8", errors="replace")[:_LONGEST]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
