"""The sample reproduces the published totals, and its people agree with themselves."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.places.events import built_in_events
from assets.places.history import build_lineage
from assets.places.source import read_source
from assets.places.units import units_table
from pipelines.sample import targets
from pipelines.sample.lists import INCOMING, NEAR_POOR, NOT_POOR, OUTGOING, POOR, Lists, make_lists
from pipelines.sample.points import CUTOFF, lines, make_points
from pipelines.sample.population import Population, make_population


@pytest.fixture(scope="module")
def people() -> Population:
    return make_population("19", 0.02, 5)


@pytest.fixture(scope="module")
def lists(people: Population) -> Lists:
    return make_lists(people)


@given(st.floats(0.03, 1.0))
@settings(max_examples=60)
def test_rates_are_the_published_ones_at_any_scale(scale: float) -> None:
    for year, poor, near in ((2021, 10.29, None), (2024, 5.46, 3.67)):
        sizes = targets.households(year, scale)
        counts = targets.scaled(targets.PROVINCE[year], targets.POOR_PART[year], sizes)
        total = sum(sizes)
        assert 100 * sum(c.poor for c in counts) / total == pytest.approx(poor, abs=0.006)
        if near:
            assert 100 * sum(c.near_poor for c in counts) / total == pytest.approx(near, abs=0.010)


def test_full_scale_is_the_published_count_exactly() -> None:
    assert sum(targets.households(2021, 1.0)) == 416_939
    counts = [
        targets.scaled(targets.PROVINCE[y], targets.POOR_PART[y], targets.households(y, 1.0))
        for y in (2021, 2024)
    ]
    assert [sum(c.poor for c in pair) for pair in counts] == [42_903, 23_061]
    assert sum(c.near_poor for c in counts[1]) == 15_482
    assert sum(targets.minority_poor(2024, (counts[1][0].poor, counts[1][1].poor))) == 19_355


def test_the_poorest_part_has_its_published_pairs() -> None:
    """Bắc Kạn: 17.02 % under the outgoing, 26.93 % under the incoming standard of 2021; 21.9 % in 2023."""
    parts = (targets.OUTGOING_POOR_PART, targets.POOR_PART[2021], targets.POOR_PART[2023])
    assert [c.poor for c in parts[:2]] == [13_867, 21_946] and parts[2].poor > 18_000
    rates = [round(100 * c.poor / c.households, 2) for c in parts]
    assert rates == [17.02, 26.93, 21.9]


def test_lists_have_the_wanted_counts(people: Population, lists: Lists) -> None:
    for year, klass in lists.by_year.items():
        wanted = targets.scaled(
            targets.PROVINCE[year], targets.POOR_PART[year], targets.households(year, people.scale)
        )
        assert int((klass == POOR).sum()) == sum(c.poor for c in wanted)
        assert int((klass == NEAR_POOR).sum()) == sum(c.near_poor for c in wanted)
        assert not (klass[~people.exists(year)] != NOT_POOR).any()


def test_the_poorer_part_and_the_country_are_poorer(people: Population, lists: Lists) -> None:
    poor = lists.by_year[2024] == POOR
    here = people.exists(2024)
    urban = people.urban(np.arange(people.size), 0)
    assert poor[here & people.poor_part].mean() > 4 * poor[here & ~people.poor_part].mean()
    assert poor[here & urban].mean() < poor[here & ~urban].mean()
    assert (people.ethnicity[poor] != 0).mean() == pytest.approx(0.8393, abs=0.002)


@pytest.mark.parametrize("standard", [OUTGOING, INCOMING])
def test_class_follows_from_points_and_standard(people: Population, lists: Lists, standard: str) -> None:
    review = lists.review(2021, standard)
    points = make_points(people, review, np.ones(len(review.households), dtype=bool))
    lower, upper = lines(standard, people.urban(review.households, people.list_of(2021)))
    many = points.b2 >= 10 * CUTOFF
    if standard == INCOMING:
        poor = (points.b1 <= upper) & many
        near = (points.b1 <= upper) & ~many
    else:
        poor = (points.b1 <= lower) | ((points.b1 <= upper) & many)
        near = (points.b1 > lower) & (points.b1 <= upper) & ~many
    np.testing.assert_array_equal(poor, review.klass == POOR)
    np.testing.assert_array_equal(near, review.klass == NEAR_POOR)
    np.testing.assert_array_equal(points.b2, 10 * points.deprived.sum(axis=1))


def test_household_numbers_run_inside_each_village(people: Population, lists: Lists) -> None:
    review = lists.review(2024)
    village = people.village[review.households]
    for number in np.unique(village)[:40]:
        codes = np.sort(review.code[village == number])
        np.testing.assert_array_equal(codes, np.arange(1, len(codes) + 1))


def test_citizen_ids_are_distinct_and_say_sex_and_year(people: Population) -> None:
    persons = people.persons
    ids = persons.citizen_ids(np.arange(len(persons.household))).to_pylist()
    assert len(set(ids)) == len(ids)
    assert {len(i) for i in ids} == {12}
    years = persons.birth_year()
    for row in range(0, len(ids), 997):
        assert int(ids[row][3]) == (2 if years[row] >= 2000 else 0) + persons.female[row]
        assert int(ids[row][4:6]) == years[row] % 100


def test_villages_keep_their_name_to_themselves(people: Population) -> None:
    for side in ("old", "new"):
        assert not people.villages.duplicated([side, "name"]).any()


def test_the_communes_are_the_real_ones(people: Population) -> None:
    communes = people.communes
    assert (len(communes.old), len(communes.new), len(communes.edges)) == (280, 92, 283)
    assert set(communes.old["code"].iloc[sorted(communes.split())]) == {"05461", "05467", "05932"}
    assert not communes.old["code"][communes.retired()].isin(communes.new["code"]).any()


def test_earlier_lists_are_those_of_the_reference(people: Population) -> None:
    """Two ways from the same changes to the lists of the time: the generator's own, and the pipeline's."""
    units = units_table(build_lineage(read_source(), built_in_events()).units).to_pandas()
    units = units[units.province_code.isin(["06", "19"])]
    communes = people.communes
    assert [communes.list_of(year) for year in range(2021, 2027)] == [-3, -2, -1, 0, 1, 1]
    assert [len(communes.units(number)) for number in (-3, -2, -1)] == [286, 286, 285]
    for earlier in communes.earlier:
        there = units[(units.valid_from <= earlier.start) & (units.valid_to >= earlier.start)]
        expected = there[["commune_code", "commune_name", "district_name"]].itertuples(index=False, name=None)
        assert set(zip(*(earlier.units[c] for c in ("code", "name", "district")), strict=True)) == set(
            expected
        )
        # Every commune of the list has villages of the communes that it became part of, and no others.
        assert {i for origins in earlier.origins for i in origins} == set(earlier.units.index)
    first = dict(zip(communes.old["code"], communes.old["first"], strict=True))
    assert all(
        first[u.commune_code] == u.valid_from for u in units[units.valid_to == date(2025, 6, 30)].itertuples()
    )
