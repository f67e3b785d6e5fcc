"""Headers: one or two rows, technical names, groups, units, layouts, numbering rows."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.reading import FileRefused, ReadResult
from assets.reading.headers import is_numbering
from assets.reading.labels import spellings
from checks.contract import TABLES, load_contract

Read = Callable[..., ReadResult]
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)


def disguised(heading: str, how: int) -> str:
    """The heading as another office might type it."""
    return [
        heading.upper(),
        unicodedata.normalize("NFD", heading),
        f"  {heading}* ",
        heading.replace(" ", "\u00a0"),
        heading.replace(" ", "   ", 1),
        f"{heading} (ghi rõ)",
    ][how % 6]


@SHARED
@given(table=st.sampled_from(TABLES), seed=st.integers(0, 10_000))
def test_any_order_and_any_spelling_finds_every_column(read_text: Read, table: str, seed: int) -> None:
    rng = random.Random(seed)
    year = rng.randrange(2016, 2027)
    contract = load_contract(table).of_year(year)
    layout = rng.choice([*contract.layouts, None]) if contract.layouts else None
    columns = list(contract.layout_columns(layout))
    rng.shuffle(columns)
    headings = [disguised(c.label, rng.randrange(6)) for c in columns]
    lines = ["\t".join(headings), "\t".join(f"v{i}" for i in range(len(columns)))]
    result = read_text("\n".join(lines), table, "t.tsv", year)
    read = result.table.drop_columns(["source_sheet", "source_row"])
    assert read.column_names == [c.name for c in columns]
    assert read.to_pylist() == [{c.name: f"v{i}" for i, c in enumerate(columns)}]
    assert result.sheets[0].layout == layout
    assert result.sheets[0].unknown_columns == ()


@pytest.mark.parametrize("order", ["technical first", "label first", "technical only"])
def test_two_header_rows_in_either_order(read_sheets: Read, order: str) -> None:
    columns = load_contract("loan_ledger").columns
    technical, labels = [c.name for c in columns], [c.label for c in columns]
    header = {"technical first": [technical, labels], "label first": [labels, technical]}
    data: list[Any] = [f"v{i}" for i in range(len(columns))]
    result = read_sheets({"S": [["SAO KÊ"], [], *header.get(order, [technical]), data, data]}, "loan_ledger")
    assert result.table.num_rows == 2
    assert set(technical) <= set(result.table.column_names)
    assert result.sheets[0].header_row == (3 if order == "technical only" else 4)
    assert result.sheets[0].titles == ("SAO KÊ",)


HOUSE_TOP = ["Mã hồ sơ", "Mã xã", "Hình thức", "Hiện trạng trước khi hỗ trợ", None, None, "Sau", None, None]
HOUSE_SUB = [None, None, None, "Nền", "Khung", "Mái", "Nền", "Khung", "Mái"]
HOUSE_ROW = ["H1", 5467, "Xây mới", "không", "không", "cứng", "cứng", "cứng", "cứng"]
HOUSE_MERGES = (
    ("S", 1, 3, 1, 5, "Hiện trạng trước khi hỗ trợ"), ("S", 1, 6, 1, 8, "Sau"),
    ("S", 1, 0, 2, 0, "Mã hồ sơ"), ("S", 1, 1, 2, 1, "Mã xã"), ("S", 1, 2, 2, 2, "Hình thức"),
)  # fmt: skip


def _assert_house(result: ReadResult) -> None:
    row = result.table.to_pylist()[0]
    assert (row["floor_before"], row["roof_before"], row["floor_after"]) == ("không", "cứng", "cứng")
    assert row["commune_code"] == "5467"
    assert row["source_row"] == 4


def test_group_over_sub_headings_in_excel(read_sheets: Read) -> None:
    _assert_house(
        read_sheets({"S": [["Danh sách"], HOUSE_TOP, HOUSE_SUB, HOUSE_ROW]}, "housing_case", HOUSE_MERGES)
    )


def test_group_over_sub_headings_in_csv(read_text: Read) -> None:
    rows = [["Danh sách"], HOUSE_TOP, HOUSE_SUB, HOUSE_ROW]
    _assert_house(read_text("\n".join(";".join(str(c or "") for c in r) for r in rows), "housing_case"))


def test_birth_year_in_the_columns_of_the_sex(read_text: Read) -> None:
    text = (
        "Mã xã;Thôn;Mã hộ;STT thành viên;Họ và tên;Năm sinh;;Dân tộc\n"
        ";;;;;Nam;Nữ;\n"
        "05467;Xóm 1;1;1;A;1980;;Tày\n05467;Xóm 1;1;2;B;;1985;Tày\n"
    )
    table = read_text(text, "survey_member").table
    assert table["birth_year_male"].to_pylist() == ["1980", None]
    assert table["birth_year_female"].to_pylist() == [None, "1985"]
    assert "sex" not in table.column_names


def test_a_record_is_no_second_header(read_text: Read) -> None:
    text = (
        "Mã xã;Thôn;Mã hộ;STT thành viên;Họ và tên;Giới tính\n05467;Xóm 1;1;1;A;Nam\n05467;Xóm 1;1;2;B;Nữ\n"
    )
    table = read_text(text, "survey_member").table
    assert table["sex"].to_pylist() == ["Nam", "Nữ"]


def test_layout_settles_labels_that_several_share(read_text: Read) -> None:
    head = "Thôn;Mã hộ;Phân loại;Bảo hiểm y tế;Nguồn nước sinh hoạt"
    old = read_text(f"{head};Hố xí\nX;1;HN;x;x;x", "survey_household")
    new = read_text(f"{head};Việc làm;Nhà tiêu hợp vệ sinh;Người phụ thuộc;Phương tiện phục vụ tiếp cận "
                    "thông tin\nX;1;HN;x;x;x;x;x;x", "survey_household")  # fmt: skip
    either = read_text(f"{head}\nX;1;HN;x;x", "survey_household")
    assert (old.sheets[0].layout, new.sheets[0].layout, either.sheets[0].layout) == (
        "VN-2016",
        "VN-2022",
        None,
    )
    assert "dep_health_ins" in old.table.column_names
    assert "dep_health_insurance" in new.table.column_names
    assert either.sheets[0].unknown_columns == ("Bảo hiểm y tế", "Nguồn nước sinh hoạt")


def test_units_of_headings_and_titles(read_text: Read) -> None:
    data = "A;5467;Hộ nghèo;1;2;3;31/01/2024"
    head = "Mã món vay;Mã xã;Chương trình;Ngày giải ngân;{};{};Ngày số liệu"
    own = read_text(
        head.format("Số tiền giải ngân (triệu đồng)", "Dư nợ, tỷ đồng") + "\n" + data, "loan_ledger"
    )
    assert own.sheets[0].units == {"amount_disbursed": 10**6, "outstanding": 10**9}
    titled = "SAO KÊ;;;;;;ĐVT: triệu đồng\n" + head.format("Số tiền giải ngân", "Dư nợ (đồng)") + "\n" + data
    assert read_text(titled, "loan_ledger").sheets[0].units == {"amount_disbursed": 10**6, "outstanding": 1}
    plain = read_text(head.format("Số tiền giải ngân", "Dư nợ") + "\n" + data, "loan_ledger")
    assert plain.sheets[0].units == {}


@pytest.mark.parametrize(
    ("cells", "numbering"),
    [
        ("A B 1 2 3", True), ("(1) (2) (3) (4=3/1*100)", True), ("1 2 3 4=3/1*100 5", True),
        ("[1] [2] [3]", True),
        ("05467 1 2 3", False), ("1 2 4", False), ("12 13 14", False), ("1 2", False), ("1 Xóm 2 3", False),
    ],
)  # fmt: skip
def test_numbering_rows(cells: str, numbering: bool) -> None:
    assert is_numbering(cells.split()) is numbering


def test_formula_row_is_counted_and_left_out(read_text: Read) -> None:
    text = "Mã xã;Tổng số hộ;Tổng số nhân khẩu;Tỷ lệ\n1;2;3;4=3/2*100\n05467;10;30;300\n"
    result = read_text(text)
    assert result.sheets[0].skipped == {"formula": 1, "header": 1}
    assert result.table["source_row"].to_pylist() == [3]


def test_unknown_columns_are_kept_and_named(read_text: Read) -> None:
    result = read_text("STT;Mã xã;Tổng số hộ;Tổng số nhân khẩu;Ghi chú;Ghi chú;\n1;05467;1;2;a;b;c\n")
    assert result.sheets[0].unknown_columns == ("STT", "Ghi chú", "Ghi chú", "column G")
    row = result.table.to_pylist()[0]
    assert (row["unknown__ghi_chu"], row["unknown__ghi_chu_2"], row["unknown__column_g"]) == ("a", "b", "c")


def test_missing_required_column_is_named_with_its_aliases(read_text: Read) -> None:
    with pytest.raises(FileRefused) as error:
        read_text("Báo cáo\nMã xã;Tên xã;Tổng số nhân khẩu\n05467;A;1\n")
    assert (error.value.reason, error.value.row) == ("missing_column", 2)
    assert error.value.column == "households_total"
    assert "Tổng số hộ" in str(error.value) and "tong.csv" in str(error.value)


def test_the_commune_may_come_from_the_file(read_text: Read) -> None:
    result = read_text("Xã Phú Xuyên, huyện Đại Từ\nThôn;Mã hộ;Phân loại\nXóm 1;1;HN\n", "survey_household")
    assert result.sheets[0].titles == ("Xã Phú Xuyên, huyện Đại Từ",)
    assert "commune_code" not in result.table.column_names
    members = "Thôn;Mã hộ;STT thành viên;Họ và tên\nXóm 1;1;1;A\n"
    assert read_text(members, "survey_member").table.num_rows == 1


def test_two_columns_of_one_name_are_refused_with_both(read_text: Read) -> None:
    with pytest.raises(FileRefused) as error:
        read_text("Mã xã;Tổng số hộ;Tổng số nhân khẩu;TỔNG SỐ HỘ*\n05467;1;2;3\n")
    assert error.value.reason == "ambiguous_column"
    assert all(part in str(error.value) for part in ('B "Tổng số hộ"', 'D "TỔNG SỐ HỘ*"', "households_total"))


def test_no_header_and_header_only_and_empty(read_text: Read, read_sheets: Read) -> None:
    for content, reason in [
        ("a;b\n1;2\n", "no_header"), ("Mã xã;Tổng số hộ;Tổng số nhân khẩu\n\n", "header_only"),
        ("", "empty_file"), ("\n \n", "empty_file"), ("\ufeff", "empty_file"),
    ]:  # fmt: skip
        with pytest.raises(FileRefused) as error:
            read_text(content)
        assert error.value.reason == reason, content
    with pytest.raises(FileRefused) as error:
        read_sheets({"S": []})
    assert error.value.reason == "empty_file"
    with pytest.raises(FileRefused) as error:
        read_text("x", name="a.pdf")
    assert error.value.reason == "unsupported_format"


def test_spellings_drop_units_and_remarks() -> None:
    assert spellings("Ngày sinh\n(dd/mm/yyyy)")[-1] == "ngày sinh"
    assert spellings("Cộng đồng") == ("cộng đồng",)
