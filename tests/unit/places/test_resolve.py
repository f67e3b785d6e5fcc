"""The rules of reading for places, each on the traps of the province it was learnt from."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.places.gazetteer import Gazetteer, build_gazetteer
from assets.places.hints import PlaceHint
from assets.places.reference import Reference
from assets.places.resolve import RESULT, resolve_places

OLD, NEW = date(2024, 12, 31), date(2025, 12, 31)
OTHER_DATE = "commune_code_of_other_date"
MERGED = "2025-07-01"
BEFORE = "2016-01-01"


def frame(*places: tuple[str | None, str | None, date], **columns: str | None) -> pd.DataFrame:
    rows = [{"code": c, "name": n, "village": None, "date": d, **columns} for c, n, d in places]
    return pd.DataFrame(rows)


def answers(result: pd.DataFrame) -> list[tuple[str | None, ...]]:
    assert list(result.columns) == list(RESULT)
    return [tuple(None if pd.isna(v) else v for v in row) for row in result.itertuples(index=False)]


def one(
    gazetteer: Gazetteer, code: str | None, name: str | None, day: date, **columns: str | None
) -> tuple[str | None, ...]:
    return answers(resolve_places(frame((code, name, day), **columns), gazetteer))[0]


def standing(units: pd.DataFrame, day: date) -> pd.Series:
    """Which units stand on a day."""
    return (units.valid_from <= day) & (units.valid_to.isna() | (units.valid_to >= day))


def test_all_provinces_own_pairs_resolve_to_themselves(
    reference: Reference, gazetteers: dict[str, Gazetteer]
) -> None:
    units = reference.units.to_pandas()
    for province, gazetteer in gazetteers.items():
        inside = units[units.province_code.isin(gazetteer.provinces)]
        for day in [date(2016, 6, 30), *(era.start for era in gazetteer.eras[1:])]:
            own = inside[standing(inside, day)]
            for named, method in ((True, "code_and_name"), (False, "code")):
                pairs = pd.DataFrame(
                    {
                        "code": own.commune_code,
                        "name": own.commune_name if named else None,
                        "village": None,
                        "date": day,
                    }
                )
                result = resolve_places(pairs, gazetteer)
                assert (result.unit_id == own.unit_id).all(), province
                assert (result.place_method == method).all(), province
                assert result.place_issue.isna().all() and result.place_note.isna().all()


def test_old_names_with_districts_find_their_unit(reference: Reference) -> None:
    units = reference.units.to_pandas()
    old = units[standing(units, OLD)]
    # Namesakes in districts of one name, of provinces that were joined: a district does not tell them apart.
    ambiguous = {"19": set(), "79": set(), "92": {"31379", "31582"}, "86": {"28810", "29374"}}
    for province, unsure in ambiguous.items():
        gazetteer = build_gazetteer(reference, province)
        own = old[old.province_code.isin(gazetteer.provinces)]
        text = own.commune_name + ", " + own.district_name
        pairs = pd.DataFrame({"code": None, "name": text, "village": None, "date": OLD})
        result = resolve_places(pairs, gazetteer)
        found = result.unit_id.notna()
        assert (result.unit_id[found] == own.unit_id[found]).all()
        assert set(own.commune_code[~found]) == unsure
        assert (result.place_issue[~found] == "unknown_commune").all()


# ---- rule 1
@pytest.mark.parametrize("name", [None, "Gia Sàng", "PHƯỜNG GIA SÀNG", "P. Gia  Sàng"])
def test_a_code_used_again_is_the_new_commune_after_the_merger(
    thai_nguyen: Gazetteer, name: str | None
) -> None:
    method = "code_and_name" if name else "code"
    assert one(thai_nguyen, "05467", name, NEW) == (f"05467@{MERGED}", method, None, None)


def test_the_same_code_is_the_old_commune_the_day_before(thai_nguyen: Gazetteer) -> None:
    assert one(thai_nguyen, "05467", None, date(2025, 6, 30))[0] == f"05467@{BEFORE}"
    assert one(thai_nguyen, "05467", None, date(2025, 7, 1))[0] == f"05467@{MERGED}"
    assert one(thai_nguyen, "05467", None, date(2015, 1, 1))[0] == f"05467@{BEFORE}"


def test_a_code_that_lost_its_zero(thai_nguyen: Gazetteer) -> None:
    assert one(thai_nguyen, "5467", None, NEW) == (f"05467@{MERGED}", "code", None, None)


@pytest.mark.parametrize(("code", "name"), [("01957", "Thượng Quan"), ("05719", "Sảng Mộc")])
def test_unchanged_communes_stand_on_both_dates(thai_nguyen: Gazetteer, code: str, name: str) -> None:
    assert one(thai_nguyen, code, name, OLD) == (f"{code}@{BEFORE}", "code_and_name", None, None)
    assert one(thai_nguyen, code, name, NEW) == (f"{code}@{MERGED}", "code_and_name", None, None)


# ---- rule 2
def test_names_that_differ_by_an_accent_conflict(thai_nguyen: Gazetteer) -> None:
    assert one(thai_nguyen, "02143", "Văn Lang", NEW)[0] == f"02143@{MERGED}"
    assert one(thai_nguyen, "05665", "Văn Lăng", NEW)[0] == f"05665@{MERGED}"
    assert one(thai_nguyen, "02143", "Văn Lăng", NEW) == (None, None, "commune_conflict", None)
    assert one(thai_nguyen, "05665", "Văn Lang", NEW) == (None, None, "commune_conflict", None)


def test_a_too_new_code_gives_way_to_the_name(thai_nguyen: Gazetteer) -> None:
    # Until June 2025 this code was Cam Giá's; Gia Sàng had 05461. The file as a whole is on no later list.
    beside = ("01852", "Đức Xuân", OLD)
    found = answers(resolve_places(frame(("05467", "Gia Sàng", OLD), beside), thai_nguyen))
    assert found[0] == (f"05461@{BEFORE}", "name", None, OTHER_DATE)


def test_two_plain_units_conflict_before_the_merger(thai_nguyen: Gazetteer) -> None:
    assert one(thai_nguyen, "05467", "Tích Lương", OLD) == (None, None, "commune_conflict", None)


# ---- rule 3
@pytest.mark.parametrize(
    ("code", "name", "unit"),
    [
        ("05461", "Gia Sàng", "05467"),
        ("05461", "Phan Đình Phùng", "05443"),
        ("05467", "Tích Lương", "05500"),
        ("05932", "Phú Bình", "05908"),
        ("05932", "Điềm Thuỵ", "05941"),
        ("05773", "Phú Xuyên", "05773"),
    ],
)
def test_an_old_code_with_its_successors_name(
    thai_nguyen: Gazetteer, code: str, name: str, unit: str
) -> None:
    found = one(thai_nguyen, code, name, NEW)
    assert found[0] == f"{unit}@{MERGED}" and found[2] is None
    assert found[3] == (OTHER_DATE if code != unit else None)


@pytest.mark.parametrize("name", [None, "Thượng Đình"])
def test_a_divided_commune_of_old_is_left_to_the_map(thai_nguyen: Gazetteer, name: str | None) -> None:
    places = frame(("05932", name, NEW), ("05467", "Gia Sàng", NEW))
    found = answers(resolve_places(places, thai_nguyen))[0]
    assert found == (f"05932@{BEFORE}", "split_unknown", None, OTHER_DATE)


def test_a_stale_pair_among_records_of_the_date(thai_nguyen: Gazetteer) -> None:
    places = frame(("05467", "Cam Giá", NEW), ("05467", "Gia Sàng", NEW), ("05485", "Phúc Hà", NEW))
    found = answers(resolve_places(places, thai_nguyen))
    assert found[0] == (f"05467@{BEFORE}", "split_unknown", None, OTHER_DATE)
    assert found[1] == (f"05467@{MERGED}", "code_and_name", None, None)


def test_a_namesake_elsewhere_does_not_draw_a_stale_pair(thai_nguyen: Gazetteer) -> None:
    # Trung Thành of the city went to Tích Lương; today's Trung Thành is Phổ Yên's.
    places = frame(("05476", "Trung Thành", NEW), ("05467", "Gia Sàng", NEW))
    assert answers(resolve_places(places, thai_nguyen))[0] == (f"05476@{BEFORE}", "carried", None, OTHER_DATE)


def test_a_known_village_decides_a_divided_commune(thai_nguyen: Gazetteer) -> None:
    places = frame(("05932", None, NEW), village="Xóm Đông  Hồ")
    villages = {(f"05932@{BEFORE}", "xóm đông hồ"): f"05941@{MERGED}"}
    found = answers(resolve_places(places, thai_nguyen, villages=villages))[0]
    assert found == (f"05941@{MERGED}", "split_village", None, OTHER_DATE)
    wrong = {(f"05932@{BEFORE}", "xóm đông hồ"): f"05443@{MERGED}"}
    assert answers(resolve_places(places, thai_nguyen, villages=wrong))[0][1] == "split_unknown"


# ---- rule 4
def test_a_name_without_a_code(thai_nguyen: Gazetteer) -> None:
    assert one(thai_nguyen, None, "Xã Phú Xuyên", NEW) == (f"05773@{MERGED}", "name", None, None)
    assert one(thai_nguyen, None, "Phú Xuyen", NEW)[2] == "unknown_commune"


@pytest.mark.parametrize(
    "bare", ["Sông Cầu", "Tân Thịnh", "Hương Sơn", "Tân Long", "Tân Lập", "Tân Thành", "Trung Thành"]
)
def test_namesakes_need_the_district(thai_nguyen: Gazetteer, reference: Reference, bare: str) -> None:
    assert one(thai_nguyen, None, bare, OLD) == (None, None, "unknown_commune", None)
    units = reference.units.to_pandas()
    old = units[standing(units, OLD) & units.province_code.isin(["06", "19"])].to_dict("records")
    namesakes = [u for u in old if u["commune_name"].endswith(bare)]
    assert len(namesakes) == 2
    for unit in namesakes:
        assert one(thai_nguyen, None, bare, OLD, district=unit["district_name"])[0] == unit["unit_id"]
        assert one(thai_nguyen, None, f"{bare}, {unit['district_name']}", OLD)[0] == unit["unit_id"]
        assert one(thai_nguyen, None, bare, OLD, hint_code=unit["commune_code"])[0] == unit["unit_id"]
    assert one(thai_nguyen, None, bare, OLD, district="huyện Võ Nhai")[2] == "unknown_commune"


def test_hints_speak_where_the_record_does_not(thai_nguyen: Gazetteer) -> None:
    blank = frame((None, None, NEW))
    by_title = resolve_places(blank, thai_nguyen, PlaceHint(None, "UBND", None))
    assert answers(by_title)[0][2] == "unknown_commune"
    for hint in (
        PlaceHint(None, "XÃ PHÚ XUYÊN", "huyện Đại Từ"),
        PlaceHint("05773", None, None),
        PlaceHint("05773", "Sheet1", None),
        PlaceHint("05773", "Phú Xuyên", None),
    ):
        assert answers(resolve_places(blank, thai_nguyen, hint))[0] == (f"05773@{MERGED}", "hint", None, None)
    assert answers(resolve_places(blank, thai_nguyen))[0] == (None, None, "unknown_commune", None)


def test_each_sheets_own_hint_counts_before_the_files(thai_nguyen: Gazetteer) -> None:
    places = frame((None, None, OLD), (None, None, OLD), ("05725", "Thần Sa", OLD))
    places["hint_name"] = ["Xã Tân Thịnh", None, "Phú Xuyên"]
    places["hint_district"] = ["huyện Định Hóa", None, None]
    found = answers(resolve_places(places, thai_nguyen, PlaceHint(None, "Sảng Mộc", None)))
    assert [f[0] for f in found] == [f"05548@{BEFORE}", f"05719@{BEFORE}", f"05725@{BEFORE}"]
    assert [f[1] for f in found] == ["hint", "hint", "code_and_name"]


# ---- rule 5
def test_what_is_not_the_provinces_is_said(thai_nguyen: Gazetteer) -> None:
    assert one(thai_nguyen, "00004", None, NEW) == (None, None, "other_province", None)
    assert one(thai_nguyen, "00004", "Phường Ba Đình", NEW)[2] == "other_province"
    assert one(thai_nguyen, None, "Xã Tân Lập, huyện Đan Phượng", OLD)[2] == "other_province"
    assert one(thai_nguyen, "99999", None, NEW)[2] == "unknown_commune"
    assert one(thai_nguyen, "05467", "Xã Không Có", NEW)[2] == "unknown_commune"
    assert one(thai_nguyen, "xx", "Gia Sàng", NEW)[2] == "unknown_commune"


def test_old_bac_kan_is_the_province(thai_nguyen: Gazetteer) -> None:
    assert thai_nguyen.provinces == {"06", "19"}
    assert one(thai_nguyen, "01837", "Phường Sông Cầu", OLD)[0] == f"01837@{BEFORE}"


def test_the_map_says_urban_or_rural(thai_nguyen: Gazetteer) -> None:
    # The town Yến Lạc became rural Na Rì under the same code.
    assert thai_nguyen.area_types["02155@2020-02-01"] == "urban"
    assert thai_nguyen.area_types[f"02155@{MERGED}"] == "rural"


# ---- the whole file
OLD_LIST = (("05467", "Cam Giá", NEW), ("05461", "Gia Sàng", NEW), ("01957", "Thượng Quan", NEW))


def test_a_file_on_the_old_list_is_taken_as_a_whole(thai_nguyen: Gazetteer) -> None:
    found = answers(resolve_places(frame(*OLD_LIST, ("05443", None, NEW)), thai_nguyen))
    assert [f[0] for f in found] == [f"{code}@{BEFORE}" for code in ("05467", "05461", "01957", "05443")]
    assert {f[1] for f in found} == {"other_list"} and {f[3] for f in found} == {OTHER_DATE}


def test_one_pair_that_the_other_list_lacks_keeps_the_own(thai_nguyen: Gazetteer) -> None:
    found = answers(resolve_places(frame(*OLD_LIST, ("05443", "Phan Đình Phùng", NEW)), thai_nguyen))
    assert [f[0] for f in found] == [
        f"05467@{BEFORE}", f"05467@{MERGED}", f"01957@{MERGED}", f"05443@{MERGED}",
    ]  # fmt: skip
    assert "other_list" not in {f[1] for f in found}


def test_codes_without_names_prove_nothing(thai_nguyen: Gazetteer) -> None:
    found = answers(resolve_places(frame(("05467", None, NEW), ("01957", "Thượng Quan", NEW)), thai_nguyen))
    assert [f[0] for f in found] == [f"05467@{MERGED}", f"01957@{MERGED}"]


def test_a_file_on_the_new_list_before_its_day(thai_nguyen: Gazetteer) -> None:
    places = frame(("05488", "Đại Phúc", OLD), ("05467", "Gia Sàng", OLD), ("01957", "Thượng Quan", OLD))
    found = answers(resolve_places(places, thai_nguyen))
    # The two merged communes cannot be taken apart; the unchanged one is its old self.
    assert [f[0] for f in found] == [f"05488@{MERGED}", f"05467@{MERGED}", f"01957@{BEFORE}"]
    assert {f[3] for f in found} == {OTHER_DATE}


def test_a_file_of_one_commune_of_the_new_list_before_its_day(thai_nguyen: Gazetteer) -> None:
    """The name alone was another ward's then: the code is one that nobody knew yet."""
    found = answers(resolve_places(frame(("05467", "Gia Sàng", OLD)), thai_nguyen))
    assert found == [(f"05467@{MERGED}", "other_list", None, OTHER_DATE)]
    beside = frame(("05467", "Gia Sàng", OLD), ("05443", "Hoàng Văn Thụ", OLD))
    mixed = answers(resolve_places(beside, thai_nguyen))
    assert mixed[0] == (f"05461@{BEFORE}", "name", None, OTHER_DATE)


def test_each_record_has_its_own_date(thai_nguyen: Gazetteer) -> None:
    found = answers(resolve_places(frame(("05467", "Cam Giá", OLD), ("05467", "Gia Sàng", NEW)), thai_nguyen))
    assert found == [
        (f"05467@{BEFORE}", "code_and_name", None, None),
        (f"05467@{MERGED}", "code_and_name", None, None),
    ]


# ---- always
codes = st.sampled_from(
    ["05467", "05461", "05443", "05932", "02143", "01957", "00004", "99999", "1957", "x", None]
)
names = st.sampled_from(
    ["Gia Sàng", "Cam Giá", "Văn Lăng", "Văn Lang", "Tân Thịnh", "Xã Phú Bình", "Không", None]
)
places_of_a_file = st.lists(st.tuples(codes, names, st.sampled_from([OLD, NEW])), min_size=1, max_size=12)


@settings(deadline=None)
@given(places_of_a_file, st.randoms())
def test_the_order_of_records_does_not_matter(thai_nguyen: Gazetteer, rows: list, random: object) -> None:
    places = frame(*rows)
    first = resolve_places(places, thai_nguyen)
    pd.testing.assert_frame_equal(first, resolve_places(places, thai_nguyen))
    shuffled = places.sample(frac=1, random_state=random.randint(0, 2**31))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(resolve_places(shuffled, thai_nguyen).sort_index(), first)


@settings(deadline=None)
@given(places_of_a_file)
def test_a_place_has_either_a_unit_or_an_issue(thai_nguyen: Gazetteer, rows: list) -> None:
    result = resolve_places(frame(*rows), thai_nguyen)
    assert (result.unit_id.isna() == result.place_issue.notna()).all()
    assert (result.unit_id.isna() == result.place_method.isna()).all()
    assert set(result.unit_id.dropna()) <= set(thai_nguyen.units)
    assert result.loc[result.unit_id.isna(), "place_note"].isna().all()


def test_a_place_without_a_date_is_an_error(thai_nguyen: Gazetteer) -> None:
    places = frame(("05467", None, NEW))
    places["date"] = pd.NaT
    with pytest.raises(ValueError, match="row 0"):
        resolve_places(places, thai_nguyen)


def test_timestamps_and_empty_files_are_read(thai_nguyen: Gazetteer) -> None:
    places = frame(("05467", None, NEW))
    places["date"] = pd.Timestamp(NEW)
    assert answers(resolve_places(places, thai_nguyen))[0][0] == f"05467@{MERGED}"
    assert resolve_places(places.iloc[:0], thai_nguyen).empty


def test_no_such_province_is_named(reference: Reference) -> None:
    with pytest.raises(ValueError, match="'06'"):
        build_gazetteer(reference, "06")


def test_many_places_are_answered_as_each_alone(thai_nguyen: Gazetteer) -> None:
    units = [u for u in thai_nguyen.units.values() if u.first == date(2016, 1, 1)]
    one = [{"code": u.code, "name": u.key, "village": "Xóm 1", "date": NEW} for u in units]
    many = [row for row in one for _ in range(36)][:10_000]
    alone = {
        row["code"]: answer
        for row, answer in zip(one, answers(resolve_places(pd.DataFrame(one), thai_nguyen)), strict=True)
    }
    found = answers(resolve_places(pd.DataFrame(many), thai_nguyen))
    assert found == [alone[row["code"]] for row in many]
