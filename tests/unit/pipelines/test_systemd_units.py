"""The sample units: accepted by systemd where it is installed, and true to what is installed here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.line import BIN, ROOT

UNITS = sorted((ROOT / "docs" / "systemd").glob("*.service"))
_SEAT = "/opt/thoatngheo"


def _lines(unit: Path, name: str) -> list[str]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{name}=") for line in lines if line.startswith(f"{name}=")]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_commands_and_files_that_a_unit_names_exist(unit: Path) -> None:
    for command in _lines(unit, "ExecStart") + _lines(unit, "ExecStartPre"):
        words = [word for word in command.split() if word.startswith(_SEAT)]
        assert words
        for word in words:
            where = Path(word.replace(f"{_SEAT}/.venv/bin", str(BIN)).replace(_SEAT, str(ROOT)))
            assert where.exists(), word


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_dagster_s_home_is_the_one_in_our_home(unit: Path) -> None:
    found = dict(pair.split("=", 1) for pair in _lines(unit, "Environment"))
    assert found["DAGSTER_HOME"] == f"{found['THOATNGHEO_HOME']}/dagster"


def test_systemd_accepts_them(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed here")
    assert [unit.name for unit in UNITS] == ["thoatngheo-daemon.service", "thoatngheo-web.service"]
    here = []
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        # What exists on this machine in the place of what an installation would have.
        text = text.replace(f"{_SEAT}/.venv/bin", str(BIN)).replace("User=thoatngheo", "User=root")
        here.append(tmp_path / unit.name)
        here[-1].write_text(text, encoding="utf-8")
    done = subprocess.run(
        [analyse, "verify", *map(str, here)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
