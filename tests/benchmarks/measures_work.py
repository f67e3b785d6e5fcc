"""What the stage `measures` runs in processes of their own: data, the floor, pandas, mpitb.

`python -m tests.benchmarks.measures_work generate FILE ROWS`, or `floor|pandas|mpitb FILE ROWS`; the last
line told is JSON. mpitb is no dependency of ours: where it is not installed, that is what is told.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

COMMUNES, PROVINCES, VILLAGES, INDICATORS = 3321, 34, 20, 12
COLUMNS = [f"dep_{n}" for n in range(1, INDICATORS + 1)]
GROUPS = ("commune", "province", "area", "ethnicity")
CUTOFFS = ("0.2", "1/3", "0.5")


def generate(target: Path, rows: int) -> dict[str, Any]:
    """Households in the order of their communes; the same rows every time, from hashes of their number."""
    # one household in five is deprived of more: the indicators go together, as they do in life
    deprived = ", ".join(
        f"cast(hash(i, {n}) % 1000 < {60 + 20 * n} + 200 * cast(hash(i, 99) % 5 = 0 as integer) as utinyint) "
        f"as dep_{n}"
        for n in range(1, INDICATORS + 1)
    )
    duckdb.execute(
        f"""
        copy (
            select
                printf('%05d', c) as commune,
                printf('%02d', c % {PROVINCES}) as province,
                if(hash(c, v) % 3 = 0, 'urban', 'rural') as area,
                printf('%02d', if(hash(i, 'e') % 100 < 85, 1, 2 + hash(i, 'f') % 53)) as ethnicity,
                printf('%02d', c % {PROVINCES}) || if(hash(c, v) % 3 = 0, 'u', 'r') as stratum,
                printf('%05d', c) || '-' || printf('%02d', v) as psu,
                1 + (hash(c, v, 'w') % 1000) / 500.0 as weight,
                cast(1 + hash(i, 's') % 8 as utinyint) as persons,
                {deprived}
            from (
                select
                    i,
                    cast(i * {COMMUNES} // {rows} as bigint) as c,
                    cast(i * {COMMUNES * VILLAGES} // {rows} % {VILLAGES} as bigint) as v
                from range({rows}) as r (i)
            )
        ) to '{target}' (format parquet)
        """
    )
    return {"bytes": target.stat().st_size}


def floor(source: Path, _: int) -> dict[str, Any]:
    """The least that has to be done: every column of the measures read and added up."""
    sums = ", ".join(f"sum({column})" for column in ("weight", "persons", *COLUMNS))
    texts = ", ".join(f"max(hash({column}))" for column in (*GROUPS, "stratum", "psu"))
    result = {}
    for name, query in {"seconds": sums, "with_texts": f"{sums}, {texts}"}.items():
        began = time.perf_counter()
        duckdb.sql(f"select {query} from '{source}'").fetchall()
        result[name] = time.perf_counter() - began
    return result


def pandas(source: Path, rows: int) -> dict[str, Any]:
    """H, A, M0, headcounts and contributions of every group at every k; no errors."""
    import pandas as pd

    frame = _frame(source, rows)
    began = time.perf_counter()
    deprived = frame[COLUMNS].to_numpy(dtype="float64")
    score = deprived.mean(axis=1)
    made = 0
    for unit in (frame["weight"], frame["weight"] * frame["persons"]):
        for k in (0.2, 1 / 3, 0.5):
            poor = (score >= k - 1e-9) * unit.to_numpy()
            sums = pd.DataFrame(deprived * poor[:, None], columns=[f"censored_{c}" for c in COLUMNS])
            sums[COLUMNS] = deprived * unit.to_numpy()[:, None]
            sums["population"], sums["poor"], sums["adjusted"] = unit.to_numpy(), poor, poor * score
            for group in GROUPS:
                total = sums.groupby(frame[group].to_numpy()).sum()
                shares = total.filter(like="censored_").div(12 * total["adjusted"], axis=0)
                rates = total.div(total["population"], axis=0)
                made += shares.size + rates.size + len(total["adjusted"] / total["poor"])
    return {"seconds": time.perf_counter() - began, "rows": len(frame), "estimates": made}


def mpitb(source: Path, rows: int) -> dict[str, Any]:
    """The measures of the package mpitb over the same groups but communes, which it does not manage."""
    try:
        from mpitb.core import MPIToolbox  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return {"missing": "mpitb is not installed"}
    frame = _frame(source, rows)
    toolbox = MPIToolbox()
    began = time.perf_counter()
    toolbox.set(name="all", dimensions=[(COLUMNS, "all")], replace=True)
    toolbox.svyset(psu="psu", weight="weight", strata="stratum")
    toolbox.est(df=frame, name="all", klist=[20, 33, 50], weights="equal", over=list(GROUPS[1:]), svy=True)
    return {"seconds": time.perf_counter() - began, "rows": len(frame)}


def _frame(source: Path, rows: int) -> Any:
    # every n-th household, so that all communes are there
    step = f"(select *, row_number() over () as n from '{source}')"
    every = max(1, duckdb.sql(f"select count(*) from '{source}'").fetchall()[0][0] // rows)
    return duckdb.sql(f"select * exclude (n) from {step} where n % {every} = 0").df()


if __name__ == "__main__":
    _WORK = {"generate": generate, "floor": floor, "pandas": pandas, "mpitb": mpitb}
    _, _what, _file, _rows = sys.argv
    print(json.dumps(_WORK[_what](Path(_file), int(_rows))))
