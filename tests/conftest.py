"""Homes that are built once for all tests of the whole line; unit tests touch none of them.

Two homes are built by the command, in processes of their own, while this one goes through the
nights of a third: on a machine with two cores that halves the wait.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.line import Line

YEARS = (2021, 2024, 2025)
_WHOLE_LINE = {"integration": 900, "acceptance": 900}
_NIGHTS = {"first", "second", "third"}
# Home: its scale and defects. At 0.0062 whole households round to the published rates.
_HOMES = {"realistic": ("0.006", "realistic"), "clean": ("0.0062", "none")}

Builds = dict[str, Future[Line]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the whole line the time that a busy machine needs; what waits for a home comes last.

    Where two processes share the tests (`-n 2 --dist loadgroup`), those of one home, or else of one
    file, stay together, and what takes longest comes first.
    """
    for item in items:
        for folder, seconds in _WHOLE_LINE.items():
            if folder in item.path.parts:
                item.add_marker(folder)
                item.add_marker(pytest.mark.timeout(seconds))
                item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: -_turn(item) if _is_shared() else _turn(item))


def _is_shared() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _turn(item: pytest.Item) -> int:
    used = set(getattr(item, "fixturenames", ()))
    if used & set(_HOMES):
        return 3
    if used & _NIGHTS:
        return 2
    return 1 if set(_WHOLE_LINE) & set(item.path.parts) else 0


def _group(item: pytest.Item) -> str:
    used = set(getattr(item, "fixturenames", ()))
    homes = [name for name in _HOMES if name in used]
    if homes:
        return homes[0]
    return "nights" if used & _NIGHTS else item.path.stem


@pytest.fixture(scope="session")
def _environment() -> Iterator[None]:
    """Runs in this process set variables for dbt and Dagster; none outlives the tests."""
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith("THOATNGHEO_")]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def _builds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _environment: None
) -> Iterator[Builds]:
    """The homes that the chosen tests need, one after the other beside this process.

    Where processes share the tests, each makes the home that its own tests ask for.
    """
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    with ThreadPoolExecutor(max_workers=1) as pool:
        if _is_shared():
            yield _Asked(pool, tmp_path_factory)
            return
        yield {
            name: pool.submit(_build, Line(tmp_path_factory.mktemp(name) / "home"), *how)
            for name, how in _HOMES.items()
            if name in wanted
        }


class _Asked(dict[str, Future[Line]]):
    """A home is built when it is asked for."""

    def __init__(self, pool: ThreadPoolExecutor, folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._pool, self._folders = pool, folders

    def __missing__(self, name: str) -> Future[Line]:
        self[name] = self._pool.submit(_build, Line(self._folders.mktemp(name) / "home"), *_HOMES[name])
        return self[name]


def _build(line: Line, scale: str, defects: str) -> Line:
    years = ",".join(map(str, YEARS))
    sampled = line.module("tests.integration.write_sample", str(line.drops), years, scale, defects)
    assert sampled.returncode == 0, sampled.stderr[-4000:]
    done = line.command("backfill", f"{YEARS[0]}-{YEARS[-1]}")
    Path(line.home / "told.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return line


@pytest.fixture(scope="session")
def realistic(_builds: Builds) -> Line:
    """Extracts with their defects, through the whole line in one run of the command."""
    return _builds["realistic"].result()


@pytest.fixture(scope="session")
def clean(_builds: Builds) -> Line:
    """Extracts in which nothing is wrong."""
    return _builds["clean"].result()
