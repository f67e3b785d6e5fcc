"""Villages of divided communes: what a row does, and how a bad one is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from assets.places.events import Event, EventsUnusable, built_in_events
from assets.places.gazetteer import Gazetteer, build_gazetteer, load_gazetteer
from assets.places.history import build_lineage
from assets.places.lineage import Lineage
from assets.places.reference import build_reference, write_reference
from assets.places.resolve import resolve_places
from assets.places.source import Edge, Listed, Source
from assets.places.villages import FILE, read_villages, village_table, villages_of
from assets.reference import reference_fingerprint

HEAD = "effective_date,old_code,old_name,village,new_code,new_name,provenance"
# Phường Cam Giá went to Phường Gia Sàng and Phường Tích Lương on 1 July 2025.
FIRST = "2025-07-01,05467,Phường Cam Giá,Tổ 1,05467,Phường Gia Sàng,lists of 2024 and 2025"
SECOND = "2025-07-01,05467,Phường Cam Giá,Tổ 2,05500,Phường Tích Lương,"


def write(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / FILE
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8-sig")
    return path


@pytest.fixture(scope="module")
def lineage(source: Source) -> Lineage:
    return build_lineage(source, built_in_events())


@pytest.fixture
def gazetteer(source: Source, tmp_path: Path) -> Gazetteer:
    rows = read_villages(write(tmp_path, FIRST, SECOND))
    return build_gazetteer(build_reference(source, built_in_events(), rows), "19")


def test_a_household_under_the_old_code_goes_by_its_village(gazetteer: Gazetteer) -> None:
    """Matched as elsewhere: case and spelling do not count; an unknown village goes by the weights."""
    places = pd.DataFrame(
        [
            {"code": "05467", "name": "Cam Giá", "village": village, "date": day}
            for village, day in (
                ("TỔ  1", date(2025, 12, 14)),
                ("tổ 2", date(2025, 12, 14)),
                ("tổ 3", date(2025, 12, 14)),
                ("tổ 1", date(2024, 12, 14)),
            )
        ]
    )
    # One pair that only the list of its own day has: the file as a whole is not on the old list.
    places.loc[4] = ["05443", "Phan Đình Phùng", "tổ 1", date(2025, 12, 14)]
    found = resolve_places(places, gazetteer, villages=gazetteer.villages).iloc[:4].itertuples()
    assert [(row.unit_id, row.place_method) for row in found] == [
        ("05467@2025-07-01", "split_village"),
        ("05500@2025-07-01", "split_village"),
        ("05467@2016-01-01", "split_unknown"),
        ("05467@2016-01-01", "code_and_name"),
    ]


def _twice_changed(tmp_path: Path) -> Gazetteer:
    """A went to B and C in 2020, these to the new units of the same codes in July 2025."""

    def listed(key: str, code: str, name: str, district: str | None) -> Listed:
        return Listed(key, code, name, district, district, "19", "Tỉnh X", None, None, None)

    old = (listed("b", "10000", "Xã Bình", "Huyện Y"), listed("c", "10001", "Xã Cát", "Huyện Y"))
    new = (listed("n1", "10000", "Xã Mới", None), listed("n2", "10001", "Xã Nam", None))
    events = [
        Event(date(2020, 2, 1), "20001", "Xã An", code, name, "NQ")
        for code, name in (("10000", "Xã Bình"), ("10001", "Xã Cát"))
    ]
    rows = read_villages(
        write(
            tmp_path,
            "2020-02-01,20001,Xã An,Xóm 1,10000,Xã Bình,",
            "2020-02-01,20001,Xã An,Xóm 2,10001,Xã Cát,",
        )
    )
    source = Source(old, new, (Edge("b", "n1"), Edge("c", "n2")))
    return build_gazetteer(build_reference(source, events, rows), "19")


@pytest.mark.parametrize(
    ("day", "first", "second", "unknown"),
    [
        (date(2018, 12, 14), "20001@2016-01-01", "20001@2016-01-01", "code_and_name"),
        (date(2021, 12, 14), "10000@2020-02-01", "10001@2020-02-01", "split_unknown"),
        (date(2025, 12, 14), "10000@2020-02-01", "10001@2020-02-01", "split_unknown"),
    ],
)
def test_a_village_goes_with_its_heir_also_where_that_is_gone_too(
    tmp_path: Path, day: date, first: str, second: str, unknown: str
) -> None:
    """The map of the list's day carries the heir; the divided unit is on it only by weights."""
    gazetteer = _twice_changed(tmp_path)
    villages = ["xóm 1", "xóm 2", "xóm 3", None]
    places = pd.DataFrame({"code": "20001", "name": "Xã An", "village": villages, "date": day})
    # Two of the list of the day: the file as a whole is not on the old list.
    name = "Xã Mới" if day.year == 2025 else "Xã Bình"
    places.loc[4] = ["10000", name, "xóm 1", day] if day.year > 2018 else ["20001", "Xã An", None, day]
    found = resolve_places(places, gazetteer, villages=gazetteer.villages).iloc[:4]
    assert list(found.unit_id) == [first, second, "20001@2016-01-01", "20001@2016-01-01"]
    known = unknown if day.year == 2018 else "split_village"
    assert list(found.place_method) == [known, known, unknown, unknown]


def test_villages_are_part_of_the_reference_and_gone_with_their_file(tmp_path: Path) -> None:
    folder = tmp_path / "reference"
    write_reference(folder, built_in_events())
    without = reference_fingerprint(folder)
    assert load_gazetteer(folder, "19").villages == {}
    write_reference(folder, built_in_events(), read_villages(write(tmp_path, FIRST)))
    assert reference_fingerprint(folder) != without
    mapping = {("05467@2016-01-01", "tổ 1"): "05467@2025-07-01"}
    assert load_gazetteer(folder, "19").villages == mapping
    assert load_gazetteer(folder, "04").villages == {}
    write_reference(folder, built_in_events())
    assert reference_fingerprint(folder) == without


def test_a_row_waits_for_its_day_and_a_home_without_a_file_has_none(tmp_path: Path) -> None:
    assert villages_of(tmp_path, date(2026, 1, 1)) == ()
    write(tmp_path, FIRST)
    assert villages_of(tmp_path, date(2025, 6, 30)) == ()
    assert len(villages_of(tmp_path, date(2025, 7, 1))) == 1


BAD = {
    "date": ([FIRST.replace("2025-07-01", "01/07/2025")], ["row 2", "write it as 2020-02-01"]),
    "blank": ([FIRST.replace("Tổ 1", "")], ["row 2", "village is blank"]),
    "comma": ([f"{FIRST},thừa"], ["row 2", "more cells"]),
    "other day": ([FIRST.replace("2025-07-01", "2025-07-02")], ["row 2", "no commune 05467 was divided"]),
    "not divided": (
        ["2025-07-01,05443,Phường Trưng Vương,Tổ 1,05443,Phường Phan Đình Phùng,"],
        ["row 2", "no commune 05443 was divided", "leave the row out"],
    ),
    "no heir": ([FIRST.replace("05467,Phường Gia Sàng", "05443,X")], ["row 2", "but to 05467, 05500"]),
    "old name": ([FIRST.replace("Phường Cam Giá", "Xã Sai")], ["row 2", "'Phường Cam Giá'", "'Xã Sai'"]),
    "new name": ([FIRST.replace("Phường Gia Sàng", "Xã Sai")], ["row 2", "'Phường Gia Sàng'", "correct"]),
    "two heirs": ([FIRST, SECOND.replace("Tổ 2", "tổ  1")], ["row 3", "two communes", "row 2", "keep one"]),
    "twice": ([FIRST, FIRST], ["row 3", "twice", "row 2"]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_with_its_fix(lineage: Lineage, tmp_path: Path, case: str) -> None:
    rows, words = BAD[case]
    with pytest.raises(EventsUnusable) as error:
        village_table(lineage, read_villages(write(tmp_path, *rows)))
    told = str(error.value)
    assert FILE in told and all(word in told for word in words), told


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(EventsUnusable, match="column village is missing"):
        read_villages(write(tmp_path, head="effective_date,old_code,old_name,new_code,new_name"))
    with pytest.raises(EventsUnusable, match="column 'Thôn' is not known"):
        read_villages(write(tmp_path, head=f"{HEAD},Thôn"))
    tmp_path.joinpath(FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(EventsUnusable, match="cannot be read: it is not UTF-8"):
        read_villages(tmp_path / FILE)
