"""Runs started from the command: in this process, in the home's own Dagster instance.

Belongs here: starting a job over a range of years so that the UI shows it. Does not belong here:
which years need it (`assets.staleness`) or what is told of it (`pipelines.cli`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg

from assets.catalogue import PUBLISHED_STEP
from assets.disk import disk_trouble, told_trouble
from assets.files import put_file
from assets.published import WAITS_TAG
from assets.workplace import Home
from pipelines.causes import telling
from pipelines.dead_runs import end_dead
from pipelines.definitions import build_definitions
from pipelines.lock import A_LOOK, exclusive, lock_file
from pipelines.progress import StepListener, step_logger
from pipelines.requests import PROCESS_TAG, range_tags
from pipelines.requests import ranges as ranges
from pipelines.settings import Settings

_PLANNED_AT_ONCE = 1000
_INSTANCE = """# Written by thoatngheo where it is absent; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: pipelines.event_log
  class: KeptOpenEventLogStorage
# Steps of one pool never run at the same time, whoever started them; the daemon starts one run at a time.
concurrency:
  pools:
    default_limit: 1
  runs:
    max_concurrent_runs: 1
"""


@dataclass(frozen=True)
class RunOutcome:
    """How one run over a range of years ended."""

    run_id: str
    years: tuple[int, ...]
    success: bool
    failures: tuple[str, ...]
    # Whether it made a release, before it failed if it did.
    published: bool = False


def prepare_instance(home: Home) -> Path:
    """The folder of the home's Dagster instance, with a `dagster.yaml` where it had none."""
    home.prepare()
    config = home.dagster / "dagster.yaml"
    if not config.exists():
        put_file(config, _INSTANCE.encode())
        # Dagster's databases too: made by daemon and page at the same moment, one of them would fail.
        with open_instance(home) as instance:
            instance.get_runs(limit=1)
            instance.all_instigator_state()
    return home.dagster


@contextmanager
def instance_of(home: Home) -> Iterator[dg.DagsterInstance]:
    """The home's Dagster instance, which the UI and the daemon use too."""
    prepare_instance(home)
    with open_instance(home) as instance:
        yield instance


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of a home that has one; its event log finds the home by the environment."""
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    # What a run plans is stored at once (`pipelines.event_log`); Dagster takes this from nowhere else.
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(_PLANNED_AT_ONCE))
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        yield instance


def run_job(
    settings: Settings,
    job: str,
    years: tuple[int, ...],
    listener: StepListener,
    *,
    tags: Mapping[str, str] = MappingProxyType({}),
    patience: float = A_LOOK,
    tell: Callable[[str], None] = lambda _: None,
) -> RunOutcome:
    """Run a job over consecutive years; `listener` hears of every step.

    Parameters
    ----------
    tags
        What else stands on the run.
    patience
        Seconds to wait for another holder of the home; `tell` hears once who is waited for.

    Raises
    ------
    HomeUnusable
        Not even what the run writes about itself could be written: the disk is full, or read-only.
    Busy
        Another run holds the home.
    """
    definitions = build_definitions(settings, loggers={"console": step_logger(listener)})
    tags = {**tags, **range_tags(years), PROCESS_TAG: str(os.getpid())}
    home = settings.workplace().home
    with (
        _disk_told(home),
        exclusive(lock_file(home.root), patience, tell),
        instance_of(home) as instance,
        _dbt_log(home),
    ):
        _end_dead_runs(instance)
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance, tags=tags, raise_on_error=False, run_config={"loggers": {"console": {}}}
        )
        failures = tuple(
            f"{event.step_key}: {told_trouble(cause, home.root) or cause}"
            for event in result.all_events
            if event.is_step_failure and (cause := _cause(event.step_failure_data))
        )
        waits = WAITS_TAG in getattr(instance.get_run_by_id(result.run_id), "tags", {})
        published = not waits and any(
            e.is_step_success and e.step_key == PUBLISHED_STEP for e in result.all_events
        )
        return RunOutcome(result.run_id, years, result.success, failures, published)


def _end_dead_runs(instance: dg.DagsterInstance) -> None:
    """End runs whose process was killed: under the home's lock no run that once held it is alive."""
    unfinished = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
    end_dead(instance, [run for run in instance.get_runs(unfinished) if PROCESS_TAG in run.tags])


@contextmanager
def _disk_told(home: Home) -> Iterator[None]:
    """A disk that fails Dagster's own books is told as what it is."""
    try:
        yield
    except Exception as error:
        if trouble := disk_trouble(error, home.root):
            raise trouble from error
        raise


@contextmanager
def _dbt_log(home: Home) -> Iterator[None]:
    """What dbt prints goes to a file of the home; the terminal belongs to the summary."""
    with (home.dbt / "last_run.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
        yield


def _cause(data: Any) -> str:
    """The message of the error that says why a step failed."""
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = telling(data.error)
    return str(error.message).strip() if error else "unknown"
