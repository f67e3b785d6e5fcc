"""Large text files to tables: DuckDB reads them by position, each month in its own encoding.

Belongs here: loans, cards, visits and station months. Only the columns that some mart needs are
typed; categories alone are decoded, because nothing else in these files has an accent that counts.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from tests.benchmarks.plain import words

LOAN = [
    "loan_account", "name", "citizen_id", "commune_then", "commune_code", "programme", "organisation", "grp",
    "contract_date", "disbursed_date", "approved", "amount_disbursed", "outstanding", "current", "overdue",
    "frozen", "rate", "term", "maturity_date", "status", "beneficiary_type", "as_of_date",
]  # fmt: skip
CARD = [
    "insurance_number", "card_number", "name", "birth_date", "sex", "citizen_id", "commune_code", "group_code",
    "valid_from", "valid_to", "facility",
]  # fmt: skip
VISIT = [
    "visit_id", "patient_id", "citizen_id", "card_number", "sex", "birth_date", "commune_code", "facility",
    "kind", "admission_time", "discharge_time", "diagnosis", "total_cost", "insurer_paid", "copayment",
    "own_pay", "other_source",
]  # fmt: skip
STATION = [
    "commune_code", "month", "visits_total", "visits_insured", "children_u5_measured", "children_u5_stunted",
    "children_u5_underweight", "households_total", "households_hygienic_latrine", "households_clean_water",
]  # fmt: skip
# Single letters of the two code pages, as they look when their bytes are taken for Latin-1.
_TCVN3 = (
    "¡¢£¤¥¦§¨©ª«¬­®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
_WINDOWS = ("ÃãÐðÕõÝý\u00cc\u00d2\u00de\u00ec\u00f2", "ĂăĐđƠơƯư\u0300\u0309\u0303\u0301\u0323")


def loans(db: duckdb.DuckDBPyConnection, files: list[Path], year: int) -> None:
    """The monthly ledgers; some months are in millions of đồng, by a title row or by the headings."""
    for file in files:
        head = _head(file)
        unit = 1_000_000 if "(tri" in head or "VT: tri" in head else 1
        skip = 3 if head.startswith("SAO") else 1
        page = page_of(file)
        money = ", ".join(
            f"cast(cast(replace(replace({n}, '.', ''), ',', '.') as double) * {unit} as bigint) as {n}"
            for n in ("amount_disbursed", "outstanding", "overdue", "frozen")
        )
        _insert(
            db, "loan_ledger",
            f"""
            select {year} as year, loan_account as loan_account_pseudonym,
                citizen_id as borrower_citizen_id_pseudonym, commune_code,
                {_meaning("programme", words.PROGRAMMES, page)},
                strptime(disbursed_date, '%d/%m/%Y')::date as disbursed_date,
                strptime(as_of_date, '%d/%m/%Y')::date as as_of_date, {money},
                {_meaning("status", words.STATUSES, page)},
                {_meaning("beneficiary_type", words.BORROWERS, page)},
                strptime(as_of_date, '%d/%m/%Y')::date as record_date, {_source(file)}
            from {_csv(file, LOAN, ";", skip, page)}
            """,
        )  # fmt: skip


def cards(db: duckdb.DuckDBPyConnection, files: list[Path], year: int) -> None:
    """The register of cards."""
    for file in files:
        _insert(
            db, "health_card",
            f"""
            select {year} as year, insurance_number as insurance_number_pseudonym,
                citizen_id as citizen_id_pseudonym, card_number as card_number_pseudonym, commune_code,
                group_code, strptime(valid_from, '%d/%m/%Y')::date as valid_from,
                strptime(valid_to, '%d/%m/%Y')::date as valid_to,
                date '{year}-12-31' as record_date, {_source(file)}
            from {_csv(file, CARD, ",", 1, "utf-8")}
            """,
        )  # fmt: skip


def visits(db: duckdb.DuckDBPyConnection, files: list[Path], year: int) -> None:
    """The claims; of two cards joined by a semicolon the first counts."""
    for file in files:
        _insert(
            db, "health_visit",
            f"""
            select {year} as year, visit_id as visit_id_pseudonym, citizen_id as citizen_id_pseudonym,
                case when length(split_part(card_number, ';', 1)) = 15
                    then right(split_part(card_number, ';', 1), 10) end as card_insurance_number_pseudonym,
                commune_code, strptime(left(admission_time, 8), '%Y%m%d')::date as record_date,
                total_cost::bigint as total_cost, insurer_paid::bigint as insurer_paid,
                copayment::bigint as copayment, own_pay::bigint as own_pay, {_source(file)}
            from {_csv(file, VISIT, ",", 1, "utf-8")}
            """,
        )  # fmt: skip


def stations(db: duckdb.DuckDBPyConnection, files: list[Path], year: int) -> None:
    """The stations' months."""
    counts = ", ".join(f"{name}::bigint as {name}" for name in STATION[2:])
    for file in files:
        _insert(
            db, "health_station",
            f"""
            select {year} as year, commune_code, strptime(month, '%m/%Y')::date as month, {counts},
                last_day(strptime(month, '%m/%Y')::date) as record_date, {_source(file)}
            from {_csv(file, STATION, ";", 1, page_of(file))}
            """,
        )  # fmt: skip


def _head(file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(2000)
    return start.decode("utf-16" if start[:2] == b"\xff\xfe" else "latin-1", errors="ignore")


def page_of(file: Path) -> str:
    """The code page, which hangs on the month in these offices."""
    with file.open("rb") as opened:
        start = opened.read(2000)
    if start[:2] == b"\xff\xfe":
        return "utf-16"
    try:
        start[: start.rfind(b"\n")].decode("utf-8")
    except UnicodeDecodeError:
        return "tcvn3" if b"x\xb7" in start else "windows-1258"
    return "utf-8"


def _csv(file: Path, names: list[str], separator: str, skip: int, page: str) -> str:
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    encoding = page if page in ("utf-8", "utf-16") else "latin-1"
    return (
        f"read_csv('{file}', columns={{{columns}}}, delim='{separator}', quote='\"', header=false, "
        f"skip={skip}, encoding='{encoding}', auto_detect=false, strict_mode=true)"
    )


def _meaning(column: str, meaning: dict[str, str], page: str) -> str:
    letters = {"tcvn3": _TCVN3, "windows-1258": _WINDOWS}.get(page)
    text = f"translate({column}, '{letters[0]}', '{letters[1]}')" if letters else column
    keys = ", ".join(f"'{word}'" for word in meaning)
    values = ", ".join(f"'{value}'" for value in meaning.values())
    return f"map([{keys}], [{values}])[nfc_normalize({text})] as {column}"


def _source(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"'{digest}' as file_hash, '{file.name}' as file_name, '' as source_sheet, 0 as source_row"


def _insert(db: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    exists = db.execute(
        "select 1 from information_schema.tables where table_schema = 'read' and table_name = ?", [table]
    ).fetchone()
    db.execute(
        f"insert into read.{table} by name {query}" if exists else f"create table read.{table} as {query}"
    )
