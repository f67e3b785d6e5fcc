"""The crash tests pass over what a run is meant to add to a home, and over nothing else."""

from __future__ import annotations

import pytest

from tests.acceptance.crash import _GROWS

RUN = "0b5a9d4e-3f1c-4b52-9a51-6f0a4c1e7d21"


@pytest.mark.parametrize(
    "path",
    [
        f"dagster/history/runs/{RUN}.db",
        f"dagster/history/runs/{RUN}.db-wal",
        f"dagster/storage/{RUN}/compute_logs/vdfeimzw.err",
        "dagster/history/runs/index.db-shm",
        "dagster/logs/event.log",
        "dbt/logs/dbt.log",
        "dbt/killed.log",
        "warehouse.20261123T020000-abcdef12.duckdb",
    ],
)
def test_histories_logs_and_kept_releases_grow(path: str) -> None:
    assert _GROWS.search(path)


@pytest.mark.parametrize(
    "path",
    [
        "dagster/.dagster.yaml.4711",
        "dagster/storage/half",
        "dbt/.parse-x1/manifest.json",
        "dbt/run/manifest.json.tmp",
        "dbt/0123456789abcdef/.manifest.json.1",
        "accepted/loan_ledger/year=2024/.loan_ledger.parquet.1",
    ],
)
def test_what_is_half_made_is_litter(path: str) -> None:
    assert not _GROWS.search(path)
