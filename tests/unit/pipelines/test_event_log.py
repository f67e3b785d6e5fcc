"""Dagster's events in the home's files: a batch is one write, and reads as if stored one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from pipelines.event_log import KeptOpenEventLogStorage
from pipelines.runner import prepare_instance
from pipelines.settings import Settings

KEYS = [dg.AssetKey(["marts", name]) for name in ("credit", "poverty_rate", "sanitation")]


@dg.multi_asset(
    specs=[dg.AssetSpec(key) for key in KEYS],
    check_specs=[dg.AssetCheckSpec("found", asset=key) for key in KEYS],
    name="made",
)
def _made() -> Iterator[Any]:
    for key in KEYS:
        yield dg.MaterializeResult(asset_key=key)
        yield dg.AssetCheckResult(asset_key=key, check_name="found", passed=True)


def _run(home: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> tuple[dict[str, int], int]:
    """What a run left in the log, by kind of event, and in how many writes."""
    folder = prepare_instance(Settings(_env_file=None, home=home).workplace().home)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", str(batch))
    writes: list[sa.Connection] = []
    count = writes.append
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        storage = instance.event_log_storage
        assert isinstance(storage, KeptOpenEventLogStorage)
        sa.event.listen(sa.engine.Engine, "commit", count)
        try:
            result = dg.materialize([_made], instance=instance)
        finally:
            sa.event.remove(sa.engine.Engine, "commit", count)
        assert result.success
        stored = storage.get_logs_for_run(result.run_id)
        kinds: dict[str, int] = {}
        for event in stored:
            if event.dagster_event:
                kind = event.dagster_event.event_type_value
                kinds[kind] = kinds.get(kind, 0) + 1
        keys = [dg.AssetCheckKey(key, "found") for key in KEYS]
        latest = storage.get_latest_asset_check_execution_by_key(keys)
        assert {key: record.run_id for key, record in latest.items()} == dict.fromkeys(keys, result.run_id)
        assert all(instance.get_latest_materialization_event(key) for key in KEYS)
    return kinds, len(writes)


def test_a_batch_is_stored_as_its_events_would_be_in_fewer_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_by_one, many = _run(tmp_path / "a", monkeypatch, 0)
    at_once, few = _run(tmp_path / "b", monkeypatch, 1000)
    assert at_once == one_by_one
    assert at_once["ASSET_CHECK_EVALUATION_PLANNED"] == at_once["ASSET_MATERIALIZATION_PLANNED"] == len(KEYS)
    # The planned events: three writes a check and two an asset, or one a file.
    assert many - few >= 5 * len(KEYS) - 2


def test_a_batch_that_fails_leaves_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = KeptOpenEventLogStorage(str(tmp_path / "runs"))
    planned = [
        dg.EventLogEntry(
            error_info=None, level=20, user_message="", run_id="r", timestamp=1.0 + n, dagster_event=None
        )
        for n in range(3)
    ]
    stored = KeptOpenEventLogStorage.store_event

    def broken(self: KeptOpenEventLogStorage, event: dg.EventLogEntry) -> None:
        if event is planned[2]:
            raise OSError("no room")
        stored(self, event)

    monkeypatch.setattr(KeptOpenEventLogStorage, "store_event", broken)
    with pytest.raises(OSError, match="no room"):
        storage.store_event_batch(planned)
    assert storage.get_logs_for_run("r") == []
    storage.store_event_batch(planned[:2])
    assert len(storage.get_logs_for_run("r")) == 2
    storage.dispose()
