"""Workbooks: sheets, native values, merged cells, formulas, and what is none."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from python_calamine import CalamineWorkbook

from assets.reading import FileRefused, ReadResult, read_file
from checks.contract import load_contract

Read = Callable[..., ReadResult]
HEAD = ["Mã xã", "Tên xã", "Tổng số hộ", "Tổng số nhân khẩu"]


def test_native_values_keep_to_the_convention(read_sheets: Read) -> None:
    when = dt.datetime(2024, 1, 31)
    head = [
        "Mã món vay",
        "Mã xã",
        "Chương trình",
        "Ngày giải ngân",
        "Số tiền giải ngân",
        "Dư nợ",
        "Ngày số liệu",
    ]
    row: list[Any] = [
        6600000000001,
        5467.0,
        " Ho\u0323\u0302 nghe\u0300o\u00a0",
        when,
        1234.5,
        True,
        "31/01/2024",
    ]
    result = read_sheets({"S": [head, row]}, "loan_ledger").table.to_pylist()[0]
    assert list(result.values())[:-2] == [
        "6600000000001", "5467", "Hộ nghèo", "2024-01-31", "1234.5e0", "1", "31/01/2024",
    ]  # fmt: skip


def test_sheets_with_a_header_are_read_and_others_counted(read_sheets: Read) -> None:
    result = read_sheets(
        {
            "Bìa": [["BÁO CÁO"], ["năm 2024"]],
            "Phú Xuyên": [["Xã Phú Xuyên"], [], HEAD, [5467, "A", 1, 2], [], [5468, "B", 3, 4]],
            "Đại Từ": [HEAD[::-1], [1, 2, "C", 5469]],
            "Trống": [],
        }
    )
    assert result.table["source_sheet"].to_pylist() == ["Phú Xuyên", "Phú Xuyên", "Đại Từ"]
    assert result.table["source_row"].to_pylist() == [4, 6, 2]
    assert result.table["commune_code"].to_pylist() == ["5467", "5468", "5469"]
    facts = {fact.sheet: fact for fact in result.sheets}
    assert facts["Bìa"].skipped == {"other_sheet": 2}
    assert facts["Phú Xuyên"].skipped == {"blank": 2, "header": 1, "title": 1}
    assert facts["Phú Xuyên"].titles == ("Xã Phú Xuyên",)
    assert (result.encoding, result.separator) == (None, None)


def test_a_summary_sheet_beside_the_table_is_passed_over(read_sheets: Read) -> None:
    members = ["Mã xã", "Tên xã", "Thôn", "Mã hộ", "STT thành viên", "Họ và tên", "Dân tộc", "Khuyết tật"]
    record = [5467, "A", "X", 1, 1, "B", "Tày", "x"]
    sheets = {"Tổng hợp": [["Mã xã", "Tên xã", "Số hộ"], [5467, "A", 9]], "Dữ liệu": [members, record]}
    result = read_sheets(sheets, "survey_member")
    assert result.table.num_rows == 1
    assert [(f.sheet, f.records) for f in result.sheets] == [("Dữ liệu", 1), ("Tổng hợp", 0)]
    sheets["Tổng hợp"] = [["Mã xã", "Tên xã", "Tên xã"], [5467, "A", "A"]]
    assert read_sheets(sheets, "survey_member").table.num_rows == 1
    sheets["Tổng hợp"] = [[*members[:3], *members[4:]], [*record[:3], *record[4:]]]
    with pytest.raises(FileRefused) as error:
        read_sheets(sheets, "survey_member")
    assert (error.value.reason, error.value.sheet) == ("missing_column", "Tổng hợp")


def test_text_merged_over_records_holds_for_each(read_sheets: Read) -> None:
    head = ["Thôn", "Mã hộ", "Thu nhập bình quân", "Phân loại"]
    rows = [head, ["Xóm 1", 1, 5, "HN"], [None, 2, None, "HN"], ["Xóm 2", 1, 5, "HN"]]
    merges = (("S", 1, 0, 2, 0, "Xóm 1"), ("S", 1, 2, 2, 2, 5))
    table = read_sheets({"S": rows}, "survey_household", merges).table
    assert table["village"].to_pylist() == ["Xóm 1", "Xóm 1", "Xóm 2"]
    assert table["income_per_capita"].to_pylist() == ["5", None, "5"]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (["M· x·", "Tªn x·", "Tæng sè hé", "Tæng sè nh©n khÈu"], ["5467", "§¹i Tõ", 1, 2]),
        (["Maõ xaõ", "Teân xaõ", "Toång soá hoä", "Toång soá nhaân khaåu"], ["5467", "Ñaïi Töø", 1, 2]),
        (HEAD, ["5467", "§¹i Tõ", 1, 2]),
        (HEAD, ["5467", "Ñaïi Töø", 1, 2]),
        (["M· x·", "Tªn x·", "Tæng sè hé", "Tæng sè nh©n khÈu"], ["5467", "Đại Từ", 1, 2]),
    ],
    ids=["tcvn3", "vni", "tcvn3 below unicode", "vni below unicode", "unicode below tcvn3"],
)
def test_legacy_cells_are_converted_where_they_are(
    read_sheets: Read, head: list[Any], row: list[Any]
) -> None:
    table = read_sheets({"Cũ": [head, row], "Mới": [HEAD, [5468, "Đại Từ", 1, 2]]}).table
    assert table["commune_name"].to_pylist() == ["Đại Từ", "Đại Từ"]


def _total(path: Path) -> ReadResult:
    return read_file(path, load_contract("survey_total"), "tổng.xlsx")


def test_formulas_without_a_result_are_shown(tmp_path: Path) -> None:
    """openpyxl leaves no result, xlsxwriter a 0 with the order to calculate on opening."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEAD)
    book.active.append([5467, "A", "=B3*2", 10])
    book.save(tmp_path / "a.xlsx")
    assert _total(tmp_path / "a.xlsx").table["households_total"].to_pylist() == ["=B3*2"]
    other = xlsxwriter.Workbook(tmp_path / "b.xlsx")
    sheet = other.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, [5467, "A"])
    sheet.write_formula(1, 2, "=SUM(A1:A2)")
    sheet.write_formula(1, 3, "=C2*3", None, 30)
    sheet.write_row(2, 0, [5468, "B"])
    sheet.write_formula(2, 2, "=A1/0", None, "#DIV/0!")
    other.close()
    table = _total(tmp_path / "b.xlsx").table
    assert table["households_total"].to_pylist() == ["=SUM(A1:A2)", "#DIV/0!"]
    assert table["persons_total"].to_pylist() == ["30", None]


def test_formulas_without_a_result_below_and_right_of_all_values_are_shown(tmp_path: Path) -> None:
    """The library ends a sheet at its last value: what stands behind it would be lost uncounted."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([*HEAD, "=A1"])
    book.active.append([5467, "A", 1, 10, "=C2*3"])
    book.active.append([None, None, "=SUM(C2:C2)"])
    book.save(tmp_path / "a.xlsx")
    found = _total(tmp_path / "a.xlsx")
    assert found.table["households_total"].to_pylist() == ["1", "=SUM(C2:C2)"]
    assert found.table["source_row"].to_pylist() == [2, 3]
    assert found.sheets[0].unknown_columns == ("=A1",)


def test_rows_of_a_template_that_nobody_filled_are_blank(tmp_path: Path) -> None:
    """A formula whose result is the empty text, as a spreadsheet keeps it, is no formula without a result."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEAD)
    book.active.append([5467, "A", 1, 10])
    for number in range(3, 9):
        book.active.append([f'=IF(B{number}="","",1)'])
    book.save(tmp_path / "without.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "without.xlsx") as without,
        zipfile.ZipFile(tmp_path / "a.xlsx", "w") as calculated,
    ):
        for name in without.namelist():
            part = without.read(name)
            calculated.writestr(name, re.sub(rb'<c r="A(\d)"><f>', rb'<c r="A\1" t="str"><f>', part))
    found = _total(tmp_path / "a.xlsx")
    assert found.table["households_total"].to_pylist() == ["1"]
    assert found.sheets[0].skipped["blank"] == 6
    assert _total(tmp_path / "without.xlsx").table.num_rows == 7


def test_a_lone_formula_far_away_is_refused_by_its_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEAD)
    book.active["SZZ1048576"] = "=A1"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(FileRefused) as refused:
        _total(tmp_path / "a.xlsx")
    assert (refused.value.reason, refused.value.sheet) == ("too_large", "Sheet")


def test_calamine_shows_nothing_for_a_formula_without_a_result(tmp_path: Path) -> None:
    """The behaviour for which the sheet's XML is looked into."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([1, "=A1*2", 3])
    book.save(tmp_path / "a.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert rows == [[1.0, "", 3.0]]


def test_calamine_numbers_dates_and_area(tmp_path: Path) -> None:
    """Whole numbers come as floats; with the empty area kept, indices are those of the sheet."""
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("S")
    sheet.write_row(2, 1, [5467, "05467"])
    sheet.write_datetime(2, 3, dt.datetime(2024, 12, 14))
    sheet.merge_range(3, 1, 4, 2, "x")
    book.close()
    read = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_name("S")
    rows = read.to_python(skip_empty_area=False)
    assert len(rows) == 4 and rows[2] == ["", 5467.0, "05467", dt.date(2024, 12, 14)]
    assert read.merged_cell_ranges == [((3, 1), (4, 2))]


def test_old_xls_also_under_the_name_of_an_xlsx(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for i, row in enumerate([["Xã A"], HEAD, [5467, "Phú Xuyên", 10, 20.5]]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    book.save(str(tmp_path / "a.xls"))
    for name in ("a.xls", "a.xlsx"):
        table = read_file(tmp_path / "a.xls", load_contract("survey_total"), name).table
        assert list(table.to_pylist()[0].values()) == ["5467", "Phú Xuyên", "10", "20.5e0", "S", 3]


def test_what_is_no_workbook_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet().write_row(0, 0, HEAD)
    book.close()
    whole = path.read_bytes()
    for content, word in [
        (b"Ma xa;Ten xa\n1;2\n", "text"), (b"<html><table></table></html>", "HTML"),
        (whole[: len(whole) // 2], "cut"), (whole[:-30], "cut"), (b"\x00\x01\x02", "no Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
    ]:  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(FileRefused) as error:
            _total(path)
        assert error.value.reason == "not_a_workbook"
        assert word in error.value.detail and error.value.fix and "tổng.xlsx" in str(error.value)


def test_damaged_sheet_inside_a_whole_zip(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet().write_row(0, 0, HEAD)
    book.close()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:-60] if "sheet1" in name else data)
    with pytest.raises(FileRefused) as error:
        _total(tmp_path / "b.xlsx")
    assert error.value.reason == "not_a_workbook"


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        for i in range(6):
            bomb.writestr(f"xl/{i}.xml", bytes(100 << 20))
    (tmp_path / "a.xlsx").write_bytes(packed.getvalue())
    with pytest.raises(FileRefused) as error:
        _total(tmp_path / "a.xlsx")
    assert error.value.reason == "too_large"


def test_too_many_columns(read_sheets: Read) -> None:
    with pytest.raises(FileRefused) as error:
        read_sheets({"S": [[*HEAD, *(f"c{i}" for i in range(2_100))]]})
    assert (error.value.reason, error.value.sheet) == ("too_large", "S")
