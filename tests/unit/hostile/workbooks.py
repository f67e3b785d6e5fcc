"""Workbooks written part by part, so that any part may be what no program would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from tests.unit.hostile.case import HEADINGS, row

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

_ROOT = f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
SHEET_START = f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}">'
SHEET_END = "</worksheet>"


def cell(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def xml_row(number: int, values: Iterable[str]) -> str:
    cells = "".join(cell(f"{chr(65 + i)}{number}", value) for i, value in enumerate(values))
    return f'<row r="{number}">{cells}</row>'


def table(records: int = 3) -> str:
    """Header and sound records as rows of a sheet."""
    return xml_row(1, HEADINGS) + "".join(xml_row(i + 1, row(i)) for i in range(1, records + 1))


def sheet(more: str = "", before: str = "", after: str = "", records: int = 3) -> bytes:
    """A sheet with a sound table, more rows below it, and what stands before and after the data."""
    return f"{SHEET_START}{before}<sheetData>{table(records)}{more}</sheetData>{after}{SHEET_END}".encode()


def book_xml(names: Iterable[str] = ("Tổng",), doctype: str = "") -> str:
    sheets = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
    return f'<?xml version="1.0"?>{doctype}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{sheets}</sheets></workbook>'


def relations(targets: Iterable[str] = ("worksheets/sheet1.xml",), shared: bool = False) -> str:
    links = [(f"r{i}", "worksheet", target) for i, target in enumerate(targets, 1)]
    links += [("s", "sharedStrings", "sharedStrings.xml")] if shared else []
    body = "".join(f'<Relationship Id="{i}" Type="{_REL}/{kind}" Target="{t}"/>' for i, kind, t in links)
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}">{body}</Relationships>'


def parts(sheet_xml: bytes | None = None, shared: bytes | None = None) -> dict[str, bytes]:
    """The parts of a small workbook."""
    found = {
        "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_TYPES}"/>'.encode(),
        "_rels/.rels": _ROOT.encode(),
        "xl/workbook.xml": book_xml().encode(),
        "xl/_rels/workbook.xml.rels": relations(shared=shared is not None).encode(),
        "xl/worksheets/sheet1.xml": sheet() if sheet_xml is None else sheet_xml,
    }
    return found if shared is None else found | {"xl/sharedStrings.xml": shared}


def packed(contents: dict[str, bytes], level: int = 6) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as book:
        for name, content in contents.items():
            book.writestr(name, content)
    return target.getvalue()


def shared_strings(texts: Iterable[str]) -> bytes:
    body = "".join(f"<si><t>{escape(t)}</t></si>" for t in texts)
    return f'<?xml version="1.0"?><sst xmlns="{_MAIN}">{body}</sst>'.encode()
