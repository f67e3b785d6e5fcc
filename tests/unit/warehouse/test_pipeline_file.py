"""The pipeline's own DuckDB file, damaged: set aside, one kept; a sound one is left alone."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.pipeline_file import kept_aside, set_aside_damaged

_MAKE = (
    "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
    "c.execute('CREATE TABLE mine AS SELECT range AS n FROM range(100000)')"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pipeline.duckdb"
    subprocess.run([sys.executable, "-c", f"{_MAKE}; c.close()", str(path)], check=True)
    return path


def _spoil(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(random.Random(1).randbytes(size))


@pytest.mark.parametrize(("offset", "size"), [(0, 4096), (0, 40_000), (8192, 8192)])
def test_a_damaged_file_is_set_aside_whole(file: Path, offset: int, size: int) -> None:
    _spoil(file, offset, size)
    content = file.read_bytes()
    told = set_aside_damaged(file)
    (aside,) = kept_aside(file)
    assert aside.name in told and "all years are made again" in told
    assert str(file.parent) not in told
    assert aside.read_bytes() == content
    assert not file.exists()
    assert set_aside_damaged(file) == "", "the next run finds nothing to do"


def test_an_empty_file_holds_nothing_that_a_year_could_go_on_from(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.duckdb"
    path.touch()
    assert "it is empty" in set_aside_damaged(path)
    assert not path.exists()


def test_the_newest_damaged_file_is_kept_alone(file: Path) -> None:
    _spoil(file, 0, 4096)
    set_aside_damaged(file)
    (first,) = kept_aside(file)
    file.write_bytes(b"another one that is no database" * 1000)
    set_aside_damaged(file)
    (second,) = kept_aside(file)
    assert second != first and second.read_bytes().startswith(b"another")


def test_a_sound_file_stays_with_what_a_killed_dbt_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.duckdb"
    killed = [sys.executable, "-c", f"{_MAKE}; os.kill(os.getpid(), 9)", str(path)]
    assert subprocess.run(killed, stderr=subprocess.DEVNULL).returncode == -9
    assert Path(f"{path}.wal").exists()
    assert set_aside_damaged(path) == ""
    with duckdb.connect(str(path)) as duck:
        assert duck.execute("SELECT count(*) FROM mine").fetchone() == (100_000,)
    assert set_aside_damaged(path) == ""
