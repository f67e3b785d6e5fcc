"""Whatever legally happens to communes: nothing is lost on the way to any map, and nothing guessed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.places.bridge import build_bridge
from assets.places.events import Event
from assets.places.gazetteer import Gazetteer, build_gazetteer
from assets.places.history import build_lineage
from assets.places.lineage import Lineage
from assets.places.reference import Reference
from assets.places.resolve import resolve_places
from assets.places.source import Edge, Listed, Source
from assets.places.unit_map import build_unit_map, eras
from assets.places.units import units_table

NAMES = ("Xã An", "Xã Bình", "Xã Cát", "Thị trấn Dương", "Phường Én", "Xã Văn Lang", "Xã Văn Lăng", "Xã Hòa")


def _listed(key: str, code: str, name: str, district: str | None) -> Listed:
    return Listed(
        key, code, name, district, district and f"Huyện {district}", "19", "Tỉnh X", None, None, None
    )


@dataclass
class History:
    """A made-up province: the list of June 2025, that of July, and changes walked back in time."""

    source: Source
    events: list[Event] = field(default_factory=list)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Random legal chains: each change turns some communes of a list into others, by code and name."""
    size = draw(st.integers(2, 6))
    old = [_listed(f"o{i}", f"{10000 + i}", NAMES[i], "164") for i in range(size)]
    new = [_listed(f"n{i}", f"{10000 + i}", f"Xã Mới {i}", None) for i in range(draw(st.integers(1, size)))]
    targets = [draw(st.sets(st.integers(0, len(new) - 1), min_size=1, max_size=2)) for _ in old]
    targets[0] |= set(range(len(new))) - set().union(*targets)
    edges = tuple(Edge(old[i].key, new[j].key) for i, heirs in enumerate(targets) for j in sorted(heirs))
    history = History(Source(tuple(old), tuple(new), edges))
    standing = {u.code: u.name for u in old if u.code and u.name}
    fresh, day = 20000, date(2025, 1, 1)
    for _ in range(draw(st.integers(0, 4))):
        day -= timedelta(days=draw(st.integers(1, 500)))
        after = draw(st.lists(st.sampled_from(sorted(standing)), min_size=1, max_size=3, unique=True))
        before = []
        for _ in range(draw(st.integers(1, 3))):
            reused = [code for code in after if code not in [b for b, _ in before]]
            fresh += 1
            code = draw(st.sampled_from([*reused, f"{fresh}"]))
            before.append((code, f"Xã Cũ {fresh}"))
        heirs = [draw(st.sets(st.sampled_from(after), min_size=1)) for _ in before]
        heirs[0] |= set(after) - set().union(*heirs)
        for (code, name), to in zip(before, heirs, strict=True):
            shares = draw(st.sampled_from(["none", "given"]))
            parts = _shares(draw, len(to)) if shares == "given" else [None] * len(to)
            for target, share in zip(sorted(to), parts, strict=True):
                history.events.append(
                    Event(
                        day, code, name, target, standing[target], "NQ", share, where=f"row {fresh} {target}"
                    )
                )
        for code in after:
            del standing[code]
        standing |= dict(before)
    return history


def _shares(draw: st.DrawFn, count: int) -> list[Fraction]:
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), min_size=count - 1, max_size=count - 1)))
    ends = [0, *cuts, 1_000_000]
    return [Fraction(b - a, 1_000_000) for a, b in pairwise(ends)]


def _reference(lineage: Lineage) -> Reference:
    return Reference(units_table(lineage.units), build_bridge(lineage), build_unit_map(lineage))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.data())
def test_totals_are_the_same_on_every_map(history: History, data: st.DataObject) -> None:
    lineage = build_lineage(history.source, history.events)
    reference = _reference(lineage)
    amounts = st.integers(0, 10**9)
    counts = {unit.unit_id: data.draw(amounts) for unit in lineage.units}
    bridge: dict[str, Decimal] = defaultdict(Decimal)
    for row in reference.bridge.to_pylist():
        bridge[row["unit_id"]] += row["weight"] * counts[row["old_unit_id"]]
    assert sum(bridge.values()) == sum(counts.values())
    maps: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in reference.unit_map.to_pylist():
        maps[row["era_from"]][row["target_unit_id"]] += row["weight"] * counts[row["unit_id"]]
    assert len(maps) == len(eras(lineage.units))
    assert all(sum(found.values()) == sum(counts.values()) for found in maps.values())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_lists_have_no_gap_no_overlap_and_every_unit_its_way(history: History) -> None:
    lineage = build_lineage(history.source, history.events)
    assert len({unit.unit_id for unit in lineage.units}) == len(lineage.units)
    ends = {unit.unit_id for unit in lineage.units if unit.valid_to}
    assert {step.old_id for step in lineage.steps} == ends
    first = min(unit.valid_from for unit in lineage.units)
    assert {step.new_id for step in lineage.steps} == {
        u.unit_id for u in lineage.units if u.valid_from > first
    }
    by_id = {unit.unit_id: unit for unit in lineage.units}
    for step in lineage.steps:
        end = by_id[step.old_id].valid_to
        assert end is not None and by_id[step.new_id].valid_from == end + timedelta(days=1)
    for start, _ in eras(lineage.units):
        codes = [u.commune_code for u in lineage.units if u.valid_from <= start <= (u.valid_to or date.max)]
        assert len(codes) == len(set(codes))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_a_way_in_stages_is_the_way_at_once(history: History) -> None:
    """To today by way of any map between: the same shares, whatever the stop."""
    lineage = build_lineage(history.source, history.events)
    days = [start for start, _ in eras(lineage.units)]
    for unit in lineage.units:
        at_once = {p.unit.unit_id: p.share for p in lineage.parts_on(unit, days[-1])}
        for stop in days:
            staged: dict[str, Fraction] = defaultdict(Fraction)
            for part in lineage.parts_on(unit, stop):
                for end in lineage.parts_on(part.unit, days[-1]):
                    staged[end.unit.unit_id] += part.share * end.share
            assert staged == at_once
        assert [p.unit for p in lineage.parts_on(unit, unit.valid_from)] == [unit]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.data())
def test_every_pair_of_its_day_is_its_unit_and_no_answer_depends_on_others(
    history: History, data: st.DataObject
) -> None:
    reference = _reference(build_lineage(history.source, history.events))
    gazetteer = build_gazetteer(reference, "19")
    rows = [
        {"code": u["commune_code"], "name": u["commune_name"], "village": None, "date": max(u["valid_from"], date(2016, 1, 1))}
        for u in reference.units.to_pylist()
    ]  # fmt: skip
    ids = reference.units["unit_id"].to_pylist()
    for row, unit in zip(rows, ids, strict=True):
        found = resolve_places(pd.DataFrame([row]), gazetteer).iloc[0]
        assert (found.unit_id, found.place_method) == (unit, "code_and_name")
    odd = data.draw(st.lists(st.tuples(st.sampled_from(rows), st.sampled_from(rows)), max_size=6))
    mixed = pd.DataFrame([*rows, *({**a, "name": b["name"]} for a, b in odd)])
    once = resolve_places(mixed, gazetteer)
    order = data.draw(st.permutations(range(len(mixed))))
    again = resolve_places(mixed.iloc[order], gazetteer).sort_index(kind="stable")
    pd.testing.assert_frame_equal(
        again.reset_index(drop=True), once.sort_index(kind="stable").reset_index(drop=True)
    )
    assert (once.unit_id.isna() == once.place_issue.notna()).all()


# ---- all 34 provinces, as they are
def test_every_unit_of_the_country_reaches_today_and_its_own_day(
    reference: Reference, gazetteers: dict[str, Gazetteer]
) -> None:
    seen: set[str] = set()
    for province, gazetteer in gazetteers.items():
        today = gazetteer.eras[-1]
        current = {unit.unit_id for unit in today.by_code.values()}
        for unit in gazetteer.units.values():
            heirs = gazetteer.parts(unit, today)
            assert heirs and set(heirs) <= current, (province, unit)
            own = gazetteer.era(max(unit.first, date(2016, 1, 1)))
            assert gazetteer.parts(unit, own) == (unit.unit_id,)
            for heir in heirs:
                assert heir == unit.unit_id or gazetteer.reaches(unit, gazetteer.units[heir])
            seen.add(unit.unit_id)
    assert len(gazetteers) == 34 and seen == set(reference.units["unit_id"].to_pylist())


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_commune_of_the_country_as_an_office_writes_it(
    gazetteers: dict[str, Gazetteer], reference: Reference, data: st.DataObject
) -> None:
    """Lost zeros, case, decomposed letters, tone placement, blanks: the unit of the day all the same."""
    rows = data.draw(st.sampled_from(_rows(reference)))
    province = data.draw(st.sampled_from(sorted(gazetteers)))
    gazetteer = gazetteers[province]
    unit = gazetteer.units[data.draw(st.sampled_from(sorted(gazetteer.units)))]
    name = rows[unit.unit_id]
    written = data.draw(
        st.sampled_from([name, name.upper(), _decomposed(name), _other_tones(name), f" {name}  "])
    )
    code = data.draw(st.sampled_from([unit.code, unit.code.lstrip("0"), f" {unit.code} "]))
    day = max(unit.first, date(2016, 1, 1))
    place = pd.DataFrame([{"code": code, "name": written, "village": None, "date": day}])
    found = resolve_places(place, gazetteer).iloc[0]
    assert (found.unit_id, found.place_method) == (unit.unit_id, "code_and_name")


def _rows(reference: Reference) -> list[dict[str, str]]:
    ids, names = (reference.units[c].to_pylist() for c in ("unit_id", "commune_name"))
    return [dict(zip(ids, names, strict=True))]


def _decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def _other_tones(name: str) -> str:
    """The tone mark on the other vowel, as older spelling has it."""
    pairs = (("òa", "oà"), ("óa", "oá"), ("ỏa", "oả"), ("ọa", "oạ"), ("úy", "uý"), ("ủy", "uỷ"), ("ụy", "uỵ"))
    for one, other in pairs:
        if one in name:
            return name.replace(one, other)
        if other in name:
            return name.replace(other, one)
    return name
