"""The names of the communes in what was found, each by the list of its row's own date and map.

A code alone names nothing: codes of before July 2025 are used again.
"""

from __future__ import annotations

import duckdb

from assets.changes.compare import FOUND


def commune_names(duck: duckdb.DuckDBPyConnection, schema: str | None) -> None:
    """Make the table `commune_name` (mart, key, commune_name) for what was found.

    Parameters
    ----------
    schema
        Where `dim_commune` stands; None where it does not.
    """
    if schema is None:
        duck.execute(
            "CREATE OR REPLACE TEMP TABLE commune_name (mart VARCHAR, key VARCHAR, commune_name VARCHAR)"
        )
        return
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE commune_name AS WITH place AS ("
        f" SELECT DISTINCT mart, key, commune_code, json_extract_string(key, '$.geography') AS geography,"
        " coalesce(last_day(TRY_CAST(json_extract_string(key, '$.month') AS DATE)),"
        " make_date(year, 12, 31)) AS day"
        f" FROM {FOUND} WHERE commune_code IS NOT NULL)"
        " SELECT mart, key, any_value(c.commune_name) AS commune_name"
        f" FROM place p JOIN {schema}.dim_commune c"
        # A unit that is not of its row's map has its first day behind the code.
        " ON p.commune_code = c.commune_code || '@' || c.valid_from"
        " OR c.commune_code = p.commune_code AND CASE WHEN geography = 'current' THEN c.is_current"
        " ELSE p.day BETWEEN c.valid_from AND coalesce(c.valid_to, DATE '9999-12-31') END GROUP BY mart, key"
    )
