"""A backfill's pieces, who goes first between them, and what became of every year."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster import DagsterRunStatus
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from assets.journal import RAW_FILE, Journal
from assets.published import HELD, LATER_TAG, WAITS_TAG, PublicationHeld, to_come
from assets.staleness import NOT_PUBLISHED, StaleYears
from checks.gate import Objection
from pipelines.backfill import announced, announced_years, announcement_file, let_others_go_first, pieces
from pipelines.cli.backfill import year_ends
from pipelines.cli.summary import show_run
from pipelines.jobs import BACKFILL
from pipelines.lock import Busy, exclusive, lock_file
from pipelines.requests import FORCE_TAG, range_tags
from pipelines.run_lock import locked_workplace
from pipelines.run_records import ended
from pipelines.runner import RunOutcome
from pipelines.settings import Settings

YEARS = st.sets(st.integers(2016, 2030), min_size=1)


@given(YEARS, YEARS, st.integers(1, 6))
def test_pieces_make_every_year_once_and_go_on_over_empty_ones_alone(
    years: set[int], empty: set[int], size: int
) -> None:
    empty -= years
    found = pieces(years, size, empty)
    spanned = [year for span in found for year in span]
    assert spanned == sorted(spanned) and len(set(spanned)) == len(spanned)
    assert years <= set(spanned) <= years | empty
    for span in found:
        assert list(span) == list(range(span[0], span[-1] + 1))
        assert span[0] in years and span[-1] in years
        assert sum(year in years for year in span) <= size


@given(YEARS, YEARS, st.integers(1, 6))
def test_no_piece_could_have_taken_the_next_year_too(years: set[int], empty: set[int], size: int) -> None:
    found = pieces(years, size, empty - years)
    for one, other in pairwise(found):
        between = set(range(one[-1] + 1, other[0]))
        assert sum(year in years for year in one) == size or not between <= empty - years


def test_the_years_left_are_known_as_long_as_the_backfill_lives(tmp_path: Path) -> None:
    assert announced_years(tmp_path) == frozenset()
    with announced(tmp_path, [2016, 2017]) as announcement:
        assert announced_years(tmp_path) == {2016, 2017}
        announcement.tell([2017])
        assert announced_years(tmp_path) == {2017}
        with pytest.raises(Busy, match="1 years left"), announced(tmp_path, [2018]):
            pass
    assert announced_years(tmp_path) == frozenset()
    announcement_file(tmp_path).write_text('{"ye')
    assert announced_years(tmp_path) == frozenset()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _add(instance: dg.DagsterInstance, run_id: str, status: DagsterRunStatus) -> None:
    location = RegisteredCodeLocationOrigin("thoatngheo")
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), "refresh")
    instance.add_run(
        dg.DagsterRun(job_name="refresh", run_id=run_id, status=status, remote_job_origin=origin)
    )


def test_nobody_there_is_nobody_waited_for(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    told: list[str] = []
    lock = lock_file(tmp_path)
    assert not let_others_go_first(instance, lock, told.append, daemon_alive=True)
    _add(instance, "one", DagsterRunStatus.QUEUED)
    # Without a daemon a run in the queue never begins.
    assert not let_others_go_first(instance, lock, told.append, daemon_alive=False)
    assert told == []


def test_a_run_in_the_queue_goes_first(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.backfill._LOOK_AGAIN", 0.01)
    lock, told = lock_file(tmp_path), list[str]()
    _add(instance, "one", DagsterRunStatus.QUEUED)
    taken, ended = threading.Event(), threading.Event()

    def night() -> None:
        with exclusive(lock):
            taken.set()
            while not told:
                time.sleep(0.01)
            instance.delete_run("one")
        ended.set()

    other = threading.Thread(target=night)
    other.start()
    taken.wait()
    assert let_others_go_first(instance, lock, told.append, daemon_alive=True)
    assert ended.wait(10)
    other.join()
    assert len(told) == 1 and "letting others go first: process" in told[0]


def test_a_run_that_never_comes_is_given_up(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.backfill._LOOK_AGAIN", 0.01)
    _add(instance, "one", DagsterRunStatus.QUEUED)
    told: list[str] = []
    lock = lock_file(tmp_path)
    assert let_others_go_first(instance, lock, told.append, daemon_alive=True, patience=1.0)
    assert told == ["letting others go first: a run stands in the queue"]


def _outcome(years: tuple[int, ...], *failures: str, published: bool = True) -> RunOutcome:
    return RunOutcome("run", years, not failures, failures, published and not failures)


def _held(year: int) -> Objection:
    return Objection(
        "survey_total", year, "table_rules", "quarantine_share 1", "at most 0.5", "mend the drop"
    )


def test_a_year_that_fails_is_named_and_the_others_wait_or_stand() -> None:
    years = range(2015, 2020)
    outcomes = [_outcome((2016, 2017, 2018), f"published: {HELD} (1 objections)")]
    stale = StaleYears()
    stale.add(2018, NOT_PUBLISHED)
    ends = year_ends(years, {2015}, {2016, 2017, 2018}, stale, [_held(2017)], NOT_PUBLISHED, outcomes)
    words = {end.year: end.word for end in ends}
    assert words == {2015: "no drops", 2016: "waits", 2017: "failed", 2018: "waits", 2019: "waits"}
    assert {end.reason for end in ends if end.word == "waits"} == {"made; publication is held by 2017"}
    assert next(e.reason for e in ends if e.year == 2017) == "survey_total: table_rules: quarantine_share 1"


def test_what_is_made_and_published_is_told_apart_from_what_was_made_before() -> None:
    ends = year_ends((2016, 2017), set(), {2017}, StaleYears(), [], "", [_outcome((2017,))])
    assert [end.word for end in ends] == ["made already", "made"]


def test_a_piece_that_could_not_be_published_yet_is_made_once_a_later_one_published() -> None:
    """Other communes concern all years: only with the last piece are all of them on the new map."""
    outcomes = [_outcome((2016,), published=False), _outcome((2017,))]
    ends = year_ends((2016, 2017), set(), {2016, 2017}, StaleYears(), [], "", outcomes)
    assert [(end.word, end.reason) for end in ends] == [("made", ""), ("made", "")]


def test_it_waits_where_no_later_piece_published() -> None:
    outcomes = [_outcome((2016,), published=False), _outcome((2017,), "published: lock")]
    stale = StaleYears()
    stale.add(2017, NOT_PUBLISHED)
    ends = year_ends((2016, 2017), set(), {2016, 2017}, stale, [], NOT_PUBLISHED, outcomes)
    assert [end.word for end in ends] == ["waits", "failed"]
    assert ends[0].reason == "made; transformed but not published"


def test_it_waits_too_where_something_came_meanwhile() -> None:
    """Then no year is stale for the missing publication: the next refresh has to be made anyway."""
    outcomes = [_outcome((2016,), published=False), _outcome((2017,), "published: lock")]
    stale = StaleYears()
    stale.add(2019, "loan_ledger: ledger.xlsx is new or changed")
    ends = year_ends((2016, 2017), set(), {2016, 2017}, stale, [], NOT_PUBLISHED, outcomes)
    assert [(end.word, end.reason) for end in ends] == [
        ("waits", "made; transformed but not published"), ("failed", "published: lock"),
    ]  # fmt: skip


def test_a_year_in_a_release_is_made_whatever_fails_after_it() -> None:
    waits, publishes = _outcome((2016,), published=False), _outcome((2017,))
    outcomes = [waits, publishes, _outcome((2018,), "transformed: a model failed")]
    stale = StaleYears()
    stale.add(2018, "accepted records changed since the year was transformed")

    def words(missing: str) -> list[str]:
        ends = year_ends(range(2016, 2019), set(), {2016, 2017, 2018}, stale, [], missing, outcomes)
        return [end.word for end in ends]

    assert words(NOT_PUBLISHED) == ["made", "made", "failed"]
    # The release itself is not there any more.
    assert words("the warehouse does not hold the last release") == ["waits", "waits", "failed"]


def test_a_piece_is_told_to_wait_for_the_years_that_are_still_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    monkeypatch.setattr("pipelines.cli.summary.held_now", lambda *_: [_held(2017)])

    def told(outcome: RunOutcome) -> str:
        console = Console(record=True, width=200)
        show_run(console, workplace, outcome)
        return console.export_text()

    waits = _outcome((2016,), published=False)
    assert "made them; they are published once 2017 are made too" in told(waits)
    held = _outcome((2016,), f"published: {HELD} (1 objections)")
    assert "failed; the last release stays" in told(held)


@pytest.mark.parametrize(
    ("held", "later", "waits"),
    [((2017,), "2017,2018", "2017"), ((2017, 2016), "2017", ""), ((), "2017", ""), ((2017,), "", "")],
)
def test_a_release_waits_for_pieces_to_come_that_make_all_that_holds_it(
    held: tuple[int, ...], later: str, waits: str
) -> None:
    found = PublicationHeld([_held(year) for year in held])
    assert to_come(found, {LATER_TAG: later}) == waits
    assert to_come(found, {}) == ""


def test_a_run_whose_release_waits_is_known_by_its_tag(instance: dg.DagsterInstance) -> None:
    run = dg.DagsterRun(job_name=BACKFILL, status=DagsterRunStatus.SUCCESS)
    assert ended(instance, run).whole
    told = ended(instance, run.with_tags({WAITS_TAG: "true"}))
    assert told.whole and told.waits


def test_a_failed_run_fails_the_years_that_it_left_stale() -> None:
    stale = StaleYears()
    stale.add(2017, "accepted records changed since the year was transformed")
    outcomes = [_outcome((2016,)), _outcome((2017,), "transformed: a model failed\nin a thousand words")]
    ends = year_ends((2016, 2017), set(), {2016, 2017}, stale, [], NOT_PUBLISHED, outcomes)
    assert [end.word for end in ends] == ["made", "failed"]
    assert ends[1].reason.startswith("transformed: a model failed; accepted records changed")


def test_a_run_tagged_force_makes_its_years_again_whoever_started_it(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path / "home")
    workplace = settings.workplace()
    journal = Journal(workplace.home.journal)
    row = {"table_name": "loan_ledger", "sha256": "0" * 64, "reader": "r", "records": 1, "skipped": {}}
    journal.put(RAW_FILE, [row | {"year": year, "unknown_columns": []} for year in (2021, 2022, 2023)])

    @dg.op(required_resource_keys={"workplace"})
    def look() -> None:
        """The lock is held by now."""

    @dg.job(resource_defs={"workplace": locked_workplace(workplace)})
    def any_job() -> None:
        look()

    def readers(tags: dict[str, str]) -> dict[int, str]:
        with dg.instance_for_test() as instance:
            assert any_job.execute_in_process(instance=instance, tags=tags).success
        return {r["year"]: r["reader"] for r in journal.rows(sa.select(RAW_FILE))}

    with exclusive(lock_file(workplace.home.root)):
        assert readers(range_tags((2021, 2022))) == {2021: "r", 2022: "r", 2023: "r"}
        assert readers(range_tags((2021, 2022)) | {FORCE_TAG: "true"}) == {2021: "", 2022: "", 2023: "r"}
