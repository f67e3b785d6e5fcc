"""The dbt project as a home holds it: its fingerprint, its manifest, the environment it runs in.

Belongs here: reading the project, once a version. Does not belong here: what a run asks dbt to make
(`assets.transformed`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from assets import dbt_alone
from assets.workplace import Home, Workplace
from checks.seeds import dbt_project

# What dbt keeps of a project that it has read.
_PARSED = "partial_parse.msgpack"
_FINGERPRINT = "[0-9a-f]" * 16


def dbt_environment(workplace: Workplace) -> dict[str, str]:
    """The environment in which dbt runs: paths and limits, nothing else."""
    engine = workplace.engine
    return {
        "THOATNGHEO_HOME": str(workplace.home.root),
        "THOATNGHEO_DUCKDB_PATH": str(workplace.home.duckdb),
        "THOATNGHEO_DUCKDB_THREADS": str(engine.threads),
        "THOATNGHEO_DUCKDB_MEMORY": engine.memory,
        "THOATNGHEO_DUCKDB_TEMP": str(engine.temp),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def run_values(years: Iterable[int], province: str, today: date) -> dict[str, str]:
    """The environment of one dbt run over a window of years (`dbt_project/macros/run_value.sql`).

    Raises
    ------
    ValueError
        No year was asked for.
    """
    window = sorted(years)
    if not window:
        raise ValueError("no year to transform")
    return {
        "THOATNGHEO_DBT_PROVINCE": province,
        "THOATNGHEO_DBT_YEARS_FROM": str(window[0]),
        "THOATNGHEO_DBT_YEARS_TO": str(window[-1]),
        "THOATNGHEO_DBT_TODAY": today.isoformat(),
    }


@cache
def project_fingerprint() -> str:
    """A hash over the dbt project's own files."""
    digest = hashlib.sha256()
    root = dbt_project()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".sql", ".yml", ".yaml", ".csv") and "target" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def manifest_path(workplace: Workplace) -> Path:
    """The project's manifest in the home, parsed anew only when the project has changed.

    Raises
    ------
    RuntimeError
        dbt cannot parse the project.
    """
    manifest = workplace.home.dbt / project_fingerprint() / "manifest.json"
    if _standing(manifest) is None:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        # Beside and renamed: what a killed process left half written would break every later run.
        with tempfile.TemporaryDirectory(dir=workplace.home.dbt, prefix=".parse-") as folder:
            # The lock is nobody else's: two that read a project at the same time need not wait.
            start = [sys.executable, *tied_dbt(Path(folder) / "parse.lock")]
            command = [*start, "parse", *_places(Path(folder))]
            environment = {
                **os.environ,
                **dbt_environment(workplace),
                dbt_alone.PARENT: str(os.getpid()),
            }
            result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if result.returncode:
                raise RuntimeError(f"dbt cannot parse its project:\n{result.stdout}{result.stderr}")
            # The manifest last: where it stands, what a run starts from stands too.
            for name in (_PARSED, manifest.name):
                os.replace(Path(folder) / name, manifest.with_name(name))
        forget_older_projects(workplace.home)
    return manifest


def forget_older_projects(home: Home, kept: int = 3) -> None:
    """Remove what was read of the project's versions but the newest: who goes back has it read anew."""
    folders = [path for path in home.dbt.glob(_FINGERPRINT) if path.is_dir() and not path.is_symlink()]
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[kept:]:
        shutil.rmtree(folder, ignore_errors=True)


def _standing(manifest: Path) -> Mapping[str, Any] | None:
    """A manifest as it stands; None where there is none, or one that a power cut left half written."""
    try:
        found = manifest.stat()
    except FileNotFoundError:
        return None
    return _read(manifest, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _read(manifest: Path, _mtime_ns: int, _size: int) -> Mapping[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(manifest.read_bytes())
    except ValueError:
        return None
    return found


def start_parsed(workplace: Workplace, target: Path) -> None:
    """Let a first run start from the project as it was parsed for the manifest."""
    parsed = manifest_path(workplace).with_name(_PARSED)
    if parsed.exists() and not (target / _PARSED).exists():
        target.mkdir(parents=True, exist_ok=True)
        # A half copy would only be parsed anew: dbt takes what it cannot read for absent.
        shutil.copyfile(parsed, target / _PARSED)


def manifest_nodes(workplace: Workplace) -> list[Mapping[str, Any]]:
    """The project's models, seeds and tests, as its manifest describes them."""
    return list(manifest_of(workplace)["nodes"].values())


def manifest_of(workplace: Workplace) -> Mapping[str, Any]:
    """The project's manifest, as dbt wrote it; shared by all who ask, and not to be changed."""
    path = manifest_path(workplace)
    found = _standing(path)
    if found is None:
        raise RuntimeError(f"{path.name} went away or was damaged while it was read; refresh again")
    return found


def _places(target: Path) -> list[str]:
    root = str(dbt_project())
    logs = ["--log-path", str(target / "logs"), "--log-level-file", "info"]
    return ["--project-dir", root, "--profiles-dir", root, "--target-path", str(target), *logs]


def tied_dbt(lock: Path) -> list[str]:
    """What this Python is told to become dbt, under a lock, and to end with this process."""
    # No site packages for the start itself: it takes a hundredth of a second and needs none.
    return ["-I", "-S", str(Path(dbt_alone.__file__)), str(lock), _dbt_executable()]


def _dbt_executable() -> str:
    """Beside this Python: the command need not be on the path of whoever starts the run."""
    return str(Path(sys.executable).parent / "dbt")
