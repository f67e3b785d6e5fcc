"""A list on a later map beside the lists of its date: the same ground must not be counted twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from assets.judging.ground import ListedGround
from assets.places.gazetteer import Gazetteer, Unit
from checks.contract import TableRule
from checks.table_rules import Twice

MakeOffice = Callable[..., Any]
TOTALS = "Mã xã;Tên xã;Tổng số hộ;Tổng số nhân khẩu"
HOUSEHOLDS = "Mã xã;Tên xã;Thôn;Mã hộ;Chủ hộ;CCCD chủ hộ;Số nhân khẩu;Phân loại"
RULE = TableRule(
    name="it", kind="ground_twice", outcome="stop_year", description="it", columns=("standard", "head")
)


@pytest.fixture(scope="module")
def merged(gazetteer: Gazetteer) -> tuple[Unit, list[Unit]]:
    """A commune of today whose name none of those had that became it, and these."""
    today = gazetteer.eras[-1]
    for heir in today.by_code.values():
        old = [u for u in gazetteer.eras[-2].by_code.values() if gazetteer.parts(u, today) == (heir.unit_id,)]
        if len(old) > 1 and heir.key not in gazetteer.eras[-2].by_name:
            return heir, sorted(old, key=lambda unit: unit.code)
    raise LookupError("every commune of today bears an old one's name")


def line(unit: Unit, *rest: str) -> str:
    return ";".join((unit.code, f"{unit.type} {unit.key}", *rest))


def sent_by_parts(office: MakeOffice, parts: list[Unit]) -> Any:
    """An office that has sent the totals of communes on the list of their date."""
    one = office("survey_total")
    one.send("tong_20241220.csv", TOTALS, *(line(unit, "1000", "4000") for unit in parts))
    return one


def table_check(kept: Any) -> Any:
    return next(check for check in kept.checks if check.name == "table_rules")


def test_a_total_of_today_s_commune_beside_those_of_its_parts_stops_the_year(
    office: MakeOffice, merged: tuple[Unit, list[Unit]]
) -> None:
    heir, old = merged
    one = sent_by_parts(office, old)
    assert "ground_twice" not in table_check(one.keep()).detail
    one.send("sua_20260115.csv", TOTALS, line(heir, "2000", "8000"))
    found = table_check(one.keep("g")).detail["ground_twice"]
    assert found["value"] == len(old) / (len(old) + 1) and found["outcome"] == "stop_year"
    assert found["places"][0] == f"{old[0].unit_id} in {heir.unit_id}"


def test_the_wrong_file_saved_again_under_its_name_on_the_right_list_lets_the_year_go_on(
    office: MakeOffice, merged: tuple[Unit, list[Unit]]
) -> None:
    """What the gate advises."""
    heir, old = merged
    one = sent_by_parts(office, old)
    one.send("sua_20260115.csv", TOTALS, line(heir, "2000", "8000"))
    assert one.keep().blocked
    one.send("sua_20260115.csv", TOTALS, line(old[0], "11000", "44000"))
    kept = one.keep("g")
    assert kept.blocked == [] and kept.counts["accepted"] == len(old)


def test_heads_on_both_lists_stop_the_year_and_a_list_that_only_adds_does_not(
    office: MakeOffice, merged: tuple[Unit, list[Unit]]
) -> None:
    heir, (one_old, *_) = merged
    ids = [f"0190{n:08d}" for n in range(4)]

    def listed(unit: Unit, *citizens: str) -> list[str]:
        return [line(unit, "Xóm 1", str(n), "A", c, "4", "Hộ nghèo") for n, c in enumerate(citizens)]

    one = office("survey_household")
    one.send("ds_20241214.csv", HOUSEHOLDS, *listed(one_old, *ids[:2]))
    one.send("them_20260115.csv", HOUSEHOLDS, *listed(heir, *ids[2:]))
    assert "ground_twice" not in table_check(one.keep()).detail
    one.send("lai_20260116.csv", HOUSEHOLDS, *listed(heir, *ids[1:]))
    assert table_check(one.keep("g")).detail["ground_twice"]["places"] == [
        f"{one_old.unit_id} in {heir.unit_id}"
    ]


def test_households_drawn_from_the_list_on_today_s_map_stop_nothing(
    office: MakeOffice, merged: tuple[Unit, list[Unit]]
) -> None:
    heir, (one_old, *_) = merged
    one = office("survey_household")
    row = ("Xóm 1", "1", "A", "019000000001", "4", "Hộ nghèo")
    one.send("ds_20241214.csv", HOUSEHOLDS, line(one_old, *row))
    one.send("mau_20260115.csv", f"{HOUSEHOLDS};Trọng số", line(heir, *row, "12.5"))
    kept = one.keep()
    assert kept.counts["accepted"] == 2 and "ground_twice" not in table_check(kept).detail


def test_keys_of_all_parts_count_each_record_once_and_blank_ones_tell_nothing() -> None:
    def part(*rows: tuple[str, str, str | None]) -> ListedGround:
        ground = ListedGround([RULE])
        ground.add(pa.table(dict(zip(("unit_id", "standard", "head"), zip(*rows, strict=True), strict=True))))
        return ground

    year = part(("a", "S", "p1"), ("a", "S", "p1"), ("b", "S", "p2"), ("a", "S", None))
    year.merge(part(("n", "S", "p1"), ("m", "S", "p1"), ("n", "T", "p2"), ("n", "S", None)))
    assert year.twice(lambda _: [("a", "n"), ("a", "m"), ("b", "n")]) == {
        "it": Twice(2, ("a in m", "a in n"))
    }
    assert year.twice(lambda _: []) == {"it": Twice(0, ())}


def test_units_that_stood_together_share_no_ground(gazetteer: Gazetteer, merged: Any) -> None:
    heir, old = merged
    assert gazetteer.overlapping([unit.unit_id for unit in old]) == []
    assert gazetteer.overlapping([old[0].unit_id, heir.unit_id, "unknown"]) == [
        (old[0].unit_id, heir.unit_id)
    ]
