"""Bad input has a named outcome with its place and the fix; other files go on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.conftest import Second
from tests.integration.odd_files import DAY, YEAR

# file: (table, reason, what the message must name)
REFUSED = {
    f"rong_{DAY}.csv": ("loan_ledger", "empty_file", ["send it again"]),
    f"tieu-de_{DAY}.csv": ("health_station", "header_only", ["row 1"]),
    f"thieu-cot_{DAY}.csv": ("health_card", "missing_column", ["Từ ngày"]),
    f"hai-cot_{DAY}.csv": ("health_card", "ambiguous_column", ["CCCD"]),
    f"dut-quang_{DAY}.xlsx": ("housing_case", "not_a_workbook", ["damaged"]),
    f"nham-ten_{DAY}.xlsx": ("housing_case", "not_a_workbook", [".csv"]),
    f"nul_{DAY}.csv": ("health_visit", "nul_bytes", ["row 2"]),
    f"khong-tieu-de_{DAY}.csv": ("loan_ledger", "no_header", []),
}


def _refusals(second: Second) -> dict[str, dict[str, Any]]:
    rows = second.night.line.journal(
        "SELECT file_name, r.* FROM raw_file r JOIN file f USING (table_name, year, sha256)"
        " WHERE refusal IS NOT NULL AND refusal <> 'null'"
    )
    return {row["file_name"]: row for row in rows}


def test_the_night_succeeds_and_publishes(second: Second) -> None:
    assert second.night.success
    assert len(second.night.line.rows("SELECT * FROM marts.release")) == 2


@pytest.mark.parametrize("file", REFUSED)
def test_a_refused_file_is_named_with_place_and_fix(second: Second, file: str) -> None:
    table, reason, named = REFUSED[file]
    counted = second.night.marts["data_quality"]
    of_file = counted[(counted["file_name"] == file) & (counted["year"] == YEAR)]
    assert of_file[["table_name", "outcome", "reason", "records"]].values.tolist() == [
        [table, "file_refused", reason, 0]
    ]
    refusal = json.loads(_refusals(second)[file]["refusal"])["message"]
    assert file in refusal
    assert all(word in refusal for word in named), refusal
    told = " ".join(second.night.told.split())
    assert file in told


def test_every_refusal_tells_the_fix(second: Second) -> None:
    """After the place and what is wrong, a clause that says what to do."""
    for row in _refusals(second).values():
        message = json.loads(row["refusal"])["message"]
        assert len(message.rsplit("; ", 1)) == 2, message
        assert message.rsplit("; ", 1)[1]


def test_no_other_file_is_refused(second: Second) -> None:
    counted = second.night.marts["data_quality"]
    assert set(counted.loc[counted["outcome"] == "file_refused", "file_name"]) == set(REFUSED)


def test_a_file_that_is_no_extract_is_recorded(second: Second) -> None:
    rows = second.night.line.journal(
        f"SELECT outcome, detail FROM pull_attempt WHERE file_name = 'anh_{DAY}.jpg' ORDER BY id DESC LIMIT 1"
    )
    assert [row["outcome"] for row in rows] == ["unsupported"]
    assert "xlsx" in rows[0]["detail"]


def test_another_years_records_are_rejected_one_by_one(second: Second) -> None:
    quarantined = second.night.line.parquet("quarantine", "loan_ledger")
    of_file = quarantined[quarantined["file_name"] == f"nam-khac_{DAY}.csv"]
    assert of_file["reason"].tolist() == ["wrong_period"] * 3
    assert sorted(of_file["source_row"]) == [2, 3, 4]
    assert set(of_file["column_name"].dropna()) <= {"as_of_date"}


def test_a_formula_is_no_value(second: Second) -> None:
    """The record with the formula is rejected with its cell; its neighbour is accepted."""
    line, file = second.night.line, f"cong-thuc_{DAY}.xlsx"
    quarantined = line.parquet("quarantine", "loan_ledger")
    of_file = quarantined[quarantined["file_name"] == file]
    found = of_file[["reason", "column_name", "source_sheet", "source_row"]].values.tolist()
    assert found == [["unreadable_outstanding", "outstanding", "Sao kê", 4]]
    accepted = line.parquet("accepted", "loan_ledger")
    assert accepted.loc[accepted["file_name"] == file, "source_row"].tolist() == [3]


def test_good_files_beside_bad_ones_are_accepted_whole(second: Second) -> None:
    drops = second.fresh.drops / "loan_ledger" / str(YEAR)
    good = {path.name for path in drops.glob("sao-ke_*")}
    counted = second.night.marts["data_quality"]
    of_good = counted[counted["file_name"].isin(good) & ~counted["outcome"].isin(["skipped", "placed"])]
    assert set(of_good["file_name"]) == good
    assert set(of_good["outcome"]) == {"accepted"}
