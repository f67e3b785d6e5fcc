"""Rows that are no records go, counted by kind; whatever may be a record stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.reading import ReadResult

Read = Callable[..., ReadResult]
TOTAL = "STT;Mã xã;Tên xã;Tổng số hộ;Tổng số nhân khẩu\n"
HOUSEHOLD = "STT;Thôn;Mã hộ;Chủ hộ;Số nhân khẩu;Phân loại\n"


@pytest.mark.parametrize(
    ("table", "header", "line", "kind"),
    [
        ("survey_total", TOTAL, ";TỔNG CỘNG;;500;900", "subtotal"),
        ("survey_total", TOTAL, "Tổng cộng;;;500;900", "subtotal"),
        ("survey_total", TOTAL, ";;Cộng;500;900", "subtotal"),
        ("survey_total", TOTAL, "I;;Huyện Đại Từ;500;900", "subtotal"),
        ("survey_total", TOTAL, "1.1;;Thành phố Thái Nguyên;500;900", "subtotal"),
        ("survey_total", TOTAL, ";;Huyện Đại Từ;;", "subtotal"),
        ("survey_total", TOTAL, "II;;Xã Phú Xuyên;500;900", None),
        ("survey_total", TOTAL, "1;;Xã Phú Xuyên;500;900", None),
        ("survey_total", TOTAL, ";;Xã Phú Xuyên;;", None),
        ("survey_total", TOTAL, "7;;;;", "blank"),
        ("survey_total", TOTAL, "STT;Mã xã;Tên xã;Tổng số hộ;Tổng số nhân khẩu", "header"),
        ("survey_total", TOTAL, ";;;Người lập biểu;Chủ tịch", "title"),
        ("survey_total", TOTAL, ";;;Phú Xuyên, ngày 14 tháng 12 năm 2024;", "title"),
        ("survey_household", HOUSEHOLD, ";Cộng;;;12;", "subtotal"),
        ("survey_household", HOUSEHOLD, "I;Xóm Đồng Tâm;;;;", "subtotal"),
        ("survey_household", HOUSEHOLD, ";Xóm Đồng Tâm;;;;", "subtotal"),
        ("survey_household", HOUSEHOLD, "Cộng xóm Đồng Tâm;;;;40;", "subtotal"),
        ("survey_household", HOUSEHOLD, "3;Xóm 1;7;Tổng;4;HN", None),
        ("survey_household", HOUSEHOLD, "3;Tổng Cọt;7;Hoàng Văn A;4;HN", None),
        ("survey_household", HOUSEHOLD, "3;;;Tổng Văn Cộng;4;HN", None),
        ("survey_household", HOUSEHOLD, "3;Cộng Hoà;;Lý Thị B;4;HN", None),
        ("survey_household", HOUSEHOLD, "3;;9;;;", None),
        ("survey_household", HOUSEHOLD, ";;;;;HN", None),
        ("health_station", "Mã xã;Tháng;Tổng số hộ\n", "Tổng cộng;01/2024;500", "subtotal"),
        ("health_station", "Mã xã;Tháng;Tổng số hộ\n", ";01/2024;500", None),
    ],
)
def test_one_row(read_text: Read, table: str, header: str, line: str, kind: str | None) -> None:
    good = {
        "survey_total": "1;05467;Xã A;10;20",
        "survey_household": "1;Xóm 1;1;A;3;HN",
        "health_station": "05467;01/2024;7",
    }[table]
    result = read_text(f"{header}{good}\n{line}\n{good}\n", table)
    skipped = {"header": 1}
    if kind:
        skipped[kind] = skipped.get(kind, 0) + 1
    assert result.sheets[0].skipped == skipped
    assert result.table["source_row"].to_pylist() == ([2, 4] if kind else [2, 3, 4])
    assert result.sheets[0].records == result.table.num_rows


def test_signatures_below_a_closing_line(read_text: Read) -> None:
    closing = ";;;;\n;;;Người lập biểu;Chủ tịch\n;;;(ký tên);\n;;;Nguyễn Văn A;Lý Thị B\n"
    text = f"{TOTAL}1;05467;Xã A;10;20\n{closing}"
    result = read_text(text)
    assert result.table.num_rows == 1
    assert result.sheets[0].skipped == {"blank": 1, "header": 1, "title": 3}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    names=st.lists(
        st.sampled_from(["Tổng", "Cộng Văn An", "Huyện", "Người Lập", "I", "Tổng Cộng", "Ngày", "A", ""]),
        min_size=1,
        max_size=8,
    )
)
def test_a_row_with_its_keys_is_always_a_record(read_text: Read, names: list[str]) -> None:
    lines = [f"{i};Xóm {i};{i};{name};3;HN" for i, name in enumerate(names, start=1)]
    result = read_text(HOUSEHOLD + "\n".join(lines), "survey_household")
    assert result.table["head_name"].to_pylist() == [name or None for name in names]


def test_every_line_is_a_record_or_counted(read_text: Read) -> None:
    lines = ["BÁO CÁO;;;;", ";;;;", TOTAL.strip(), "A;B;1;2;3"]
    lines += ["1;05467;A;1;2", "", "2;05468;B;1;2", ";Cộng;;2;4"]
    result = read_text("\n".join(lines) + "\n")
    assert result.sheets[0].records + sum(result.sheets[0].skipped.values()) == len(lines)
