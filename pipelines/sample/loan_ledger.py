"""The bank's ledger: a file a month, one row an account, numbers and dates the Vietnamese way."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import load_contract
from pipelines.sample import vietnamese
from pipelines.sample.context import Context, last_month
from pipelines.sample.ledger_defects import Month, plant_month
from pipelines.sample.loans import NAMES, Accounts, make_accounts
from pipelines.sample.persons import SPOUSE
from pipelines.sample.planting import Planter
from pipelines.sample.streams import stream
from pipelines.sample.tables import write_large_csv

TABLE = "loan_ledger"
MONEY = ("amount_approved", "amount_disbursed", "outstanding", "current", "overdue", "frozen")
COLUMNS = tuple(c.name for c in load_contract(TABLE).columns)
_ORGANISATIONS = ("Hội Phụ nữ", "Hội Nông dân", "Hội Cựu chiến binh", "Đoàn Thanh niên")
_CORRECTED_MONTH = 6
_ENCODINGS = {2: "tcvn3", 3: "utf-8-nfd", 5: "utf-16", 8: "windows-1258", 11: "utf-8-sig"}
_WORDS = {
    "HN": "Hộ nghèo",
    "HN30A": "Hộ nghèo 30a",
    "CN": "Hộ cận nghèo",
    "MTN": "Hộ mới thoát nghèo",
    "GQVL": "Giải quyết việc làm",
    "GQVL26": "Giải quyết việc làm 2026",
    "NSVSMT": "Nước sạch và vệ sinh môi trường",
    "SXKD_VKK": "Sản xuất kinh doanh vùng khó khăn",
    "NHA33": "Nhà ở hộ nghèo",
    "D28_NHAO": "Nhà ở theo Nghị định 28",
    "D28_DATO": "Đất ở theo Nghị định 28",
    "D28_DATSX": "Đất sản xuất theo Nghị định 28",
    "D28_NGHE": "Chuyển đổi nghề theo Nghị định 28",
    "HSSV": "Học sinh sinh viên",
    "NOXH": "Nhà ở xã hội",
    "XKLD": "Xuất khẩu lao động",
}


@dataclass(frozen=True)
class MonthFile:
    """How a month is written: name, rows above the records, unit and code page."""

    name: str
    head: list[list[str]]
    in_millions: bool
    encoding: str

    @property
    def first_row(self) -> int:
        """Row of the first record, counted from 1."""
        return len(self.head) + 1


def write(ctx: Context, year: int) -> None:
    """Write a year's ledgers."""
    accounts = make_accounts(ctx)
    wanted = (accounts.opened_month <= year * 12 + 11) & (accounts.closed_month >= year * 12)
    lasting = _lasting(ctx, accounts, np.flatnonzero(wanted))
    position = np.cumsum(wanted) - 1
    for month in range(1, last_month(year) + 1):
        rows = accounts.open_in(year * 12 + month - 1)
        file = _month_file(year, month)
        columns = _month_columns(ctx, accounts, rows, year, month, lasting, position[rows])
        ledger = Month(year, month, file.in_millions, columns, accounts.household[rows])
        planter = ctx.planter(TABLE, year, str(month))
        plant_month(ctx, planter, ledger)
        texts = _texts(ledger)
        write_large_csv(
            ctx.path(TABLE, year, file.name), file.head, texts, encoding=file.encoding, separator=";"
        )
        ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, file.name), texts.num_rows)
        if month == _CORRECTED_MONTH:
            _correct(ctx, year, planter, file, texts.slice(0, ledger.size))
        ctx.planted(TABLE, year, ((m, file.name, "", file.first_row + m.row) for m in planter.marks))
        ctx.tick(f"{TABLE} {year}")


def _correct(ctx: Context, year: int, planter: Planter, file: MonthFile, texts: pa.Table) -> None:
    """A later file of some accounts, which replaces them one by one."""
    rows = planter.rows(np.arange(texts.num_rows), 0.0003, least=3)
    if not len(rows):
        return
    better = texts.take(rows)
    status = better.column_names.index("status")
    better = better.set_column(status, "status", pa.array(["gia hạn"] * len(rows)))
    name = f"sao-ke-dieu-chinh_{year}{_CORRECTED_MONTH + 1:02d}15.csv"
    write_large_csv(ctx.path(TABLE, year, name), file.head, better, separator=";")
    ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), better.num_rows)
    planter.mark(rows, "", "corrected by a later file", "superseded", "superseded")


def _lasting(ctx: Context, accounts: Accounts, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Columns that stay the same through a year, as text."""
    people, persons = ctx.people, ctx.people.persons
    house = accounts.household[rows]
    rng = stream(ctx.seed, TABLE, "borrowers")
    spouse = rng.random(len(accounts.household))[rows] < 0.35
    person = persons.first[house]
    following = np.minimum(person + 1, len(persons.household) - 1)
    has = spouse & (persons.household[following] == house) & (persons.relation[following] == SPOUSE)
    person = np.where(has, following, person)
    approved = accounts.amount[rows]
    return {
        "loan_account": _account_numbers(rows),
        "borrower_name": persons.names[persons.name[person]],
        "borrower_citizen_id": persons.citizen_ids(person).to_numpy(zero_copy_only=False),
        "commune_code_at_disbursement": people.codes(house, people.communes.list_on(accounts.opened[rows])),
        "programme": np.array([_WORDS[n] for n in NAMES], dtype=object)[accounts.programme[rows]],
        "mass_organisation": np.array(_ORGANISATIONS, dtype=object)[people.village[house] % 4],
        "savings_group": np.array([f"Tổ TK&VV số {i}" for i in range(1, 41)], dtype=object)[house % 40],
        "contract_date": accounts.opened[rows] - rng.integers(0, 9, len(accounts.household))[rows],
        "disbursed_date": accounts.opened[rows],
        "amount_approved": approved,
        "amount_disbursed": approved,
        "interest_rate": np.array([f"{v:g}".replace(".", ",") for v in accounts.rate[rows]], dtype=object),
        "term_months": accounts.term[rows].astype(str).astype(object),
        "maturity_date": accounts.due(rows),
        "beneficiary_type": accounts.beneficiary[rows],
    }


def _account_numbers(rows: np.ndarray) -> np.ndarray:
    """Account numbers of 16 characters, letters in front so that no spreadsheet rounds them."""
    return np.array([f"KU{n * 7919 % 10**9:09d}{n:07d}" for n in rows.tolist()], dtype=object)


def _month_columns(
    ctx: Context,
    accounts: Accounts,
    rows: np.ndarray,
    year: int,
    month: int,
    lasting: dict[str, np.ndarray],
    position: np.ndarray,
) -> dict[str, np.ndarray]:
    """The month's ledger; amounts are numbers and dates days until they are written."""
    index = year * 12 + month - 1
    columns = {name: values[position] for name, values in lasting.items()}
    current, overdue, frozen = accounts.balances(rows, index)
    number = ctx.people.communes.list_at_end_of(year, month)
    columns["commune_code"] = ctx.people.codes(accounts.household[rows], number)
    columns |= {
        "outstanding": current + overdue + frozen,
        "current": current,
        "overdue": overdue,
        "frozen": frozen,
    }
    closed = accounts.closed_month[rows] == index
    columns["status"] = np.select(
        [closed, frozen > 0, overdue > 0, rows % 53 == 0],
        ["tất toán", "khoanh", "quá hạn", "gia hạn"],
        "trong hạn",
    ).astype(object)
    day = np.datetime64(f"{year}-{month:02d}-{monthrange(year, month)[1]}")
    columns["as_of_date"] = np.full(len(rows), day)
    return {name: columns[name] for name in COLUMNS}


def _month_file(year: int, month: int) -> MonthFile:
    """Some months are sent in millions of đồng, by a title row or in the headers."""
    contract = load_contract(TABLE)
    labels = [contract.column(n).label for n in COLUMNS]
    stamp = f"{year}{month:02d}{monthrange(year, month)[1]}"
    in_millions = (year + month) % 4 in (0, 1)
    head: list[list[str]] = []
    if in_millions and month % 2:
        labels = [f"{lb} (triệu đồng)" if n in MONEY else lb for n, lb in zip(COLUMNS, labels, strict=True)]
    elif in_millions:
        head = [[f"SAO KÊ MÓN VAY THÁNG {month:02d}/{year}"], ["ĐVT: triệu đồng"]]
    return MonthFile(f"sao-ke_{stamp}.csv", [*head, labels], in_millions, _ENCODINGS.get(month, "utf-8"))


def _texts(ledger: Month) -> pa.Table:
    """The month as text, spoiled cells and copies included."""
    arrays: dict[str, pa.Array] = {}
    for name, values in ledger.columns.items():
        if name in MONEY:
            text = vietnamese.money(values, in_millions=ledger.in_millions)
        elif values.dtype.kind == "M":
            text = vietnamese.days(values)
        else:
            text = pa.array(values, pa.string())
        arrays[name] = _overridden(text, ledger.overrides.get(name, {}))
    table = pa.table(arrays)
    return pa.concat_tables([table, table.take(ledger.copied)]) if len(ledger.copied) else table


def _overridden(text: pa.Array, cells: dict[int, str]) -> pa.Array:
    if not cells:
        return text
    rows = sorted(cells)
    mask = np.zeros(len(text), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array([cells[row] for row in rows], pa.string()))
