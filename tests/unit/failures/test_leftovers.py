"""What killed runs left half made goes at the next run; what is whole stays."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from assets.leftovers import remove_leftovers
from assets.project import forget_older_projects, manifest_of, manifest_path
from assets.workplace import HomeUnusable
from pipelines.settings import Settings

_HALF = (
    "landing/credit/2024/.pulling-x1",
    "raw/loan_ledger/year=2024/.abc.parquet.4711",
    "accepted/loan_ledger/year=2024/.loan_ledger.parquet.4711",
    "quarantine/loan_ledger/year=2024/.loan_ledger.parquet.4711",
    "quality/loan_ledger/year=2024/.loan_ledger.parquet.4711",
    "reference/.units-x.tmp",
    "data_docs/loan_ledger/.2024.html.4711.new",
    "data_docs/.index.html.4711.new",
    "forms/.2024_VN-2022.xlsx.4711.new",
    "reference/.inputs.sha256.4711.new",
    "dbt/0123456789abcdef/.columns-1.json.4711.new",
    ".release_changes.parquet.new",
    "judging/year-x/0.arrow",
    "tmp/duckdb_temp_storage_DEFAULT-0.tmp",
)
_WHOLE = (
    "landing/credit/2024/0f.xlsx",
    "raw/loan_ledger/year=2024/abc.parquet",
    "accepted/loan_ledger/year=2024/loan_ledger.parquet",
    "reference/units.parquet",
    "data_docs/loan_ledger/2024.html",
    "tmp/somebody-else-s",
    "drops/loan_ledger/2024/.pulling-x1",
    "pseudonym.key",
)
_NEW_AND_OLD = ("dbt/.parse-x/manifest.json", ".pseudonym.key.x")


def _write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def test_half_made_files_go_and_whole_ones_stay(tmp_path: Path) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    root = workplace.home.root
    _write(root, *_HALF, *_WHOLE[:-1], *_NEW_AND_OLD)
    remove_leftovers(workplace)
    left = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    assert left == {*_WHOLE, *_NEW_AND_OLD}
    assert remove_leftovers(workplace) == []


def test_what_anybody_may_be_making_goes_when_it_is_old(tmp_path: Path) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    root = workplace.home.root
    _write(root, *_NEW_AND_OLD)
    yesterday = time.time() - 86400
    for path in (root / "dbt" / ".parse-x", root / ".pseudonym.key.x"):
        os.utime(path, (yesterday, yesterday))
    assert sorted(remove_leftovers(workplace)) == [".parse-x", ".pseudonym.key.x"]
    assert not (root / "dbt" / ".parse-x").exists()


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    """It would give every person another pseudonym, and nobody would see it."""
    settings = Settings(_env_file=None, home=tmp_path / "home")
    key = settings.workplace().pseudonym_key
    path = tmp_path / "home" / "pseudonym.key"
    for text in ("", path.read_text()[:20], "no key"):
        path.write_text(text)
        with pytest.raises(HomeUnusable, match="put back a backup"):
            settings.workplace()
    path.unlink()
    assert len(settings.workplace().pseudonym_key) == len(key)
    assert not list(path.parent.glob(".pseudonym*"))


def test_the_manifest_is_whole_or_not_there(tmp_path: Path) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    manifest = manifest_path(workplace)
    assert sorted(p.name for p in manifest.parent.iterdir()) == ["manifest.json", "partial_parse.msgpack"]
    assert not list(workplace.home.dbt.glob(".parse-*"))
    # A power cut can leave what was renamed half written: it is made anew, not read for ever.
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[:1000])
    assert manifest_of(workplace)["nodes"].keys() == json.loads(whole)["nodes"].keys()


def test_of_the_project_s_versions_the_newest_are_kept(tmp_path: Path) -> None:
    home = Settings(_env_file=None, home=tmp_path / "home").workplace().home
    versions = [f"{number:016x}" for number in range(5)]
    for age, name in enumerate([*versions, "run", "logs"]):
        (home.dbt / name).mkdir(parents=True)
        (home.dbt / name / "manifest.json").touch()
        os.utime(home.dbt / name, (1000 + age, 1000 + age))
    forget_older_projects(home, kept=3)
    assert sorted(path.name for path in home.dbt.iterdir()) == sorted([*versions[2:], "run", "logs"])
