"""A raw file's text becomes typed records, with what could not be read beside them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from assets.judging.arrow_types import arrow_type
from assets.judging.empty import empty_raw
from assets.judging.parse import parse_file
from assets.raw_store import RawFile
from assets.reading import SheetFacts
from checks.contract import TABLES, load_contract


def facts(**changed: Any) -> SheetFacts:
    known: dict[str, Any] = {
        "sheet": "", "layout": None, "titles": (), "units": {}, "unknown_columns": (), "header_row": 1,
        "records": 0, "skipped": {},
    }  # fmt: skip
    return SheetFacts(**{**known, **changed})


def raw(
    columns: dict[str, list[str | None]], *sheets: SheetFacts, of_sheet: list[str] | None = None
) -> RawFile:
    length = len(next(iter(columns.values())))
    table = pa.table(
        {
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
            "source_sheet": pa.array(of_sheet or [""] * length, pa.string()),
            "source_row": pa.array(range(2, length + 2), pa.int32()),
        }
    )
    return RawFile(table, sheets or (facts(),), "utf-8")


def parsed(table: str, file: RawFile, year: int = 2024) -> pa.Table:
    return parse_file(file, load_contract(table), year)


def test_values_have_their_types_and_absent_columns_are_null() -> None:
    found = parsed(
        "survey_total", raw({"commune_code": ["1840", "01843"], "households_total": ["1.234", "2.000.000"]})
    )
    assert found["commune_code"].to_pylist() == ["01840", "01843"]
    assert found["households_total"].to_pylist() == [1234, 2_000_000]
    assert found["persons_total"].to_pylist() == [None, None]
    for column in load_contract("survey_total").all_columns():
        assert found[column.name].type == arrow_type(column)


def test_what_could_not_be_read_stands_beside_and_blank_does_not() -> None:
    found = parsed(
        "survey_total", raw({"commune_code": ["01840"] * 3, "households_total": ["12", "mười hai", "--"]})
    )
    assert found["households_total"].to_pylist() == [12, None, None]
    assert found["households_total__unreadable"].to_pylist() == [None, "mười hai", None]
    assert found["households_total__sent"].to_pylist() == [1.0, 1.0, None]
    assert found["persons_total__sent"].to_pylist() == [None] * 3


def test_money_is_in_dong_by_the_unit_of_its_sheet() -> None:
    ledger = raw(
        {"outstanding": ["50", "12,5"], "loan_account": ["a", "b"]}, facts(units={"outstanding": 10**6})
    )
    assert parsed("loan_ledger", ledger)["outstanding"].to_pylist() == [50_000_000, 12_500_000]


def test_the_file_s_evidence_decides_an_ambiguous_number() -> None:
    vietnamese = raw(
        {"outstanding": ["1.234"], "amount_disbursed": ["1.234.567,50"]}, facts(units={"outstanding": 10**6})
    )
    assert parsed("loan_ledger", vietnamese)["outstanding"].to_pylist() == [1_234_000_000]


def test_a_column_s_own_evidence_speaks_before_the_file_s() -> None:
    ledger = raw({"outstanding": ["1.234.567"], "interest_rate": ["6.65"]})
    found = parsed("loan_ledger", ledger)
    assert found["interest_rate"].to_pylist() == [6.65]
    assert found["outstanding"].to_pylist() == [1_234_567]


def test_a_layout_s_own_columns_are_read_and_others_stay_null() -> None:
    household = raw({"village": ["A"], "dep_water": ["x"], "dep_toilet": [None]}, facts(layout="VN-2016"))
    found = parsed("survey_household", household, 2021)
    assert found["dep_water"].to_pylist() == [True]
    assert found["dep_employment"].to_pylist() == [None]
    assert found["standard"].to_pylist() == ["VN-2016"]


def test_sheets_keep_their_own_layout_and_the_position_in_raw() -> None:
    sheets = (facts(sheet="cũ", layout="VN-2016", records=2), facts(sheet="mới", layout="VN-2022", records=1))
    file = raw({"village": ["A", "B", "C"]}, *sheets, of_sheet=["cũ", "cũ", "mới"])
    found = parsed("survey_household", file, 2021)
    assert found["standard"].to_pylist() == ["VN-2016", "VN-2016", "VN-2022"]
    assert found["raw_index"].to_pylist() == [0, 1, 2]
    assert found["source_row"].to_pylist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("table", "columns", "year", "standard"),
    [
        ("survey_household", {"village": ["A"]}, 2021, "VN-2016"),
        ("survey_member", {"village": ["A"]}, 2021, "VN-2022"),
        ("survey_member", {"village": ["A"]}, 2026, "VN-2027"),
        ("survey_total", {"commune_code": ["01840"]}, 2021, "VN-2016"),
        ("survey_total", {"commune_code": ["01840"], "announced_standard": ["2022-2025"]}, 2021, "VN-2022"),
    ],
)
def test_standard_where_no_layout_shows_it(
    table: str, columns: dict[str, Any], year: int, standard: str
) -> None:
    assert parsed(table, raw(columns), year)["standard"].to_pylist() == [standard]


def test_without_a_layout_the_review_date_decides() -> None:
    days = ["14/12/2021", "10/02/2022", None, "10/02/2019", "01/07/2022"]
    found = parsed("survey_household", raw({"household_code": list("12345"), "review_date": days}), 2021)
    # corrected in the new year, when the incoming standard is in force; dates outside the review do not count
    assert found["standard"].to_pylist() == ["VN-2016", "VN-2022", "VN-2016", "VN-2016", "VN-2016"]


def test_tables_outside_the_survey_have_no_standard() -> None:
    assert "standard" not in parsed("loan_ledger", raw({"outstanding": ["1"]})).column_names


def test_lost_zeros_of_a_citizen_id_come_back_where_the_row_agrees() -> None:
    file = raw(
        {
            "village": ["A", "A"],
            "head_citizen_id": ["19088001234", "19088001234"],
            "head_sex": ["Nam", "Nam"],
            "head_birth_year": ["1988", "1977"],
        }
    )
    found = parsed("survey_household", file)
    assert found["head_citizen_id"].to_pylist()[0] == "019088001234"
    assert found["note__citizen_id_padded"].to_pylist()[0] is True
    assert found["head_citizen_id"].to_pylist()[1] != "019088001234"


def test_members_give_the_birth_year_in_the_column_of_their_sex() -> None:
    file = raw(
        {
            "village": ["A", "A"],
            "citizen_id": ["19088001234", "19188001234"],
            "sex": ["Nam", "Nữ"],
            "birth_year_male": ["1988", None],
            "birth_year_female": [None, "1988"],
        }
    )
    assert parsed("survey_member", file)["citizen_id"].to_pylist() == ["019088001234", "019188001234"]


def test_a_claim_s_first_card_counts() -> None:
    found = parsed(
        "health_visit", raw({"visit_id": ["1"], "card_number": ["HN2190123456789;DK2190123456789"]})
    )
    assert found["card_number"].to_pylist() == ["HN2190123456789"]


def test_a_year_only_review_is_fourteen_december() -> None:
    found = parsed("survey_household", raw({"village": ["A"], "review_date": ["2024"]}))
    assert found["review_date"].to_pylist() == [date(2024, 12, 14)]


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_finds_its_columns_also_where_nothing_came(table: str) -> None:
    contract = load_contract(table)
    found = parse_file(empty_raw(contract), contract, 2024)
    assert len(found) == 0
    assert {c.name for c in contract.all_columns()} <= set(found.column_names)
    assert {"source_sheet", "source_row", "raw_index"} <= set(found.column_names)
