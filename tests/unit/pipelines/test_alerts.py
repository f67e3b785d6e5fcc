"""What is told of a failure, when it is news, what ends it; and never a value of a record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.alerts import (
    Ended,
    Publication,
    advice,
    failure_notice,
    is_news,
    open_failures,
    recovered,
    recovery_notice,
    told_cause,
    unseen_notice,
)


def failed(
    run_id: str, *years: int, cause: str = "No space left on device", where: str = "raw_loan"
) -> Ended:
    return Ended(run_id, "refresh", years, success=False, where=where, cause=cause)


def good(run_id: str, *years: int, whole: bool = True) -> Ended:
    return Ended(run_id, "refresh", years, success=True, whole=whole)


def test_a_failure_says_what_why_and_what_next() -> None:
    notice = failure_notice(failed("run-1", 2022, 2023, 2024))
    assert notice.kind == "failure"
    assert "refresh of 2022-2024 failed" in notice.subject
    assert "refresh of 2022-2024 failed in step raw_loan" in notice.body
    assert "No space left on device" in notice.body
    assert "free space on the disk" in notice.body
    assert "last release stays" in notice.body
    assert "run-1" in notice.body
    assert notice.years == (2022, 2023, 2024)


@pytest.mark.parametrize(
    ("publication", "cause", "words"),
    [
        ("not begun", "disk full", "The last release stays as it is; readers see nothing of this failure."),
        ("begun", "nothing is published, the last release stays (1 objections)", "The last release stays"),
        ("begun", "warehouse db: gone", "thoatngheo releases tells which"),
        ("done", "nothing is published yet", "readers see the release that this run let stand"),
    ],
)
def test_what_readers_see_depends_on_how_far_the_run_came(
    publication: Publication, cause: str, words: str
) -> None:
    body = failure_notice(replace(failed("1", 2024, cause=cause), publication=publication)).body
    assert words in body
    assert ("readers see nothing" in body) == (words.startswith("The last release"))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("nothing is published, the last release stays:\n  - loan_ledger 2024: …", "holds publication"),
        (
            "1 blocking asset check failed with ERROR severity:\naccepted/survey_total: table_rules",
            "sent anew",
        ),
        ("The process was killed before the run ended.", "memory, restart"),
        ("a refresh is running already (process 7 since 02:00)", "hangs"),
        ("the root of the drops (THOATNGHEO_DROPS) is not there; is it mounted?", "mounted"),
        ("database of loan_ledger 2024: OperationalError", "answers"),
        ("something that nobody foresaw", "docs/runbook.md"),
    ],
)
def test_every_cause_has_its_advice(cause: str, words: str) -> None:
    assert words in advice(cause)


def test_words_that_may_quote_a_record_are_not_told() -> None:
    told = told_cause(
        "ArrowInvalid", "pyarrow.lib.ArrowInvalid: Could not convert 'Nguyễn Văn A' 019088001234\n"
    )
    assert told.startswith("ArrowInvalid")
    assert "Nguyễn" not in told and "0190" not in told


def test_long_numbers_are_masked_and_dates_in_file_names_stay() -> None:
    told = told_cause("Failure", "ra-soat_01837_20241214.xlsx, row 17: card HN4190880012345")
    assert "20241214" in told
    assert "9{13}" in told and "0880" not in told


def test_the_class_before_the_words_is_left_out() -> None:
    message = "assets.pulling.sources.SourceUnavailable: database of loan_ledger 2024: OperationalError\n"
    assert told_cause("SourceUnavailable", message) == "database of loan_ledger 2024: OperationalError"
    assert told_cause("OSError", "OSError: [Errno 28] No space left on device\n").startswith("[Errno 28]")


def test_a_failed_dbt_is_told_in_its_own_words_whichever_turn_it_took() -> None:
    def told(turn: str, took: str) -> str:
        return told_cause(
            "DagsterDbtCliRuntimeError",
            "dagster_dbt.errors.DagsterDbtCliRuntimeError: The dbt CLI process with command\n\n`python -I "
            f"{'/a/long/path' * 60} build`\n\nfailed with exit code `1`. Check the stdout in the Dagster compute "
            "logs for the full information about the error, or view the dbt debug log: dbt/run/dbt.log.\n\n"
            f"Errors parsed from dbt logs:\n\n{turn} ERROR creating sql view model credit ..... [ERROR in {took}s]"
            "\n\n  Runtime Error in model credit (models/marts/credit.sql)",
        )

    first = told("3 of 57", "0.31")
    assert first.splitlines()[0] == "dbt: ERROR creating sql view model credit"
    assert "dbt log: dbt/run/dbt.log" in first and "Runtime Error in model credit" in first
    assert first == told("4 of 57", "1.02"), "told once"
    assert "dbt log that is named" in advice(first)


@given(st.text(), st.text())
def test_no_cause_is_long_or_holds_a_long_number(kind: str, message: str) -> None:
    for told in (told_cause("OSError", message), told_cause("Failure", message + "123456789012")):
        assert len(told) <= 600
        assert "123456789" not in told


def test_the_same_failure_is_told_once_until_it_is_over() -> None:
    first = failed("1", 2024)
    assert is_news(first, [])
    assert not is_news(failed("2", 2024), [first])
    assert is_news(failed("2", 2024, cause="Permission denied"), [first])
    assert is_news(failed("2", 2023), [first])
    assert is_news(failed("3", 2024), [first, good("2", 2024)])


def test_recovery_is_the_first_success_over_all_years_of_the_failure() -> None:
    first = failed("1", 2023, 2024)
    assert recovered(good("2", 2022), [first]) == []
    assert recovered(good("2", 2023), [first]) == []
    assert recovered(good("3", 2024), [first, good("2", 2023)]) == [first]
    assert recovered(good("3", 2024), [first, good("2", 2023, 2024)]) == []
    assert recovered(good("4", 2024), []) == []


def test_a_part_of_the_graph_made_by_hand_ends_no_failure() -> None:
    assert recovered(good("2", 2024, whole=False), [failed("1", 2024)]) == []


def waiting(run_id: str, *years: int) -> Ended:
    return replace(good(run_id, *years), waits=True)


def test_years_that_wait_for_a_release_end_a_failure_once_a_later_piece_publishes() -> None:
    first, piece, last = failed("1", 2016, 2017), waiting("2", 2016, 2017), good("3", 2018)
    assert recovered(piece, [first]) == []
    assert not is_news(failed("4", 2016, 2017), [first, piece])
    assert recovered(last, [first, piece]) == [first]
    assert is_news(failed("4", 2016, 2017), [first, piece, last])


def test_only_what_was_made_since_a_failure_and_published_ends_it() -> None:
    first = failed("1", 2016, 2017)
    # 2017 is made by nobody.
    assert open_failures([first, waiting("2", 2016), good("3", 2018)]) == [first]
    assert open_failures([first, waiting("2", 2016), good("3", 2018), good("4", 2017)]) == []
    # Made before it failed.
    assert open_failures([waiting("0", 2016, 2017), first, good("3", 2018)]) == [first]
    # The last piece fails, or is a part of the graph.
    last = failed("3", 2018)
    assert open_failures([first, waiting("2", 2016, 2017), last]) == [first, last]
    assert open_failures([first, waiting("2", 2016, 2017), good("3", 2018, whole=False)]) == [first]
    # A failure of no year, such as of a job by hand, ends with a release too.
    assert open_failures([failed("1"), waiting("2", 2016)]) == [failed("1")]


def test_a_recovery_names_what_is_over() -> None:
    over = [failed("aaaaaaaa-1", 2023), failed("bbbbbbbb-2", 2023, cause="first line\nsecond line")]
    notice = recovery_notice(good("3", 2023), over)
    assert notice.kind == "recovery"
    assert "succeeded again" in notice.subject
    assert "aaaaaaaa: No space left on device" in notice.body
    assert "bbbbbbbb: first line" in notice.body and "second line" not in notice.body


RUNS = st.lists(
    st.builds(
        lambda years, success, waits: (tuple(sorted(years)), success, waits),
        st.sets(st.integers(2021, 2023), min_size=1),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@given(RUNS)
def test_every_failure_told_is_recovered_once_or_still_open(
    runs: list[tuple[tuple[int, ...], bool, bool]],
) -> None:
    history = [
        Ended(str(n), "refresh", years, ok, waits=ok and waits, cause="x")
        for n, (years, ok, waits) in enumerate(runs)
    ]
    over: list[str] = []
    for number, run in enumerate(history):
        if run.success:
            over += [done.run_id for done in recovered(run, history[:number])]
    left = [run.run_id for run in open_failures(history)]
    assert sorted(over + left, key=int) == [run.run_id for run in history if not run.success]


def test_drops_that_cannot_be_seen_are_a_failure_without_a_run() -> None:
    notice = unseen_notice("the root of the drops (THOATNGHEO_DROPS) is not there; is it mounted?")
    assert notice.kind == "failure" and not notice.run_id
    assert "is it mounted?" in notice.body and "bring the drop store back" in notice.body
