"""Runs on record in an instance of Dagster's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
