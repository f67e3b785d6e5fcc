"""A record of a divided commune goes by its village, as it is judged and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from assets.judging.tally import PLACED
from assets.places.events import built_in_events
from assets.places.gazetteer import build_gazetteer
from assets.places.reference import build_reference
from assets.places.source import read_source
from assets.places.villages import VillageRow

MakeOffice = Callable[..., Any]
HEAD = "Mã xã;Tên xã;Thôn;Mã hộ;Chủ hộ;Số nhân khẩu;Phân loại"


def test_households_under_the_old_code_are_counted_as_split_by_village(office: MakeOffice) -> None:
    rows = [
        VillageRow(date(2025, 7, 1), "05467", "Phường Cam Giá", "tổ 1", "05467", "Phường Gia Sàng"),
        VillageRow(date(2025, 7, 1), "05467", "Phường Cam Giá", "tổ 2", "05500", "Phường Tích Lương"),
    ]
    gazetteer = build_gazetteer(build_reference(read_source(), built_in_events(), rows), "19")
    one = replace(office("survey_household", 2025), gazetteer=gazetteer)
    old = [f"05467;Cam Giá;{name};1;A;4;Hộ nghèo" for name in ("Tổ 1", "TỔ 2", "Tổ 3")]
    one.send("a.csv", HEAD, *old, "05443;Phan Đình Phùng;Tổ 1;1;A;4;Hộ nghèo")
    judgement = one.judge()
    assert judgement.records.table["unit_id"].to_pylist() == [
        "05467@2025-07-01", "05500@2025-07-01", "05467@2016-01-01", "05443@2025-07-01",
    ]  # fmt: skip
    placed = Counter(
        {reason: n for (_, kind, reason), n in one.tally(judgement).quality.items() if kind == PLACED}
    )
    assert placed == {"split_village": 2, "split_unknown": 1, "code_and_name": 1}
