"""Of which columns a column is made, in the kinds of SQL that the models are written in."""

from __future__ import annotations

import pytest

from assets.lineage.columns import NotFollowed, column_origins

SCHEMA = {
    "staging": {"a": ["id", "x", "y", "land", "labour"], "b": ["id", "z"]},
    "accepted": {"lists": ["year", "head"]},
}
A, B = "staging.a", "staging.b"


def origins(sql: str) -> dict[str, set[str]]:
    """Columns as `table.column`."""
    found = column_origins(sql, SCHEMA)
    return {name: {f"{table}.{column}" for _, table, column in of} for name, of in found.items()}


def test_a_column_is_what_it_is_computed_from_and_not_what_rows_were_joined_by() -> None:
    sql = 'select a.x + b.z as sum_, a.id from "pipeline"."staging"."a" as a join "pipeline"."staging"."b" as b on a.id = b.id'
    assert origins(sql) == {"sum_": {"a.x", "b.z"}, "id": {"a.id"}}


def test_statements_with_names_are_followed_through() -> None:
    sql = f"""
        with counts as (select id, count(*) filter (where x > 1) as n, sum(y) as total from {A} group by id),
        joined as (select c.*, b.z from counts as c left join {B} as b on c.id = b.id)
        select id, n, total / z as rate from joined
    """
    assert origins(sql) == {"id": {"a.id"}, "n": {"a.x"}, "rate": {"a.y", "b.z"}}


def test_both_sides_of_a_union_count_by_position() -> None:
    assert origins(f"select x as v from {A} union all select z from {B}") == {"v": {"a.x", "b.z"}}


def test_a_subquery_in_a_column_counts() -> None:
    assert origins(f"select id, x in (select b.z from {B} as b) as known from {A}")["known"] == {"a.x", "b.z"}


def test_a_recursive_column_has_what_every_round_adds() -> None:
    sql = f"""
        with recursive carried as (
            select id, x as v from {A}
            union all
            select c.id, c.v * b.z as v from carried as c join {B} as b on c.id = b.id
        )
        select v from carried
    """
    assert origins(sql) == {"v": {"a.x", "b.z"}}


def test_what_unpivot_gives() -> None:
    sql = f"""
        with counts as (select id, land, labour from {A})
        unpivot counts on land, labour into name cause value households
    """
    assert origins(sql) == {"id": {"a.id"}, "cause": set(), "households": {"a.land", "a.labour"}}


def test_what_unnested_records_give() -> None:
    sql = f"select id, unnest([{{k: 'x', n: x}}, {{k: 'y', n: y}}], recursive := true) from {A}"
    assert origins(sql) == {"id": {"a.id"}, "k": set(), "n": {"a.x", "a.y"}}


def test_files_are_the_source_whose_folder_they_lie_in() -> None:
    sql = "select head from read_parquet('/h/accepted/lists/year=*/lists.parquet', hive_partitioning=true)"
    assert column_origins(sql, SCHEMA) == {"head": frozenset({("accepted", "lists", "head")})}


def test_what_is_no_query_is_told() -> None:
    with pytest.raises(NotFollowed):
        column_origins("select from where", SCHEMA)
