"""How a divided unit's households went to its heirs, by lists written by hand and by chance."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from assets.places.divided import COLUMNS, Division, divisions
from assets.places.divided_events import event_rows, with_rows
from assets.places.divided_lists import read_lists
from assets.places.events import built_in_events, read_events, with_own
from assets.places.history import build_lineage
from assets.places.lineage import Lineage
from assets.places.source import Source
from assets.places.villages import read_villages
from pipelines.cli.shares import run_shares, why_not_written
from pipelines.settings import Settings

# Phường Cam Giá went to Phường Gia Sàng and Phường Tích Lương on 1 July 2025.
CAM_GIA, GIA_SANG, TICH_LUONG = "05467@2016-01-01", "05467@2025-07-01", "05500@2025-07-01"
ELSEWHERE = "05437@2016-01-01"
TODAY = date(2026, 11, 24)
DRAWN = "Tổ mẫu"
OWN = """effective_date,old_code,old_name,new_code,new_name,share,legal_basis
2018-03-01,05443,Phường Tên Cũ,05443,Phường Trưng Vương,1,Nghị quyết 1/NQ
"""
Row = tuple[str, int, str | None, str | None]


@pytest.fixture(scope="module")
def lineage(source: Source) -> Lineage:
    return build_lineage(source, built_in_events())


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a table; a list is of December of its year."""
    days = pd.to_datetime([f"{row[1]}-12-14" for row in rows])
    table = pd.DataFrame(list(rows), columns=["unit_id", "year", "village", "head"])
    return table.assign(day=days)[list(COLUMNS)]


def of_cam_gia(lineage: Lineage, *rows: Row) -> Division:
    found = divisions(lineage, "19", frame(rows), TODAY)
    return next(division for division in found if division.unit.unit_id == CAM_GIA)


def village(name: str | None, heads: str, unit: str = CAM_GIA, year: int = 2024) -> list[Row]:
    """A village of one list: a household a letter, `-` one without a number."""
    return [(unit, year, name, None if head == "-" else head) for head in heads]


def test_a_village_goes_where_its_households_are_listed(lineage: Lineage) -> None:
    before = [*village("tổ 1", "abc--"), *village("tổ 2", "def"), *village("tổ 3", "gh")]
    after = [*village("tổ 1 mới", "ab", GIA_SANG, 2025), *village("tổ 9", "ef", TICH_LUONG, 2025)]
    evidence = of_cam_gia(lineage, *before, *after).evidence
    assert (evidence.last_year, evidence.next_year) == (2024, 2025)
    # The third village is on no later list: eight of ten households are known, five of them of the first.
    assert (evidence.known_villages, evidence.villages) == (2, 3)
    assert (evidence.known_households, evidence.households) == (8, 10)
    assert evidence.shares == (Decimal("0.625000"), Decimal("0.375000"))


def test_a_village_that_was_cut_counts_in_parts(lineage: Lineage) -> None:
    after = [*village("x", "abc", GIA_SANG, 2025), *village("y", "d", TICH_LUONG, 2025)]
    assert of_cam_gia(lineage, *village("tổ 1", "abcd"), *after).evidence.shares == (
        Decimal("0.750000"), Decimal("0.250000"),
    )  # fmt: skip


def test_without_a_household_on_both_lists_the_name_tells(lineage: Lineage) -> None:
    before = [*village("tổ 1", "--"), *village("tổ 2", "-")]
    after = [*village("tổ 1", "z", GIA_SANG, 2025), *village("tổ 2", "y", TICH_LUONG, 2025)]
    assert of_cam_gia(lineage, *before, *after).evidence.shares == (Decimal("0.666666"), Decimal("0.333334"))


def test_a_name_that_both_heirs_have_or_that_came_from_elsewhere_tells_nothing(lineage: Lineage) -> None:
    before = [*village("tổ 1", "--"), *village("tổ 2", "--"), *village("x", "q", ELSEWHERE)]
    after = [
        *village("tổ 1", "r", GIA_SANG, 2025), *village("tổ 1", "s", TICH_LUONG, 2025),
        *village("tổ 2", "q", GIA_SANG, 2025),
    ]  # fmt: skip
    evidence = of_cam_gia(lineage, *before, *after).evidence
    assert evidence.known_villages == 0 and evidence.shares is None


def test_only_the_last_list_before_and_the_next_after_count(lineage: Lineage) -> None:
    older = village("tổ 1", "abcdefgh", year=2023)
    before = [*village("tổ 1", "ab"), *village("tổ 2", "cd")]
    after = [*village("x", "a", GIA_SANG, 2025), *village("y", "c", TICH_LUONG, 2025)]
    later = village("x", "cd", GIA_SANG, 2026)
    assert of_cam_gia(lineage, *older, *before, *after, *later).evidence.shares == (Decimal("0.5"),) * 2


def test_a_later_list_under_the_old_name_and_an_earlier_one_on_the_new_map_tell_nothing(
    lineage: Lineage,
) -> None:
    before = [*village("tổ 1", "abc"), *village("tổ 2", "d")]
    after = [*village("x", "ab", GIA_SANG, 2025), *village("y", "d", TICH_LUONG, 2025)]
    strays = [*village("tổ 1", "z", CAM_GIA, 2025), *village("tổ 2", "a", TICH_LUONG, 2023)]
    alone = of_cam_gia(lineage, *before, *after)
    assert of_cam_gia(lineage, *before, *after, *strays) == alone
    assert alone.evidence.shares == (Decimal("0.75"), Decimal("0.25"))


def test_units_of_the_former_province_are_the_province_s(lineage: Lineage) -> None:
    found = {division.unit.commune_name for division in divisions(lineage, "19", frame(()), TODAY)}
    assert {"Xã Lương Hạ", "Phường Cam Giá"} <= found
    assert not {d.unit.unit_id for d in divisions(lineage, "04", frame(()), TODAY)} & {CAM_GIA}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "no accepted list of the unit from before"),
        (village("tổ 1", "ab"), "no accepted list of an heir from after"),
        ([*village("tổ 1", "a"), *village("tổ 2", "bcd"), *village("x", "a", GIA_SANG, 2025)],
         "villages of fewer than 50% of the households are known on both sides"),
        ([*village("tổ 1", "ab"), *village("x", "ab", GIA_SANG, 2025)],
         "one heir shows no household of the unit"),
        # A number that stands twice on a list tells neither household.
        ([*village("tổ 1", "aa"), *village("x", "a", GIA_SANG, 2025)],
         "villages of fewer than 50% of the households are known on both sides"),
    ],
)  # fmt: skip
def test_too_little_evidence_says_why(lineage: Lineage, rows: list[Row], why: str) -> None:
    division = of_cam_gia(lineage, *rows)
    assert division.evidence.why_not == why
    assert division.evidence.shares is None and event_rows([division]) == []


_HOUSEHOLDS = st.lists(
    st.tuples(
        st.sampled_from([CAM_GIA, GIA_SANG, TICH_LUONG, ELSEWHERE]),
        st.sampled_from([2023, 2024, 2025, 2026]),
        st.sampled_from([None, "tổ 1", "tổ 2", "tổ 3"]),
        st.one_of(st.none(), st.sampled_from("abcdefghijkl")),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(_HOUSEHOLDS)
def test_shares_add_up_and_fit_the_events_whatever_the_lists_hold(lineage: Lineage, rows: list[Row]) -> None:
    found = divisions(lineage, "19", frame(rows), TODAY)
    evidence = next(division for division in found if division.unit.unit_id == CAM_GIA).evidence
    assert (evidence.shares is None) == (evidence.why_not is not None)
    assert evidence.known_households <= evidence.households
    if evidence.shares:
        assert sum(evidence.shares) == 1 and min(evidence.shares) > 0
    assert found == divisions(lineage, "19", frame(rows[::-1]), TODAY)


def _home(tmp_path: Path) -> Settings:
    """A home with the lists of two years, as they are accepted."""
    place = Settings(_env_file=None, home=tmp_path / "home", province="19")
    home = place.workplace().home
    before = [*village("Tổ 1", "abc"), *village("Tổ 2", "d"), *village(DRAWN, "abcde")]
    after = [*village("Tổ 1", "ab", GIA_SANG, 2025), *village("Tổ 5", "d", TICH_LUONG, 2025)]
    for year, rows in ((2024, before), (2025, after)):
        path = home.partition("accepted", "survey_household", year)
        path.parent.mkdir(parents=True)
        columns = {
            "unit_id": [row[0] for row in rows], "village": [row[2] for row in rows],
            "head_citizen_id_pseudonym": [row[3] for row in rows], "standard": ["VN-2022"] * len(rows),
            "record_date": [date(year, 12, 14)] * len(rows),
            "is_sampled": [row[2] == DRAWN for row in rows],
        }  # fmt: skip
        pq.write_table(pa.table(columns), path)
    return place


def test_the_command_writes_events_that_are_taken(tmp_path: Path, source: Source) -> None:
    place, written = _home(tmp_path), tmp_path / "events.csv"
    home, console = place.workplace().home, Console(record=True, width=220)
    assert set(read_lists(home)["village"]) == {"tổ 1", "tổ 2", "tổ 5"}
    # What stands in the deployment's own file stays.
    home.root.joinpath("commune_events.csv").write_text(OWN, encoding="utf-8")
    assert run_shares(place, written, console)
    told = console.export_text(clear=False)
    assert "0.750" in told and "holds 2 new shares" in told and "no accepted list" in told
    rows = read_events(written)
    assert [(event.old_code, event.new_code, event.share) for event in rows] == [
        ("05443", "05443", 1), ("05467", "05467", Fraction(3, 4)), ("05467", "05500", Fraction(1, 4)),
    ]  # fmt: skip
    events = with_own(built_in_events(), rows[1:])
    found = divisions(build_lineage(source, events), "19", read_lists(home), TODAY)
    cam_gia = next(division for division in found if division.unit.unit_id == CAM_GIA)
    assert [float(share) for share in cam_gia.in_force] == [0.75, 0.25]
    assert cam_gia.method == "split_by_households"
    assert cam_gia.legal_basis == "Nghị quyết 1683/NQ-UBTVQH15; Quyết định 19/2025/QĐ-TTg"
    # Tổ 1 went to one heir by its households, tổ 2 too; a refresh would place their households by it.
    went = read_villages(tmp_path / "commune_villages.csv")
    assert [(row.village, row.new_code) for row in went] == [("tổ 1", "05467"), ("tổ 2", "05500")]
    assert "holds 2 new villages" in console.export_text()
    tmp_path.joinpath("commune_villages.csv").replace(home.root / "commune_villages.csv")
    # Once they are in force there is nothing left to write.
    written.replace(home.root / "commune_events.csv")
    written.parent.joinpath("commune_events.csv").unlink(missing_ok=True)
    assert run_shares(place, written, console) and not written.exists()
    assert "Nothing to write" in console.export_text()


def test_an_edge_that_stands_in_the_file_gets_its_share_and_keeps_the_rest() -> None:
    standing = (
        "effective_date,old_code,old_name,new_code,new_name,kind,legal_basis\n"
        '2020-02-01,02155,"Xã Lương Hạ",02152,Xã Văn Lang,split,"Nghị quyết 855, điều 1"\n'
    )
    new = {
        "effective_date": "2020-02-01", "old_code": "02155", "old_name": "Xã Lương Hạ", "new_code": "02152",
        "new_name": "Xã Văn Lang", "share": "0.600000", "share_method": "split_by_households",
        "legal_basis": "x", "provenance": "lists",
    }  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(with_rows(standing, [new])))
    assert row == new | {"kind": "split", "legal_basis": "Nghị quyết 855, điều 1"}
    assert with_rows(with_rows(standing, [new]), [new]) == with_rows(standing, [new])


def test_lists_that_cannot_be_read_and_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    place, console = _home(tmp_path), Console(record=True, width=220)
    assert not run_shares(place, tmp_path / ("x" * 300), console)
    assert "cannot be written" in console.export_text()
    place.workplace().home.partition("accepted", "survey_household", 2025).write_bytes(b"half")
    assert not run_shares(place, None, console)
    assert "the accepted lists cannot be read" in console.export_text()
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_neither_of_the_two_files_may_be_in_force_or_replace_another(tmp_path: Path) -> None:
    events = tmp_path / "deployment" / "events.csv"
    place = Settings(_env_file=None, home=tmp_path / "home", province="19", commune_events=events)
    home = place.workplace().home.root
    for folder in ("home", "deployment", "full", "free"):
        tmp_path.joinpath(folder).mkdir(exist_ok=True)
    tmp_path.joinpath("full", "commune_villages.csv").write_text("somebody's", encoding="utf-8")
    tmp_path.joinpath("link").symlink_to(home)
    for named, words in (
        (home / "new.csv", "commune_villages.csv: in force at once"),
        (tmp_path / "free" / ".." / "home" / "new.csv", "in force at once"),
        (tmp_path / "link" / "new.csv", "in force at once"),
        (events, "events.csv: in force at once"),
        (tmp_path / "free" / "commune_villages.csv", "the villages are written under this name"),
        (tmp_path / "full" / "new.csv", "commune_villages.csv: it is there already"),
        (tmp_path / "free", "it is there already"),
        (Path("/"), "it is there already"),
        (tmp_path / "nowhere" / "new.csv", "in a folder that is"),
    ):
        assert words in why_not_written(place, named), named
    assert why_not_written(place, tmp_path / "free" / "new.csv") == ""
