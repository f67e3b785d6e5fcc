"""Settings: defaults, what is refused, and what the layers are handed."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from assets.journal import Journal
from pipelines.cli.app import app
from pipelines.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No setting of the machine, and a working directory of its own."""
    import os

    for name in [n for n in os.environ if n.startswith("THOATNGHEO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield


def test_defaults_lie_in_the_working_directory(tmp_path: Path) -> None:
    settings = Settings()
    home = tmp_path / ".thoatngheo"
    assert settings.home == home
    assert settings.drops == str(home / "drops")
    assert settings.province == "19"
    assert settings.warehouse_url.get_secret_value() == f"duckdb:///{home / 'warehouse.duckdb'}"
    assert settings.pseudonym_key is None
    assert settings.duckdb_threads >= 1


def test_the_environment_goes_before_dot_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("THOATNGHEO_PROVINCE=01\nTHOATNGHEO_DUCKDB_THREADS=3\nOTHER=x\n")
    monkeypatch.setenv("THOATNGHEO_PROVINCE", "24")
    settings = Settings()
    assert (settings.province, settings.duckdb_threads) == ("24", 3)


def test_drops_are_a_folder_made_absolute_or_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THOATNGHEO_DROPS", "incoming")
    assert Settings().drops == str(tmp_path / "incoming")
    monkeypatch.setenv("THOATNGHEO_DROPS", "s3://office/drops")
    assert Settings().drops == "s3://office/drops"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROVINCE", "Thái Nguyên"),
        ("PROVINCE", "190"),
        ("DUCKDB_THREADS", "0"),
        ("DUCKDB_THREADS", "many"),
        ("DUCKDB_MEMORY", "lots"),
        ("DUCKDB_MEMORY", "0MB"),
        ("DUCKDB_MEMORY", "0.4 MiB"),
        ("NIGHTLY", "99 2 * * *"),
        ("NIGHTLY", "0 2 30 2 *"),
        ("SOURCES", "/no/such/sources.yaml"),
        ("HOME", "nhà #1"),
    ],
)
def test_a_value_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"THOATNGHEO_{name}", value)
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert [entry["loc"] for entry in raised.value.errors()] == [(name.lower(),)]


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THOATNGHEO_PSEUDONYM_KEY", "geheim-key")
    monkeypatch.setenv("THOATNGHEO_WAREHOUSE_URL", "postgresql://user:geheim@host/db")
    assert "geheim" not in repr(Settings())
    assert Settings().workplace().pseudonym_key == b"geheim-key"


def test_the_home_and_its_secret_are_the_user_s_alone() -> None:
    workplace = Settings().workplace()
    root = workplace.home.root
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "pseudonym.key").stat().st_mode) == 0o600
    assert len(workplace.pseudonym_key) == 32
    assert Settings().workplace().pseudonym_key == workplace.pseudonym_key
    assert workplace.sources == root / "sources.yaml"
    assert workplace.engine.temp == root / "tmp"


def test_kept_releases_reach_the_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.releases import warehouse_of
    from assets.warehouse import KEEP

    assert Settings().workplace().keep_releases == KEEP == 7
    monkeypatch.setenv("THOATNGHEO_KEEP_RELEASES", "3")
    assert vars(warehouse_of(Settings().workplace()))["_keep"] == 3


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1001"])
def test_a_number_of_kept_releases_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("THOATNGHEO_KEEP_RELEASES", wrong)
    with pytest.raises(ValidationError, match="keep_releases"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("NIGHTLY", "99 2 * * *", "such as 0 2 * * *"),
        ("DUCKDB_MEMORY", "0MB", "such as 2GB"),
        ("SOURCES", "/no/such/sources.yaml", "or leave it blank"),
        ("HOME", "/srv/nhà?", "name a folder without"),
    ],
)
def test_a_wrong_setting_ends_every_command_with_2_name_value_and_fix(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str, value: str, fix: str
) -> None:
    monkeypatch.setenv(f"THOATNGHEO_{name}", value)
    monkeypatch.setattr("pipelines.cli.app._errors.width", 1000)
    result = CliRunner().invoke(app, ["status"])
    told = result.output + capfd.readouterr().err
    assert result.exit_code == 2
    assert f"THOATNGHEO_{name}" in told and value in told and fix in told


@pytest.mark.parametrize("value", ["0 2 29 2 *", "*/15 1,2 * * 1-5", "30 23 1-7 * *"])
def test_other_nights_are_taken(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THOATNGHEO_NIGHTLY", value)
    assert Settings().nightly == value


def test_sources_that_are_named_are_there_or_blank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THOATNGHEO_SOURCES", "databases.yaml")
    (tmp_path / "databases.yaml").write_text("")
    assert Settings().workplace().sources == tmp_path / "databases.yaml"
    monkeypatch.setenv("THOATNGHEO_SOURCES", "")
    assert Settings().workplace().sources == tmp_path / ".thoatngheo" / "sources.yaml"


@pytest.mark.parametrize("sign", list("?#*[]{}='"))
def test_a_home_whose_path_another_program_would_read_otherwise_is_refused(tmp_path: Path, sign: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(_env_file=None, home=tmp_path / f"nhà {sign} 1")  # type: ignore[arg-type]
    (entry,) = raised.value.errors()
    assert entry["loc"] == ("home",) and f" holds {sign}, " in entry["msg"]


def test_other_signs_in_the_home_s_path_are_taken(tmp_path: Path) -> None:
    home = Settings(_env_file=None, home=tmp_path / 'nhà 1 100% ok; x~$y "q" (z) & @, + !').workplace().home
    Journal(home.journal)
    assert home.journal.exists()


def test_a_journal_lies_where_its_path_says_whatever_signs_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=ro" / "journal.sqlite"
    Journal(path)
    assert path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a?mode=ro"]
