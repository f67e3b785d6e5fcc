"""Two small samples, one with defects and one without, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from pipelines.sample import Manifest, write_sample

YEARS = (2021, 2024, 2025)
SCALE = 0.006


def _write(folder: Path, defects: Literal["realistic", "none"]) -> tuple[Path, Manifest]:
    return folder, write_sample(folder, years=YEARS, scale=SCALE, seed=3, defects=defects)


@pytest.fixture(scope="session")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """Drops with realistic defects, and their manifest."""
    return _write(tmp_path_factory.mktemp("spoiled"), "realistic")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """Drops in which nothing is wrong, and their manifest."""
    return _write(tmp_path_factory.mktemp("clean"), "none")
