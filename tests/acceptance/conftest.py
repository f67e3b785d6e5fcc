"""A real PostgreSQL server for the tests of its warehouse, stopped when they end."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.acceptance.crash import Twins, make_twins
from tests.acceptance.releases import Maker, client
from tests.integration.line import Line

_NUMBERS = count()
# The server is thrown away: what a power cut would cost it does not matter.
_CARELESS = ("fsync", "full_page_writes", "synchronous_commit")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """The URL of a server of this process's own."""
    pgserver = pytest.importorskip("pgserver")
    # Not in pytest's own folder: that is shut to everybody else by each pytest that starts meanwhile, and
    # where these tests are root's the server is another user's and could not be started again.
    folder = Path(tempfile.mkdtemp(prefix="thoatngheo-postgres-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    before = _stop_when_terminated(server)
    try:
        with client(url, autocommit=True) as connection:
            for name in _CARELESS:
                connection.execute(f"ALTER SYSTEM SET {name} = off")  # type: ignore[arg-type]
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
        if not server.get_postmaster_info().is_running():
            print("the server died; the end of its log:", server.log.read_text()[-2000:])
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _stop_when_terminated(server: Any) -> Any:
    """A terminated process runs no clean-up by itself, and the server would live on."""

    def stop(*_: object) -> None:
        # No exception: an engine that is asked something just now would take it for its own.
        server.cleanup()
        os._exit(143)

    if threading.current_thread() is not threading.main_thread():
        return None
    return signal.signal(signal.SIGTERM, stop)


@pytest.fixture
def database(postgres_server: sa.URL) -> sa.URL:
    """An empty database of the test's own; it goes with the server."""
    name = f"warehouse_{next(_NUMBERS)}"
    with client(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return postgres_server.set(database=name)


@pytest.fixture
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Makes small releases."""
    return Maker(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="session")
def twins(clean: Line, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """What an undisturbed refresh of one corrected drop starts from and ends in."""
    return make_twins(clean, tmp_path_factory.mktemp("twins"))
