"""What is written of a judged year: no person in clear, reasons in quarantine, pages, the journal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from assets.journal import ACCEPTED_STATE, CHECK_RESULT
from assets.judging.accept import accepted_table
from assets.judging.arrow_types import QUARANTINE_SCHEMA, accepted_schema
from assets.judging.data_docs import write_page
from assets.judging.fingerprint import (
    code_fingerprint,
    fingerprint_of,
    reader_fingerprint,
    seeds_fingerprint,
    year_inputs,
)
from assets.judging.quarantine import quarantine_table
from assets.values.pseudonym import pseudonymise
from checks.contract import load_contract
from checks.seeds import read_seed

MakeOffice = Callable[..., Any]
KEY = b"k" * 32
LEDGER = (
    "Mã món vay;Họ tên người vay;CCCD;Mã xã;Chương trình;Ngày giải ngân;Số tiền giải ngân;Dư nợ;Ngày số liệu"
)
BORROWER, CITIZEN, ACCOUNT = "Hoàng Thị Mẫu", "019188004321", "6600000123"
GOOD = f"{ACCOUNT};{BORROWER};{CITIZEN};01840;Hộ nghèo;01/03/2021;50.000.000;40.777.333;31/01/2024"
BAD = f"6600000777;{BORROWER};{CITIZEN};01840;Hộ nghèo;01/03/2021;50.000.000;bốn mươi;31/01/2024"


def ledger(office: MakeOffice, *lines: str) -> Any:
    one = office("loan_ledger")
    one.send("du-no_20240131.csv", LEDGER, *lines)
    return one


def pseudonym(value: str) -> str:
    found: str = pseudonymise(pa.array([value]), KEY)[0].as_py()
    return found


def test_accepted_records_carry_pseudonyms_and_nothing_of_a_person(office: MakeOffice) -> None:
    table = accepted_table(ledger(office, GOOD).judge(), KEY)
    assert table.schema.equals(accepted_schema(load_contract("loan_ledger")))
    row = table.to_pylist()[0]
    assert row["loan_account_pseudonym"] == pseudonym(ACCOUNT)
    assert row["borrower_citizen_id_pseudonym"] == pseudonym(CITIZEN)
    assert re.fullmatch("[0-9a-f]{32}", row["loan_account_pseudonym"])
    assert (row["outstanding"], row["unit_id"], row["source_row"]) == (40_777_333, "01840@2016-01-01", 2)
    written = str(row)
    assert not any(value in written for value in (BORROWER, CITIZEN, ACCOUNT))


def test_another_key_gives_other_pseudonyms(office: MakeOffice) -> None:
    judgement = ledger(office, GOOD).judge()
    one, other = (accepted_table(judgement, key)["borrower_citizen_id_pseudonym"] for key in (KEY, b"o" * 32))
    assert one[0].as_py() != other[0].as_py()


def test_a_visit_s_card_tells_the_insurance_number(office: MakeOffice) -> None:
    one = office("health_visit")
    head = "MA_LK;MA_THE_BHYT;MAXA_CU_TRU;NGAY_VAO;T_TONGCHI_BV"
    visits = (
        "1;HN2190123456789;01840;202403010830;100000",
        "2;HN219;01840;202403010830;100000",
        "3;;01840;202403010830;1",
    )
    one.send("xml1_20240331.csv", head, *visits)
    found = accepted_table(one.judge(), KEY)["card_insurance_number_pseudonym"].to_pylist()
    assert found == [pseudonym("0123456789"), None, None]


def test_a_rejected_record_is_kept_with_reason_column_and_place(office: MakeOffice) -> None:
    one = ledger(office, GOOD, BAD)
    table = quarantine_table(one.judge(), one.workplace.home)
    assert table.schema.equals(QUARANTINE_SCHEMA)
    (row,) = table.to_pylist()
    assert (row["reason"], row["column_name"], row["value_class"]) == (
        "unreadable_outstanding",
        "outstanding",
        "a a",
    )
    assert (row["file_name"], row["source_sheet"], row["source_row"]) == ("du-no_20240131.csv", "", 3)
    record = json.loads(row["record"])
    assert record["borrower_name"] == BORROWER
    assert record["outstanding"] == "bốn mươi"


def test_of_a_personal_value_only_its_length_is_told(office: MakeOffice) -> None:
    one = ledger(office, GOOD, GOOD.replace("40.777.333", "41.000.000"))
    rows = quarantine_table(one.judge(), one.workplace.home).to_pylist()
    assert [(r["reason"], r["column_name"]) for r in rows] == [("conflicting_key", None)] * 2
    assert [r["value_class"] for r in rows] == [None, None]
    blank = ledger(office, GOOD.replace(ACCOUNT, ""))
    (row,) = quarantine_table(blank.judge(), blank.workplace.home).to_pylist()
    assert (row["reason"], row["column_name"], row["value_class"]) == (
        "missing_loan_account",
        "loan_account",
        None,
    )


def test_a_page_shows_counts_and_no_value(office: MakeOffice, tmp_path: Path) -> None:
    site = tmp_path / "site"
    one = ledger(office, GOOD, BAD, GOOD.replace(ACCOUNT, "6600000888").replace("01840", "87654"))
    write_page(site, one.tally(one.judge()))
    page = (site / "loan_ledger" / "2024.html").read_text(encoding="utf-8")
    assert "unreadable_outstanding" in page
    for value in (BORROWER, CITIZEN, ACCOUNT, "6600000777", "bốn mươi", "40777333", "40.777.333", "87654"):
        assert value not in page
    assert re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//[^"'\s>]+""", page) == []
    assert re.findall(r"@import|url\(\s*['\"]?https?:", page) == []
    index = (site / "index.html").read_text(encoding="utf-8")
    assert '<a href="loan_ledger/2024.html">2024</a>' in index
    assert "//" not in index.replace("</", "")


def test_a_kept_year_is_written_and_journalled(office: MakeOffice) -> None:
    one = ledger(office, GOOD, BAD, GOOD)
    kept = one.keep("f1")
    counts = {"landed": 3, "accepted": 1, "quarantined": 1, "duplicate": 1, "superseded": 0}
    assert kept.counts == {**counts, "files": 1, "refused_files": 0}
    assert kept.blocked == []
    home = one.workplace.home
    rows = {
        layer: pq.read_table(home.partition(layer, "loan_ledger", 2024), partitioning=None)
        for layer in LAYERS
    }
    assert (rows["accepted"].num_rows, rows["quarantine"].num_rows) == (1, 1)
    assert (
        sum(
            rows["quality"]
            .filter(pa.compute.equal(rows["quality"]["outcome"], "accepted"))["records"]
            .to_pylist()
        )
        == 1
    )
    (state,) = one.journal.rows(sa.select(ACCEPTED_STATE))
    assert state["fingerprint"] == "f1"
    assert {name: state[name] for name in counts} == counts
    checks = {
        r["check_name"]: r for r in one.journal.rows(sa.select(CHECK_RESULT)) if r["check_name"] != "shape"
    }
    assert set(checks) == {c.name for c in kept.checks}
    assert checks["rules_readable"]["passed"] is False
    assert checks["reconciliation"]["passed"] is True
    found = checks["rules_readable"]["detail"]["unreadable_outstanding"]
    assert found["examples"] == [{"file": "du-no_20240131.csv", "sheet": "", "row": 3, "value": "a a"}]
    assert BORROWER not in json.dumps([r["detail"] for r in checks.values()], ensure_ascii=False)


LAYERS = ("accepted", "quarantine", "quality")


def test_a_stopped_year_keeps_what_it_had(office: MakeOffice) -> None:
    one = ledger(office, GOOD)
    one.keep("f1")
    path = one.workplace.home.partition("accepted", "loan_ledger", 2024)
    before = path.read_bytes()
    one.send("du-no_20240229.csv", LEDGER, *(BAD.replace("6600000777", f"77{n}") for n in range(3)))
    kept = one.keep("f2")
    assert [check.name for check in kept.blocked] == ["table_rules"]
    assert kept.blocked[0].detail["quarantine_share"]["value"] == 0.75
    assert path.read_bytes() == before
    (state,) = one.journal.rows(sa.select(ACCEPTED_STATE))
    assert state["fingerprint"] == "f1"
    fingerprints = {
        r["fingerprint"] for r in one.journal.rows(sa.select(CHECK_RESULT)) if r["check_name"] != "shape"
    }
    assert fingerprints == {"f2"}


FILE = {"file_name": "a.csv", "sha256": "0" * 64, "version": 1, "state": "current", "file_date": "2024-01-31"}


def fingerprint(files: list[dict[str, Any]] | None = None, **changed: Any) -> str:
    known: dict[str, Any] = {"province": "19", "reference": "r", "key": KEY}
    table = changed.pop("table", "loan_ledger")
    year = changed.pop("year", 2024)
    files = [FILE] if files is None else files
    return fingerprint_of(year_inputs(load_contract(table), files, year, **{**known, **changed}))


def test_a_year_s_fingerprint_is_the_same_for_the_same_inputs() -> None:
    assert fingerprint() == fingerprint([dict(FILE)])
    assert re.fullmatch("[0-9a-f]{32}", fingerprint())
    assert code_fingerprint() == code_fingerprint()


@pytest.mark.parametrize(
    "changed",
    [{"province": "06"}, {"reference": "s"}, {"key": b"o" * 32}, {"table": "survey_total"}],
)
def test_a_year_s_fingerprint_follows_what_it_is_judged_by(changed: dict[str, Any]) -> None:
    assert fingerprint(**changed) != fingerprint()


@pytest.mark.parametrize(
    "changed",
    [{"file_name": "b.csv"}, {"sha256": "1" * 64}, {"state": "replaced"}, {"file_date": "2024-02-29"}],
)
def test_a_year_s_fingerprint_follows_its_files(changed: dict[str, Any]) -> None:
    assert fingerprint([{**FILE, **changed}]) != fingerprint()
    assert fingerprint([FILE, {**FILE, **changed}]) != fingerprint()


def test_a_year_is_judged_by_the_standards_and_programmes_of_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row that begins later concerns later years alone."""
    seeds_fingerprint.cache_clear()
    before = {year: seeds_fingerprint(year) for year in range(2016, 2027)}
    later = {"standard": "VN-2099", "valid_from": "2024-07-01", "valid_to": ""}

    def with_it(name: str) -> tuple[dict[str, str], ...]:
        return (*read_seed(name), later) if name == "standards" else read_seed(name)

    monkeypatch.setattr("assets.judging.fingerprint.read_seed", with_it)
    seeds_fingerprint.cache_clear()
    changed = [year for year, digest in before.items() if seeds_fingerprint(year) != digest]
    seeds_fingerprint.cache_clear()
    assert changed == [2024, 2025, 2026]


def test_a_withdrawn_file_stays_in_place() -> None:
    assert fingerprint([{**FILE, "state": "withdrawn"}]) == fingerprint()


def test_reading_depends_on_contract_and_reader() -> None:
    contract = load_contract("loan_ledger")
    assert reader_fingerprint(contract).startswith(f"{contract.fingerprint}.")
    assert reader_fingerprint(contract) != reader_fingerprint(load_contract("survey_total"))
