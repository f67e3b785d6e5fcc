"""Numbers, whole numbers and money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.values import NumberStyle, number_style

from .reading import one, read

VI, EN, PLAIN, MIXED = NumberStyle.VI, NumberStyle.EN, NumberStyle.PLAIN, NumberStyle.MIXED
BAD = "unreadable"


def spell(value: Decimal, group: str, point: str) -> str:
    """The number with those separators."""
    return f"{value:,f}".replace(",", "G").replace(".", point).replace("G", group)


@pytest.mark.parametrize("missing", [None, "", "  ", "-", "--", "---", "–", "NULL", "null", "N/A", "#N/A"])
@pytest.mark.parametrize("kind", ["number", "integer", "money", "date", "category", "text", "code", "year"])
def test_missing_marks_are_null_and_not_unreadable(missing: str | None, kind: str) -> None:
    extra: dict[str, Any] = {"vocabulary": "sex"} if kind == "category" else {}
    extra |= {"width": 5} if kind == "code" else {}
    assert one(missing, kind, **extra) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234.567,89", 1234567.89),
        ("1,234,567.89", 1234567.89),
        ("1234567", 1234567.0),
        ("1234.5", 1234.5),
        ("1234,5", 1234.5),
        ("1234.5e0", 1234.5),
        ("1.234e0", 1.234),
        ("1e-05e0", 0.00001),
        ("1.489,744", 1489.744),
        ("1.234.567", 1234567.0),
        ("0,125", 0.125),
        ("1234,567", 1234.567),
        ("1 234 567", 1234567.0),
        ("1\u00a0234,5", 1234.5),
        ("-1.234,5", -1234.5),
        ("−7", -7.0),
        ("(1.234,5)", -1234.5),
        ("+3", 3.0),
        ("6,6%", 6.6),
        ("6,6 %", 6.6),
    ],
)
@pytest.mark.parametrize("style", [None, VI, EN, PLAIN, MIXED])
def test_sure_numbers_need_no_evidence(text: str, value: float, style: NumberStyle | None) -> None:
    assert one(text, "number", style=style) == value


@pytest.mark.parametrize(
    ("style", "dot", "comma"),
    [(VI, 1234.0, 1.234), (EN, 1.234, 1234.0), (PLAIN, 1.234, 1234.0), (MIXED, BAD, BAD), (None, BAD, BAD)],
)
def test_ambiguous_numbers_follow_the_file(style: NumberStyle | None, dot: Any, comma: Any) -> None:
    assert one("1.234", "number", style=style) == dot
    assert one("1,234", "number", style=style) == comma


@pytest.mark.parametrize(
    "text",
    [
        "1.23.456", "1.2345.678", "1.234,567.8", "1234.567,8", "0.123.456", "1,5,5", "1.", ",5", "1..5",
        "=SUM(A1:A9)", "#REF!", "#VALUE!", "1.9E+10", "1e5", "50 triệu", "12 34", "１２３", "١٢٣", "0x1F",
        "1-2", "(5", "--5", "nan", "inf", "-(5)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["number", "integer", "money"])
def test_unreadable_numbers(text: str, kind: str) -> None:
    for style in (None, VI, EN):
        assert one(text, kind, style=style) == BAD


def test_suffixes_stand_only_where_they_belong() -> None:
    assert one("50.000.000 đ", "money") == 50_000_000
    assert one("50.000.000VND", "money") == 50_000_000
    assert one("50.000.000 đồng", "money") == 50_000_000
    assert one("5%", "money") == BAD
    assert one("5%", "integer") == BAD
    assert one("5đ", "integer") == BAD
    assert one("5đ", "number") == BAD


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.489,744", 10**6, 1_489_744_000),
        ("1,489.744", 10**6, 1_489_744_000),
        ("1489.744e0", 10**6, 1_489_744_000),
        ("1489.7439999999999e0", 10**6, 1_489_744_000),
        ("0,1", 10**9, 100_000_000),
        ("2,675", 10**9, BAD),
        ("50", 10**6, 50_000_000),
        ("50", 1000, 50_000),
        ("1234,5", 1, 1235),
        ("1234,49", 1, 1234),
        ("-1234,5", 1, -1235),
        ("0", 10**6, 0),
        ("999999999999999999", 1, 999_999_999_999_999_999),
        ("9999999999999999999", 1, BAD),
        ("999999999999", 10**9, BAD),
    ],
)
def test_money_is_exact_dong(text: str, unit: int, value: Any) -> None:
    assert one(text, "money", unit=unit) == value


def test_money_of_an_odd_unit_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="power of ten"):
        one("1", "money", unit=5)


def test_a_thousandth_of_a_dong_or_person_is_not_believed() -> None:
    """An English file's "500.000" in a column of whole numbers would be a thousandth."""
    for kind in ("money", "integer"):
        assert one("500.000", kind, style=EN) == BAD
        assert one("500,000", kind, style=EN) == 500_000
        assert one("500.000", kind, style=VI) == 500_000
        assert one("500,000", kind, style=VI) == BAD
    assert one("1.489", "money", style=EN, unit=10**6) == 1_489_000


def test_integers_are_whole() -> None:
    assert one("5.0", "integer") == 5
    assert one("5,00", "integer") == 5
    assert one("5.5", "integer") == BAD
    assert one("5.5e0", "integer") == BAD
    assert one("12.345.678", "integer") == 12_345_678
    assert one("007", "integer") == 7


def test_types() -> None:
    assert read(["1"], "integer").values.type == pa.int64()
    assert read(["1"], "money").values.type == pa.int64()
    assert read(["1"], "number").values.type == pa.float64()
    for texts in ([], [None], ["-"]):
        for kind, wanted in (("integer", pa.int64()), ("money", pa.int64()), ("number", pa.float64())):
            parsed = read(texts, kind)
            assert parsed.values.type == wanted
            assert parsed.unreadable.to_pylist() == [False] * len(texts)


def test_one_bad_row_costs_no_other() -> None:
    parsed = read(["1.234.567", "x", None, "5", "1.234"], "money")
    assert parsed.values.to_pylist() == [1_234_567, None, None, 5, None]
    assert parsed.unreadable.to_pylist() == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("columns", "style"),
    [
        ([["1", "2", None]], None),
        ([["1.234", "5,678", "1234.5e0", "-", "abc"]], None),
        ([["1.234"], ["1.234.567"]], VI),
        ([["6,6"]], VI),
        ([["50.000,5 đ"]], VI),
        ([["1 234,5"]], VI),
        ([["1,234,567"]], EN),
        ([["6.6"]], PLAIN),
        ([["6.6%"], ["1,234.5"]], EN),
        ([["6.6"], ["6,6"]], MIXED),
        ([], None),
        ([[]], None),
    ],
)
def test_evidence_of_a_file(columns: list[list[str | None]], style: NumberStyle | None) -> None:
    assert number_style(pa.array(c, pa.string()) for c in columns) is style


DECIMALS = st.decimals(-(10**12), 10**12, places=2) | st.decimals(-(10**9), 10**9, places=4)


@given(DECIMALS, st.sampled_from([(VI, ".", ","), (EN, ",", ".")]))
def test_what_is_spelled_in_a_style_reads_back(value: Decimal, how: tuple[NumberStyle, str, str]) -> None:
    style, group, point = how
    text = spell(value, group, point)
    assert one(text, "number", style=style) == float(value)
    assert one(text, "number", style=style) == one(text, "number", style=None)


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_no_thousandfold(units: int, places: int) -> None:
    """A Vietnamese number is read right or not at all, whatever the file's evidence says but EN."""
    value = Decimal(units).scaleb(-places)
    text = spell(value, ".", ",")
    for style in (VI, None, MIXED):
        assert one(text, "number", style=style) in (float(value), BAD)
    assert one(text, "number", style=VI) == float(value)


@given(st.decimals(0, 10**6, places=3), st.sampled_from([10**6, 10**9]))
def test_money_never_meets_a_float(value: Decimal, unit: int) -> None:
    assert one(spell(value, ".", ","), "money", style=VI, unit=unit) == int(value * unit)


@given(st.lists(st.text(alphabet="0123456789.,-() đxe%+", max_size=12)))
def test_anything_at_all_is_read_or_refused(texts: list[str]) -> None:
    for kind in ("number", "integer", "money"):
        parsed = read(list(texts), kind, style=VI)
        assert len(parsed.values) == len(parsed.unreadable) == len(texts)
        assert parsed.unreadable.null_count == 0
