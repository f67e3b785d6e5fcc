"""Homes that are built once for all tests of the whole line; unit tests touch none of them.

Where two processes share the tests (`make test`), one builds a home while the other
waits for it or builds another: a home is built once, whoever asks first. Tests only read them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.integration.line import Line

YEARS = (2021, 2024, 2025)
# Seconds, with the wait for a home that the other process builds: what takes longer hangs.
_WHOLE_LINE = {"integration": 1800, "acceptance": 1800}
_NIGHTS = {"first", "second", "third"}
# Home: its scale and defects. At 0.0062 whole households round to the published rates.
_HOMES = {"realistic": ("0.006", "realistic"), "clean": ("0.0062", "none")}
# What takes minutes comes first, so that no process is left alone with it at the end.
_LONGEST = (
    "test_week",
    "nights",
    "test_backfill",
    "test_crash",
    "test_night",
    "test_failures",
    "test_releases",
)


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the whole line the time that a busy machine needs, and keep together what shares a story.

    The tests of one file run in one process, and those of the nights too, whatever their file.
    """
    for item in items:
        for folder, seconds in _WHOLE_LINE.items():
            if folder in item.path.parts:
                item.add_marker(folder)
                item.add_marker(pytest.mark.timeout(seconds))
                item.add_marker(pytest.mark.xdist_group(_group(item)))
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: _LONGEST.index(g) if (g := _group(item)) in _LONGEST else len(_LONGEST))
    else:
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    used = set(getattr(item, "fixturenames", ()))
    if used & set(_HOMES):
        return 3
    if used & _NIGHTS:
        return 2
    return 1 if set(_WHOLE_LINE) & set(item.path.parts) else 0


def _group(item: pytest.Item) -> str:
    used = set(getattr(item, "fixturenames", ()))
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


def _home(name: str, folders: pytest.TempPathFactory) -> Line:
    """A home as the command made it, by the first process that asks for it."""
    folder = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / f"home-{name}"
    folder.mkdir(exist_ok=True)
    line, built = Line(folder / "home"), folder / "built"
    with FileLock(folder / "lock"):
        if not built.exists():
            _build(line, *_HOMES[name])
            built.touch()
    return line


def _build(line: Line, scale: str, defects: str) -> Line:
    years = ",".join(map(str, YEARS))
    sampled = line.module("tests.integration.write_sample", str(line.drops), years, scale, defects)
    assert sampled.returncode == 0, sampled.stderr[-4000:]
    done = line.command("backfill", f"{YEARS[0]}-{YEARS[-1]}")
    Path(line.home / "told.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return line


@pytest.fixture(scope="session")
def realistic(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Line:
    """Extracts with their defects, through the whole line in one run of the command."""
    return _home("realistic", tmp_path_factory)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Line:
    """Extracts in which nothing is wrong."""
    return _home("clean", tmp_path_factory)
