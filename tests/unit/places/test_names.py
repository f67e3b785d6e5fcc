"""Names: what counts and what does not; places in titles, sheets and file names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.places.hints import (
    PlaceHint,
    combine_hints,
    hint_from_file_name,
    hint_from_sheet,
    hint_from_title,
)
from assets.places.names import district_key, name_key, parse_name
from assets.places.reference import Reference


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Xã Nam Hòa", "NAM HOÀ"),
        ("Xã Điềm Thụy", "điềm thuỵ"),
        ("Phường Hoàng Văn Thụ", "P.Hoàng Văn Thụ"),
        ("Phường Hoàng Văn Thụ", "P. hoàng  văn thụ "),
        ("Thị trấn Chợ Chu", "TT Chợ Chu"),
        ("Thị trấn Chợ Chu", "TT. Chợ Chu"),
        ("Thị trấn Đình Cả", "Thị Trấn Ðình Cả"),
        ("Xã Phú Xuyên", "X. Phú-Xuyên"),
        ("Xã Phú Xuyên", "XãPhú Xuyên"),
        ("Phường 1", "P.01"),
        ("Đặc khu Côn Đảo", "Huyện Côn Đảo"),
        ("Xã Thần Sa", "Xã Thần Xa"),
        ("Xã Ea H'Leo", "xã Ea H’leo"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Văn Lang", "Văn Lăng"), ("Yến Lạc", "Yên Lạc"), ("Tân Long", "Tân Lập")]
)
def test_accents_count(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_every_official_name_keeps_its_type_and_bare_name(reference: Reference) -> None:
    for name, kind in zip(
        reference.units["commune_name"].to_pylist(), reference.units["commune_type"].to_pylist(), strict=True
    ):
        parsed = parse_name(name)
        assert parsed is not None and (parsed.type, parsed.key) == (kind, name_key(name))
        bare = name[len(kind) :].strip()
        assert name_key(bare) == parsed.key
        assert name_key(unicodedata.normalize("NFD", name.upper())) == parsed.key


@given(st.text(max_size=40))
def test_any_text_is_read_without_failing(text: str) -> None:
    assert name_key(text) == name_key(unicodedata.normalize("NFC", text))
    parse_name(text)
    combine_hints(titles=[text], sheet=text, file_name=text)


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("Xã Phú Xuyên, huyện Đại Từ", "Đại Từ"),
        ("Xã Phú Xuyên - Huyện Đại Từ", "Đại Từ"),
        ("Xã Phú Xuyên huyện Đại Từ", "Đại Từ"),
        ("Xã Phú Xuyên (H. Đại Từ)", "Đại Từ"),
        ("Xã Phú Xuyên, TP.Thái Nguyên", "Thành phố Thái Nguyên"),
        ("Xã Phú Xuyên", None),
    ],
)
def test_a_name_with_its_district(text: str, district: str | None) -> None:
    parsed = parse_name(text)
    assert parsed is not None and parsed.key == name_key("Phú Xuyên")
    assert parsed.district_key == (district_key(district) if district else None)


@pytest.mark.parametrize(
    ("title", "name", "district"),
    [
        ("Xã Phú Xuyên, huyện Đại Từ", "Xã Phú Xuyên", "huyện Đại Từ"),
        ("UBND XÃ PHÚ XUYÊN", "XÃ PHÚ XUYÊN", None),
        ("DANH SÁCH HỘ NGHÈO XÃ PHÚ XUYÊN NĂM 2024", "XÃ PHÚ XUYÊN", None),
        ("Rà soát trên địa bàn xã Tân Thịnh huyện Chợ Mới", "xã Tân Thịnh", "huyện Chợ Mới"),
        ("Xã: Phú Xuyên - Huyện: Đại Từ", "Xã Phú Xuyên", "Huyện Đại Từ"),
        ("Hộ nghèo xã Năm Căn năm 2025", "xã Năm Căn", None),
        ("Danh sách xã Hội Sơn", "xã Hội Sơn", None),
        ("DANH SÁCH HỘ NGHÈO CẤP XÃ NĂM 2024", None, None),
        ("UBND thị xã Phổ Yên", None, None),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", None, None),
        ("NGÂN HÀNG CHÍNH SÁCH XÃ HỘI TỈNH THÁI NGUYÊN", None, None),
        ("ĐVT: triệu đồng", None, None),
        ("Mã xã: 05467", None, None),
    ],
)
def test_titles(title: str, name: str | None, district: str | None) -> None:
    assert hint_from_title(title) == PlaceHint(None, name, district)


@pytest.mark.parametrize(
    ("file_name", "code"),
    [
        ("05467_Gia Sang_20241214.xlsx", "05467"),
        ("05467.csv.gz", "05467"),
        ("20241214_ho_ngheo.xlsx", None),
        ("05467_05443.csv", None),
    ],
)
def test_codes_in_file_names(file_name: str, code: str | None) -> None:
    assert hint_from_file_name(file_name) == PlaceHint(code, None, None)


def test_sheet_names() -> None:
    assert hint_from_sheet("Phú Xuyên") == PlaceHint(None, "Phú Xuyên", None)
    assert hint_from_sheet("05467 Gia Sàng") == PlaceHint("05467", "Gia Sàng", None)
    assert hint_from_sheet("") == PlaceHint()


def test_a_title_counts_before_a_bare_sheet_name() -> None:
    hint = combine_hints(
        titles=["UBND HUYỆN ĐẠI TỪ", "UBND XÃ PHÚ XUYÊN"], sheet="Sheet1", file_name="05773_a.xlsx"
    )
    assert hint == PlaceHint("05773", "XÃ PHÚ XUYÊN", "HUYỆN ĐẠI TỪ")
    assert combine_hints(sheet="Sheet1", file_name="xã Phú Xuyên 2024-12-14.xlsx").name == "xã Phú Xuyên"
