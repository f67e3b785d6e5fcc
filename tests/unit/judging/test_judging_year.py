"""A year judged from files as they are sent, through the real reader."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assets.judging.accept import accepted_table
from assets.judging.quality import quality_table
from assets.judging.quarantine import quarantine_table

MakeOffice = Callable[..., Any]
TOTALS = "Mã xã;Tổng số hộ;Tổng số nhân khẩu"
PLAN = "Năm;Mã xã;Chỉ tiêu;Giá trị;Chương trình"
KEY = b"k" * 32


def held(judgement: Any, column: str) -> list[Any]:
    """A column of the accepted records, in their order."""
    found: list[Any] = accepted_table(judgement, KEY)[column].to_pylist()
    return found


def reasons(office: Any, judgement: Any) -> list[str]:
    found: list[str] = quarantine_table(judgement, office.workplace.home)["reason"].to_pylist()
    return found


def quality(office: Any, judgement: Any) -> dict[tuple[str, str, str], int]:
    rows = quality_table(office.tally(judgement)).to_pylist()
    return {(r["file_name"], r["outcome"], r["reason"]): r["records"] for r in rows}


def test_a_corrected_total_replaces_its_older_one(office: MakeOffice) -> None:
    one = office("survey_total")
    one.send("tong_20240110.csv", TOTALS, "01840;1000;4000", "01843;2000;8000")
    one.send("tong_20240210.csv", TOTALS, "01840;1100;4400")
    judgement = one.judge()
    assert sorted(held(judgement, "households_total")) == [1100, 2000]
    assert quality(one, judgement) == {
        ("tong_20240110.csv", "accepted", "accepted"): 1,
        ("tong_20240110.csv", "superseded", "superseded"): 1,
        ("tong_20240110.csv", "skipped", "header"): 1,
        ("tong_20240110.csv", "placed", "code"): 1,
        ("tong_20240210.csv", "accepted", "accepted"): 1,
        ("tong_20240210.csv", "skipped", "header"): 1,
        ("tong_20240210.csv", "placed", "code"): 1,
    }


def test_two_files_of_one_date_that_contradict_are_quarantined_and_the_older_holds(
    office: MakeOffice,
) -> None:
    one = office("survey_total")
    one.send("tong_20240110.csv", TOTALS, "01840;1000;4000")
    one.send("a_20240210.csv", TOTALS, "01840;1100;4400", "01843;2000;8000")
    one.send("b_20240210.csv", TOTALS, "01840;1200;4400")
    judgement = one.judge()
    assert sorted(held(judgement, "households_total")) == [1000, 2000]
    assert reasons(one, judgement) == ["overlapping_files"] * 2


def test_two_files_of_one_date_that_agree_count_once(office: MakeOffice) -> None:
    one = office("survey_total")
    one.send("a_20240210.csv", TOTALS, "01840;1100;4400")
    one.send("b_20240210.csv", TOTALS, "01840;1100;4400", "01843;2000;8000")
    judgement = one.judge()
    assert held(judgement, "file_name") == ["a_20240210.csv", "b_20240210.csv"]
    assert quality(one, judgement)[("b_20240210.csv", "superseded", "superseded")] == 1


def test_a_record_without_a_place_replaces_nothing(office: MakeOffice) -> None:
    one = office("survey_total")
    one.send("tong_20240110.csv", TOTALS, "01840;1000;4000")
    one.send("tong_20240210.csv", TOTALS, "99999;1100;4400", "00001;1;4")
    judgement = one.judge()
    assert held(judgement, "households_total") == [1000]
    assert sorted(reasons(one, judgement)) == ["other_province", "unknown_commune"]


def test_a_target_of_an_unknown_commune_is_not_the_province_s(office: MakeOffice) -> None:
    one = office("programme_plan")
    one.send("ke-hoach_20240110.csv", PLAN, "2024;;Giảm nghèo;2;HN")
    one.send("ke-hoach_20240210.csv", PLAN, "2024;99999;Giảm nghèo;7;HN", "2024;99998;Giảm nghèo;8;HN")
    judgement = one.judge()
    assert held(judgement, "target_value") == [2.0]
    assert reasons(one, judgement) == ["unknown_commune"] * 2
    assert quarantine_table(judgement, one.workplace.home)["further_reasons"].to_pylist() == [[], []]


def test_the_province_s_own_target_is_replaced_and_may_lack_a_programme(office: MakeOffice) -> None:
    one = office("programme_plan")
    one.send("ke-hoach_20240110.csv", PLAN, "2024;;Giảm nghèo;2;", "2024;01840;Giảm nghèo;3;")
    one.send("ke-hoach_20240210.csv", PLAN, "2024;;Giảm nghèo;2,5;")
    assert sorted(held(one.judge(), "target_value")) == [2.5, 3.0]


def test_households_of_two_communes_are_no_copies_where_the_sheet_names_the_commune(
    office: MakeOffice,
) -> None:
    one = office("survey_household")
    head = ["Thôn/xóm/tổ", "Mã hộ", "Số nhân khẩu", "Phân loại"]
    rows: list[list[object]] = [head, ["Xóm 1", "1", "4", "Hộ nghèo"]]
    one.send_sheets("ra-soat_20241001.xlsx", {"01849": rows, "01834": rows, "01843": [*rows, rows[1]]})
    judgement = one.judge()
    counts = quality(one, judgement)
    assert reasons(one, judgement) == []
    assert sorted(held(judgement, "unit_id")) == ["01834@2016-01-01", "01843@2016-01-01", "01849@2016-01-01"]
    assert counts[("ra-soat_20241001.xlsx", "duplicate", "duplicate")] == 1


def test_one_reason_is_the_first_and_further_ones_are_kept(office: MakeOffice) -> None:
    one = office("loan_ledger")
    head = "Mã món vay;Mã xã;Chương trình;Ngày giải ngân;Số tiền giải ngân;Dư nợ;Ngày số liệu"
    one.send(
        "du-no_20240131.csv",
        head,
        "A1;01840;Hộ nghèo;01/03/2021;50.000.000;40.000.000;31/01/2024",
        "A2;99999;Hộ nghèo;01/03/2021;10.000.000.000;nhiều;31/01/2024",
        "A3;01840;Hộ nghèo;01/03/2021;10.000.000.000;1.000.000;31/01/2023",
        "A4;01840;Hộ nghèo;01/03/2021;100.000.001;1.000.000;31/01/2024",
    )
    judgement = one.judge()
    rows = quarantine_table(judgement, one.workplace.home).to_pylist()
    assert [(r["reason"], r["column_name"], r["further_reasons"], r["source_row"]) for r in rows] == [
        ("unknown_commune", "commune_code", ["unreadable_outstanding", "amount_magnitude"], 3),
        ("wrong_period", None, ["amount_magnitude"], 4),
    ]
    assert rows[0]["value_class"] == "9{5}"
    assert held(judgement, "flags") == [[], ["ceiling_exceeded"]]
    assert one.tally(judgement).rules["ceiling_exceeded"].failed == 3


def test_a_refused_file_is_counted_and_others_go_on(office: MakeOffice) -> None:
    one = office("survey_total")
    one.send("a.csv", TOTALS)
    one.send("b.csv", TOTALS, "01840;1000;4000")
    counts = quality(one, one.judge())
    assert counts[("a.csv", "file_refused", "header_only")] == 0
    assert counts[("b.csv", "accepted", "accepted")] == 1


def test_a_year_without_files_reports_every_rule(office: MakeOffice) -> None:
    one = office("loan_ledger")
    judgement = one.judge()
    assert all((v.evaluated, v.failed) == (0, 0) for v in judgement.validation.verdicts)
    assert len(accepted_table(judgement, KEY)) == 0
    assert quality_table(one.tally(judgement)).num_rows == 0


def test_an_overwritten_file_leaves_its_records_superseded(office: MakeOffice) -> None:
    one = office("survey_total")
    one.send("tong.csv", TOTALS, "01840;1000;4000", "01843;2000;8000")
    one.judge()
    one.send("tong.csv", TOTALS, "01840;1100;4400")
    os.utime(one.drops / "tong.csv", (1_733_000_100, 1_733_000_100))
    judgement = one.judge()
    assert held(judgement, "households_total") == [1100]
    counts = one.tally(judgement).file_counts()
    assert sorted((c.landed, c.accepted, c.superseded) for c in counts.values()) == [(1, 1, 0), (2, 0, 2)]


lines = st.tuples(
    st.sampled_from(["01840", "01843", "1834", "99999", ""]), st.sampled_from(["100", "0", "nhiều", ""])
).map(lambda cells: f"{cells[0]};{cells[1]};400")
files = st.dictionaries(
    st.sampled_from(["a_20240110.csv", "b_20240110.csv", "c_20240210.csv", "d.csv"]),
    st.lists(lines, min_size=0, max_size=6),
    min_size=1,
)


# A failure is told as it stands: making it smaller would judge hundreds of years.
@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files)
def test_landed_is_accepted_quarantined_duplicate_and_superseded(
    office: MakeOffice, sent: dict[str, list[str]]
) -> None:
    one = office("survey_total")
    for name, records in sent.items():
        one.send(name, TOTALS, *records)
    judgement = one.judge()
    accepted = accepted_table(judgement, KEY)
    counts = one.tally(judgement).file_counts()
    assert [c.difference for c in counts.values()] == [0] * len(counts)
    for count in counts.values():
        assert count.landed == len(sent[count.file_name])
    holders: dict[tuple[str, str], set[str]] = {}
    for row in accepted.to_pylist():
        holders.setdefault((row["unit_id"], row["standard"]), set()).add(row["file_name"])
    assert all(len(names) == 1 for names in holders.values())
    told = quality(one, judgement)
    for kind in ("accepted", "quarantined", "duplicate", "superseded"):
        written = sum(n for (_, outcome, _), n in told.items() if outcome == kind)
        assert written == sum(getattr(c, kind) for c in counts.values())


@pytest.mark.parametrize("table", ["survey_household", "survey_member", "health_visit"])
def test_no_files_at_all_is_a_year_too(office: MakeOffice, table: str) -> None:
    one = office(table)
    judgement = one.judge()
    assert [
        v for v in one.tally(judgement).table_verdicts(None, one.gazetteer.overlapping) if not v.passed
    ] == []
    assert one.keep().blocked == []
    assert judgement.records.live.size == 0
