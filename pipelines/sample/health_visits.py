"""Claims of table XML1: a file a month, one row a visit."""

from __future__ import annotations

from calendar import monthrange

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import load_contract
from pipelines.sample.context import Context, last_month
from pipelines.sample.health_cards import GROUPS, Insured
from pipelines.sample.planting import Planter
from pipelines.sample.streams import stream
from pipelines.sample.tables import write_large_csv

TABLE = "health_visit"
_VISITS = 3_000_000
COLUMNS = tuple(c.name for c in load_contract(TABLE).columns)
_CODES = (
    "J06 I10 J00 K29 M54 E11 J20 K02 N39 R51 H52 L30 J18 A09 M17 "
    "I20 G44 B34 S61 O80 Z34 J45 K21 M47 I50 N20 H25 D50 F41 C34"
)
_DIAGNOSES = tuple(_CODES.split())
# Share that the insurer pays, by group (percent).
_PAID = {"HN": 100, "CN": 95, "DT": 100, "DK": 100, "BT": 100, "TE": 100, "HT": 95}


def write(ctx: Context, year: int, insured: Insured) -> None:
    """Write a year's claims."""
    before = ctx.people.persons.birth[insured.person] < np.datetime64(f"{year}-01-01")
    insured = Insured(insured.person[before], insured.group[before])
    labels = [load_contract(TABLE).column(n).label for n in COLUMNS]
    for month in range(1, last_month(year) + 1):
        columns = _month(ctx, year, month, insured)
        planter = ctx.planter(TABLE, year, str(month))
        _plant(planter, columns, year, month)
        name = f"xml1_{year}{month:02d}{monthrange(year, month)[1]}.csv{'.gz' if month % 3 == 0 else ''}"
        table = pa.table({n: _text(columns[n]) for n in COLUMNS})
        write_large_csv(ctx.path(TABLE, year, name), [labels], table)
        ctx.manifest.file(TABLE, year, ctx.relative(TABLE, year, name), table.num_rows)
        ctx.planted(TABLE, year, ((m, name, "", m.row + 2) for m in planter.marks))
        ctx.tick(f"{TABLE} {year}")


def _text(values: np.ndarray | pa.Array) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, pa.string())


def _month(ctx: Context, year: int, month: int, insured: Insured) -> dict[str, np.ndarray | pa.Array]:
    """A month's visits; costs in whole đồng, whose parts add up to the total."""
    people, persons = ctx.people, ctx.people.persons
    rng = stream(ctx.seed, TABLE, year, month)
    n = max(20, round(_VISITS / 12 * people.scale * rng.uniform(0.9, 1.1)))
    pick = rng.integers(0, len(insured.person), n)
    who, group = insured.person[pick], insured.group[pick]
    house = persons.household[who]
    days = monthrange(year, month)[1]
    minute = rng.integers(0, days, n) * 1440 + rng.integers(6 * 60, 22 * 60, n)
    begin = np.datetime64(f"{year}-{month:02d}-01T00:00") + minute
    stays = rng.random(n) < 0.09
    end = begin + np.where(stays, rng.integers(1, 9, n) * 1440, rng.integers(20, 200, n))
    numbers = persons.insurance_numbers(who)
    card = Insured(who, group).cards(numbers, "19", year)
    columns: dict[str, np.ndarray | pa.Array] = {
        "visit_id": _numbered(f"19{year % 100:02d}{month:02d}", np.arange(1, n + 1), 7),
        "patient_id": _numbered("BN", persons.insurance[who] % 10**8, 8),
        "citizen_id": persons.citizen_ids(who),
        "card_number": _cards(rng, card, numbers),
        "sex": pa.array(np.where(persons.female[who] == 1, "2", "1"), pa.string()),
        "birth_date": _compact(persons.birth[who].astype("datetime64[m]"), 8 if year < 2024 else 12),
        "commune_code": pa.array(people.codes(house, people.communes.list_on(begin)), pa.string()),
        "facility_code": pa.array([f"19{i:03d}" for i in range(180)]).take(pa.array(house % 180)),
        "visit_type": pa.array(np.where(stays, "03", "01"), pa.string()),
        "admission_time": _compact(begin, 12),
        "discharge_time": _compact(end, 12),
        "diagnosis": pa.array(_DIAGNOSES).take(pa.array(rng.integers(0, len(_DIAGNOSES), n))),
    }
    return columns | _costs(rng, group, stays)


def _numbered(prefix: str, number: np.ndarray, width: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(number).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def _compact(times: np.ndarray, width: int) -> pa.Array:
    """yyyymmddHHMM or yyyymmdd."""
    minutes = times.astype("datetime64[m]")
    day = minutes.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    year = month.astype("datetime64[Y]").astype(np.int64) + 1970
    number = year * 100 + month.astype(np.int64) % 12 + 1
    number = number * 100 + (day - month.astype("datetime64[D]")).astype(np.int64) + 1
    if width == 12:
        inside = (minutes - day.astype("datetime64[m]")).astype(np.int64)
        number = number * 10_000 + inside // 60 * 100 + inside % 60
    return pa.array(number).cast(pa.string())


def _cards(rng: np.random.Generator, card: pa.Array, numbers: pa.Array) -> pa.Array:
    """One card, or two joined by a semicolon where it was changed during the stay."""
    second = pc.binary_join_element_wise(pa.scalar("GD419"), numbers, "")
    both = pc.binary_join_element_wise(card, second, ";")
    return pc.if_else(pa.array(rng.random(len(card)) < 0.01), both, card)


def _costs(rng: np.random.Generator, group: np.ndarray, stays: np.ndarray) -> dict[str, pa.Array]:
    n = len(group)
    total = np.round(rng.lognormal(np.where(stays, 14.9, 12.3), 0.8, n)).astype(np.int64)
    own = np.where(rng.random(n) < 0.15, total // 10, 0)
    other = np.where(rng.random(n) < 0.02, total // 20, 0)
    covered = total - own - other
    percent = np.array([_PAID.get(name, 80) for name in GROUPS])[group]
    paid = covered * percent // 100
    parts = {
        "total_cost": total,
        "insurer_paid": paid,
        "copayment": covered - paid,
        "own_pay": own,
        "other_source": other,
    }
    return {name: pa.array(values).cast(pa.string()) for name, values in parts.items()}


def _plant(planter: Planter, columns: dict[str, np.ndarray | pa.Array], year: int, month: int) -> None:
    n = len(columns["visit_id"])
    if not planter.enabled:
        return
    every = np.arange(n)
    rows = planter.rows(every, 0.0002)
    _change(columns, "citizen_id", rows, lambda v: "1.9E+10")
    planter.flag(rows, "citizen_id", "scientific notation", "citizen_id_unreadable")
    rows = planter.rows(every, 0.0002)
    _change(columns, "total_cost", rows, lambda v: str(int(v) + 100_000))
    planter.flag(rows, "total_cost", "parts do not add up", "cost_not_sum")
    rows = planter.rows(every, 0.0001)
    _change(
        columns, "discharge_time", rows, lambda v: f"{int(v[:4]) - 1}{v[4:8]}0000".replace("0229", "0228")
    )
    planter.flag(rows, "discharge_time", "discharged before admitted", "discharged_before_admitted")
    rows = planter.rows(every, 0.00003)
    _change(columns, "total_cost", rows, lambda v: f"{int(v) + 20_000_000_000}")
    planter.reject(rows, "total_cost", "magnitude of a unit error", "cost_magnitude")
    rows = planter.rows(every, 0.00005)
    _change(columns, "commune_code", rows, lambda v: "99999")
    planter.reject(rows, "commune_code", "no such commune", "unknown_commune")
    if year != 2025 or month < 7:
        rows = planter.rows(every, 0.00005)
        _change(columns, "admission_time", rows, lambda v: f"{year - 1}12150830")
        planter.reject(rows, "admission_time", "visit of another year", "wrong_period")
    rows = planter.rows(every, 0.0005)
    picks = pa.array(np.concatenate([every, rows]))
    for name, values in columns.items():
        columns[name] = _text(values).take(picks)
    planter.mark(np.arange(n, n + len(rows)), "", "exact copy", "duplicate", "duplicate")


def _change(columns: dict[str, np.ndarray | pa.Array], name: str, rows: np.ndarray, change: object) -> None:
    if not len(rows):
        return
    values = columns[name]
    array = values.to_numpy(zero_copy_only=False).copy() if isinstance(values, pa.Array) else values
    array[rows] = [change(v) for v in array[rows]]  # type: ignore[operator]
    columns[name] = pa.array(array, pa.string())
