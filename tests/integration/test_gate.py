"""Nothing is published over a failed blocking check; the last release stays and can be read."""

from __future__ import annotations

from tests.integration.conftest import Second, Third
from tests.integration.nights import EMPTY, content_hash


def test_the_command_fails_and_says_why(third: Third) -> None:
    assert third.done.returncode == 1, third.done.stdout[-3000:]
    told = " ".join(third.done.stdout.split())
    assert "programme_plan" in told
    assert "quarantine_share" in told
    assert "the last release stays" in told


def test_a_year_without_a_readable_file_is_held_too(third: Third) -> None:
    told = " ".join(third.done.stdout.split())
    assert EMPTY in told
    checks = third.line.journal(
        "SELECT passed, blocking FROM check_result WHERE table_name = 'housing_case' AND year = 2026"
        " AND check_name = 'shape'"
    )
    assert [(row["passed"], row["blocking"]) for row in checks] == [(0, 1)]


def test_the_warehouse_is_untouched(second: Second, third: Third) -> None:
    assert content_hash(third.line.warehouse) == third.warehouse_before
    assert third.line.checksums() == second.night.checksums
    assert len(third.line.rows("SELECT release_id FROM marts.release")) == 2


def test_the_year_keeps_what_it_had(second: Second, third: Third) -> None:
    accepted = third.line.parquet("accepted", "programme_plan")
    counted = second.night.marts["data_quality"]
    of_year = counted[(counted["table_name"] == "programme_plan") & (counted["year"] == 2025)]
    expected = of_year.loc[of_year["outcome"] == "accepted", "records"].sum()
    assert (accepted["year"] == 2025).sum() == expected > 0


def test_status_fails_until_it_is_mended(third: Third) -> None:
    assert third.status.returncode == 1
    told = " ".join(third.status.stdout.split())
    assert "quarantine_share" in told
    assert "Stale years:" in told


def test_nothing_is_left_beside_the_warehouse(third: Third) -> None:
    assert not list(third.line.home.glob(".warehouse*"))
