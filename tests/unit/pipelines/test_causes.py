"""Of a chain of errors the one that names culprit and fix is told, and no address with a password."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NoReturn

import dagster as dg
import fsspec
import pytest
import sqlalchemy as sa
from dagster._utils.error import serializable_error_info_from_exc_info

from assets.crew import WorkerLost
from assets.journal import Journal
from assets.pulling.databases import DatabaseSource
from assets.pulling.sources import DropStore, SourceUnavailable, told_of_store
from assets.raw import ReaderBroken
from assets.warehouse import PublicationFailed, WarehouseUnavailable
from pipelines.alerts import failure_notice, told_cause
from pipelines.causes import telling
from pipelines.run_records import ended
from pipelines.runner import _cause

ACCESS = "ftp://office:geheim@host.example/drops"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def _run(instance: dg.DagsterInstance, fails: Callable[[], object]) -> dg.ExecuteInProcessResult:
    @dg.op
    def step() -> None:
        fails()

    @dg.job(name="refresh")
    def refresh() -> None:
        step()

    return refresh.execute_in_process(instance=instance, raise_on_error=False)


def _told(instance: dg.DagsterInstance, fails: Callable[[], object]) -> str:
    return ended(instance, _run(instance, fails).dagster_run).cause


def _chain(outer: Exception, inner: Exception) -> Callable[[], NoReturn]:
    def fails() -> NoReturn:
        try:
            raise inner
        except Exception as error:
            raise outer from error

    return fails


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (WorkerLost("a process was killed; free some memory"), BrokenProcessPool("terminated abruptly")),
        (SourceUnavailable("the drops do not answer"), ConnectionError(f"cannot reach {ACCESS}")),
        (PublicationFailed("mart credit: wrote 3 rows where 4 were to be published"), ValueError("Nguyễn")),
        (WarehouseUnavailable("warehouse db: gone"), OSError(104, "Connection reset by peer")),
        (ReaderBroken("loan_ledger 2024 a.xlsx: KeyError; the reader is at fault"), KeyError("Nguyễn")),
    ],
)
def test_an_error_of_ours_is_told_and_not_what_it_was_made_from(
    instance: dg.DagsterInstance, outer: Exception, inner: Exception
) -> None:
    assert _told(instance, _chain(outer, inner)) == str(outer)


def test_a_damaged_journal_is_told_with_its_fix(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"no journal" * 1000)
    assert "put back a backup of it" in _told(instance, lambda: Journal(path))


def test_an_error_of_ours_behind_another_s_is_told(instance: dg.DagsterInstance) -> None:
    lost = _chain(WorkerLost("a process was killed"), BrokenProcessPool("terminated abruptly"))

    def fails() -> NoReturn:
        try:
            lost()
        except WorkerLost as error:
            raise dg.RetryRequested(max_retries=0) from error

    assert _told(instance, fails) == "a process was killed"


def test_the_command_tells_the_same_error(instance: dg.DagsterInstance) -> None:
    result = _run(instance, _chain(WorkerLost("free some memory"), BrokenProcessPool("abruptly")))
    (event,) = [e for e in result.all_events if e.is_step_failure]
    assert _cause(event.step_failure_data).endswith("free some memory")


def test_where_nothing_is_ours_the_innermost_is_told() -> None:
    try:
        _chain(ValueError("outer"), OSError(28, "No space left on device"))()
    except ValueError:
        found = telling(serializable_error_info_from_exc_info(sys.exc_info()))
    assert found is not None and found.cls_name == "OSError"


class _Silent:
    """A store that answers everything with the address that it was given."""

    def __getattr__(self, _: str) -> Any:
        def fails(*_: Any, **__: Any) -> NoReturn:
            raise ConnectionError(5, f"no answer from {ACCESS}")

        return fails


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.require(),
        lambda store: store.years("loan_ledger"),
        lambda store: store._listed("/drops"),
    ],
)
def test_a_store_s_words_stand_in_no_notice_and_no_log_of_a_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, ask: Callable[[DropStore], object]
) -> None:
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda _: (_Silent(), "/drops"))
    result = _run(instance, lambda: ask(DropStore(ACCESS)))
    failed = ended(instance, result.dagster_run)
    assert failed.cause.startswith("the drops cannot be listed: ConnectionError")
    logged = "\n".join(str(entry) for entry in instance.all_logs(result.run_id))
    assert "geheim" not in failure_notice(failed).body + logged


def test_a_store_that_cannot_be_opened_keeps_its_words_to_itself(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> NoReturn:
        raise ConnectionError(f"cannot reach {ACCESS}")

    monkeypatch.setattr(fsspec.core, "url_to_fs", away)
    result = _run(instance, lambda: DropStore(ACCESS))
    assert ended(instance, result.dagster_run).cause == "the drops do not answer: ConnectionError"
    assert "geheim" not in "\n".join(str(entry) for entry in instance.all_logs(result.run_id))


def test_a_driver_s_words_stand_in_no_log_of_a_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> NoReturn:
        raise sa.exc.OperationalError("connect", None, Exception(f"no route to {ACCESS}"))

    monkeypatch.setattr("assets.pulling.databases.pd.read_sql", away)
    source = DatabaseSource("loan_ledger", "sqlite://", "SELECT 1", (2024,))
    result = _run(instance, lambda: source.pull(2024))
    assert ended(instance, result.dagster_run).cause == "database of loan_ledger 2024: OperationalError"
    assert "geheim" not in "\n".join(str(entry) for entry in instance.all_logs(result.run_id))


def test_a_password_in_an_address_is_masked_wherever_it_stands() -> None:
    told = told_cause("ConnectionError", f"ConnectionError: cannot reach {ACCESS}")
    assert told == "cannot reach ftp://…@host.example/drops"


def test_a_drop_that_fails_with_its_address_is_journalled_without() -> None:
    error = OSError(5, f"no answer from {ACCESS}")
    assert told_of_store(error, "the drop could not be read") == "OSError: the drop could not be read"
