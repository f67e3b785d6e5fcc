"""A deployment's own changes of communes: what a good file does, and how a bad one is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from assets.places.events import Event, EventsUnusable, built_in_events, events_of, read_events, with_own
from assets.places.gazetteer import build_gazetteer
from assets.places.history import build_lineage
from assets.places.reference import build_reference
from assets.places.resolve import resolve_places
from assets.places.source import Source

HEAD = "effective_date,old_code,old_name,new_code,new_name,share,legal_basis"
ACT = "Nghị quyết 1/NQ"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(*rows: str, head: str = HEAD) -> Path:
        path = tmp_path / "commune_events.csv"
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8-sig")
        return path

    return file


def refused(source: Source, path: Path) -> str:
    """What is said of a file that must not be used."""
    with pytest.raises(EventsUnusable) as found:
        build_lineage(source, with_own(built_in_events(), read_events(path)))
    return str(found.value)


# Province 37 (old Ninh Bình, Hà Nam and Nam Định), of which the project knows nothing but the merger.
RENAME = f"2018-03-01,14329,Phường Thanh Bình Cũ,14329,Phường Thanh Bình,1,{ACT}"


@pytest.fixture(scope="session")
def names(source: Source) -> dict[str, str]:
    """Names of the last list before the merger by code."""
    return {unit.code: unit.name for unit in source.old if unit.code and unit.name}


def test_another_province_has_its_own_events(source: Source, write: Write, names: dict[str, str]) -> None:
    """Rows for old Ninh Bình: one commune renamed in 2018, and two that were merged in 2020."""
    code, name = "14320", names["14320"]
    path = write(
        f"2018-03-01,{code},Phường Tên Cũ,{code},{name},,{ACT}",
        f"2020-02-01,{code},{name},{code},{name},1,{ACT}",
        f"2020-02-01,99001,Xã Đã Nhập,{code},{name},1,{ACT}",
    )
    reference = build_reference(source, with_own(built_in_events(), read_events(path)))
    units = reference.units.to_pandas()
    mine = units[units.commune_code.isin([code, "99001"]) & ~units.is_current]
    assert set(mine.unit_id) == {
        f"{code}@2016-01-01", f"{code}@2018-03-01", f"{code}@2020-02-01", "99001@2016-01-01",
    }  # fmt: skip
    today = units.loc[units.is_current & (units.province_code == "37"), "province_code"]
    assert len(today)
    gazetteer = build_gazetteer(reference, "37")
    places = pd.DataFrame(
        [
            {"code": "99001", "name": "Đã Nhập", "village": None, "date": date(2019, 12, 14)},
            {"code": code, "name": "P. Tên Cũ", "village": None, "date": date(2017, 12, 14)},
            {"code": "99001", "name": None, "village": None, "date": date(2021, 12, 14)},
        ]
    )
    found = [resolve_places(places.iloc[[i]], gazetteer).iloc[0] for i in range(3)]
    assert [row.unit_id for row in found] == ["99001@2016-01-01", f"{code}@2016-01-01", "99001@2016-01-01"]
    assert [row.place_method for row in found] == ["code_and_name", "code_and_name", "carried"]


def test_a_change_after_the_merger(source: Source, write: Write) -> None:
    """Gia Sàng becomes two in 2026; history reaches both, and a list of the day knows them."""
    path = write(
        f"2026-03-01,05467,Phường Gia Sàng,05467,Phường Gia Sàng,0.7,{ACT}",
        f"2026-03-01,05467,Phường Gia Sàng,05999,Phường Cam Giá,0.3,{ACT}",
    )
    events = with_own(built_in_events(), read_events(path))
    reference = build_reference(source, events)
    rows = [r for r in reference.bridge.to_pylist() if r["old_code"] == "05461"]
    assert {r["unit_id"]: r["weight"] for r in rows} == {
        "05443@2025-07-01": Decimal("0.5"), "05467@2026-03-01": Decimal("0.35"), "05999@2026-03-01": Decimal("0.15"),
    }  # fmt: skip
    assert all(r["legal_basis"].endswith(ACT) for r in rows if r["unit_id"] == "05999@2026-03-01")
    current = reference.units.to_pandas().query("is_current and province_code == '19'")
    assert len(current) == 93


ACROSS = (
    f"2026-03-01,05500,Phường Tích Lương,05500,Phường Tích Lương,1,{ACT}",
    f"2026-03-01,00694,Phường Hà Giang 1,05500,Phường Tích Lương,1,{ACT}",
)


@pytest.mark.parametrize("rows", [ACROSS, ACROSS[::-1]])
def test_a_commune_of_a_neighbour_joins_the_province_and_no_other_one_does(
    source: Source, write: Write, rows: tuple[str, str]
) -> None:
    """Whatever the order of the rows: the unit is the province's under whose code it goes on."""
    events = with_own(built_in_events(), read_events(write(*rows)))
    reference = build_reference(source, events)
    units = {row["unit_id"]: row for row in reference.units.to_pylist()}
    assert units["05500@2026-03-01"]["province_code"] == "19"
    gazetteer = build_gazetteer(reference, "19")

    def placed(code: str, day: date) -> tuple[str | None, str | None]:
        row = pd.DataFrame([{"code": code, "name": None, "village": None, "date": day}])
        found = resolve_places(row, gazetteer).iloc[0]
        return tuple(None if pd.isna(v) else str(v) for v in (found.unit_id, found.place_issue))  # type: ignore[return-value]

    assert placed("05500", date(2026, 12, 14)) == ("05500@2026-03-01", None)
    # Its list of before belongs to the communes that the province has taken over.
    assert placed("00694", date(2025, 12, 14)) == ("00694@2025-07-01", None)
    # The neighbour's others do not, and what the neighbour gave away is still its own of that time.
    assert placed("00700", date(2025, 12, 14)) == (None, "other_province")
    assert placed("00700", date(2026, 12, 14)) == (None, "other_province")
    neighbour = build_gazetteer(reference, "08")
    assert "00694@2025-07-01" in neighbour.units and "05500@2025-07-01" not in neighbour.units
    assert (
        build_gazetteer(reference, "04").eras
        == build_gazetteer(build_reference(source, built_in_events()), "04").eras
    )


def test_a_row_waits_for_its_day(write: Write, tmp_path: Path) -> None:
    path = write(f"2026-03-01,05467,Phường Gia Sàng,05467,Phường Mới,1,{ACT}")
    before = events_of(path, tmp_path, date(2026, 2, 28))
    assert before == built_in_events()
    assert len(events_of(path, tmp_path, date(2026, 3, 1))) == len(before) + 1


def test_shares_of_a_unit_that_the_merger_divided(source: Source, write: Write) -> None:
    head = f"{HEAD},share_method"
    path = write(
        "2025-07-01,05932,Xã Thượng Đình,05908,Xã Phú Bình,0.62,Lists of 2024 and 2025,split_by_households",
        "2025-07-01,05932,Xã Thượng Đình,05941,Xã Điềm Thụy,0.38,Lists of 2024 and 2025,split_by_households",
        head=head,
    )
    reference = build_reference(source, with_own(built_in_events(), read_events(path)))
    rows = [r for r in reference.bridge.to_pylist() if r["old_unit_id"] == "05932@2016-01-01"]
    assert {(r["commune_code"], r["weight"], r["method"]) for r in rows} == {
        ("05908", Decimal("0.62"), "split_by_households"), ("05941", Decimal("0.38"), "split_by_households"),
    }  # fmt: skip


def test_a_known_edge_takes_the_share_of_the_deployment(source: Source, write: Write) -> None:
    """Of Lương Hạ (2020) the project knows no shares; who does, writes them."""
    path = write(
        f"2020-02-01,02155,Xã Lương Hạ,02152,Xã Cường Lợi,0.25,{ACT}",
        f"2020-02-01,02155,Xã Lương Hạ,02155,Thị trấn Yến Lạc,0.75,{ACT}",
    )
    reference = build_reference(source, with_own(built_in_events(), read_events(path)))
    rows = [r for r in reference.bridge.to_pylist() if r["old_unit_id"] == "02155@2016-01-01"]
    assert {r["commune_code"]: r["weight"] for r in rows} == {
        "02152": Decimal("0.25"),
        "02155": Decimal("0.75"),
    }


BAD = {
    "unknown code": (
        [f"2018-03-01,99001,Xã Một,99002,Xã Hai,1,{ACT}"],
        ["row 2", "99002", "on no list"],
    ),
    "gap": (  # 02134 was retired in 2020: nothing says what became of it after 2021
        [f"2021-03-01,99001,Xã Một,02134,Thị trấn Yến Lạc,1,{ACT}"],
        ["row 2", "gap", "02134", "2021-03-01"],
    ),
    "overlap": (  # 05443 stands on, and cannot have ended into another
        [f"2018-03-01,05443,Phường Trưng Vương,05446,Phường Quang Trung,1,{ACT}"],
        ["row 2", "overlap", "05443"],
    ),
    "another name": (
        [f"2018-03-01,05443,Phường Cũ,05443,Phường Không Phải,1,{ACT}"],
        ["row 2", "two meanings", "05443", "Phường Trưng Vương"],
    ),
    "two names in the file": (
        [
            f"2018-03-01,99001,Xã Một,05443,Phường Trưng Vương,1,{ACT}",
            f"2018-03-01,99001,Xã Hai,05446,Phường Quang Trung,1,{ACT}",
        ],
        ["row 3", "two meanings", "99001", "row 2"],
    ),
    "shares": (
        [
            f"2018-03-01,99001,Xã Một,05443,Phường Trưng Vương,0.5,{ACT}",
            f"2018-03-01,99001,Xã Một,05446,Phường Quang Trung,0.4,{ACT}",
        ],
        ["row 2", "99001", "0.900000", "not 1"],
    ),
    "some shares": (
        [
            f"2018-03-01,99001,Xã Một,05443,Phường Trưng Vương,0.5,{ACT}",
            f"2018-03-01,99001,Xã Một,05446,Phường Quang Trung,,{ACT}",
        ],
        ["row 2", "99001", "all or none"],
    ),
    "circle": (
        [
            f"2018-03-01,99001,Xã Một,99002,Xã Hai,1,{ACT}",
            f"2018-03-01,99002,Xã Hai,99003,Xã Ba,1,{ACT}",
            f"2018-03-01,99003,Xã Ba,99001,Xã Một,1,{ACT}",
        ],
        ["row 2", "circle", "99001"],
    ),
    "chain in a day": (
        [
            f"2018-03-01,99001,Xã Một,99002,Xã Hai,1,{ACT}",
            f"2018-03-01,99002,Xã Hai,05443,Phường Trưng Vương,1,{ACT}",
        ],
        ["row 2", "the same day"],
    ),
    "twice": (
        [f"2018-03-01,99001,Xã Một,05443,Phường Trưng Vương,1,{ACT}"] * 2,
        ["row 3", "stands already", "row 2"],
    ),
    "date": ([f"01/03/2018,99001,Xã Một,05443,Phường Trưng Vương,1,{ACT}"], ["row 2", "2020-02-01"]),
    "too early": (
        [f"2015-03-01,05443,Phường A,05443,Phường Trưng Vương,1,{ACT}"],
        ["row 2", "2016-01-01"],
    ),
    "code": (
        [f"2018-03-01,5443,Xã Một,05443,Phường Trưng Vương,1,{ACT}"],
        ["row 2", "'5443'", "five digits"],
    ),
    "prefix": (
        [f"2018-03-01,99001,Một,05443,Phường Trưng Vương,1,{ACT}"],
        ["row 2", "'Một'", "thị trấn"],
    ),
    "share": ([f"2018-03-01,99001,Xã Một,05443,Phường Trưng Vương,1.5,{ACT}"], ["row 2", "'1.5'"]),
    "no act": (
        ["2018-03-01,99001,Xã Một,05443,Phường Trưng Vương,1,"],
        ["row 2", "legal_basis is blank"],
    ),
    "comma": ([f"2018-03-01,99001,Xã Một,05443,Phường A,1,{ACT},thừa"], ["row 2", "more cells"]),
    "the merger's day": (
        [f"2025-07-01,05443,Phường Trưng Vương,05500,Phường Tích Lương,1,{ACT}"],
        ["row 2", "05443", "built in"],
    ),
    "another old name on the merger's day": (
        [f"2025-07-01,05932,Xã Sai Tên,05908,Xã Phú Bình,1,{ACT}"],
        ["row 2", "05932", "Xã Sai Tên", "Xã Thượng Đình", "correct the name"],
    ),
    "another new name on the merger's day": (
        [f"2025-07-01,05932,Xã Thượng Đình,05908,Xã Sai,1,{ACT}"],
        ["row 2", "05908", "Xã Sai", "Xã Phú Bình", "correct the name"],
    ),
    "two provinces": (
        [
            f"2026-03-01,05500,Phường Tích Lương,05999,Phường Mới,1,{ACT}",
            f"2026-03-01,00694,Phường Hà Giang 1,05999,Phường Mới,1,{ACT}",
        ],
        ["row 2", "05999", "08, 19", "from 05999 to 05999"],
    ),
    "a part of the merger": (
        [f"2025-07-01,05932,Xã Thượng Đình,05908,Xã Phú Bình,1,{ACT}"],
        ["row 2", "05941", "missing"],
    ),
    "ended already": (
        [f"2026-03-01,05461,Phường Gia Sàng,05467,Phường Gia Sàng,1,{ACT}"],
        ["row 2", "gap", "05461"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named_with_row_and_fix(source: Source, write: Write, case: str) -> None:
    rows, words = BAD[case]
    told = refused(source, write(*rows))
    assert "commune_events.csv" in told
    assert all(word in told for word in words), told


def test_all_that_is_wrong_is_told_at_once(source: Source, write: Write) -> None:
    rows, _ = BAD["overlap"]
    more, _ = BAD["gap"]
    told = refused(source, write(*rows, *more))
    assert "row 2" in told and "row 3" in told


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"effective_date;old_code\n", "old_name is missing"), (b"\xff\xfe", "UTF-8"), (None, "cannot be read")],
)
def test_a_file_that_is_no_event_file(tmp_path: Path, content: bytes | None, word: str) -> None:
    path = tmp_path / "doi-xa.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EventsUnusable, match=word):
        read_events(path)


def test_an_unknown_column_is_named(write: Write) -> None:
    path = write(head=f"{HEAD},ghi chú")
    with pytest.raises(EventsUnusable, match="'ghi chú' is not known"):
        read_events(path)


def test_without_a_file_of_its_own_a_home_has_the_built_in_events(tmp_path: Path) -> None:
    assert events_of(None, tmp_path, date(2026, 11, 23)) == built_in_events()
    (tmp_path / "commune_events.csv").write_text(f"{HEAD}\n{RENAME}\n", encoding="utf-8")
    assert len(events_of(None, tmp_path, date(2026, 11, 23))) == len(built_in_events()) + 1
    with pytest.raises(EventsUnusable, match="cannot be read"):
        events_of(tmp_path / "nowhere.csv", tmp_path, date(2026, 11, 23))


def test_the_built_in_events_are_sourced_and_sound() -> None:
    text = Path(__file__).parents[3] / "assets" / "places" / "commune_events.csv"
    rows = pd.read_csv(text, dtype=str, keep_default_na=False)
    assert (rows.legal_basis.str.startswith("Nghị quyết ") & rows.source.ne("")).all()
    assert set(rows.provenance) == {"found", "unverified"}
    assert isinstance(built_in_events()[0], Event) and built_in_events()[0].day - timedelta(1) == date(
        2017, 8, 17
    )
