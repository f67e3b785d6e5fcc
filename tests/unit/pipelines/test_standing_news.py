"""What fails without a run that fails is told once, at the second look, and so is its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from assets.failing import NO_ANSWER, REACHABLE, USABLE, Failing, what_fails
from assets.journal import Journal
from assets.staleness import stale_years
from assets.warehouse import WarehouseBusy, WarehouseDamaged, WarehouseUnavailable, WarehouseUnsupported
from pipelines.alerts import over_notice, standing_notice
from pipelines.channels import Channels
from pipelines.settings import Settings
from pipelines.standing_check import StandingLook, standing_sensor
from pipelines.standing_news import news

AWAY = Failing("error", "warehouse", None, REACHABLE, "warehouse db: gone", "see docs/runbook.md")
SILENT = Failing("error", "database of loan_ledger", None, NO_ANSWER, "OperationalError", "see to it")
REFUSED = Failing("error", "warehouse", None, USABLE, "warehouse db: password", "see docs/runbook.md")
HELD = Failing("error", "credit", 2024, "row_count", "3; asked: 4", "mend it")


def test_an_entry_is_told_at_its_second_look_once_and_when_it_is_gone() -> None:
    looks: dict[str, int] = {}
    told = []
    for found in ([AWAY], [AWAY, SILENT], [AWAY, SILENT], [AWAY], [AWAY], [], []):
        look = news(found, looks)
        looks = dict(look.looks)
        told.append(([entry.where for entry in look.begun], look.over))
    assert told == [
        ([], ()),
        (["warehouse"], ()),
        (["database of loan_ledger"], ()),
        ([], ("database of loan_ledger: answers",)),
        ([], ()),
        ([], ("warehouse: reachable",)),
        ([], ()),
    ]


def test_a_hiccup_and_what_a_failed_run_tells_are_not_told() -> None:
    first = news([AWAY, HELD], {})
    after = news([HELD], first.looks)
    assert (first.begun, after.begun, after.over) == ((), (), ())


def test_the_notices_say_what_why_and_what_next() -> None:
    notice = standing_notice([AWAY, SILENT])
    assert notice.kind == "failure"
    assert notice.subject == "[Thoát Nghèo] warehouse fails (reachable), and 1 more (đang hỏng)"
    assert standing_notice([REFUSED]).subject == "[Thoát Nghèo] warehouse fails (usable) (đang hỏng)"
    for words in ("warehouse fails (reachable)", "warehouse db: gone", "docs/runbook.md", "OperationalError"):
        assert words in notice.body
    over = over_notice(["warehouse: reachable"])
    assert over.kind == "recovery"
    assert over.subject == "[Thoát Nghèo] warehouse: reachable again (đã khôi phục)"
    both = over_notice(["warehouse: usable", "database of loan_ledger: answers"])
    assert "warehouse: usable again, and 1 more" in both.subject and "loan_ledger: answers" in both.body


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def test_a_warehouse_that_is_away_while_nothing_is_stale_is_told_and_its_return(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    Journal(workplace.home.journal)
    log = tmp_path / "alerts.log"
    sensor = standing_sensor(workplace, Channels(log), 300)
    away = True

    class Server:
        def whole_release(self) -> None:
            if away:
                raise WarehouseUnavailable("warehouse db: it does not answer; see that the server runs")

    monkeypatch.setattr("assets.failing.warehouse_of", lambda _: Server())
    cursor = "1234567890abcdef"  # as an older release wrote it

    def look() -> tuple[int, int, int]:
        """Failures and recoveries told so far, and checks written now."""
        nonlocal cursor
        result = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=cursor))
        cursor = result.cursor or cursor
        text = log.read_text(encoding="utf-8") if log.exists() else ""
        told = [text.count(words) for words in ("(đang hỏng)", "reachable again")]
        return (*told, len(result.asset_events))  # type: ignore[return-value]

    assert [look() for _ in range(4)] == [(0, 0, 1), (1, 0, 0), (1, 0, 0), (1, 0, 0)]
    assert "see that the server runs" in log.read_text(encoding="utf-8")
    away = False
    assert [look() for _ in range(3)] == [(1, 1, 1), (1, 1, 0), (1, 1, 0)]
    assert StandingLook.read(cursor).looks == {}


@pytest.mark.parametrize(
    ("error", "check", "told"),
    [
        (WarehouseUnavailable("gone"), REACHABLE, 1),
        (WarehouseBusy("open in another program"), REACHABLE, 1),
        (WarehouseUnsupported("password authentication failed"), USABLE, 1),
        # Counts as no release: the night publishes another, and a run that cannot fails.
        (WarehouseDamaged("half a file"), "readable", 0),
    ],
)
def test_what_lets_no_night_know_what_is_stale_is_told_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, check: str, told: int
) -> None:
    class Server:
        def whole_release(self) -> None:
            raise error

    monkeypatch.setattr("assets.failing.warehouse_of", lambda _: Server())
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    (entry,) = what_fails(workplace, Journal(workplace.home.journal))
    assert (entry.check, entry.found) == (check, str(error))
    assert len(news([entry], news([entry], {}).looks).begun) == told


def test_somebody_elses_file_in_the_warehouses_place_is_told_while_nothing_comes(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    journal, log = Journal(workplace.home.journal), tmp_path / "alerts.log"
    with duckdb.connect(str(workplace.home.warehouse)) as foreign:
        foreign.execute("CREATE TABLE theirs (a INTEGER)")
    # As after years that were made and published.
    monkeypatch.setattr("assets.staleness.made_years", lambda _: {2024})
    monkeypatch.setattr("assets.staleness.newest_release", lambda _: {"state": "s", "release_id": "r1"})
    monkeypatch.setattr("assets.staleness.transformed_state", lambda _: "s")
    with pytest.raises(WarehouseUnsupported):  # by which the night is skipped
        stale_years(workplace, journal)
    sensor, cursor = standing_sensor(workplace, Channels(log), 300), ""
    for _ in range(3):
        cursor = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=cursor)).cursor or cursor
    text = log.read_text(encoding="utf-8")
    assert text.count("warehouse fails (usable) (đang hỏng)") == 1
    assert "was not published from here" in text
