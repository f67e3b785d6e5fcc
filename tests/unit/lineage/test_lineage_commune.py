"""Which commune is meant: by code or name, on which map, and what is suggested where none is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assets.lineage.commune import codes_of, name_on_map, on_one_map
from assets.lineage.errors import NothingToExplain

NEW = date(2025, 7, 1)


def _unit(code: str, name: str, first: date = date(2016, 1, 1)) -> dict[str, Any]:
    last = None if first == NEW else date(2025, 6, 30)
    return {
        "commune_code": code,
        "commune_name": name,
        "valid_from": first,
        "valid_to": last,
        "is_current": last is None,
    }


COMMUNES = [
    _unit("05467", "Phường Cam Giá"), _unit("05467", "Phường Gia Sàng", NEW), _unit("05461", "Phường Gia Sàng"),
    _unit("02143", "Xã Văn Lang"), _unit("05665", "Xã Văn Lăng"), _unit("05999", "Xã Hoà Bình"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("05467", {"05467"}),
        (" 5467 ", {"05467"}),
        ("5467@2025-07-01", {"05467@2025-07-01"}),
        ("Gia Sàng", {"05461", "05467"}),
        ("phường cam giá", {"05467"}),
        ("Xã Hòa Bình", {"05999"}),
        ("Văn Lăng", {"05665"}),
    ],
)
def test_codes_of_a_code_or_name(text: str, codes: set[str]) -> None:
    assert codes_of(text, COMMUNES) == codes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("99999", "ever had the code 99999"),
        ("Van Lang", r"near it: .*Xã Văn Lang \(02143\)"),
        ("Gia Sáng", r"near it: .*Phường Gia Sàng"),
        ("Paris", "was ever called 'Paris'"),
    ],
)
def test_what_no_commune_was_called_is_told_with_what_is_near(text: str, told: str) -> None:
    with pytest.raises(NothingToExplain, match=told):
        codes_of(text, COMMUNES)


def _row(geography: str, code: str, name: str) -> dict[str, str]:
    return {"geography": geography, "commune_code": code, "commune_name": name}


BOTH = [_row("as_reported", "05467", "Phường Cam Giá"), _row("current", "05467", "Phường Gia Sàng")]


def test_a_code_is_taken_on_the_map_of_its_time_and_its_other_meaning_told() -> None:
    found = on_one_map(BOTH, None, "05467")
    assert found == ("as_reported", "05467", ["current: 05467 is Phường Gia Sàng"])
    assert on_one_map(BOTH, "current", "05467")[0] == "current"


def test_a_unit_of_a_later_list_is_told_by_its_first_day() -> None:
    rows = [*BOTH, _row("as_reported", "05467@2025-07-01", "Phường Gia Sàng")]
    assert on_one_map(rows, "as_reported", "05467")[1] == "05467"
    assert on_one_map(rows, "as_reported", "05467@2025-07-01")[1] == "05467@2025-07-01"
    assert on_one_map(rows, "as_reported", "Gia Sàng")[1] == "05467@2025-07-01"
    assert on_one_map(rows[1:], "as_reported", "05467")[1] == "05467@2025-07-01"


@pytest.mark.parametrize(
    ("code", "geography", "year", "name"),
    [
        ("05467", "as_reported", 2024, "Phường Cam Giá"),
        ("05467", "as_reported", 2025, "Phường Gia Sàng"),
        ("05467", "current", 2024, "Phường Gia Sàng"),
        ("05467@2025-07-01", "as_reported", 2024, "Phường Gia Sàng"),
        ("00000", "current", 2024, "00000"),
    ],
)
def test_a_code_has_the_name_of_its_map(code: str, geography: str, year: int, name: str) -> None:
    assert name_on_map(COMMUNES, code, geography, year) == name


def test_a_name_is_taken_where_it_stands() -> None:
    assert on_one_map(BOTH, None, "Gia Sàng") == ("current", "05467", [])
    with pytest.raises(
        NothingToExplain, match=r"no row on the map as_reported .* it has one on the map current"
    ):
        on_one_map(BOTH, "as_reported", "Gia Sàng")


def test_two_of_one_name_are_told_apart_by_code() -> None:
    rows = [_row("as_reported", code, "Xã Hoà Bình") for code in ("05999", "05111")]
    with pytest.raises(NothingToExplain, match=r"05111 .*05999"):
        on_one_map(rows, None, "Hòa Bình")
