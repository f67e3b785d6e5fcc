"""Files that commands are asked to write where none can be: the culprit, the fix, and no trace."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from assets.changes.asof import Vintage
from pipelines.cli import change_commands, forms
from pipelines.cli.app import app
from pipelines.cli.files import writing
from pipelines.settings import Settings

Write = Callable[[Settings, Path], None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home", drops=str(tmp_path / "drops"))


def _asof(settings: Settings, out: Path) -> None:
    wanted = change_commands.look.Wanted()
    console = Console(file=io.StringIO())
    change_commands.run_asof(settings, datetime(2026, 3, 31, tzinfo=UTC), "credit", wanted, out, console)


def _forms(settings: Settings, out: Path) -> None:
    forms.run_forms(settings, 2025, out, None, None, Console(file=io.StringIO()))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """What the commands write, without a warehouse that it comes from."""
    rows = pd.DataFrame({"commune_name": ["Xã Một"], "clients": [1.5]})
    monkeypatch.setattr(change_commands.look, "vintage", lambda *_: (Vintage("r1", None), rows))
    figures = SimpleNamespace(is_final=True, units=(), standard="VN-2022")
    monkeypatch.setattr(forms, "forms_workbook", lambda *_, **__: (b"workbook", figures))
    monkeypatch.setattr(forms, "open_warehouse", lambda _: _Nothing())
    return rows


class _Nothing:
    def reading(self) -> Any:
        return io.StringIO()


@pytest.mark.parametrize(("write", "ending"), [(_asof, ".csv"), (_forms, ".xlsx")])
def test_a_file_is_written_whole_or_not_at_all(
    settings: Settings,
    answers: pd.DataFrame,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    write: Write,
    ending: str,
) -> None:
    write(settings, tmp_path / f"good{ending}")
    folder = tmp_path / f"folder{ending}"
    folder.mkdir()
    with pytest.raises(typer.Exit) as ended:
        write(settings, folder)
    told = capsys.readouterr().err
    assert ended.value.exit_code == 1
    assert f"{folder} cannot be written: Is a directory; name one in a folder" in told
    assert {path.name for path in tmp_path.iterdir()} <= {f"good{ending}", folder.name, "home"}
    if ending == ".csv":
        assert pd.read_csv(tmp_path / "good.csv").equals(answers)


def test_a_folder_is_no_file_for_a_mart_of_an_earlier_day(tmp_path: Path) -> None:
    folder = tmp_path / "taken.csv"
    folder.mkdir()
    done = CliRunner().invoke(app, ["asof", "2026-03-31", "credit", "--out", str(folder)])
    assert done.exit_code == 2 and "name a file ending in" in done.output


def test_a_sample_is_not_begun_where_it_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    done = CliRunner().invoke(app, ["sample", "--scale", "0.001", "--out", str(file / "drops")])
    assert done.exit_code == 1 and "cannot be written: Not a directory" in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("ending", ["parquet", "csv", "json"])
def test_a_measure_is_refused_before_it_is_made(tmp_path: Path, ending: str) -> None:
    folder = tmp_path / f"result.{ending}"
    folder.mkdir()
    done = CliRunner().invoke(app, ["measure", "x.csv", "--standard", "VN-2022", "--out", str(folder)])
    assert done.exit_code == 2 and "is a folder: name a file" in done.output


def test_other_errors_are_not_taken_for_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another"), writing(tmp_path):
        raise ValueError("another")
