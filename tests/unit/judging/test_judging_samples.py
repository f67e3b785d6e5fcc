"""Lists and samples of one village stand side by side: neither replaces the other, and a weight tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assets.judging.accept import accepted_table

MakeOffice = Callable[..., Any]
LIST = "Mã xã;Thôn;Mã hộ;Số nhân khẩu;Phân loại"
SAMPLE = f"{LIST};Trọng số;Tầng;Địa bàn mẫu"
MEMBERS = "Mã xã;Thôn;Mã hộ;STT thành viên;Họ và tên"


def listed(*codes: int, size: int = 4) -> list[str]:
    return [f"01840;Xóm 1;{code};{size};Hộ nghèo" for code in codes]


def accepted(office: Any) -> list[tuple[str, str, bool]]:
    """File, number and whether it was drawn, of every accepted record."""
    rows = accepted_table(office.judge(), b"k" * 32).to_pylist()
    return [(row["file_name"], row["household_code"], row["is_sampled"]) for row in rows]


def flagged(office: Any) -> list[tuple[str, list[str]]]:
    rows = accepted_table(office.judge(), b"k" * 32).to_pylist()
    return [(row["household_code"], row["flags"]) for row in rows if row["flags"]]


@pytest.mark.parametrize(
    ("of_list", "of_sample"), [("20241214", "20241220"), ("20241220", "20241214"), ("20241214", "20241214")]
)
def test_a_list_and_a_sample_of_one_village_stand_side_by_side(
    office: MakeOffice, of_list: str, of_sample: str
) -> None:
    one = office("survey_household")
    one.send(f"ds_{of_list}.csv", LIST, *listed(*range(1, 31)))
    drawn = ["01840;Xóm 1;1;4;Hộ nghèo;12,5;A;A1", "01840;Xóm 1;2;4;Hộ nghèo;7;A;A2"]
    one.send(f"mau_{of_sample}.csv", SAMPLE, *drawn)
    assert sorted(accepted(one)) == sorted(
        [(f"ds_{of_list}.csv", str(code), False) for code in range(1, 31)]
        + [(f"mau_{of_sample}.csv", code, True) for code in ("1", "2")]
    )
    # a number of the list that the sample has too is no second household of that number
    assert flagged(one) == []


def test_each_is_replaced_by_its_own_correction_alone(office: MakeOffice) -> None:
    one = office("survey_household")
    one.send("ds_20241214.csv", LIST, *listed(1, 2, 3))
    one.send("mau_20241220.csv", SAMPLE, "01840;Xóm 1;1;4;Hộ nghèo;12,5;A;A1")
    one.send("ds_20241225.csv", LIST, *listed(1, 2))
    assert sorted(accepted(one)) == [
        ("ds_20241225.csv", "1", False), ("ds_20241225.csv", "2", False), ("mau_20241220.csv", "1", True),
    ]  # fmt: skip
    one.send("mau_20241228.csv", SAMPLE, "01840;Xóm 1;3;4;Hộ nghèo;9;A;A1")
    assert sorted(accepted(one)) == [
        ("ds_20241225.csv", "1", False), ("ds_20241225.csv", "2", False), ("mau_20241228.csv", "3", True),
    ]  # fmt: skip


def test_no_file_of_a_sample_is_told_as_older_than_a_list(office: MakeOffice) -> None:
    one = office("survey_household")
    one.send("mau_20241201.csv", SAMPLE, "01840;Xóm 1;1;4;Hộ nghèo;12,5;A;A1")
    one.send("ds_20241214.csv", LIST, *listed(1, 2, 3))
    assert one.tally(one.judge()).older_files() == []


@pytest.mark.parametrize(
    ("cells", "is_sampled"),
    [
        ("12,5;A;A1", True),
        ("12,5;;", True),
        # of no use, and told so by the models: the household was drawn all the same
        ("0;;", True),
        ("-1;A;A1", True),
        ("chưa có;A;A1", True),
        # a storey, a name of a place: nothing that draws a household
        (";2;", False),
        (";;Địa bàn 4", False),
        (";2;Địa bàn 4", False),
        ("-;-;-", False),
    ],
)
def test_a_weight_alone_takes_a_household_off_the_list(
    office: MakeOffice, cells: str, is_sampled: bool
) -> None:
    one = office("survey_household")
    one.send("a_20241214.csv", SAMPLE, f"01840;Xóm 1;1;4;Hộ nghèo;{cells}")
    assert accepted(one) == [("a_20241214.csv", "1", is_sampled)]
    told = [name for _, flags in flagged(one) for name in flags]
    assert ("sample_design_without_weight" in told) == (not is_sampled and cells != "-;-;-")


def test_a_forgotten_weight_of_a_sample_replaces_no_list(office: MakeOffice) -> None:
    one = office("survey_household")
    one.send("ds_20241214.csv", LIST, *listed(1, 2, 3))
    one.send(
        "mau_20241220.csv",
        SAMPLE,
        "01840;Xóm 1;1;4;Hộ nghèo;12,5;A;A1",
        "01840;Xóm 1;2;4;Hộ nghèo;;A;A1",
    )
    assert sorted(accepted(one)) == [
        *(("ds_20241214.csv", str(code), False) for code in (1, 2, 3)),
        *(("mau_20241220.csv", str(code), True) for code in (1, 2)),
    ]
    assert flagged(one) == []


def test_households_of_a_list_on_a_sheet_with_weights_stay_on_it(office: MakeOffice) -> None:
    one = office("survey_household")
    rows = ["01840;Xóm 1;1;4;Hộ nghèo;12,5;A;A1", "01840;Xóm 1;2;4;Hộ nghèo;;;"]
    one.send("a_20241214.csv", SAMPLE, *rows)
    assert accepted(one) == [("a_20241214.csv", "1", True), ("a_20241214.csv", "2", False)]


def test_one_sheet_says_nothing_of_another(office: MakeOffice) -> None:
    one = office("survey_household")
    head = SAMPLE.split(";")
    one.send_sheets(
        "a_20241214.xlsx",
        {
            "Mẫu": [head, ["01840", "Xóm 1", "1", "4", "Hộ nghèo", "12,5", "A", "A1"]],
            "Danh sách": [head, ["01840", "Xóm 1", "2", "4", "Hộ nghèo", "", "2", ""]],
        },
    )
    assert sorted(accepted(one)) == [("a_20241214.xlsx", "1", True), ("a_20241214.xlsx", "2", False)]
    assert flagged(one) == [("2", ["sample_design_without_weight"])]


def test_members_with_a_weight_stand_beside_those_of_the_list(office: MakeOffice) -> None:
    one = office("survey_member")
    one.send("tv_20241214.csv", MEMBERS, "01840;Xóm 1;1;1;A", "01840;Xóm 1;1;2;B")
    one.send("tv-mau_20241220.csv", f"{MEMBERS};Trọng số", "01840;Xóm 1;1;1;C;12,5")
    assert sorted(accepted(one)) == [
        ("tv-mau_20241220.csv", "1", True), ("tv_20241214.csv", "1", False), ("tv_20241214.csv", "1", False),
    ]  # fmt: skip


def test_members_without_a_weight_are_the_list_s(office: MakeOffice) -> None:
    """Nothing else of a row of members tells a sample: the newer file is the corrected list."""
    one = office("survey_member")
    one.send("tv_20241214.csv", MEMBERS, "01840;Xóm 1;1;1;A", "01840;Xóm 1;1;2;B")
    one.send("tv_20241220.csv", MEMBERS, "01840;Xóm 1;1;1;C")
    assert accepted(one) == [("tv_20241220.csv", "1", False)]


def test_one_person_on_the_list_and_in_the_sample_is_not_in_two_households(office: MakeOffice) -> None:
    one = office("survey_member")
    person = "01840;Xóm 1;1;1;A;019085000017"
    one.send("tv_20241214.csv", f"{MEMBERS};Số CCCD/CMND", person)
    one.send("mau_20241220.csv", f"{MEMBERS};Số CCCD/CMND;Trọng số", f"{person};12,5")
    assert len(accepted(one)) == 2
    assert [flags for _, flags in flagged(one) if "person_in_two_households" in flags] == []
