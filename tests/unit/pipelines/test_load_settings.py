"""A misspelt setting is refused with the name that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.load_settings import SettingUnknown, load_settings
from pipelines.settings import Settings

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("THOATNGHEO_WAREHOUSEURL", "THOATNGHEO_WAREHOUSE_URL"),
        ("THOATNGHEO_ALERT_MAIL", "THOATNGHEO_ALERT_EMAIL"),
        ("thoatngheo_hom", "THOATNGHEO_HOME"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_an_unknown_name_is_refused(
    name: str, meant: str, in_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_file:
        (tmp_path / ".env").write_text(f"{name}=geheim\n", encoding="utf-8")
    else:
        monkeypatch.setenv(name, "geheim")
    result = CliRunner().invoke(app, ["status"])
    told = " ".join(result.stderr.split())
    assert result.exit_code == 2 and "geheim" not in told
    assert f"{name.upper()} is no setting; the nearest is {meant}" in told
    with pytest.raises(SettingUnknown, match=r"in \.env" if in_file else "in the environment"):
        load_settings()


def test_every_setting_and_what_others_use_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RUN_PROCESS", "DUCKDB_PATH", "DBT_YEARS_FROM", "CRASH_SEED", "FUZZ_EXAMPLES", "CASES"):
        monkeypatch.setenv(f"THOATNGHEO_{name}", "1")
    monkeypatch.setenv("THOATNGHEO_HOME", str(tmp_path / "home"))
    (tmp_path / ".env").write_text("OTHER=1\nTHOATNGHEO_PROVINCE=24\n", encoding="utf-8")
    assert load_settings() == Settings()
