"""Filled forms as an Excel workbook: heads, numbering, signatures, and what printing needs.

Belongs here: where cells lie and how they look. Does not belong here: what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from math import ceil
from typing import Any

import xlsxwriter

from assets.forms.figures import Figures
from assets.forms.grid import Row, Sheet
from assets.forms.layout import Form

_FONT = "Times New Roman"
_A4 = 9
_TITLE_ROWS = 6
_BASE: dict[str, Any] = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
_LABELS = 28
_ORDER = 5
_LINE = 12
# Bold capitals and words that do not break where the line ends need more than their number.
_BROAD = 1.25
# The office that reports: the Department of Agriculture and Environment since March 2025.
_OFFICES = ((2024, "Sở Lao động - Thương binh và Xã hội"), (9999, "Sở Nông nghiệp và Môi trường"))


@dataclass(frozen=True)
class Head:
    """A cell of the heads, which may span rows and columns."""

    row: int
    column: int
    last_row: int
    last_column: int
    text: str


def heads(form: Form) -> list[Head]:
    """The heads of a form's columns of numbers, from row 0 and column 0; equal neighbours are one."""
    return list(_heads([column.heads for column in form.columns], 0, 0, form.depth - 1))


def _heads(paths: Sequence[tuple[str, ...]], row: int, first: int, bottom: int) -> Iterator[Head]:
    column = first
    for text, members in groupby(paths, key=lambda path: path[0]):
        inside = list(members)
        last = column + len(inside) - 1
        if len(inside[0]) == 1:
            # A head over one column of numbers reaches down to them; two of one name stay two.
            for single in range(column, last + 1):
                yield Head(row, single, bottom, single, text)
        else:
            yield Head(row, column, row, last, text)
            yield from _heads([path[1:] for path in inside], row + 1, column, bottom)
        column = last + 1


def write(sheets: Sequence[Sheet], figures: Figures) -> bytes:
    """The workbook as bytes: the same figures give the same bytes."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    title = f"Báo cáo kết quả rà soát hộ nghèo, hộ cận nghèo năm {figures.year}"
    book.set_properties(
        {"title": title, "author": "", "company": "", "created": datetime(figures.year, 12, 14)}
    )
    pens = _Pens(book)
    for sheet in sheets:
        _Page(book, pens, sheet, figures).write()
    book.close()
    return target.getvalue()


class _Pens:
    """The formats of the workbook, each made once."""

    def __init__(self, book: Any) -> None:
        def pen(**more: Any) -> Any:
            return book.add_format({**_BASE, **more})

        self.office = pen(bold=True, align="center", text_wrap=True)
        self.number = pen(italic=True, align="right")
        self.title = pen(bold=True, align="center", text_wrap=True, font_size=13)
        self.centre = pen(italic=True, align="center")
        self.right = pen(italic=True, align="right")
        self.head = pen(bold=True, align="center", text_wrap=True, border=1, font_size=10)
        self.formula = pen(italic=True, align="center", border=1, font_size=9, text_wrap=True)
        self.note = pen(italic=True, text_wrap=True, font_size=10, valign="top")
        self.note_head = pen(bold=True, italic=True, font_size=10)
        self.sign = pen(bold=True, align="center")
        self.sign_note = pen(italic=True, align="center")
        looks: dict[str, dict[str, Any]] = {
            "text": {"shrink": True},
            "order": {"align": "center"},
            "whole": {"num_format": "#,##0"},
            "part": {"num_format": "#,##0.0"},
            "rate": {"num_format": "0.00"},
        }
        self._cells = {
            (bold, kind): pen(border=1, bold=bold, **look)
            for bold in (False, True)
            for kind, look in looks.items()
        }

    def cell(self, row: Row, kind: str) -> Any:
        return self._cells[(row.kind != "unit", kind)]


class _Page:
    """One sheet while it is written."""

    def __init__(self, book: Any, pens: _Pens, sheet: Sheet, figures: Figures) -> None:
        self._page = book.add_worksheet(f"Biểu {sheet.form.number:02d}")
        self._pens = pens
        self._sheet = sheet
        self._form = sheet.form
        self._figures = figures
        self._lined = len(sheet.form.lines) > 1
        self._first = 3 if self._lined else 2
        self._last = self._first + len(sheet.form.columns) - 1

    def write(self) -> None:
        top = _TITLE_ROWS
        formulas = top + self._form.depth
        self._columns()
        self._titles()
        self._heads(top)
        self._formulas(formulas)
        row = self._body(formulas + 1)
        row = self._notes(row + 1)
        row = self._signatures(row + 1)
        self._print(top, formulas, row)

    def _columns(self) -> None:
        # Wide enough for a word of the heads and 1.234.567, however many columns there are.
        number = max(9.5, min(15.0, 110 / len(self._form.columns)))
        left = [_ORDER, _LABELS, *([_LINE] if self._lined else [])]
        self._widths = [*left, *([number] * len(self._form.columns))]
        for column, width in enumerate(self._widths):
            self._page.set_column(column, column, width)

    def _height(self, text: str, first: int, last: int, size: float = 11) -> float:
        """Points that a text needs in these columns; a merged cell does not grow by itself."""
        room = sum(self._widths[first : last + 1]) * 11 / size
        return 1.35 * size * ceil(_BROAD * len(text) / room)

    def _titles(self) -> None:
        figures, pens = self._figures, self._pens
        half = max(2, self._last // 2 - 1)
        office = next(name for until, name in _OFFICES if figures.year <= until)
        self._merge(0, 0, 0, half, f"ỦY BAN NHÂN DÂN {figures.province.upper()}", pens.office)
        self._merge(1, 0, 1, half, office.upper(), pens.office)
        self._merge(0, half + 1, 0, self._last, f"Biểu số {self._form.number:02d}", pens.number)
        status = "" if figures.is_final else " (TẠM THỜI)"
        self._merge(2, 0, 2, self._last, self._form.title.upper() + status, pens.title)
        self._page.set_row(2, 6 + self._height(self._form.title.upper() + status, 0, self._last, size=13))
        period = f"Năm {figures.year} - theo chuẩn nghèo đa chiều giai đoạn {figures.period}"
        self._merge(3, 0, 3, self._last, period, pens.centre)
        self._merge(5, 0, 5, self._last, f"Đơn vị tính: {self._form.unit}", pens.right)

    def _heads(self, top: int) -> None:
        bottom = top + self._form.depth - 1
        left = ["STT", "Đơn vị", *(["Chỉ tiêu"] if self._lined else [])]
        for column, text in enumerate(left):
            self._merge(top, column, bottom, column, text, self._pens.head)
        for head in heads(self._form):
            self._merge(
                top + head.row,
                self._first + head.column,
                top + head.last_row,
                self._first + head.last_column,
                head.text,
                self._pens.head,
            )
        for row, height in enumerate(self._head_heights(), top):
            self._page.set_row(row, height)

    def _head_heights(self) -> list[float]:
        """Heights of the rows of heads: what spans rows needs them together."""
        heights = [18.0] * self._form.depth
        for head in sorted(heads(self._form), key=lambda head: head.last_row - head.row):
            first, last = self._first + head.column, self._first + head.last_column
            needed = self._height(head.text, first, last, size=10) - sum(heights[head.row : head.last_row])
            heights[head.last_row] = max(heights[head.last_row], needed)
        return heights

    def _formulas(self, row: int) -> None:
        left = ["A", "B", *(["C"] if self._lined else [])]
        texts = [*left, *(f"({column.formula})" for column in self._form.columns)]
        for column, text in enumerate(texts):
            self._page.write_string(row, column, text, self._pens.formula)
        self._page.set_row(row, 14 if max(map(len, texts)) < 14 else 26)

    def _body(self, top: int) -> int:
        for number, row in enumerate(self._sheet.rows, top):
            pens = self._pens
            # `write` leaves a cell without text blank
            self._page.write(number, 0, row.order or None, pens.cell(row, "order"))
            self._page.write(number, 1, row.label or None, pens.cell(row, "text"))
            if self._lined:
                self._page.write_string(number, 2, row.line, pens.cell(row, "text"))
            columns = zip(row.values, self._form.columns, strict=True)
            for column, (value, of) in enumerate(columns, self._first):
                if value is None:
                    self._page.write_blank(number, column, None, pens.cell(row, "whole"))
                    continue
                kind = "rate" if of.is_rate else "whole" if abs(value - round(value)) < 1e-6 else "part"
                exact = round(value) if kind == "whole" else round(value, 6)
                self._page.write_number(number, column, exact, pens.cell(row, kind))
        return top + len(self._sheet.rows)

    def _notes(self, row: int) -> int:
        if not self._sheet.notes:
            return row
        self._merge(row, 0, row, self._last, "Ghi chú:", self._pens.note_head)
        for number, text in enumerate(self._sheet.notes, row + 1):
            self._merge(number, 0, number, self._last, f"- {text}", self._pens.note)
            self._page.set_row(number, self._height(f"- {text}", 0, self._last, size=10))
        return row + 1 + len(self._sheet.notes)

    def _signatures(self, row: int) -> int:
        half = max(1, self._last // 2)
        right = (half + 1, self._last)
        pens = self._pens
        self._merge(
            row, right[0], row, right[1], "........., ngày ..... tháng ..... năm ........", pens.sign_note
        )
        self._merge(row + 1, 0, row + 1, half, "NGƯỜI LẬP BIỂU", pens.sign)
        self._merge(row + 1, right[0], row + 1, right[1], "THỦ TRƯỞNG ĐƠN VỊ", pens.sign)
        self._merge(row + 2, 0, row + 2, half, "(Ký, ghi rõ họ tên)", pens.sign_note)
        self._merge(row + 2, right[0], row + 2, right[1], "(Ký tên, đóng dấu)", pens.sign_note)
        return row + 2

    def _print(self, top: int, formulas: int, last_row: int) -> None:
        page = self._page
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.5, right=0.4, top=0.6, bottom=0.6)
        page.center_horizontally()
        page.fit_to_pages(1, 0)
        page.repeat_rows(top, formulas)
        page.print_area(0, 0, last_row + 4, self._last)
        page.set_footer("&L&8Biểu số " + f"{self._form.number:02d}" + "&R&8Trang &P/&N")
        page.freeze_panes(formulas + 1, self._first)

    def _merge(self, row: int, column: int, last_row: int, last_column: int, text: str, pen: Any) -> None:
        if (row, column) == (last_row, last_column):
            self._page.write_string(row, column, text, pen)
        else:
            self._page.merge_range(row, column, last_row, last_column, text, pen)
