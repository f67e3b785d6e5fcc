"""Defects of the bank's ledger: numbers are changed before a month is written, text after."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.sample import vietnamese
from pipelines.sample.communes import MERGED_ON
from pipelines.sample.context import Context
from pipelines.sample.planting import Planter

# Programmes without a ceiling of the account: by month of study, value or cost of a contract.
_UNCAPPED = ("Học sinh sinh viên", "Nhà ở xã hội", "Xuất khẩu lao động")


@dataclass
class Month:
    """A month's ledger before it is written.

    `columns` holds amounts as numbers, dates as days and text as text; `overrides` the cells that are
    written as they stand instead; `copied` the rows that stand once more at the end.
    """

    year: int
    month: int
    in_millions: bool
    columns: dict[str, np.ndarray]
    household: np.ndarray
    overrides: dict[str, dict[int, str]] = field(default_factory=dict)
    copied: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))

    @property
    def size(self) -> int:
        """Accounts of the month, copies not counted."""
        return len(self.household)

    def override(self, name: str, rows: np.ndarray, texts: list[str]) -> None:
        """Write these texts into a column."""
        self.overrides.setdefault(name, {}).update(zip(rows.tolist(), texts, strict=True))

    def add(self, name: str, rows: np.ndarray, amount: int) -> None:
        """Change some amounts of a column."""
        values = self.columns[name].copy()
        values[rows] += amount
        self.columns[name] = values


def plant_month(ctx: Context, planter: Planter, ledger: Month) -> None:
    """Spoil some accounts of a month."""
    if not planter.enabled or not ledger.size:
        return
    every = np.arange(ledger.size)
    _amounts(planter, ledger)
    _dates(planter, ledger, every)
    _places(ctx, planter, ledger, every)
    rows = planter.rows(every, 0.00002)
    ledger.override("programme", rows, ["Chương trình khác"] * len(rows))
    planter.reject(rows, "programme", "programme that does not exist", "unknown_programme")
    rows = planter.rows(every, 0.0004)
    ledger.override("borrower_citizen_id", rows, ["1,9E+10"] * len(rows))
    planter.flag(rows, "borrower_citizen_id", "scientific notation", "citizen_id_unreadable")
    ledger.copied = planter.rows(every, 0.0005)
    copies = np.arange(ledger.size, ledger.size + len(ledger.copied))
    planter.mark(copies, "", "exact copy", "duplicate", "duplicate")


def _amounts(planter: Planter, ledger: Month) -> None:
    columns = ledger.columns
    capped = ~np.isin(columns["programme"], _UNCAPPED)
    rows = planter.rows(np.flatnonzero(capped & (columns["outstanding"] > 0)), 0.0002)
    for name in ("amount_disbursed", "amount_approved"):
        ledger.add(name, rows, 250_000_000)
    planter.flag(rows, "amount_disbursed", "more than the programme allows", "ceiling_exceeded")
    rows = planter.rows(np.flatnonzero(columns["current"] > 5_000_000), 0.0002)
    ledger.add("current", rows, -2_000_000)
    planter.flag(rows, "outstanding", "parts do not add up", "balance_not_sum")
    _magnitude(planter, ledger, capped)
    rows = planter.rows(np.flatnonzero(columns["outstanding"] > 0), 0.00002)
    ledger.override("outstanding", rows, ["không rõ"] * len(rows))
    planter.reject(rows, "outstanding", "text for an amount", "unreadable_outstanding")


def _magnitude(planter: Planter, ledger: Month, capped: np.ndarray) -> None:
    """Decimal point for decimal comma (millions), or three zeros too many (đồng): a thousand times."""
    amount = ledger.columns["amount_disbursed"]
    rows = planter.rows(np.flatnonzero(capped & (amount >= 25_000_000) & (amount <= 100_000_000)), 0.00006)
    for name in ("amount_approved", "amount_disbursed"):
        amounts = [int(v) for v in ledger.columns[name][rows]]
        if ledger.in_millions:
            texts = [f"{v // 1_000_000}.{v // 1000 % 1000:03d}" for v in amounts]
        else:
            texts = [vietnamese.grouped(v * 1000) for v in amounts]
        ledger.override(name, rows, texts)
    planter.reject(rows, "amount_disbursed", "decimal point read as thousands", "amount_magnitude")


def _dates(planter: Planter, ledger: Month, every: np.ndarray) -> None:
    # In the months after the merger an earlier day would bring another list of communes with it.
    if ledger.year != MERGED_ON.year or ledger.month < MERGED_ON.month:
        rows = planter.rows(every, 0.00003)
        ledger.override("as_of_date", rows, [f"15/12/{ledger.year - 1}"] * len(rows))
        planter.reject(rows, "as_of_date", "day of another year", "wrong_period")
    rows = planter.rows(every, 0.0002)
    full = [vietnamese.day(v) for v in ledger.columns["disbursed_date"][rows]]
    ledger.override("disbursed_date", rows, [text[:6] + text[8:] for text in full])
    planter.flag(rows, "disbursed_date", "year of two digits", "two_digit_year")
    rows = planter.rows(every, 0.0001)
    ledger.override("maturity_date", rows, ["15/06/2014"] * len(rows))
    planter.flag(rows, "maturity_date", "due before it was disbursed", "maturity_before_disbursement")


def _places(ctx: Context, planter: Planter, ledger: Month, every: np.ndarray) -> None:
    rows = planter.rows(every, 0.00003)
    ledger.override("commune_code", rows, ["99999"] * len(rows))
    planter.reject(rows, "commune_code", "no such commune", "unknown_commune")
    if (ledger.year, ledger.month) < (MERGED_ON.year, MERGED_ON.month):
        return
    communes = ctx.people.communes
    old = ctx.people.unit(ledger.household, 0)
    rows = planter.rows(np.flatnonzero(communes.retired()[old]), 0.01)
    ledger.override("commune_code", rows, communes.old["code"].iloc[old[rows]].tolist())
    planter.flag(rows, "commune_code", "code of before the merger", "commune_code_of_other_date")
