"""Extracts of earlier years, read by the version of the contract that holds in their year."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlwt

from assets.judging.parse import parse_file
from assets.raw_store import read_raw, write_raw
from assets.reading import ReadResult, read_file
from checks.contract import load_contract

INDICATORS_TO_2021 = [
    "Trình độ giáo dục người lớn", "Tình trạng đi học của trẻ em", "Tiếp cận dịch vụ y tế", "Bảo hiểm y tế",
    "Chất lượng nhà ở", "Diện tích nhà ở", "Nguồn nước sinh hoạt", "Hố xí / Nhà tiêu",
    "Sử dụng dịch vụ viễn thông", "Tài sản phục vụ tiếp cận thông tin",
]  # fmt: skip
NAMES_TO_2021 = [
    "dep_adult_edu", "dep_child_school", "dep_health_access", "dep_health_ins", "dep_house_quality",
    "dep_house_area", "dep_water", "dep_toilet", "dep_telecom", "dep_info_asset",
]  # fmt: skip
HEAD = [
    "Tên huyện", "Mã xã", "Tên xã", "Thôn", "Mã hộ", "Chủ hộ", "Số CMND", "Giới tính", "Năm sinh",
    "Số nhân khẩu", "Phân loại", *INDICATORS_TO_2021,
]  # fmt: skip
ROW = [
    "Đại Từ", 5797, "Xã Phú Xuyên", "Xóm 3", "12", "Ma Thị Cũ", 90123456, "Nữ", 1961, 4, "Hộ nghèo",
    "x", "", "", "x", "", "", "", "x", "", "",
]  # fmt: skip


def old_workbook(path: Path, rows: Sequence[Sequence[Any]], name: str = "Danh sách") -> Path:
    """A workbook of Excel 97-2003, as districts sent them."""
    book = xlwt.Workbook()
    sheet = book.add_sheet(name)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if cell != "":
                sheet.write(i, j, cell)
    book.save(str(path))
    return path


def read(path: Path, year: int, table: str = "survey_household") -> ReadResult:
    return read_file(path, load_contract(table).of_year(year), "ra-soat.xls")


@pytest.mark.parametrize("year", [2016, 2018, 2021])
def test_a_list_of_ten_indicators_with_identity_cards_and_districts(tmp_path: Path, year: int) -> None:
    path = old_workbook(tmp_path / "a.xls", [["Danh sách hộ nghèo năm 2018"], HEAD, ROW])
    result = read(path, year)
    (sheet,) = result.sheets
    assert sheet.layout == "VN-2016"
    assert sheet.unknown_columns == ()
    (row,) = result.table.to_pylist()
    assert [row[name] for name in NAMES_TO_2021] == ["x", None, None, "x", None, None, None, "x", None, None]
    assert row["district_name"] == "Đại Từ"
    assert row["head_citizen_id"] == "90123456"
    assert row["commune_code"] == "5797"


def test_its_records_keep_standard_identity_card_and_district(tmp_path: Path) -> None:
    rows = [HEAD, [*ROW[:6], "090123456", *ROW[7:]], [*ROW[:4], "13", ROW[5], "019161001234", *ROW[7:]]]
    path = old_workbook(tmp_path / "a.xls", rows)
    contract = load_contract("survey_household")
    write_raw(tmp_path / "raw.parquet", read(path, 2018))
    parsed = parse_file(read_raw(tmp_path / "raw.parquet"), contract, 2018).to_pylist()
    assert [r["standard"] for r in parsed] == ["VN-2016", "VN-2016"]
    assert [r["head_citizen_id"] for r in parsed] == ["090123456", "019161001234"]
    assert [r["district_name"] for r in parsed] == ["Đại Từ", "Đại Từ"]
    assert parsed[0]["dep_adult_edu"] is True and parsed[0]["dep_telecom"] is False
    assert parsed[0]["dep_employment"] is None


def test_a_year_after_the_version_does_not_know_its_headings(tmp_path: Path) -> None:
    path = old_workbook(tmp_path / "a.xls", [HEAD, ROW])
    result = read(path, 2026)
    assert set(result.sheets[0].unknown_columns) == {"Tên huyện", "Số CMND"}
    assert "district_name" not in result.table.column_names
    assert "head_citizen_id" not in result.table.column_names
    assert set(read(path, 2025).sheets[0].unknown_columns) == {"Số CMND"}


def test_members_and_totals_of_earlier_years(tmp_path: Path) -> None:
    members = [
        ["Huyện", "Mã xã", "Tên xã", "Thôn", "Mã hộ", "STT thành viên", "Họ và tên", "Nam", "Nữ", "Số CMND"],
        ["Đại Từ", "05797", "Phú Xuyên", "Xóm 3", "12", "1", "Ma Thị Cũ", "", "1961", "090123456"],
    ]
    (member,) = read(old_workbook(tmp_path / "m.xls", members), 2017, "survey_member").table.to_pylist()
    assert (member["district_name"], member["citizen_id"]) == ("Đại Từ", "090123456")
    assert member["birth_year_female"] == "1961"
    totals = [
        ["Mã huyện", "Tên huyện", "Mã xã", "Tên xã", "Tổng số hộ", "Tổng số nhân khẩu"],
        ["171", "Đại Từ", "05797", "Phú Xuyên", 1489, 5210],
    ]
    (total,) = read(old_workbook(tmp_path / "t.xls", totals), 2016, "survey_total").table.to_pylist()
    assert (total["district_code"], total["district_name"]) == ("171", "Đại Từ")
    assert total["households_total"] == "1489"


def test_twelve_indicators_follow_in_the_autumn_of_2021(tmp_path: Path) -> None:
    later = [
        "Việc làm", "Người phụ thuộc", "Dinh dưỡng", "BHYT", "Trình độ giáo dục của người lớn",
        "Tình trạng đi học của trẻ em", "Chất lượng nhà ở", "Diện tích nhà ở bình quân đầu người",
        "Nguồn nước sinh hoạt", "Nhà tiêu hợp vệ sinh", "Sử dụng dịch vụ viễn thông",
        "Phương tiện phục vụ tiếp cận thông tin",
    ]  # fmt: skip
    path = old_workbook(tmp_path / "a.xls", [[*HEAD[:11], *later], [*ROW[:11], *["x"] * 12]])
    assert read(path, 2021).sheets[0].layout == "VN-2022"
