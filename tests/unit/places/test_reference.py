"""The reference tables: complete, exact, the same on every build."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.places.events import built_in_events
from assets.places.gaps import find_exceptions
from assets.places.lineage import Lineage, Step
from assets.places.reference import NAMES, Reference, read_reference, write_reference
from assets.places.source import Listed, Source
from assets.places.unit_map import build_unit_map, eras, own_units
from assets.places.units import UnitRow, build_units, unit_id
from assets.places.weights import as_decimals, equal_parts

ISLANDS = {"11948", "19742", "20333", "21548", "26732"}


LAST_DAY = date(2025, 6, 30)


def _old_edges(reference: Reference, provinces: set[str]) -> list[dict[str, object]]:
    inside = {
        u["unit_id"]
        for u in reference.units.to_pylist()
        if u["province_code"] in provinces and u["valid_to"] == LAST_DAY
    }
    rows = reference.bridge.to_pylist()
    return [r for r in rows if r["old_unit_id"] in inside and r["old_unit_id"] != r["unit_id"]]


@pytest.fixture(scope="module")
def edges_by_province(reference: Reference) -> dict[str, list[dict[str, object]]]:
    """The bridge's rows by the province of today."""
    province = {u["unit_id"]: u["province_code"] for u in reference.units.to_pylist()}
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in reference.bridge.to_pylist():
        found[province[row["unit_id"]]].append(row)
    return found


def test_units_of_the_country(reference: Reference) -> None:
    units = reference.units.to_pylist()
    assert len([u for u in units if u["is_current"]]) == 3321
    assert len([u for u in units if u["valid_to"] == LAST_DAY]) == 10040
    assert len({u["province_code"] for u in units if u["is_current"]}) == 34
    assert len({u["province_code"] for u in units if not u["is_current"]}) == 63
    assert len({u["unit_id"] for u in units}) == len(units)
    elsewhere = [u for u in units if u["province_code"] not in ("06", "19")]
    assert {u["valid_from"] for u in elsewhere} == {date(2016, 1, 1), date(2025, 7, 1)}
    assert {u["valid_to"] for u in elsewhere} == {LAST_DAY, None}
    for unit in units:
        assert unit["unit_id"] == f"{unit['commune_code']}@{unit['valid_from']:%Y-%m-%d}"
        assert len(unit["commune_code"]) == 5 and unit["commune_code"].isdigit()
        assert (unit["district_name"] is None) == unit["is_current"]


def test_type_comes_from_the_official_name(reference: Reference) -> None:
    kinds = {u["unit_id"]: (u["commune_type"], u["area_type"]) for u in reference.units.to_pylist()}
    # The source's own type column has these the other way round.
    assert kinds["10543@2025-07-01"] == ("phường", "urban")
    assert kinds["31299@2025-07-01"] == ("xã", "rural")
    assert kinds["15061@2016-01-01"] == ("thị trấn", "urban")
    assert kinds["26732@2025-07-01"] == ("đặc khu", "rural")


def test_thai_nguyen_has_15_wards_and_77_communes(reference: Reference) -> None:
    mine = [u for u in reference.units.to_pylist() if u["province_code"] == "19" and u["is_current"]]
    assert Counter(u["commune_type"] for u in mine) == {"phường": 15, "xã": 77}
    old = [
        u
        for u in reference.units.to_pylist()
        if u["province_code"] in ("06", "19") and u["valid_to"] == LAST_DAY
    ]
    assert Counter(u["province_code"] for u in old) == {"06": 108, "19": 172}
    assert Counter(u["commune_type"] for u in old if u["province_code"] == "06") == {
        "phường": 6,
        "xã": 95,
        "thị trấn": 7,
    }


def test_thai_nguyen_bridge(reference: Reference) -> None:
    edges = _old_edges(reference, {"06", "19"})
    assert len(edges) == 283
    assert len({e["old_unit_id"] for e in edges}) == 280
    assert len({e["unit_id"] for e in edges}) == 92
    split = {e["old_code"] for e in edges if e["method"] == "split_unknown"}
    assert {c: {e["commune_code"] for e in edges if e["old_code"] == c} for c in split} == {
        "05461": {"05443", "05467"},
        "05467": {"05467", "05500"},
        "05932": {"05908", "05941"},
    }
    assert {e["weight"] for e in edges if e["method"] == "split_unknown"} == {Decimal("0.500000")}
    assert {e["legal_basis"] for e in edges} == {"Nghị quyết 1683/NQ-UBTVQH15; Quyết định 19/2025/QĐ-TTg"}


def test_bridge_covers_every_unit_and_weights_sum_to_exactly_one(reference: Reference) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in reference.bridge.to_pylist():
        sums[row["old_unit_id"]] += row["weight"]
        assert (row["method"] == "whole") == (row["weight"] == 1)
    assert set(sums) == set(reference.units["unit_id"].to_pylist())
    assert set(sums.values()) == {Decimal(1)}


def test_bridge_keeps_provinces_together(reference: Reference) -> None:
    province = dict(
        zip(reference.units["unit_id"].to_pylist(), reference.units["province_code"].to_pylist(), strict=True)
    )
    today = sorted({u["province_code"] for u in reference.units.to_pylist() if u["is_current"]})
    taken = [
        {province[unit] for unit in own_units(code, reference.units, reference.unit_map)} for code in today
    ]
    assert {"06", "19"} in taken and {"01"} in taken
    # Until a commune crosses a border, what a province took over are whole provinces.
    assert sum(map(len, taken)) == 63
    assert frozenset().union(*taken) == set(province.values())


def test_exceptions_are_named(reference: Reference) -> None:
    found = find_exceptions(reference)
    assert found["uncovered"] == () and found["unreached"] == ()
    assert {unit[:5] for unit in found["without_communes"]} == ISLANDS
    # 471 of the merger, and Lương Hạ of 2020, whose shares nobody knows.
    assert len(found["split_unknown"]) == 472
    assert "02155@2016-01-01" in found["split_unknown"]
    assert found["without_area"] == ("19147@2025-07-01", "19159@2025-07-01")


def test_unit_map_of_both_eras(reference: Reference) -> None:
    """Where nothing but the merger is known; the eras of 06 and 19 are in test_history.py."""
    mine = {u["unit_id"] for u in reference.units.to_pylist() if u["province_code"] in ("06", "19")}
    rows = [r for r in reference.unit_map.to_pylist() if r["unit_id"] not in mine]
    ids = set(reference.units["unit_id"].to_pylist()) - mine
    first = [r for r in rows if r["era_from"] == date(2016, 1, 1)]
    assert {r["era_to"] for r in first} == {date(2025, 6, 30)}
    assert all(r["unit_id"] == r["target_unit_id"] and r["weight"] == 1 for r in first)
    second = [r for r in rows if r["era_from"] == date(2025, 7, 1)]
    assert {r["era_to"] for r in second} == {None}
    assert {r["unit_id"] for r in first} == {r["unit_id"] for r in second} == ids
    bridge = {
        (r["old_unit_id"], r["unit_id"], r["weight"])
        for r in reference.bridge.to_pylist()
        if r["old_unit_id"] not in mine
    }
    assert {(r["unit_id"], r["target_unit_id"], r["weight"]) for r in second} == bridge


def test_written_tables_have_the_same_bytes_and_leave_nothing_behind(tmp_path: Path) -> None:
    written = write_reference(tmp_path / "reference", built_in_events())
    folder = tmp_path / "reference"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {f"{name}.parquet" for name in NAMES}
    write_reference(folder, built_in_events())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    read = read_reference(folder)
    for name in NAMES:
        assert getattr(read, name).equals(getattr(written, name))
    assert str(read.bridge.schema.field("weight").type) == "decimal128(9, 6)"


def test_missing_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"units\.parquet"):
        read_reference(tmp_path)


@given(st.integers(min_value=1, max_value=40))
def test_parts_sum_to_exactly_one(count: int) -> None:
    parts = as_decimals(equal_parts(count))
    assert sum(parts) == 1 and len(parts) == count
    assert max(parts) - min(parts) <= Decimal(count) / 1_000_000


@given(st.data())
def test_counts_keep_their_sum_over_the_bridge(
    edges_by_province: dict[str, list[dict[str, object]]], data: st.DataObject
) -> None:
    edges = edges_by_province[data.draw(st.sampled_from(sorted(edges_by_province)))]
    old = sorted({e["old_unit_id"] for e in edges})
    counts = data.draw(st.dictionaries(st.sampled_from(old), st.integers(0, 10_000), max_size=60))
    carried: dict[str, Decimal] = defaultdict(Decimal)
    for row in edges:
        carried[row["unit_id"]] += row["weight"] * counts.get(row["old_unit_id"], 0)
    assert sum(carried.values()) == sum(counts.values())


def test_two_units_of_one_code_are_refused() -> None:
    line = Listed("a", "00001", "Xã A", "001", "Huyện B", "01", "Tỉnh C", None, None, None)
    with pytest.raises(ValueError, match="00001@2016-01-01"):
        build_units(Source((line, line), (), ()))


def test_a_name_without_a_known_prefix_is_refused() -> None:
    line = Listed("a", "00001", "A", "001", "Huyện B", "01", "Tỉnh C", None, None, None)
    with pytest.raises(ValueError, match="00001"):
        build_units(Source((line,), (), ()))


def _unit(code: str, start: date, end: date | None) -> UnitRow:
    name, current = f"Xã {code}", end is None
    fixed = ("xã", "rural", None, None, "19", "Tỉnh Thái Nguyên")
    return UnitRow(code, unit_id(code, start), code, name, *fixed, start, end, current, None, None, None)


def test_a_chain_of_changes_multiplies_its_shares() -> None:
    days = [date(2016, 1, 1), date(2020, 2, 1), date(2025, 7, 1)]
    a = _unit("00001", days[0], date(2020, 1, 31))
    b, c = _unit("00002", days[1], date(2025, 6, 30)), _unit("00003", days[1], date(2025, 6, 30))
    d, e = _unit("00004", days[2], None), _unit("00005", days[2], None)
    half, third = Fraction(1, 2), Fraction(1, 3)
    lineage = Lineage(
        (a, b, c, d, e),
        (
            Step(a.unit_id, b.unit_id, third, "split_by_event", "855"),
            Step(a.unit_id, c.unit_id, 1 - third, "split_by_event", "855"),
            Step(b.unit_id, d.unit_id, Fraction(1), "whole", "1683"),
            Step(c.unit_id, d.unit_id, half, "split_unknown", "1683"),
            Step(c.unit_id, e.unit_id, half, "split_unknown", "1683"),
        ),
    )
    assert [(p.unit, p.share, p.method) for p in lineage.parts_on(a, days[2])] == [
        (d, Fraction(2, 3), "split_unknown"),
        (e, Fraction(1, 3), "split_unknown"),
    ]
    assert [p.unit for p in lineage.parts_on(a, days[1])] == [b, c]
    assert [p.unit for p in lineage.parts_on(d, days[0])] == [d]
    assert [start for start, _ in eras(lineage.units)] == days
    mapped = [r for r in build_unit_map(lineage).to_pylist() if r["unit_id"] == a.unit_id]
    assert [(r["era_from"], r["target_unit_id"], r["weight"]) for r in mapped] == [
        (days[0], a.unit_id, Decimal(1)),
        (days[1], b.unit_id, Decimal("0.333333")),
        (days[1], c.unit_id, Decimal("0.666667")),
        (days[2], d.unit_id, Decimal("0.666666")),
        (days[2], e.unit_id, Decimal("0.333334")),
    ]
