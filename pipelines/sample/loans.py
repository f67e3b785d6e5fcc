"""Loan accounts of the social-policy bank: who borrowed what, when, and how it is paid back.

Belongs here: the accounts and their balance on any day. Does not belong here: how a month is
written down (`loan_ledger`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.context import Context
from pipelines.sample.lists import NEAR_POOR, NOT_POOR, POOR
from pipelines.sample.streams import choose, stream

_MILLION = 1_000_000
_FIRST_MONTH = 2016 * 12
_LAST_MONTH = 2026 * 12 + 11
_OPENED_A_MONTH = 5_650
# programme: (share, ceiling in millions from a year on, rate, longest term in months, step in millions)
PROGRAMMES: dict[str, tuple[float, tuple[tuple[int, float], ...], float, int]] = {
    "HN": (0.125, ((2015, 50), (2020, 100)), 6.6, 120),
    "HN30A": (0.015, ((2015, 50), (2020, 100)), 3.3, 120),
    "CN": (0.14, ((2015, 50), (2020, 100)), 7.92, 120),
    "MTN": (0.19, ((2015, 50), (2020, 100)), 8.25, 60),
    "GQVL": (0.15, ((2015, 50), (2020, 100)), 7.92, 120),
    "GQVL26": (0.0, ((2026, 200),), 8.382, 120),
    "NSVSMT": (0.24, ((2015, 10), (2025, 25)), 9.0, 60),
    "SXKD_VKK": (0.11, ((2015, 50), (2024, 100)), 9.0, 120),
    "NHA33": (0.012, ((2016, 25),), 3.0, 180),
    "D28_NHAO": (0.006, ((2023, 40),), 3.0, 180),
    "D28_DATO": (0.002, ((2023, 50),), 3.0, 180),
    "D28_DATSX": (0.003, ((2023, 77.5),), 3.3, 120),
    "D28_NGHE": (0.001, ((2023, 100),), 3.3, 120),
    "HSSV": (0.04, ((2016, 40),), 6.6, 60),
    "NOXH": (0.005, ((2019, 500),), 4.8, 240),
    "XKLD": (0.003, ((2019, 80),), 6.6, 36),
}
NAMES = tuple(PROGRAMMES)
TARGETED = {
    "HN": POOR,
    "HN30A": POOR,
    "CN": NEAR_POOR,
    "NHA33": POOR,
    "D28_NHAO": POOR,
    "D28_DATO": POOR,
    "D28_DATSX": POOR,
    "D28_NGHE": POOR,
}


@dataclass(frozen=True)
class Accounts:
    """All accounts, arrays of one length; months count from year 0, `opened` and `due` are days."""

    household: np.ndarray
    programme: np.ndarray
    opened: np.ndarray
    opened_month: np.ndarray
    closed_month: np.ndarray
    term: np.ndarray
    amount: np.ndarray
    rate: np.ndarray
    beneficiary: np.ndarray
    late_from: np.ndarray
    frozen_from: np.ndarray
    pays_back: np.ndarray

    def due(self, rows: np.ndarray) -> np.ndarray:
        """Day on which each loan falls due."""
        month = self.opened[rows].astype("datetime64[M]") + self.term[rows]
        return np.asarray(month.astype("datetime64[D]") + 14)

    def open_in(self, month: int) -> np.ndarray:
        """Accounts on a month's ledger."""
        return np.flatnonzero((self.opened_month <= month) & (self.closed_month >= month))

    def balances(self, rows: np.ndarray, month: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Parts of the balance not yet due, overdue and frozen, in đồng."""
        run = month - self.opened_month[rows]
        share = np.where(self.pays_back[rows], np.minimum(run // 6 * 6 / self.term[rows], 0.9), 0.0)
        paid = np.floor(self.amount[rows] * share / 500_000) * 500_000
        left = np.maximum(self.amount[rows] - paid, 0).astype(np.int64)
        left[self.closed_month[rows] == month] = 0
        frozen = np.where(self.frozen_from[rows] <= month, left, 0)
        late = np.where((self.late_from[rows] <= month) & (frozen == 0), left // 2000 * 1000, 0)
        return left - late - frozen, late, frozen


def make_accounts(ctx: Context) -> Accounts:
    """All accounts that are open at any time in the years of the sample."""
    rng = stream(ctx.seed, "loans")
    months = np.arange(_FIRST_MONTH, _LAST_MONTH + 1)
    size = max(60, round(_OPENED_A_MONTH * ctx.people.scale * len(months)))
    opened_month = np.sort(rng.choice(months, size))
    year = opened_month // 12
    programme = _programmes(rng, year)
    household, beneficiary = _borrowers(ctx, rng, programme, year)
    found = household >= 0
    opened_month, year, programme = opened_month[found], year[found], programme[found]
    household, beneficiary = household[found], beneficiary[found]
    size = len(household)
    longest = np.array([p[3] for p in PROGRAMMES.values()])[programme]
    term = np.minimum(
        np.maximum(12, np.round(longest * rng.uniform(0.4, 1.0, size) / 12) * 12), longest
    ).astype(int)
    kept = np.ceil(term * rng.uniform(0.5, 1.0, size)).astype(int)
    closed = opened_month + np.maximum(kept, 3)
    late = np.where(rng.random(size) < 0.010, opened_month + rng.integers(6, 40, size), 10**6)
    frozen = np.where(rng.random(size) < 0.004, opened_month + rng.integers(12, 48, size), 10**6)
    month = (opened_month - 1970 * 12).astype("datetime64[M]")
    return Accounts(
        household=household,
        programme=programme,
        opened=month.astype("datetime64[D]") + rng.integers(0, 27, size),
        opened_month=opened_month,
        closed_month=closed,
        term=term,
        amount=_amounts(rng, programme, year),
        rate=np.array([p[2] for p in PROGRAMMES.values()])[programme],
        beneficiary=beneficiary,
        late_from=late,
        frozen_from=frozen,
        pays_back=rng.random(size) < 0.6,
    )


def _programmes(rng: np.random.Generator, year: np.ndarray) -> np.ndarray:
    """A programme in force in each year; the new employment programme follows the old one in 2026."""
    result = choose(rng, {name: p[0] for name, p in PROGRAMMES.items()}, len(year))
    start = np.array([p[1][0][0] for p in PROGRAMMES.values()])
    early = year < start[result]
    result[early] = NAMES.index("SXKD_VKK")
    result[(result == NAMES.index("GQVL")) & (year >= 2026)] = NAMES.index("GQVL26")
    return result


def _amounts(rng: np.random.Generator, programme: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Amounts within the ceiling of the year, in half millions."""
    ceiling = np.zeros(len(programme))
    for index, (_, steps, _, _) in enumerate(PROGRAMMES.values()):
        for start, millions in steps:
            ceiling[(programme == index) & (year >= start)] = millions
    part = rng.choice([1.0, 0.8, 0.6, 0.5, 0.4, 0.3], len(programme), p=[0.34, 0.16, 0.16, 0.16, 0.1, 0.08])
    jitter = rng.choice([0, 0.5, 1.0, 1.5], len(programme), p=[0.7, 0.1, 0.1, 0.1])
    millions = np.maximum(np.floor(ceiling * part * 2) / 2 - jitter, 3)
    return np.asarray((millions * _MILLION).astype(np.int64))


def _borrowers(
    ctx: Context, rng: np.random.Generator, programme: np.ndarray, year: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A household of each account, from the list in force when it was opened, and its class then."""
    household = np.full(len(programme), -1)
    beneficiary = np.full(len(programme), "Khác", dtype=object)
    words = np.array(["Khác", "Hộ cận nghèo", "Hộ nghèo"], dtype=object)
    for y in np.unique(year):
        klass = ctx.lists.in_force(int(max(y, 2021)))
        escaped = (klass == NOT_POOR) & (ctx.people.hardship > 0.9) & ctx.people.exists(2021)
        if y > 2021:
            escaped = (klass == NOT_POOR) & ctx.lists.ever_poor_before(int(y))
        here = ctx.people.exists(int(max(y, 2021)))
        for index, name in enumerate(NAMES):
            rows = np.flatnonzero((year == y) & (programme == index))
            pool = here if name not in TARGETED else klass == TARGETED[name]
            if name == "MTN":
                pool = escaped
            if name == "HN30A":
                pool = pool & ctx.people.poor_part
            candidates = np.flatnonzero(pool)
            if not len(rows) or not len(candidates):
                continue
            household[rows] = rng.choice(candidates, len(rows))
            beneficiary[rows] = "Hộ mới thoát nghèo" if name == "MTN" else words[klass[household[rows]]]
    return household, beneficiary
