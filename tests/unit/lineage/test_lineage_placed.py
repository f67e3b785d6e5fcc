"""A record that was left out is found where the judgement found it."""

from __future__ import annotations

from assets.judging.files import files_of
from assets.lineage.placed import Asked, left_out
from tests.unit.judging.conftest import Office

HEAD = "Tên xã;Tên huyện;Thôn;Mã hộ;Chủ hộ;Phân loại"


def test_a_namesake_is_told_by_its_district_as_it_was_judged(lists_of_2018: Office) -> None:
    """A name without code that two districts have; of the one a record, its copy and a reject."""
    one = lists_of_2018
    row = "Trung Thành;{};Xóm {};{};A;{}"
    rows = [
        row.format("Thành phố Thái Nguyên", 1, 1, "Hộ nghèo"),
        row.format("Thành phố Thái Nguyên", 1, 1, "Hộ nghèo"),
        row.format("Thành phố Thái Nguyên", 1, 2, ""),
        row.format("Thị xã Phổ Yên", 1, 3, "Hộ nghèo"),
    ]
    one.send("danh-sach_20181214.csv", HEAD, *rows)
    judgement = one.judge()
    decided = judgement.outcomes
    table = judgement.records.table
    unit = table["unit_id"][0].as_py()
    assert unit and table["unit_id"][3].as_py() != unit
    positions = list(zip(table["source_sheet"].to_pylist(), table["source_row"].to_pylist(), strict=True))
    live = judgement.records.live
    rejected = {
        positions[live[n]]: decided.names[decided.reason[n]] for n in range(len(live)) if decided.rejected[n]
    }
    accepted = {positions[live[n]] for n in range(len(live)) if not decided.rejected[n]}
    assert len(rejected) == 1 and len(accepted) == 2
    (file,) = files_of(one.workplace.home, one.journal, "survey_household", 2018)
    path = one.workplace.home.raw_file("survey_household", 2018, file.sha256)
    found = left_out(
        path, file, one.contract, 2018, one.gazetteer, Asked({unit}), accepted, rejected
    )  # fmt: skip
    assert (sum(found.quarantined.values()), found.duplicate, found.unplaced) == (1, 1, 0)
