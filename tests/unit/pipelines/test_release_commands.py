"""The commands about releases: list, publish, roll back; status and its JSON."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from assets.errors import FORESEEN
from assets.journal import ROLLBACK
from assets.release_history import known_releases
from assets.releases import warehouse_of
from assets.warehouse import ReleaseUnknown
from checks.gate import Objection
from pipelines.alerts import told_cause
from pipelines.cli.app import app
from pipelines.cli.release_commands import run_releases, run_rollback
from pipelines.cli.release_summary import age, local, show_held, years_text
from pipelines.cli.summary import show_release, show_status
from pipelines.lock import Busy, exclusive, lock_file
from pipelines.schedule_state import next_tick, schedule_state
from pipelines.state import as_json, state_of
from tests.unit.releases.small_home import YEAR, SmallHome, small_home


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("THOATNGHEO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> SmallHome:
    return small_home(tmp_path)


def console() -> tuple[Console, io.StringIO]:
    told = io.StringIO()
    return Console(file=told, width=200), told


def test_releases_are_listed_newest_first_with_local_time(home: SmallHome) -> None:
    screen, told = console()
    run_releases(home.settings, screen)
    lines = [line for line in told.getvalue().splitlines() if "│ r" in line]
    assert [line.split()[1] for line in lines] == ["r3", "r2", "r1"]
    assert "stands" in lines[0] and "can be put back" in lines[1]
    # Published at 02:00 UTC.
    assert "2026-11-23 09:00" in lines[0]


def test_a_home_without_releases_says_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["releases"])
    assert done.exit_code == 0, done.output


def test_a_rollback_by_the_command_notes_who_and_why(
    home: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THOATNGHEO_HOME", str(home.settings.home))
    monkeypatch.setenv("LOGNAME", "lan")
    done = CliRunner().invoke(app, ["publish", "--rollback", "r1", "--reason", "communes doubled"])
    assert done.exit_code == 0, done.output
    (row,) = home.journal.rows(ROLLBACK.select())
    assert (row["decided_by"], row["reason"]) == ("lan", "communes doubled")
    assert home.standing() == "r1"


@pytest.mark.parametrize(
    "words", [["--rollback", "r9"], ["--rollback"], ["--reason", "why"], ["--rollback", ""], ["r1"]]
)
def test_wrong_use_of_publish_ends_with_2(
    home: SmallHome, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("THOATNGHEO_HOME", str(home.settings.home))
    assert CliRunner().invoke(app, ["publish", *words]).exit_code == 2
    assert home.standing() == "r3"


def test_an_unknown_release_is_told_with_those_kept(home: SmallHome) -> None:
    with pytest.raises(ReleaseUnknown, match=r"kept: r3 \(stands\), r2, r1"):
        run_rollback(home.settings, "r9", "", console()[0])


def test_a_rollback_waits_for_no_refresh(home: SmallHome) -> None:
    with exclusive(lock_file(home.settings.home)), pytest.raises(Busy, match="a refresh is running"):
        run_rollback(home.settings, "r1", "", console()[0])
    assert home.standing() == "r3"


def test_status_shows_what_the_warehouse_holds(home: SmallHome) -> None:
    run_rollback(home.settings, "r2", "communes doubled", console()[0])
    state = state_of(home.settings)
    screen, told = console()
    show_status(screen, home.workplace, state)
    text = " ".join(told.getvalue().split())
    assert "Release r2 stands: published 2026-11-23 08:00 Vietnam time" in text
    assert "Rolled back from r3" in text and "communes doubled" in text
    assert "no daemon has run in this home" in text
    found = json.loads(json.dumps(as_json(state), default=str))
    assert found["release"]["release_id"] == "r2"
    assert found["rolled_back"]["instead_of"] == "r3"
    assert [(f["severity"], f["check"]) for f in found["failing"]] == [("warning", "rolled back")]
    assert found["ok"] is True


def test_status_as_json_is_one_document() -> None:
    done = CliRunner().invoke(app, ["status", "--json"])
    assert done.exit_code == 0, done.output


def test_a_warehouse_that_does_not_answer_fails_the_status(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    url = "postgresql://nobody:geheim@127.0.0.1:1/poverty"
    settings = home.settings.model_copy(update={"warehouse_url": type(home.settings.warehouse_url)(url)})
    state = state_of(settings)
    assert not state.ok
    told = [entry for entry in state.failing if entry.where == "warehouse"]
    assert len(told) == 1 and "geheim" not in told[0].found
    screen, shown = console()
    show_status(screen, settings.workplace(), state)
    assert "geheim" not in shown.getvalue()
    # Not that nothing was published: nobody knows.
    assert "Which release stands is not known: warehouse 127.0.0.1/poverty" in " ".join(
        shown.getvalue().split()
    )
    assert "Nothing has been published" not in shown.getvalue()
    assert not [entry for entry in state.failing if entry.where == "drops"]
    assert as_json(state)["release_unknown"].startswith("warehouse 127.0.0.1/poverty")
    assert state.word(YEAR) == "not known"
    screen, shown = console()
    show_release(screen, settings.workplace())
    assert "Which release stands is not known" in shown.getvalue()


@pytest.fixture
def damaged(home: SmallHome, monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    home.workplace.home.warehouse.write_bytes(b"no database" * 1000)
    monkeypatch.setenv("THOATNGHEO_HOME", str(home.settings.home))
    return home


def test_a_damaged_warehouse_is_told_by_the_commands_that_look(damaged: SmallHome) -> None:
    state = state_of(damaged.settings)
    screen, told = console()
    show_status(screen, damaged.workplace, state)
    run_releases(damaged.settings, screen)
    text = " ".join(told.getvalue().split())
    assert text.count("Which release stands is not known: the warehouse warehouse.duckdb is damaged") == 2
    assert not state.ok and [e.check for e in state.failing if e.where == "warehouse"][:1] == ["readable"]
    lines = [line for line in told.getvalue().splitlines() if line.startswith(("│ r1", "│ r2", "│ r3"))]
    assert ["can be put back" in line for line in lines] == [False, True, True]
    screen, told = console()
    show_release(screen, damaged.workplace)
    assert "is damaged" in told.getvalue()


def test_a_damaged_warehouse_is_rescued_by_a_rollback(damaged: SmallHome) -> None:
    done = CliRunner().invoke(app, ["publish", "--rollback", "r2", "--reason", "damaged"])
    assert done.exit_code == 0, done.output
    assert damaged.standing() == "r2"
    (row,) = damaged.journal.rows(ROLLBACK.select())
    assert row["instead_of"] == "r3"
    assert state_of(damaged.settings).ok


def test_a_damaged_warehouse_is_stale_and_a_publication_mends_it(damaged: SmallHome) -> None:
    assert list(damaged.stale().reasons) == [YEAR]
    assert [r["release_id"] for r in known_releases(damaged.journal, warehouse_of(damaged.workplace))] == [
        "r1", "r2", "r3",
    ]  # fmt: skip
    damaged.publish("r4")
    assert damaged.standing() == "r4"


@pytest.mark.parametrize("words", [["releases"], ["publish", "--rollback", "r1"], ["diff"]])
def test_a_warehouse_that_is_a_folder_is_told_in_a_sentence(
    home: SmallHome,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: list[str],
) -> None:
    monkeypatch.setenv("THOATNGHEO_HOME", str(home.settings.home))
    monkeypatch.setenv("THOATNGHEO_WAREHOUSE_URL", f"duckdb:///{tmp_path}")
    done = CliRunner().invoke(app, words)
    # What is foreseen is told by whoever calls the app.
    assert done.exit_code == 1 and isinstance(done.exception, FORESEEN), done.output
    assert "is a folder; name a file in it" in str(done.exception)


def test_status_tells_of_a_warehouse_that_is_a_folder(home: SmallHome, tmp_path: Path) -> None:
    url = type(home.settings.warehouse_url)(f"duckdb:///{tmp_path}")
    state = state_of(home.settings.model_copy(update={"warehouse_url": url}))
    assert not state.ok and "is a folder; name a file in it" in state.release_unknown


def test_what_holds_publication_fits_a_screen() -> None:
    screen, told = console()
    show_held(screen, [Objection("credit", 2024, "row_count", f"{n}", "0.9", "look") for n in range(50)])
    assert len(told.getvalue().splitlines()) < 50
    assert "and 30 more" in told.getvalue()


def test_a_notice_holds_all_the_lines_of_what_holds_publication() -> None:
    lines = "\n".join(f"  - credit {2000 + n}: row_count: fell; look for what is missing" for n in range(20))
    told = told_cause("Failure", f"nothing is published, the last release stays (20 objections):\n{lines}")
    assert told.count("\n") == 20


def test_the_next_tick_is_of_the_province_s_clock() -> None:
    evening = datetime(2026, 11, 23, 18, 59, tzinfo=UTC)
    assert next_tick("0 2 * * *", evening).isoformat() == "2026-11-24T02:00:00+07:00"
    morning = datetime(2026, 11, 23, 19, 1, tzinfo=UTC)
    assert next_tick("0 2 * * *", morning).isoformat() == "2026-11-25T02:00:00+07:00"
    assert schedule_state(None, "0 2 * * *", morning).alive is False


def test_moments_ages_and_years_as_a_person_reads_them() -> None:
    assert local("2026-11-23T19:30:00+00:00") == "2026-11-24 02:30"
    now = datetime(2026, 11, 23, 12)
    assert age(datetime(2026, 11, 23, 10, 30), now) == "1.5 h"
    assert age(datetime(2026, 11, 20, 12), now) == "3 d"
    assert years_text([2021, 2022, 2024]) == "2021-2022, 2024"


def test_publish_in_a_home_that_transformed_nothing_is_held(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["publish"])
    assert done.exit_code == 1, done.output
    assert not list(tmp_path.rglob("warehouse.duckdb"))
