"""Flags, categories, codes and texts."""

from __future__ import annotations

from importlib import resources

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assets.values.categories import folded_spellings
from checks.contract import load_vocabulary

from .reading import one, read

BAD = "unreadable"
VOCABULARIES = [
    "sex", "area_type", "poverty_class", "change_type", "standard", "loan_status", "beneficiary_type",
    "housing_beneficiary", "work_type", "solidity", "programme", "ethnicity",
    "schooling", "growth", "work_status", "material", "water_supply", "latrine",
]  # fmt: skip


@pytest.mark.parametrize("text", ["x", "X", "✓", "có", "Có", "CÓ", "co\u0301", "1", "true", "TRUE", "yes"])
def test_yes(text: str) -> None:
    assert one(text, "flag") is True


@pytest.mark.parametrize("text", ["", None, " ", "-", "--", "NULL", "0", "không", "Không", "false", "No"])
def test_no(text: str | None) -> None:
    assert one(text, "flag") is False


@pytest.mark.parametrize("text", ["", None, " ", "-", "--", "NULL"])
def test_a_blank_answer_is_none(text: str | None) -> None:
    parsed = read([text, "Không", "x"], "answer")
    assert parsed.values.to_pylist() == [None, False, True]
    assert not any(parsed.unreadable.to_pylist())


@pytest.mark.parametrize("text", ["2", "?", "xx", "có thể"])
def test_unreadable_flags_are_null(text: str) -> None:
    parsed = read([text, None], "flag")
    assert parsed.values.to_pylist() == [None, False]
    assert parsed.unreadable.to_pylist() == [True, False]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_spelling_finds_its_value(vocabulary: str) -> None:
    for value, spellings in load_vocabulary(vocabulary).items():
        for spelling in (value, *spellings):
            assert one(f" {spelling.upper()} ", "category", vocabulary=vocabulary) == value
            assert one(spelling.replace(" ", "  "), "category", vocabulary=vocabulary) == value


def test_the_list_of_vocabularies_is_whole() -> None:
    text = resources.files("checks").joinpath("vocabularies.yaml").read_text(encoding="utf-8")
    assert sorted(yaml.safe_load(text)) == sorted(VOCABULARIES)


def test_tone_placement_and_accents() -> None:
    assert one("xoá nợ", "category", vocabulary="loan_status") == "written_off"
    assert one("xóa  nợ", "category", vocabulary="loan_status") == "written_off"
    assert one("Ho ngheo", "category", vocabulary="poverty_class") == BAD
    assert one("Hmông", "category", vocabulary="ethnicity") == "Mông"
    assert one("1.0", "category", vocabulary="sex") == "male"


def test_two_values_with_one_spelling_are_a_fault_of_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "assets.values.categories.load_vocabulary", lambda name: {"a": ("Hoà",), "b": ("hòa",)}
    )
    with pytest.raises(ValueError, match=r"vocabulary doubled.*'a' and 'b'"):
        folded_spellings("doubled")


@pytest.mark.parametrize(
    ("text", "code"),
    [("05467", "05467"), ("5467", "05467"), ("5467.0", "05467"), ("1", "00001"), (" 5467 ", "05467"),
     ("054671", BAD), ("5467.5", BAD), ("5467.5e0", BAD), ("5.467", BAD), ("O5467", BAD), ("-5467", BAD),
     ("５４６７", BAD)],
)  # fmt: skip
def test_codes_get_their_zeros_back(text: str, code: str) -> None:
    assert one(text, "code", width=5) == code


@given(st.integers(0, 99_999))
def test_lost_zeros_make_no_other_code(number: int) -> None:
    assert one(str(number), "code", width=5) == f"{number:05}"


def test_the_first_of_several_cards_counts() -> None:
    cards = ["HN4190000000001;DN4190000000002", "HN4190000000001", ";HN4190000000001", None, " ; ", "-"]
    values = read(list(cards), "text", multiple=";").values.to_pylist()
    assert values == ["HN4190000000001"] * 3 + [None, None, None]


def test_texts_stay_as_they_are() -> None:
    parsed = read(["Xóm 5", " Đình Cả ", "--", None, "N/A", "Nà Lẹng"], "text")
    assert parsed.values.to_pylist() == ["Xóm 5", "Đình Cả", None, None, None, "Nà Lẹng"]
    assert parsed.values.type == pa.string()
    assert not any(parsed.unreadable.to_pylist())
