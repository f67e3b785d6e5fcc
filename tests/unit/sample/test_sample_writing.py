"""How the sample is written: code pages, numbers, workbooks."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample import vietnamese
from pipelines.sample.encodings import encode
from pipelines.sample.planting import Planter
from pipelines.sample.xlsx import Sheet, column_letter, write_workbook

_ALPHABET = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


def test_legacy_code_pages_give_the_known_bytes() -> None:
    assert encode("Hộ nghèo, cận nghèo, Thái Nguyên", "tcvn3").decode("latin-1") == (
        "Hé nghÌo, cËn nghÌo, Th¸i Nguyªn"
    )
    assert encode("Hộ nghèo, Thái Nguyên", "vni").decode("latin-1") == "Hoä ngheøo, Thaùi Nguyeân"


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_a_legacy_code_page_tells_all_letters_apart(encoding: str) -> None:
    assert len({encode(letter, encoding) for letter in _ALPHABET}) == len(_ALPHABET)


@given(st.text(_ALPHABET + _ALPHABET.upper() + " 0123456789"))
def test_windows_1258_and_decomposed_text_come_back(text: str) -> None:
    back = unicodedata.normalize("NFC", encode(text, "windows-1258").decode("cp1258"))
    assert back == text
    assert unicodedata.normalize("NFC", encode(text, "utf-8-nfd").decode()) == text


@given(st.integers(0, 10**13))
def test_numbers_are_written_the_vietnamese_way(value: int) -> None:
    assert int(vietnamese.grouped(value).replace(".", "")) == value
    thousands = value // 1000 * 1000
    text = vietnamese.millions(thousands)
    assert round(float(text.replace(".", "").replace(",", ".")) * 10**6) == thousands


def test_money_and_days_keep_their_order() -> None:
    money = vietnamese.money(np.array([1_489_744_000, 0, 37_500_000]), in_millions=True)
    assert money.to_pylist() == ["1.489,744", "0", "37,5"]
    days = vietnamese.days(np.array(["2024-12-14", "NaT"], dtype="datetime64[D]"))
    assert days.to_pylist() == ["14/12/2024", None]


def test_a_workbook_reads_back_and_is_the_same_each_time(tmp_path: Path) -> None:
    sheet = Sheet("Hộ", [["Xã Phú Xuyên", None], ["Mã <&>", "Số"]], [["05467", "x"], [3, 1.5]], ["A1:B1"])
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(tmp_path / name, [sheet, Sheet("Ngày", [], [[date(2024, 12, 14), None]])])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert [list(row) for row in book["Hộ"].iter_rows(values_only=True)] == [
        ["Xã Phú Xuyên", None],
        ["Mã <&>", "Số"],
        ["05467", 3],
        ["x", 1.5],
    ]
    assert book["Ngày"]["A1"].value.date() == date(2024, 12, 14)
    assert [column_letter(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_planter_uses_each_row_once_and_nothing_when_off() -> None:
    planter = Planter(np.random.default_rng(1), True)
    every = np.arange(100)
    drawn = [int(r) for _ in range(8) for r in planter.rows(every, 0.12)]
    assert len(drawn) == len(set(drawn)) == 96
    assert len(planter.rows(every, 0.5)) == 4
    assert len(Planter(np.random.default_rng(1), False).rows(every, 1.0)) == 0
