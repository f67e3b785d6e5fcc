"""An environment without settings, and runs on record in an instance of Dagster's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.requests import range_tags

Runs = Callable[..., dg.DagsterRun]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture
def run(instance: dg.DagsterInstance) -> Runs:
    @dg.job(name="refresh")
    def refresh() -> None:
        """Nothing."""

    def make(status: DagsterRunStatus, years: tuple[int, ...], **tags: str) -> dg.DagsterRun:
        named = {name.replace("__", "/"): value for name, value in tags.items()}
        return instance.create_run_for_job(refresh, status=status, tags=range_tags(years) | named)

    return make


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and a working directory of its own."""
    for name in [n for n in os.environ if n.startswith("THOATNGHEO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
