"""The command as a scheduler and a person meet it: exit codes, help, one sentence an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from tests.integration.conftest import First, Third
from tests.integration.line import Line


@pytest.fixture
def empty(tmp_path: Path) -> Line:
    return Line(tmp_path / "home")


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ((), ["sample", "refresh", "backfill", "status"]),
        (("sample",), ["--years", "--scale", "--seed", "--defects"]),
        (("refresh",), ["--year"]),
        (("backfill",), ["2022-2024", "--force", "--at-once"]),
        (("status",), ["release", "--json"]),
        (("publish",), ["--rollback", "--reason"]),
        (("releases",), ["rolled back"]),
        (("diff",), ["--pending", "--mart", "--year", "--commune", "--json"]),
        (("approve",), ["--reason"]),
        (("asof",), ["DATE", "--commune", "--out"]),
        (("forms",), ["--year", "--out"]),
        (("measure",), ["--standard", "--by", "--weight"]),
        (("explain",), ["--commune", "--year", "--key", "--json"]),
    ],
)
def test_help_tells_the_use(command: tuple[str, ...], named: list[str]) -> None:
    plain = {"COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb"}
    done = CliRunner().invoke(app, [*command, "--help"], env=plain)
    assert done.exit_code == 0, done.output
    assert all(word in done.output for word in named), done.output


def test_help_of_the_installed_command(empty: Line) -> None:
    done = empty.command("--help")
    assert done.returncode == 0, done.stderr
    assert "backfill" in done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("refresh", "--year", "nineteen"),
        ("refresh", "--year", "1999"),
        ("backfill", "2024-2022"),
        ("backfill",),
        ("sample", "--defects", "many"),
        ("sample", "--scale", "-1"),
        ("publish", "--rollback"),
        ("publish", "--reason", "why"),
        ("diff", "r1", "r2", "r3"),
        ("diff", "--pending", "r1"),
        ("approve",),
        ("approve", "--reason", " "),
        ("asof", "yesterday", "poverty_rate"),
    ],
)
def test_wrong_use_ends_with_2(wrong: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, list(wrong))
    assert done.exit_code == 2, done.output


def test_wrong_use_of_the_installed_command(empty: Line) -> None:
    done = empty.command("backfill", "2024-2022")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "runs backwards" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_wrong_setting_is_named(empty: Line) -> None:
    done = empty.command("refresh", THOATNGHEO_PROVINCE="Thai Nguyen")
    assert done.returncode == 2
    assert "THOATNGHEO_PROVINCE" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_without_drops_has_nothing_to_do(empty: Line) -> None:
    done = empty.command("refresh")
    assert done.returncode == 0, done.stderr
    assert "nothing to do" in done.stdout


def test_sample_tells_where_and_how_much(empty: Line) -> None:
    done = empty.command("sample", "--years", "2024", "--scale", "0.002", "--seed", "3")
    assert done.returncode == 0, done.stderr
    assert "manifest.csv" in done.stdout
    assert (empty.drops / "manifest.csv").exists()


def test_success_is_0_and_failure_is_1(first: First, third: Third) -> None:
    assert first.again.returncode == 0
    assert third.done.returncode == 1
    assert "Traceback" not in third.done.stdout + third.done.stderr


def test_the_summary_can_be_read(realistic: Line) -> None:
    """Per table landed, accepted, quarantined; checks; marts; where to look next."""
    told = (realistic.home / "told.txt").read_text(encoding="utf-8")
    for word in (
        "landed", "accepted", "quarantined", "duplicate", "superseded", "refused", "survey_household",
        "health_visit", "poverty_rate", "succeeded", "Data Docs", "status",
    ):  # fmt: skip
        assert word in told, word
    landed = realistic.journal("SELECT sum(landed) AS n FROM accepted_state WHERE table_name = 'loan_ledger'")
    assert f"{landed[0]['n']:,}" in told
