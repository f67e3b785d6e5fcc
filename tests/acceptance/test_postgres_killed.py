"""A publication that is killed at any moment leaves the old release whole, and no litter for long."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.synchronize import Event

import sqlalchemy as sa

from assets.warehouse import ReleaseContents
from assets.warehouse.postgres import Postgres
from assets.warehouse.postgres_load import load
from assets.warehouse.postgres_schemas import create_staging
from tests.acceptance.releases import MARTS, ROWS, Maker, rows, schemas

_KILLS = 12


def _publish(url: str, contents: ReleaseContents, started: Event) -> None:
    started.set()
    Postgres(sa.make_url(url)).publish(contents)


def _stands(url: sa.URL) -> str:
    """The one release of which every mart holds every row."""
    found = set()
    for mart in MARTS:
        found |= set(rows(url, f"SELECT release_id, count(*) FROM marts.{mart} GROUP BY 1"))
    [(release_id, count)] = found
    assert count == ROWS
    return str(release_id)


def test_a_killed_publication_leaves_the_old_release_or_the_new_one_whole(
    maker: Maker, database: sa.URL
) -> None:
    # Forked from a process that has imported everything, so that the moments fall into publication.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["assets.warehouse.postgres", "tests.acceptance.releases"])
    url = database.render_as_string(hide_password=False)
    Postgres(database).publish(maker.small("r00"))
    started_at = time.monotonic()
    Postgres(database).publish(maker.small("r01"))
    usual = time.monotonic() - started_at
    chance = random.Random(20261123)
    before, ends = "r01", []
    for number in range(2, 2 + _KILLS):
        started = context.Event()
        process = context.Process(target=_publish, args=(url, maker.small(f"r{number:02}"), started))
        process.start()
        assert started.wait(60)
        time.sleep(chance.uniform(0, 1.2 * usual))
        process.kill()
        process.join()
        after = _stands(database)
        assert after in (before, f"r{number:02}")
        ends.append((after != before, any("_new_" in name for name in schemas(database))))
        before = after
    Postgres(database, keep=3).publish(maker.small("r99"))
    assert _stands(database) == "r99"
    found = schemas(database)
    assert not [name for name in found if "_new_" in name], (found, ends)
    assert len(found) <= 4
    Postgres(database, keep=3).publish(maker.small("r99b"))
    assert len(schemas(database)) == 3
    assert any(not put for put, _ in ends), "every kill came too late to test anything"


def test_what_a_killed_publication_left_is_removed_at_the_next(maker: Maker, database: sa.URL) -> None:
    """The moment between load and swap, which a random one may never hit."""
    warehouse = Postgres(database)
    warehouse.publish(maker.small("r1"))
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.begin() as connection:
        contents = maker.small("r2")
        load(connection, contents, create_staging(connection, "r2"))
    assert schemas(database) == ["marts", "marts_new_r2"]
    assert [r["release_id"] for r in warehouse.releases()] == ["r1"]
    warehouse.publish(maker.small("r3"))
    assert schemas(database) == ["marts", "marts_r1"]
