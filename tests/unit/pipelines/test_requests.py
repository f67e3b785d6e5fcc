"""From what was seen to what is asked for: once a state, in ranges, with a sentence where nothing is."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.staleness import StaleYears
from pipelines.requests import (
    UNCHANGED,
    Plan,
    Standing,
    plan_drops,
    plan_night,
    range_tags,
    ranges,
    seen_tag,
    years_of,
)

KNOWN = frozenset(range(2016, 2027))
FREE = Standing()
YEARS = st.sets(st.integers(min(KNOWN), max(KNOWN)))


def seen(years: Iterable[int], evidence: str = "10 1.5") -> StaleYears:
    """One new file in each year."""
    stale = StaleYears()
    for year in years:
        stale.add(year, f"loan_ledger: nợ_{year}.csv is new or changed", evidence)
    return stale


def digests(stale: StaleYears) -> dict[int, str]:
    return {year: stale.digest(year) for year in stale.years}


def asked(plan: Plan) -> list[tuple[int, ...]]:
    return [years_of(request.tags) for request in plan.requests]


def test_nothing_changed_is_a_skip_with_its_reason() -> None:
    for plan in (
        plan_night(StaleYears(), StaleYears(), FREE, KNOWN),
        plan_drops(StaleYears(), FREE, KNOWN, {}),
    ):
        assert plan == Plan((), UNCHANGED)


@given(YEARS)
def test_the_night_asks_for_every_stale_year_once_in_ranges(years: set[int]) -> None:
    stale = seen(years)
    plan = plan_night(stale, stale, FREE, KNOWN)
    assert asked(plan) == ranges(years)
    assert sorted(year for group in asked(plan) for year in group) == sorted(years)


def test_a_change_of_all_years_is_one_run_over_those_of_which_nothing_came() -> None:
    """Two runs would leave the first one unpublished: the other's years are not made yet."""
    stale = seen([2018, 2024])
    assert asked(plan_night(stale, stale, FREE, KNOWN, set(range(2019, 2024)))) == [tuple(range(2018, 2025))]
    assert asked(plan_night(stale, stale, FREE, KNOWN, {2019})) == [(2018,), (2024,)]
    (one,) = plan_night(stale, stale, FREE, KNOWN, set(range(2019, 2024))).requests
    assert one.tags[seen_tag(2018)] and seen_tag(2019) not in one.tags


def test_a_run_does_not_go_on_over_what_others_make() -> None:
    stale = seen([2018, 2020])
    for standing in (Standing(busy=frozenset({2019})), Standing(promised=frozenset({2019}))):
        assert asked(plan_night(stale, stale, standing, KNOWN, {2019})) == [(2018,), (2020,)]


@given(YEARS, YEARS)
def test_a_year_under_way_is_never_asked_for(years: set[int], busy: set[int]) -> None:
    stale, standing = seen(years), Standing(busy=frozenset(busy))
    for plan in (
        plan_night(stale, stale, standing, KNOWN),
        plan_drops(stale, standing, KNOWN, digests(stale)),
    ):
        assert {year for group in asked(plan) for year in group} == years - busy
        assert plan.requests or plan.sentence


@given(YEARS.filter(bool))
def test_the_same_state_has_the_same_keys_and_another_has_others(years: set[int]) -> None:
    def keys(stale: StaleYears) -> list[str | None]:
        return [request.run_key for request in plan_night(stale, stale, FREE, KNOWN).requests]

    assert keys(seen(years)) == keys(seen(sorted(years, reverse=True)))
    assert not set(keys(seen(years))) & set(keys(seen(years, "11 1.5")))
    assert len(set(keys(seen(years)))) == len(ranges(years))


def test_schedule_and_sensor_give_one_state_one_key() -> None:
    stale = seen([2019])
    night = plan_night(stale, stale, FREE, KNOWN).requests
    assert night == plan_drops(stale, FREE, KNOWN, digests(stale)).requests


def test_a_held_lock_is_a_skip_of_the_sensor_that_names_its_holder() -> None:
    stale = seen([2024])
    plan = plan_drops(stale, Standing(holder="process 7 since 02:00"), KNOWN, digests(stale))
    assert not plan.requests
    assert "process 7 since 02:00" in plan.sentence


def test_the_night_waits_in_the_queue_where_somebody_holds_the_home() -> None:
    """A tick that is passed over comes again a day later."""
    stale = seen([2023, 2024])
    plan = plan_night(stale, stale, Standing(holder="process 7", busy=frozenset({2023})), KNOWN)
    assert asked(plan) == [(2024,)]
    assert plan.sentence == "a run over 2023 is queued or running"


@given(YEARS, YEARS)
def test_while_a_backfill_goes_on_its_years_are_left_to_it_and_no_others(
    years: set[int], promised: set[int]
) -> None:
    stale = seen(years)
    standing = Standing(holder="process 7", promised=frozenset(promised))
    night = plan_night(stale, stale, standing, KNOWN)
    assert {year for group in asked(night) for year in group} == years - promised
    drops = plan_drops(stale, standing, KNOWN, digests(stale))
    assert {year for group in asked(drops) for year in group} == (years - promised if promised else set())
    for plan in (night, drops):
        assert plan.requests or plan.sentence
        assert all(f"a backfill has {year} still to make" in night.sentence for year in years & promised)


def test_years_without_a_partition_are_left_alone_and_named() -> None:
    stale = seen([2015, 2016])
    plan = plan_night(stale, stale, FREE, KNOWN)
    assert asked(plan) == [(2016,)]
    assert plan.sentence == "drops of 2015 are left alone: years run from 2016 to 2026"


def test_the_sensor_waits_until_two_looks_see_the_same() -> None:
    first, grown = seen([2024], "10 1.5"), seen([2024], "20 2.5")
    assert "still arriving" in plan_drops(first, FREE, KNOWN, {}).sentence
    assert "still arriving" in plan_drops(grown, FREE, KNOWN, digests(first)).sentence
    assert asked(plan_drops(grown, FREE, KNOWN, digests(grown))) == [(2024,)]


def test_the_sensor_asks_once_a_state_and_the_night_again() -> None:
    """A file that cannot be pulled stays new: no run every five minutes because of it."""
    stale = seen([2023, 2024])
    standing = Standing(asked={2023: "0123456789ab"})
    plan = plan_drops(stale, standing, KNOWN, digests(stale))
    assert asked(plan) == [(2024,)]
    assert "2023 was asked for by run 01234567" in plan.sentence
    assert asked(plan_night(stale, stale, standing, KNOWN)) == [(2023, 2024)]


def test_a_request_carries_range_digests_and_reasons() -> None:
    stale = seen([2022, 2023])
    stale.add(2023, "accepted records or models changed since the year was transformed")
    drops = seen([2023])
    (request,) = plan_night(stale, drops, FREE, KNOWN).requests
    assert range_tags((2022, 2023)).items() <= request.tags.items()
    assert request.tags[seen_tag(2023)] == drops.digest(2023)
    assert seen_tag(2022) not in request.tags
    assert "nợ_2022.csv is new or changed" in request.tags["thoatngheo/why"]
    assert request.run_key is not None and request.run_key.startswith("2022-2023-")


def test_long_reasons_are_shortened() -> None:
    stale = StaleYears()
    for number in range(500):
        stale.add(2024, f"health_visit: tệp_{number}.xlsx is new or changed")
    (request,) = plan_night(stale, stale, FREE, KNOWN).requests
    assert len(request.tags["thoatngheo/why"]) == 200


@pytest.mark.parametrize(
    ("tags", "years"),
    [
        (range_tags((2022, 2023)), (2022, 2023)),
        ({"dagster/partition": "2024"}, (2024,)),
        ({}, ()),
        ({"dagster/partition": "north"}, ()),
    ],
)
def test_the_years_of_a_run_stand_in_its_tags(tags: dict[str, str], years: tuple[int, ...]) -> None:
    assert years_of(tags) == years


def test_evidence_tells_states_apart_and_their_order_does_not() -> None:
    one, other = StaleYears(), StaleYears()
    one.add(2024, "a", "1")
    one.add(2024, "b", "2")
    other.add(2024, "b", "2")
    other.add(2024, "a", "1")
    assert one.digest(2024) == other.digest(2024)
    other.add(2024, "a", "3")
    assert one.digest(2024) != other.digest(2024)
    assert other.reasons[2024] == ["b", "a"]
