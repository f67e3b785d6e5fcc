"""Drops of one or more years to marts, in one plain DuckDB file.

    python -m tests.benchmarks.plain DROPS YEARS REFERENCE MODELS TARGET

REFERENCE holds the list of communes (Parquet), MODELS the SQL of the marts in order (JSON: schema,
name, kind, sql). Prints the seconds of each part as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd

from tests.benchmarks.plain import ledgers, workbooks

_WORKBOOKS = {
    "survey_household": workbooks.households,
    "survey_member": workbooks.members,
    "survey_total": workbooks.totals,
    "housing_case": workbooks.housing,
    "programme_plan": workbooks.plans,
}
_LEDGERS = {
    "loan_ledger": ledgers.loans,
    "health_card": ledgers.cards,
    "health_visit": ledgers.visits,
    "health_station": ledgers.stations,
}


def main(drops: Path, years: list[int], reference: Path, models: Path, target: Path) -> dict[str, float]:
    """Read, place, transform; seconds by part."""
    seconds: dict[str, float] = {}
    db = duckdb.connect(str(target))
    for schema in ("reference", "read", "accepted", "quality", "staging", "intermediate", "marts"):
        db.execute(f"create schema {schema}")
    for name in ("units", "bridge", "unit_map"):
        db.execute(f"create table reference.{name} as from read_parquet('{reference / name}.parquet')")
    for table in (*_WORKBOOKS, *_LEDGERS):
        began = time.perf_counter()
        _read(db, drops, table, years)
        _place(db, table)
        seconds[f"read {table}"] = time.perf_counter() - began
    began = time.perf_counter()
    _count(db)
    for model in json.loads(models.read_text(encoding="utf-8")):
        kind = "view" if model["kind"] == "view" else "table"
        db.execute(f"create {kind} {model['schema']}.{model['name']} as {model['sql']}")
    seconds["models"] = time.perf_counter() - began
    began = time.perf_counter()
    db.close()
    seconds["close"] = time.perf_counter() - began
    return seconds


def _read(db: duckdb.DuckDBPyConnection, drops: Path, table: str, years: list[int]) -> None:
    for number, year in enumerate(years):
        files = sorted(f for f in (drops / table / str(year)).glob("*") if f.is_file())
        if table in _LEDGERS:
            _LEDGERS[table](db, files, year)
            continue
        frame = _WORKBOOKS[table](files, year).assign(year=year)
        db.register("frame", frame)
        if number:
            db.execute(f"insert into read.{table} by name from frame")
        else:
            db.execute(f"create table read.{table} as from frame")
        db.unregister("frame")


def _place(db: duckdb.DuckDBPyConnection, table: str) -> None:
    """Each record to the commune that bore its code on its date; a list without codes by its title."""
    named = [row[0] for row in db.execute(f"describe read.{table}").fetchall()]
    if "title" in named:
        titles = db.execute(
            "select distinct title from read.survey_household where commune_code is null"
        ).df()
        _place_by_title(db, titles["title"])
    db.execute(
        f"""
        create table accepted.{table} as
        select r.*, u.unit_id, cast([] as varchar[]) as flags
        from read.{table} as r
        left join reference.units as u
            on r.commune_code = u.commune_code and u.province_code in ('19', '06')
            and r.record_date between u.valid_from and coalesce(u.valid_to, date '9999-12-31')
        """
    )
    db.execute(f"drop table read.{table}")


def _place_by_title(db: duckdb.DuckDBPyConnection, titles: pd.Series) -> None:
    units = db.execute(
        """select commune_code, lower(commune_name) as commune, lower(coalesce(district_name, province_name)) as above,
        valid_from, valid_to from reference.units where province_code in ('19', '06')"""
    ).df()
    for title in titles:
        above, commune = workbooks.district_and_commune(title)
        found = units[(units["commune"] == commune) & (units["above"] == above)]
        for code, since, until in found[["commune_code", "valid_from", "valid_to"]].itertuples(index=False):
            db.execute(
                """update read.survey_household set commune_code = $1 where commune_code is null and title = $2
                and record_date >= $3 and record_date <= coalesce($4, date '9999-12-31')""",
                [code, title, since.date(), None if pd.isna(until) else until.date()],
            )


def _count(db: duckdb.DuckDBPyConnection) -> None:
    """Records by file: all of them are accepted here."""
    counted = " union all ".join(
        f"select year, '{table}' as table_name, file_hash, file_name, 'accepted' as outcome, "
        f"'accepted' as reason, count(*) as records from accepted.{table} group by all"
        for table in (*_WORKBOOKS, *_LEDGERS)
    )
    db.execute(f"create table quality.quality as {counted}")


if __name__ == "__main__":
    drops, years, *paths = sys.argv[1:]
    chosen = [int(year) for year in years.split(",")]
    print(json.dumps(main(Path(drops), chosen, *map(Path, paths))))
