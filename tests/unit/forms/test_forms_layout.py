"""The declared layouts: numbers, titles, columns and the texts under their heads."""

from __future__ import annotations

import pytest

from assets.forms.layout import Form, forms
from assets.forms.workbook import Head, heads
from tests.unit.forms.conftest import LISTS


@pytest.fixture(scope="module")
def by_number() -> dict[int, Form]:
    return {form.number: form for form in forms(LISTS)}


def test_forms_are_numbered_1_to_13(by_number: dict[int, Form]) -> None:
    assert list(by_number) == list(range(1, 14))
    assert len({form.title for form in by_number.values()}) == 13


def test_form_1_has_its_formulas(by_number: dict[int, Form]) -> None:
    assert [column.formula for column in by_number[1].columns] == [
        "1", "2", "3", "4=3/1*100", "5", "6=5/1*100", "7", "8=7/1*100", "9", "10=9/2*100", "11",
        "12=11/2*100", "13", "14=13/2*100",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [2, 3])
def test_movements_have_nine_columns_and_the_identity(by_number: dict[int, Form], number: int) -> None:
    form = by_number[number]
    assert [column.formula for column in form.columns[:8]] == list("12345678")
    assert form.columns[8].formula == "9=1-2-3-4+5+6+7+8"
    assert [line.label for line in form.lines] == ["Hộ", "Nhân khẩu"]


def test_movements_take_the_items_of_the_mart_in_their_order(by_number: dict[int, Form]) -> None:
    items = ["at_start", "to_{o}", "above_near_poor", "other_decrease", "from_{o}", "fell_back", "new",
             "other_increase", "at_end"]  # fmt: skip
    for number, own, other in ((2, "poor", "near_poor"), (3, "near_poor", "poor")):
        found = [column.measures for column in by_number[number].columns]
        assert found == [(f"{own}_{{line}}_" + item.replace("{o}", other),) for item in items]


@pytest.mark.parametrize(("counts", "rates", "own"), [(4, 5, "poor"), (6, 7, "near_poor")])
def test_deprivations_follow_the_standard(
    by_number: dict[int, Form], counts: int, rates: int, own: str
) -> None:
    heads_of = [column.heads[-1] for column in by_number[counts].columns[2:]]
    assert heads_of == [name for _, name in LISTS["indicators"]]
    assert [c.measures for c in by_number[counts].columns[2:]] == [
        (f"deprivation:{own}:{i}",) for i, _ in LISTS["indicators"]
    ]
    assert all(column.is_rate for column in by_number[rates].columns[2:])


def test_causes_and_groups_are_those_of_the_year(by_number: dict[int, Form]) -> None:
    assert [column.heads[-1] for column in by_number[10].columns[1:]] == [name for _, name in LISTS["causes"]]
    assert [column.heads[-1] for column in by_number[9].columns[3:]] == ["Dao", "Tày"]


def test_every_column_of_counts_says_why_it_may_be_blank(by_number: dict[int, Form]) -> None:
    for form in by_number.values():
        for column in form.columns:
            assert column.missing or column.is_rate, (form.number, column.heads)


def test_heads_span_what_stands_under_them(by_number: dict[int, Form]) -> None:
    found = heads(by_number[2])
    assert Head(0, 0, 1, 0, "Hộ nghèo đầu kỳ") in found
    assert Head(0, 1, 0, 3, "Giảm trong kỳ") in found
    assert Head(0, 4, 0, 7, "Tăng trong kỳ") in found
    assert Head(1, 4, 1, 4, "Hộ cận nghèo trở thành hộ nghèo") in found
    cells = [
        (r, c)
        for h in found
        for r in range(h.row, h.last_row + 1)
        for c in range(h.column, h.last_column + 1)
    ]
    assert sorted(cells) == [(r, c) for r in range(2) for c in range(9)]
