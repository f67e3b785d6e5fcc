"""The benchmark's plain script makes the line's marts from the line's drops, so that it may be compared."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.bench import ROOT
from tests.benchmarks.compare import DifferentWork, MartComparison, compare, require_same
from tests.benchmarks.models import write_models
from tests.benchmarks.plain.__main__ import main as run_plain
from tests.conftest import YEARS
from tests.integration.line import Line


@pytest.fixture(scope="module")
def plain(clean: Line, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plain script's database over the drops of the clean home."""
    folder = tmp_path_factory.mktemp("plain")
    models = folder / "models.json"
    write_models(clean.home / "dbt" / "run" / "manifest.json", ROOT / "dbt_project" / "seeds", models)
    target = folder / "plain.duckdb"
    run_plain(clean.drops, list(YEARS), clean.home / "reference", models, target)
    return target


def test_both_sides_have_the_same_rows(clean: Line, plain: Path) -> None:
    found = compare(clean.warehouse, plain)
    assert {f.mart for f in found} == set(clean.checksums())
    assert [f for f in found if not f.same] == []
    assert sum(f.line for f in found) > 1000
    require_same(found)


def test_sides_that_differ_are_refused(clean: Line, plain: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    shutil.copyfile(plain, other)
    with duckdb.connect(str(other)) as db:
        db.execute("update marts.credit set outstanding = outstanding + 1 where rowid = 0")
    found: list[MartComparison] = compare(clean.warehouse, other)
    (credit,) = [f for f in found if not f.same]
    assert dataclasses.asdict(credit) | {"only_line": 1, "only_plain": 1} == dataclasses.asdict(credit)
    with pytest.raises(DifferentWork, match=r"credit: \d+ rows against \d+, 1 only in the line"):
        require_same(found)
