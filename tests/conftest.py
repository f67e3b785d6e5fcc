"""Homes that are built once for all tests of the whole line; unit tests touch none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.line import Line

YEARS = (2021, 2024, 2025)
_WHOLE_LINE = {"integration": 900, "acceptance": 900}
_NIGHTS = {"first", "second", "third"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs the whole line, and give it the time that a busy machine needs.

    With `-n 2 --dist loadgroup` the tests of one home, else of one file, stay in one process.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
        for folder, seconds in _WHOLE_LINE.items():
            if folder in Path(str(item.path)).parts:
                item.add_marker(folder)
                item.add_marker(pytest.mark.timeout(seconds))


def _group(item: pytest.Item) -> str:
    used = set(getattr(item, "fixturenames", ()))
    if used & _NIGHTS:
        return "nights"
    return next((home for home in ("realistic", "clean") if home in used), str(item.path))


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
def realistic(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Line:
    """Extracts with their defects, through the whole line in one run of the command."""
    line = Line(tmp_path_factory.mktemp("realistic") / "home")
    line.sample(YEARS, 0.006, "realistic")
    done = line.command("backfill", f"{YEARS[0]}-{YEARS[-1]}")
    (line.home / "told.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return line


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, _environment: None) -> Line:
    """Extracts in which nothing is wrong, at a scale where whole households round to the published rates."""
    line = Line(tmp_path_factory.mktemp("clean") / "home")
    line.sample(YEARS, 0.0062, "none")
    success, told = line.backfill(YEARS[0], YEARS[-1])
    assert success, told[-4000:]
    return line
