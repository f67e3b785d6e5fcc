"""Years of one run, each by itself: one that fails is named and does not undo the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets import accepted, raw
from assets.again import ASKED_AGAIN, ask_again
from assets.errors import HomeUnusable
from assets.evidence import year_evidence
from assets.failing import _older
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, RAW_FILE
from assets.places.events import built_in_events
from assets.places.gazetteer import Gazetteer, build_gazetteer
from assets.places.reference import NAMES, build_reference
from assets.places.source import read_source
from assets.raw import ReaderBroken, _read_or_tell, read_year
from assets.staleness import StaleYears, _changed_judgement
from checks.gate import BROKEN, DbtEvidence, Evidence, objections

MakeOffice = Callable[..., Any]
YEARS = (2021, 2022, 2023)
HEAD = "Mã món vay;Mã xã;Chương trình;Ngày giải ngân;Số tiền giải ngân;Dư nợ;Ngày số liệu"


def line(year: int, amount: str = "40.000.000") -> str:
    return f"6600000123;01840;Hộ nghèo;01/03/2021;50.000.000;{amount};31/01/{year}"


@pytest.fixture
def bank(office: MakeOffice, monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """Three years of one table in one home, landed and read."""
    one = office("loan_ledger", YEARS[0])
    years = {year: replace(one, year=year) for year in YEARS}
    for year, of_year in years.items():
        of_year.send(f"du-no_{year}0131.csv", HEAD, line(year))
        of_year._pull()
    monkeypatch.setattr(accepted, "load_gazetteer", lambda *_: one.gazetteer)
    return years


def accept(bank: dict[int, Any], *years: int) -> tuple[list[int], dict[int, str]]:
    one = bank[YEARS[0]]
    kept, stopped = accepted.accept_years(one.workplace, one.journal, one.contract, years or YEARS)
    return [k.year for k in kept], stopped


def breaking(monkeypatch: pytest.MonkeyPatch, error: Exception, *years: int) -> None:
    judged = accepted.judge_year

    def judge(workplace: Any, journal: Any, contract: Any, year: int, gazetteer: Any) -> Any:
        if year in years:
            raise error
        return judged(workplace, journal, contract, year, gazetteer)

    monkeypatch.setattr(accepted, "judge_year", judge)


def checks(bank: dict[int, Any], year: int, name: str) -> dict[str, Any]:
    query = sa.select(CHECK_RESULT).filter_by(year=year, check_name=name)
    (row,) = bank[year].journal.rows(query)
    return dict(row)


def test_a_year_that_cannot_be_judged_leaves_the_others_and_blocks_publication(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, ValueError("Hoàng Thị Mẫu"), 2022)
    assert accept(bank) == ([2021, 2023], {2022: "judging ended in ValueError"})
    told = checks(bank, 2022, "reconciliation")
    assert told["blocking"] and not told["passed"]
    assert told["detail"] == {BROKEN: "judging ended in ValueError"}
    judged = {row["year"] for row in bank[2021].journal.rows(sa.select(ACCEPTED_STATE))}
    assert judged == {2021, 2023}


def test_once_it_can_be_judged_nothing_stands_against_it(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        breaking(patched, ValueError(), 2022)
        accept(bank)
    before = {row["year"]: row["at"] for row in bank[2021].journal.rows(sa.select(ACCEPTED_STATE))}
    assert accept(bank) == ([2021, 2022, 2023], {})
    assert checks(bank, 2022, "reconciliation")["passed"]
    after = {row["year"]: row["at"] for row in bank[2021].journal.rows(sa.select(ACCEPTED_STATE))}
    assert {year: after[year] for year in before} == before


def test_where_no_year_can_be_judged_the_error_is_the_step_s(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, ValueError("all"), *YEARS)
    with pytest.raises(ValueError, match="all"):
        accept(bank)


@pytest.mark.parametrize("error", [OSError("disk"), MemoryError(), HomeUnusable("home")])
def test_what_the_machine_lacks_is_no_fault_of_a_year(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    breaking(monkeypatch, error, 2021)
    with pytest.raises(type(error)):
        accept(bank)


def test_a_file_that_breaks_the_reader_fails_its_year_alone(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = raw.read_file

    def broken(path: Path, contract: Any, name: str) -> Any:
        if "2022" in name:
            raise ValueError("Hoàng Thị Mẫu")
        return read(path, contract, name)

    one = bank[2022]
    ask_again(one.journal, YEARS)
    monkeypatch.setattr(raw, "read_file", broken)
    found = {year: _read_or_tell(one.workplace, one.journal, one.contract, year) for year in YEARS}
    assert [year for year, read_of in found.items() if not read_of.readable] == [2022]
    assert found[2022].broken.startswith("loan_ledger 2022 du-no_20220131.csv: ValueError")
    assert checks(bank, 2022, "shape")["detail"][BROKEN] == found[2022].broken
    assert accept(bank) == ([2021, 2023], {2022: "no file of it can be read"})
    monkeypatch.setattr(raw, "read_file", read)
    assert read_year(one.workplace, one.journal, one.contract, 2022).readable
    assert accept(bank) == ([2021, 2022, 2023], {})
    with pytest.raises(ReaderBroken):
        monkeypatch.setattr(raw, "read_file", broken)
        ask_again(one.journal, YEARS)
        read_year(one.workplace, one.journal, one.contract, 2022)


def test_years_asked_for_again_are_read_and_judged_again_and_stale_until_then(bank: dict[int, Any]) -> None:
    accept(bank)
    one = bank[2022]
    ask_again(one.journal, [2022])
    readers = {row["year"]: row["reader"] for row in one.journal.rows(sa.select(RAW_FILE))}
    assert readers[2022] == ASKED_AGAIN and ASKED_AGAIN not in (readers[2021], readers[2023])
    stale = StaleYears()
    _changed_judgement(one.workplace, one.journal, stale)
    assert stale.reasons == {2022: ["loan_ledger: asked for again"]}
    assert read_year(one.workplace, one.journal, one.contract, 2022).read_now == 1
    accept(bank)
    stale = StaleYears()
    _changed_judgement(one.workplace, one.journal, stale)
    assert stale.reasons == {}


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("files", "the landed files"),
        ("contract", "the contract of its year"),
        ("seeds", "standards or programmes (seeds) of its time"),
        ("reference", "the list of communes"),
    ],
)
def test_a_stale_year_says_what_changed(bank: dict[int, Any], part: str, told: str) -> None:
    accept(bank)
    one = bank[2022]
    (row,) = one.journal.rows(sa.select(ACCEPTED_STATE).filter_by(year=2022))
    row["made_from"] = row["made_from"] | {part: "another"}
    one.journal.put(ACCEPTED_STATE, [row | {"fingerprint": "another"}])
    stale = StaleYears()
    _changed_judgement(one.workplace, one.journal, stale)
    assert stale.reasons == {2022: [f"loan_ledger: changed since it was judged: {told}"]}


def held_by_places(one: Any) -> list[int | None]:
    """The years that the gate holds for the communes that they were placed by."""
    years = tuple(year_evidence(one.workplace, one.journal, None))
    found = objections(Evidence(years, (), DbtEvidence(True, True, ()), ()))
    return [objection.year for objection in found if objection.check == "communes"]


def test_a_release_waits_until_all_years_stand_on_the_present_list_of_communes(bank: dict[int, Any]) -> None:
    """A split entered afterwards: a backfill of one year must not carry the others over the new map."""
    one = bank[2022]
    accept(bank)
    assert held_by_places(one) == []
    folder = one.workplace.home.reference
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        folder.joinpath(f"{name}.parquet").write_bytes(b"another map")
    assert held_by_places(one) == [2021, 2022, 2023]
    accept(bank, 2022)
    assert held_by_places(one) == [2021, 2023]
    accept(bank)
    assert held_by_places(one) == []
    moved = replace(one, workplace=replace(one.workplace, province="04"))
    assert held_by_places(moved) == [2021, 2022, 2023]


def test_a_year_of_which_nobody_noted_by_what_it_was_placed_is_held(bank: dict[int, Any]) -> None:
    accept(bank)
    one = bank[2022]
    (row,) = one.journal.rows(sa.select(ACCEPTED_STATE).filter_by(year=2022))
    one.journal.put(ACCEPTED_STATE, [row | {"made_from": None}])
    assert held_by_places(one) == [2022]


def test_a_file_dated_before_what_holds_its_place_is_named(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(bank)
    one = bank[2022]
    assert list(_older(one.journal)) == []
    monkeypatch.setattr("assets.pulling.pull.now", lambda: "2099-01-01T00:00:00+00:00")
    one.send("du-no_20220115.csv", HEAD, line(2022, "39.000.000"))
    one._pull()
    accept(bank)
    (entry,) = _older(one.journal)
    assert (entry.where, entry.year, entry.severity) == ("loan_ledger", 2022, "warning")
    assert entry.found.startswith("du-no_20220115.csv: older by its date than files that came before it")
    assert entry.found.endswith("nothing of it counts")


def test_a_newer_file_that_replaces_all_of_an_older_one_is_no_older_file(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bank[2022]
    monkeypatch.setattr("assets.pulling.pull.now", lambda: "2099-01-01T00:00:00+00:00")
    one.send("du-no_20220215.csv", HEAD, line(2022, "39.000.000"))
    one._pull()
    accept(bank)
    assert list(_older(one.journal)) == []


def test_a_year_that_was_held_under_another_province_is_judged_again_under_its_own(
    bank: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def reasons() -> dict[int, list[str]]:
        stale = StaleYears()
        _changed_judgement(bank[2021].workplace, bank[2021].journal, stale)
        return stale.reasons

    accept(bank)
    assert reasons() == {}
    one = bank[2021]
    elsewhere = replace(one.workplace, province="04")
    with monkeypatch.context() as patch:
        patch.setattr(accepted, "load_gazetteer", lambda *_: _gazetteer_of("04"))
        accepted.accept_years(elsewhere, one.journal, one.contract, (2021,))
    assert not checks(bank, 2021, "table_rules")["passed"]
    # What stands is the year of its own province, but what was found of it is not.
    assert reasons() == {2021: ["loan_ledger: its checks last ran on other inputs than its accepted records"]}
    accept(bank, 2021)
    assert reasons() == {} and checks(bank, 2021, "table_rules")["passed"]


def _gazetteer_of(province: str) -> Gazetteer:
    return build_gazetteer(build_reference(read_source(), built_in_events()), province)
