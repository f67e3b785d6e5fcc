"""The insurance register: who holds which card in a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import load_contract
from pipelines.sample import vietnamese
from pipelines.sample.context import Context
from pipelines.sample.lists import NEAR_POOR, POOR
from pipelines.sample.planting import Planter
from pipelines.sample.points import INSURANCE
from pipelines.sample.streams import stream
from pipelines.sample.tables import write_large_csv

TABLE = "health_card"
GROUPS = ("HN", "CN", "DT", "DK", "BT", "TE", "HT", "GB", "HS", "DN", "GD")
_BENEFIT = (2, 3, 2, 2, 2, 1, 3, 4, 4, 4, 4)
_FILE_ROWS = 500_000
COLUMNS = tuple(c.name for c in load_contract(TABLE).columns)


@dataclass(frozen=True)
class Insured:
    """Persons with a card in a year and the group printed on it; of one length."""

    person: np.ndarray
    group: np.ndarray

    def cards(self, insurance: pa.Array, province: str, year: int) -> pa.Array:
        """Card numbers of 15 characters: group, benefit, province, insurance number."""
        benefit = np.array(_BENEFIT)
        if year >= 2026:
            benefit[GROUPS.index("CN")] = 2
        prefix = pa.array([f"{g}{b}{province}" for g, b in zip(GROUPS, benefit, strict=True)])
        return pc.binary_join_element_wise(prefix.take(pa.array(self.group)), insurance, "")


def make_insured(ctx: Context, year: int) -> Insured:
    """Who has a card: nearly all; fewer where the review found somebody without one."""
    people, persons = ctx.people, ctx.people.persons
    rng = stream(ctx.seed, TABLE, year)
    here = persons.birth <= np.datetime64(f"{year}-12-01")
    here &= people.exists(year)[persons.household]
    lasting = stream(ctx.seed, TABLE, "habit").random(len(here))
    age = year - persons.birth_year()
    insured = here & ((lasting * 0.8 + rng.random(len(here)) * 0.2 > 0.075) | (age < 6))
    review, points = ctx.review(year) if year in ctx.lists.by_year else ctx.list_in_force(year)
    listed = np.zeros(people.size, dtype=bool)
    listed[review.households] = True
    without = np.zeros(people.size, dtype=bool)
    without[review.households[points.column(review.standard, INSURANCE[review.standard])]] = True
    of_listed = listed[persons.household]
    first_adult = np.zeros(len(here), dtype=bool)
    first_adult[persons.first] = True
    insured[here & of_listed & ~without[persons.household]] = True
    insured[first_adult & without[persons.household]] = False
    person = np.flatnonzero(insured)
    return Insured(person, _groups(ctx, rng, year, person, age[person]))


def _groups(
    ctx: Context, rng: np.random.Generator, year: int, person: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """One group a card, the first that applies; in hard places ethnic minorities have one of their own."""
    people = ctx.people
    house = people.persons.household[person]
    klass = ctx.lists.in_force(year)[house]
    urban = people.urban(house, people.list_of(year))
    minority = people.ethnicity[house] != 0
    hard = minority & ~urban & people.poor_part[house]
    draw = rng.random(len(person))
    tests = [
        age < 6,
        klass == POOR,
        klass == NEAR_POOR,
        age >= 80,
        (age >= 58) & (draw < 0.25),
        hard & (draw < 0.7),
        hard & (draw < 0.8),
        (age < 23) & (draw < 0.9),
        (age < 60) & (draw < np.where(urban, 0.6, 0.3)),
        ~urban & (draw < 0.5),
    ]
    names = ("TE", "HN", "CN", "BT", "HT", "DT", "DK", "HS", "DN", "GB")
    return np.select(tests, [GROUPS.index(n) for n in names], default=GROUPS.index("GD"))


def write(ctx: Context, year: int, insured: Insured) -> None:
    """Write the register of a year, in files of half a million cards."""
    contract = load_contract(TABLE)
    head = [[contract.column(n).label for n in COLUMNS]]
    parts = max(1, -(-len(insured.person) // _FILE_ROWS))
    for part, rows in enumerate(np.array_split(np.arange(len(insured.person)), parts), 1):
        columns = _columns(ctx, year, Insured(insured.person[rows], insured.group[rows]))
        planter = ctx.planter(TABLE, year, str(part))
        _plant(planter, columns, ctx, year)
        table = pa.table({n: pa.array(columns[n], pa.string()) for n in COLUMNS})
        name = f"the-bhyt_phan-{part}_{year}0131.csv"
        encoding = "utf-8-sig" if part == 1 else "utf-8"
        write_large_csv(ctx.path(TABLE, year, name), head, table, encoding=encoding)
        ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), table.num_rows)
        ctx.planted(TABLE, year, ((m, name, "", m.row + 2) for m in planter.marks))
        ctx.tick(f"{TABLE} {year}")


def _columns(ctx: Context, year: int, insured: Insured) -> dict[str, np.ndarray]:
    people, persons = ctx.people, ctx.people.persons
    who = insured.person
    house = persons.household[who]
    insurance = persons.insurance_numbers(who)
    codes = people.codes(house, people.list_of(year))
    birth = persons.birth[who].astype("datetime64[D]")
    start = np.maximum(np.datetime64(f"{year}-01-01"), birth)
    young = np.array(insured.group) == GROUPS.index("TE")
    sixth = (birth.astype("datetime64[M]") + 72).astype("datetime64[D]")
    end = np.where(young, np.maximum(sixth, start + 30), np.datetime64(f"{year}-12-31"))
    citizen = persons.citizen_ids(who).to_numpy(zero_copy_only=False)
    citizen[(year - persons.birth_year()[who] < 3) & (who % 3 != 0)] = None
    return {
        "insurance_number": insurance.to_numpy(zero_copy_only=False),
        "card_number": insured.cards(insurance, "19", year).to_numpy(zero_copy_only=False),
        "full_name": persons.names[persons.name[who]],
        "birth_date": vietnamese.days(birth).to_numpy(zero_copy_only=False),
        "sex": np.where(persons.female[who] == 1, "Nữ", "Nam").astype(object),
        "citizen_id": citizen,
        "commune_code": codes.astype(object),
        "group_code": np.array(GROUPS, dtype=object)[insured.group],
        "valid_from": vietnamese.days(start).to_numpy(zero_copy_only=False),
        "valid_to": vietnamese.days(end).to_numpy(zero_copy_only=False),
        "facility_code": np.array([f"19{i:03d}" for i in range(1000)], dtype=object)[house % 180],
    }


def _plant(planter: Planter, columns: dict[str, np.ndarray], ctx: Context, year: int) -> None:
    n = len(columns["card_number"])
    if not planter.enabled or not n:
        return
    every = np.arange(n)
    local = np.array([v is not None and v[:3] in ("006", "019") for v in columns["citizen_id"]])
    rows = planter.rows(np.flatnonzero(local), 0.001)
    columns["citizen_id"][rows] = [v.lstrip("0") for v in columns["citizen_id"][rows]]
    planter.flag(rows, "citizen_id", "leading zeros lost", "citizen_id_padded")
    rows = planter.rows(every, 0.0003)
    columns["citizen_id"][rows] = "1.9E+10"
    planter.flag(rows, "citizen_id", "scientific notation", "citizen_id_unreadable")
    rows = planter.rows(every, 0.0001)
    columns["card_number"][rows] = [v[:-2] for v in columns["card_number"][rows]]
    planter.flag(rows, "card_number", "two digits missing", "card_number_malformed")
    rows = planter.rows(every, 0.0001)
    columns["valid_to"][rows] = f"31/12/{year - 1}"
    planter.flag(rows, "valid_to", "validity ends before it begins", "valid_to_before_valid_from")
    rows = planter.rows(every, 0.00005)
    columns["valid_from"][rows] = "đầu năm"
    planter.reject(rows, "valid_from", "words for a date", "unreadable_valid_from")
    rows = planter.rows(every, 0.00005)
    columns["commune_code"][rows] = "99999"
    planter.reject(rows, "commune_code", "no such commune", "unknown_commune")
    rows = planter.rows(every, 0.001)
    for name, values in columns.items():
        columns[name] = np.concatenate([values, values[rows]])
    planter.mark(np.arange(n, n + len(rows)), "", "exact copy", "duplicate", "duplicate")
