"""Formulas that a workbook keeps without a result, which calamine would show as a blank or 0.

A program that writes a workbook without calculating it leaves `<f>` with no `<v>`, or with a 0
and the order to calculate everything when it is opened. Neither is a value: such a cell becomes
the visible text "=FORMULA", and an error cell its error ("#REF!"), which no parser takes for a
number. A formula with a result is an ordinary value. Old .xls files are not looked into.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from xml.etree import ElementTree

_CELL = re.compile(rb"<c(\s[^>]*)>(.*?)</c>", re.DOTALL)
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d+)["']""")
_ERROR = re.compile(rb"""\bt=["']e["']""")
_FORMULA = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>(.*?)</f>)", re.DOTALL)
_RESULT = re.compile(rb"<v[^>]*>([^<]+)</v>|<is>")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LONGEST = 60


def valueless_cells(book: zipfile.ZipFile) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet name, the cells (row, column, from 0) without a value, and the text to show."""
    try:
        workbook = ElementTree.fromstring(book.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    calc = workbook.find(f"{_MAIN}calcPr")
    uncalculated = calc is not None and calc.get("fullCalcOnLoad") in ("1", "true")
    found = {}
    for sheet in workbook.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        path = posixpath.normpath(posixpath.join("xl", target)).lstrip("/") if target else ""
        path = target.lstrip("/") if target.startswith("/") else path
        if path in book.namelist():
            found[sheet.get("name", "")] = _valueless(book.read(path), uncalculated=uncalculated)
    return found


def _valueless(xml: bytes, *, uncalculated: bool) -> dict[tuple[int, int], str]:
    if b"<f" not in xml and not _ERROR.search(xml):
        return {}
    found = {}
    for attributes, inside in _CELL.findall(_without_empty_cells(xml)):
        text = _shown(attributes, inside, uncalculated=uncalculated)
        place = _PLACE.search(attributes) if text is not None else None
        if text is not None and place is not None:
            found[(int(place[2]) - 1, _column(place[1]))] = text
    return found


def _without_empty_cells(xml: bytes) -> bytes:
    """`<c r="A1" s="1"/>` has no end tag, and would swallow the cell after it."""
    return re.sub(rb"<c\s[^>]*/>", b"", xml)


def _shown(attributes: bytes, inside: bytes, *, uncalculated: bool) -> str | None:
    formula = _FORMULA.search(inside)
    result = _RESULT.search(inside)
    if result and _ERROR.search(attributes):
        return (result.group(1) or b"#ERROR").decode("utf-8", errors="replace")
    if formula is None or (result and not (uncalculated and result.group(1) == b"0")):
        return None
    return "=" + (formula.group(1) or b"").decode("utf-8", errors="replace")[:_LONGEST]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
