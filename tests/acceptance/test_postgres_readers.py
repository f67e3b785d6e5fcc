"""Readers and publications at the same time: no error, one release a transaction, no endless wait."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import IsolationLevel

from assets.warehouse import WarehouseBusy
from assets.warehouse.postgres import Postgres
from tests.acceptance.releases import MARTS, ROWS, Maker, client, rows, schemas

_CLIENTS = 20
_PUBLICATIONS = 50
_JOINED = (
    "SELECT c.release_id, p.release_id, count(*) FROM marts.credit c JOIN marts.poverty_rate p"
    " ON c.commune_code = p.commune_code GROUP BY 1, 2"
)
_TABLES = [*MARTS, "release"]


def _whole(connection: psycopg.Connection, mart: str) -> str:
    """The one release of which a mart holds all rows; `release` names the one that stands."""
    if mart == "release":
        [found] = connection.execute("SELECT release_id FROM marts.release").fetchall()
        return str(found[0])
    query = f"SELECT release_id, count(*) FROM marts.{mart} GROUP BY 1"
    found = connection.execute(query).fetchall()  # type: ignore[arg-type]
    assert [count for _, count in found] == [ROWS], f"{mart}: {found}"
    return str(found[0][0])


def _one_statement(connection: psycopg.Connection, _: list[str]) -> str:
    [(one, other, count)] = connection.execute(_JOINED).fetchall()
    assert one == other and count == ROWS - 1, (one, other, count)
    return str(one)


def _several_statements(connection: psycopg.Connection, marts: list[str]) -> str:
    found = {_whole(connection, mart) for mart in marts}
    assert len(found) == 1, f"two releases in one transaction: {found}"
    return found.pop()


def _old_snapshot(connection: psycopg.Connection, marts: list[str]) -> str:
    """The transaction's snapshot is older than its first look at a mart."""
    connection.execute("SELECT 1")
    time.sleep(random.uniform(0, 0.2))
    return _several_statements(connection, marts)


_WAYS: list[tuple[IsolationLevel, Callable[[psycopg.Connection, list[str]], str]]] = [
    (IsolationLevel.READ_COMMITTED, _one_statement),
    (IsolationLevel.READ_COMMITTED, _several_statements),
    (IsolationLevel.REPEATABLE_READ, _several_statements),
    (IsolationLevel.REPEATABLE_READ, _old_snapshot),
]


class _Readers:
    """Clients that read in a loop until they are told to stop, and what they saw."""

    def __init__(self, url: sa.URL) -> None:
        self._stop = threading.Event()
        self._url = url
        self.errors: list[str] = []
        self.seen: list[list[str]] = [[] for _ in range(_CLIENTS)]
        self._threads = [threading.Thread(target=self._read, args=(n,)) for n in range(_CLIENTS)]

    def __enter__(self) -> _Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        level, way = _WAYS[number % len(_WAYS)]
        chance = random.Random(number)
        try:
            with client(self._url) as connection:
                connection.isolation_level = level
                while not self._stop.is_set():
                    # In any order: two readers can hold what the other and the swap want.
                    marts = chance.sample(_TABLES, k=3)
                    with connection.transaction():
                        self.seen[number].append(way(connection, marts))
                    time.sleep(chance.uniform(0.01, 0.1))
        except Exception as error:
            self.errors.append(f"client {number} ({way.__name__}): {type(error).__name__}: {error}")


def test_twenty_clients_see_one_release_at_a_time_over_fifty_publications(
    maker: Maker, database: sa.URL
) -> None:
    """Holds under READ COMMITTED and REPEATABLE READ alike: locks, not snapshots, make it hold."""
    # One that stands before the first client comes, and fifty that come under them.
    releases = [maker.small(f"r{number:02}") for number in range(_PUBLICATIONS + 1)]
    warehouse = Postgres(database)
    warehouse.publish(releases[0])
    with _Readers(database) as readers:
        for contents in releases[1:]:
            warehouse.publish(contents)
            assert not readers.errors, readers.errors
    assert not readers.errors, readers.errors
    for seen in readers.seen:
        assert all(earlier <= later for earlier, later in pairwise(seen)), "a release came back"
    together = Counter(release for seen in readers.seen for release in seen)
    assert len(together) > _PUBLICATIONS // 2, "the clients read during too few of the releases"
    kept = [f"marts_r{number}" for number in range(_PUBLICATIONS - 6, _PUBLICATIONS)]
    assert schemas(database) == ["marts", *kept]


def test_a_slow_reader_holds_publication_up_no_longer_than_its_patience(
    maker: Maker, database: sa.URL
) -> None:
    warehouse = Postgres(database, patience=1.0)
    warehouse.publish(maker.small("r1"))
    with client(database, application_name="slow report") as slow:
        slow.execute("SELECT count(*) FROM marts.credit")
        started = time.monotonic()
        with pytest.raises(WarehouseBusy, match=r"role postgres \(slow report\) since .*refresh again"):
            warehouse.publish(maker.small("r2"))
        assert time.monotonic() - started < 30
        assert schemas(database) == ["marts"]
        # Others go on reading meanwhile, and so does the slow one.
        assert rows(database, "SELECT DISTINCT release_id FROM marts.credit") == [("r1",)]
        assert slow.execute("SELECT DISTINCT release_id FROM marts.poverty_rate").fetchall() == [("r1",)]
    warehouse.publish(maker.small("r3"))
    assert rows(database, "SELECT DISTINCT release_id FROM marts.credit") == [("r3",)]


def test_publication_waits_for_a_reader_that_ends(maker: Maker, database: sa.URL) -> None:
    warehouse = Postgres(database, patience=60)
    warehouse.publish(maker.small("r1"))
    slow = client(database)
    slow.execute("SELECT count(*) FROM marts.credit")
    ended = threading.Timer(1.0, slow.close)
    ended.start()
    warehouse.publish(maker.small("r2"))
    ended.join()
    assert rows(database, "SELECT DISTINCT release_id FROM marts.credit") == [("r2",)]


def test_a_reader_of_an_old_release_does_not_hold_publication_up(maker: Maker, database: sa.URL) -> None:
    warehouse = Postgres(database, keep=2, patience=5)
    warehouse.publish(maker.small("r0"))
    warehouse.publish(maker.small("r1"))
    with client(database) as slow:
        slow.execute("SELECT count(*) FROM marts_r0.credit")
        warehouse.publish(maker.small("r2"))
        warehouse.publish(maker.small("r3"))
        assert schemas(database) == ["marts", "marts_r0", "marts_r2"]
    warehouse.publish(maker.small("r4"))
    assert schemas(database) == ["marts", "marts_r3"]


def test_two_publications_at_once_take_turns(maker: Maker, database: sa.URL) -> None:
    with client(database) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (0x7468_6F61_7420,))
        with pytest.raises(WarehouseBusy, match="another publication is at work"):
            Postgres(database, patience=0.3).publish(maker.small("r1"))
    contents = [maker.small(f"r{number}") for number in range(2, 5)]
    threads = [threading.Thread(target=Postgres(database).publish, args=(c,)) for c in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(schemas(database)) == 3
