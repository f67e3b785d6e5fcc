"""The workbook as an official opens it: titles, numbering, sums, blanks with their notes, printing."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from assets.forms.figures import Figures, Unit
from assets.forms.grid import TOTAL, Sheet, fill, roman
from assets.forms.layout import forms
from assets.forms.workbook import write


def _sheets(figures: Figures) -> list[Sheet]:
    return [fill(form, figures) for form in forms(figures.lists)]


def _content(figures: Figures) -> bytes:
    return write(_sheets(figures), figures)


def _page(figures: Figures, number: int) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(_content(figures)))[f"Biểu {number:02d}"]


def _lines(page: Worksheet) -> list[list[object]]:
    """Body of a form: from the row under the formulas to the first row without a cell."""
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    top = next(i for i, row in enumerate(rows) if row[0] == "A" and row[1] == "B") + 1
    bottom = next(i for i in range(top, len(rows)) if not any(rows[i][1:]))
    return rows[top:bottom]


def _texts(page: Worksheet) -> str:
    return "\n".join(str(v) for row in page.iter_rows(values_only=True) for v in row if v is not None)


def test_a_sheet_a_form_with_its_number_and_title(figures: Figures) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(_content(figures)))
    assert book.sheet_names == [f"Biểu {n:02d}" for n in range(1, 14)]
    for form in forms(figures.lists):
        rows = book.get_sheet_by_name(f"Biểu {form.number:02d}").to_python(skip_empty_area=False)
        assert rows[0][0] == "ỦY BAN NHÂN DÂN TỈNH THỬ"
        assert f"Biểu số {form.number:02d}" in rows[0]
        assert rows[2][0] == form.title.upper()
        assert rows[3][0] == "Năm 2024 - theo chuẩn nghèo đa chiều giai đoạn 2022–2026"
        texts = {str(cell) for row in rows for cell in row}
        assert {"NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"} <= texts


def test_numbers_stand_under_the_heads(figures: Figures) -> None:
    rows = [list(row) for row in _page(figures, 2).iter_rows(values_only=True)]
    numbers = next(row for row in rows if row[0] == "A")
    assert numbers == ["A", "B", "C", *(f"({n})" for n in range(1, 9)), "(9=1-2-3-4+5+6+7+8)"]


def test_totals_groups_and_communes(figures: Figures) -> None:
    lines = _lines(_page(figures, 2))
    assert [(row[0], row[1]) for row in lines if row[1]] == [
        (None, TOTAL), ("I", "Huyện A"), ("1", "Xã Một"), ("2", "Xã Hai"), ("II", "Thành phố B"),
        ("1", "Phường Ba"),
    ]  # fmt: skip
    households = [row[3:] for row in lines if row[2] == "Hộ"]
    total, a, one, two, b, three = households
    assert a == [x + y for x, y in zip(one, two, strict=True)]
    assert b == three
    assert total == [x + y for x, y in zip(a, b, strict=True)]
    assert one == [10, 1, 2, 1, 1, 1, 2, 0, 10]


def test_the_identity_holds_or_the_foot_says_where_not(figures: Figures) -> None:
    page = _page(figures, 2)
    for row in _lines(page):
        one, two, three, four, five, six, seven, eight, nine = row[3:]
        holds = nine == one - two - three - four + five + six + seven + eight
        assert holds == (row[2] == "Nhân khẩu" or row[1] not in ("Phường Ba", "Thành phố B", TOTAL))
    assert "Dòng Hộ không cân đối (cột 9 khác 1-2-3-4+5+6+7+8) tại Phường Ba (+3)" in _texts(page)
    assert "Dòng Nhân khẩu không cân đối" not in _texts(page)


def test_a_missing_denominator_is_blank_and_told(figures: Figures) -> None:
    page = _page(figures, 1)
    rows = {row[1]: row for row in _lines(page)}
    assert rows["Xã Hai"][2] is None and rows["Xã Hai"][5] is None
    assert rows["Xã Hai"][4] == 5
    # over those that have a denominator: 10 of 100 and 12 of 200
    assert rows[TOTAL][2] == 300
    assert rows[TOTAL][4] == 27
    assert rows[TOTAL][5] == pytest.approx(100 * 22 / 300, abs=1e-6)
    assert "Cột (1) để trống tại Xã Hai: chưa có tổng số hộ hợp lệ của xã" in _texts(page)


def test_a_carried_denominator_is_told(figures: Figures) -> None:
    one, *others = figures.units
    carried = replace(one, measures={**one.measures, "households_carried": 1.0})
    told = _texts(_page(replace(figures, units=(carried, *others)), 1))
    assert "Xã Một: tổng số hộ và nhân khẩu lấy toàn bộ hoặc một phần từ năm trước." in told
    assert "từ năm trước" not in _texts(_page(figures, 1))


@pytest.mark.parametrize("number", [8, 9, 10, 11, 12, 13])
def test_what_the_extracts_lack_is_blank_never_0(figures: Figures, number: int) -> None:
    page = _page(figures, number)
    first = 3 if _lines(page)[0][2] in ("Hộ", "Hộ nghèo") else 2
    # nothing but the numbers of households and persons is known to these figures
    assert all(value is None for row in _lines(page) for value in row[first + 1 :])
    assert "Ghi chú:" in _texts(page) and "để trống:" in _texts(page)


def test_a_review_under_way_is_marked(figures: Figures) -> None:
    assert "(TẠM THỜI)" not in _texts(_page(figures, 1))
    for number in range(1, 14):
        title = _page(replace(figures, is_final=False), number)["A3"].value
        assert str(title).endswith(" (TẠM THỜI)")


def test_ready_to_print(figures: Figures) -> None:
    for number in (1, 2, 9):
        page = _page(figures, number)
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.paperSize == 9
        # one page wide, which is the default, and as many high as it takes
        assert page.page_setup.fitToWidth in (None, 1) and page.page_setup.fitToHeight == 0
        assert page.sheet_properties.pageSetUpPr.fitToPage
        first, last = page.print_title_rows.replace("$", "").split(":")
        assert page.cell(int(first), 1).value == "STT"
        assert page.cell(int(last), 1).value == "A"
        assert page.print_area


def test_the_same_figures_give_the_same_bytes(figures: Figures) -> None:
    assert _content(figures) == _content(figures)


def test_whole_numbers_are_whole_and_parts_of_households_show(figures: Figures) -> None:
    cells = {c.value: c.number_format for row in _page(figures, 4).iter_rows() for c in row}
    assert cells[3] == "#,##0"
    assert cells[1.5] == "#,##0.0"


_numbers = st.lists(st.integers(0, 500), min_size=8, max_size=8)


@given(st.lists(_numbers, min_size=1, max_size=6), st.integers(1, 3))
def test_sums_of_balanced_communes_are_balanced(communes: list[list[int]], groups: int) -> None:
    """9 = 1 - 2 - 3 - 4 + 5 + 6 + 7 + 8 in every line, whatever the movements are."""
    items = ("at_start", "to_near_poor", "above_near_poor", "other_decrease", "from_near_poor", "fell_back",
             "new", "other_increase")  # fmt: skip
    units = []
    for i, values in enumerate(communes):
        end = values[0] - sum(values[1:4]) + sum(values[4:])
        known = {f"poor_households_{k}": float(v) for k, v in zip(items, values, strict=True)}
        known |= {"poor_households_at_end": float(end), "poor_households_gap": 0.0}
        units.append(Unit(f"{i:05d}", f"Xã {i}", f"Huyện {i * groups // len(communes)}", known))
    lists = {"indicators": (("w", "W"),), "causes": (("c", "C"),), "minorities": ()}
    sheet = fill(forms(lists)[1], Figures(2024, "S", "S", "T", True, tuple(units), lists))
    for row in (r for r in sheet.rows if r.line == "Hộ"):
        a, b, c, d, e, f, g, h, end = (v or 0.0 for v in row.values)
        assert end == a - b - c - d + e + f + g + h
    assert not any("không cân đối" in note for note in sheet.notes)
    assert sum(1 for r in sheet.rows if r.kind == "total") == 2


@pytest.mark.parametrize(
    ("number", "text"), [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (63, "LXIII")]
)
def test_groups_have_roman_numbers(number: int, text: str) -> None:
    assert roman(number) == text
