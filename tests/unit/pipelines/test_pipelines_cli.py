"""The words of the command: years, ranges, exit codes."""

from __future__ import annotations

from datetime import date

import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli.app import app, known_years, parse_years
from pipelines.partitions import yearly
from pipelines.runner import ranges

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2024", (2024,)),
        (" 2024 ", (2024,)),
        ("2022-2024", (2022, 2023, 2024)),
        ("2024-2024", (2024,)),
    ],
)
def test_years_are_one_or_a_range(text: str, years: tuple[int, ...]) -> None:
    assert parse_years(text) == years


@pytest.mark.parametrize(
    "text", ["", "24", "2022-", "-2024", "2022–2024", "2022..2024", "1999", "2022,2023", "all"]
)
def test_other_words_are_wrong_use(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="neither a year"):
        parse_years(text)


def test_a_range_runs_forwards() -> None:
    with pytest.raises(typer.BadParameter, match="the range 2024-2022 runs backwards"):
        parse_years("2024-2022")


def test_years_run_from_2016_to_the_current_one() -> None:
    keys = yearly().get_partition_keys()
    assert keys == [str(year) for year in range(2016, int(keys[-1]) + 1)]
    assert abs(int(keys[-1]) - date.today().year) <= 1
    assert known_years(f"2016-{keys[-1]}") == tuple(map(int, keys))
    with pytest.raises(typer.BadParameter, match="no partition for 2015; known: 2016-"):
        known_years("2015")
    with pytest.raises(typer.BadParameter, match=f"no partition for {int(keys[-1]) + 1}"):
        known_years(f"2024-{int(keys[-1]) + 1}")


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ([], []),
        ([2024], [(2024,)]),
        ([2024, 2022, 2023], [(2022, 2023, 2024)]),
        ([2021, 2024, 2022, 2024], [(2021, 2022), (2024,)]),
    ],
)
def test_years_become_runs_of_consecutive_ones(years: list[int], found: list[tuple[int, ...]]) -> None:
    assert ranges(years) == found


@pytest.mark.parametrize(
    "words",
    [
        ["nothing"],
        ["refresh", "--year", "24"],
        ["refresh", "--year", "2015"],
        ["backfill"],
        ["backfill", "2024-2022"],
        ["sample", "--scale", "0"],
        ["sample", "--defects", "some"],
    ],
)
def test_wrong_use_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [["--help"], ["sample", "--help"], ["refresh", "--help"], ["backfill", "--help"], ["status", "--help"]],
)
def test_help_ends_with_0(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_a_wrong_setting_ends_with_2_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THOATNGHEO_PROVINCE", "XX")
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 2
    assert "THOATNGHEO_PROVINCE" in result.output + capfd.readouterr().err


def test_status_of_a_fresh_home_ends_with_0() -> None:
    assert CliRunner().invoke(app, ["status"]).exit_code == 0


def test_a_night_without_drops_has_nothing_to_do() -> None:
    assert CliRunner().invoke(app, ["refresh"]).exit_code == 0
