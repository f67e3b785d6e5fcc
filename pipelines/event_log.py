"""Dagster's own event log in SQLite, over connections that stay open.

Belongs here: how the home's Dagster instance stores events. Does not belong here: what is stored.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster import EventLogEntry, Field, StringSource
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

_PATIENCE = 30  # seconds for another process's write to end, as Dagster's own
# The index and the runs that are written or watched at a time; a file more is opened anew.
_OPEN_FILES = 4
# Pages: Dagster's page watches a run's file itself, which only a checkpoint of the log beside it changes.
_CHECKPOINT_EVERY = 20


class KeptOpenEventLogStorage(SqliteEventLogStorage):
    """Dagster's SQLite event log without a new connection for every event.

    Dagster opens and closes a file for each event it stores, and the last to close a SQLite file writes
    its log back and waits for the disk: of a refresh with 1,500 events that was a quarter of the time.
    A batch of events (what a run has planned to make and to check) is one write a file, where Dagster
    makes three writes an event.
    Files, tables and locks are Dagster's own, so either kind reads what the other wrote. A power cut may
    cost the last events of a run, never the file (`synchronous = NORMAL` beside a write-ahead log).

    Where the folder is not set, it is that of `DAGSTER_HOME`, so that a home can be moved.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        self._tables: set[str] = set()
        # While a batch is stored: the open write of every file that it has touched.
        self._batch: ExitStack | None = None
        self._shared: dict[str, sa.Connection] = {}
        super().__init__(base_dir, inst_data)
        # Of the parent it is one that a thread cannot take twice, as storing a batch does.
        self._db_lock = threading.RLock()  # type: ignore[assignment]

    @classmethod
    def config_type(cls) -> Any:
        return {"base_dir": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptOpenEventLogStorage:
        folder = config_value.get("base_dir") or str(Path(os.environ["DAGSTER_HOME"], "history", "runs"))
        return cls(folder, inst_data)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        with self._db_lock, ExitStack() as batch:
            self._batch = batch
            try:
                super().store_event_batch(events)
            finally:
                self._batch, self._shared = None, {}

    def has_table(self, table_name: str) -> bool:
        # A table that stands is never dropped, and Dagster asks before it stores any check.
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            if self._batch is None:
                with self._begin(shard) as connection:
                    yield connection
            else:
                if shard not in self._shared:
                    self._shared[shard] = self._batch.enter_context(self._begin(shard))
                yield self._shared[shard]

    @contextmanager
    def _begin(self, shard: str) -> Iterator[sa.Connection]:
        engine = self._engine(shard)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        with engine.connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> sa.Engine:
        if shard in self._engines:
            self._engines.move_to_end(shard)
            return self._engines[shard]
        engine = sa.create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": _PATIENCE, "check_same_thread": False},
        )
        sa.event.listen(engine, "connect", _set_up)
        self._engines[shard] = engine
        if len(self._engines) > _OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def dispose(self) -> None:
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _set_up(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_EVERY}")
