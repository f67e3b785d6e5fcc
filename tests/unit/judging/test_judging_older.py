"""Files that are older by their date than others of their communes: what counts of them is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MakeOffice = Callable[..., Any]
HEAD = "Mã xã;Thôn;Mã hộ;Chủ hộ;Số nhân khẩu;Phân loại"


def village(code: str, name: str, *households: int) -> list[str]:
    return [f"{code};{name};{number};A;4;Hộ nghèo" for number in households]


@pytest.fixture
def late(office: MakeOffice, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An office that sent two communes' lists; what it sends from now on came later."""
    one = office("survey_household")
    one.send("chuan-cu_05968_20241220.csv", HEAD, *village("01849", "Xóm 1", 1))
    one.send("dau_20241210.csv", HEAD, *village("01840", "Xóm 1", 1, 2))
    one._pull()
    monkeypatch.setattr("assets.pulling.pull.now", lambda: "2099-01-01T00:00:00+00:00")
    return one


def told(office: Any) -> list[str]:
    sentences: list[str] = office.tally(office.judge()).older_files()
    return sentences


def test_the_file_that_holds_the_place_is_named_and_no_other_commune_s(late: Any) -> None:
    late.send("tre_20241201.csv", HEAD, *village("01840", "Xóm 1", 1, 3))
    (sentence,) = told(late)
    assert sentence.startswith("tre_20241201.csv: older by its date")
    assert "such as dau_20241210.csv" in sentence and "05968" not in sentence
    assert sentence.endswith("all its 2 records; nothing of it counts")


def test_an_older_file_that_fills_villages_beside_a_newer_one_of_its_commune_is_told(late: Any) -> None:
    late.send("tre_20241201.csv", HEAD, *village("01840", "Xóm 2", 1, 2, 3))
    judgement = late.judge()
    assert not judgement.records.superseded.any()
    assert late.tally(judgement).older_files() == [
        "tre_20241201.csv: older by its date than dau_20241210.csv of the same commune; 3 records of it count "
        "beside that one, in villages that it lacks"
    ]


def test_so_is_one_that_came_first_and_lost_only_some_of_its_villages(office: MakeOffice) -> None:
    """The newer list has a village under another name: its households would stand twice."""
    one = office("survey_household")
    one.send("a_20241201.csv", HEAD, *village("01840", "Xóm 1", 1), *village("01840", "Xóm 2", 1))
    one.send("b_20241210.csv", HEAD, *village("01840", "Xóm 1", 1), *village("01840", "Xóm Hai", 1))
    (sentence,) = told(one)
    assert sentence.startswith("a_20241201.csv: older by its date than b_20241210.csv")
    assert "1 records of it count" in sentence


def test_villages_sent_one_after_the_other_and_another_commune_s_list_are_no_finding(
    office: MakeOffice,
) -> None:
    one = office("survey_household")
    one.send("a_20241201.csv", HEAD, *village("01840", "Xóm 1", 1))
    one.send("b_20241210.csv", HEAD, *village("01840", "Xóm 2", 1), *village("01849", "Xóm 1", 1))
    assert told(one) == []


def test_a_village_of_a_single_household_is_told_too(late: Any) -> None:
    """No other record shares its slot, and it counts beside the newer list all the same."""
    late.send("tre_20241201.csv", HEAD, *village("01840", "Xóm 2", 1))
    assert late.tally(late.judge()).older_files() == [
        "tre_20241201.csv: older by its date than dau_20241210.csv of the same commune; 1 records of it count "
        "beside that one, in villages that it lacks"
    ]


def test_so_is_one_where_no_village_of_the_year_has_a_second_household(
    office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = office("survey_household")
    one.send("dau_20241210.csv", HEAD, *village("01840", "Xóm 1", 1))
    one._pull()
    monkeypatch.setattr("assets.pulling.pull.now", lambda: "2099-01-01T00:00:00+00:00")
    one.send("tre_20241201.csv", HEAD, *village("01840", "Xóm 2", 1))
    (sentence,) = told(one)
    assert sentence.startswith("tre_20241201.csv: older by its date than dau_20241210.csv")
