"""The lists of households, as far as divisions of units need them.

Belongs here: reading them from the accepted layer. Does not belong here: what follows from them
(divided.py). Only keys leave it: a village's folded name and a pseudonym, never a person's.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from assets.places.divided import COLUMNS
from assets.workplace import Home
from checks.text import fold

_TABLE = "survey_household"


def read_lists(home: Home) -> pd.DataFrame:
    """Every household of every accepted list: `divided.COLUMNS`; empty where no list is accepted.

    Households drawn for a sample are on none. A blank village or number of the head is None. Where a year was
    reviewed under two standards, the later one's list counts.
    """
    files = sorted((home.root / "accepted" / _TABLE).glob("year=*/*.parquet"))
    if not files:
        return pd.DataFrame(columns=list(COLUMNS))
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT unit_id, CAST(year AS INTEGER) AS year, CAST(record_date AS TIMESTAMP) AS day, village,"
            " head_citizen_id_pseudonym AS head"
            " FROM read_parquet(?, union_by_name = true, hive_partitioning = true)"
            " WHERE is_sampled IS NOT TRUE"
            " QUALIFY standard = max(standard) OVER (PARTITION BY unit_id, year)",
            [[str(file) for file in files]],
        ).df()
    names = {name: fold(name) or None for name in rows["village"].dropna().unique()}
    rows["village"] = rows["village"].map(names).where(rows["village"].notna(), None)
    rows["head"] = rows["head"].where(rows["head"].notna(), None)
    return rows[list(COLUMNS)]
