"""Citizen ids, pseudonyms and masked examples."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing
from importlib import resources
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.values import Parsed, value_class
from assets.values.citizen_id import _PROVINCES
from assets.values.pseudonym import pseudonymise

from .reading import read

FINE, PADDED, UNREADABLE = "fine", "padded", "unreadable"


def ids(texts: list[str | None], sex: str | None = None, born: int | None = None, **how: Any) -> Parsed:
    """The ids read, all rows of that sex and birth year."""
    context: dict[str, pa.Array] = {}
    if sex is not None:
        context["sex"] = pa.array([sex] * len(texts))
    if born is not None:
        context["birth_year"] = pa.array([born] * len(texts), pa.int32())
    return read(texts, "citizen_id", context=context, **how)


def verdict(parsed: Parsed) -> str:
    """How the one id was taken."""
    assert parsed.unreadable.to_pylist() == [False]
    if parsed.notes["citizen_id_unreadable"][0].as_py():
        assert parsed.values[0].as_py() is None
        return UNREADABLE
    return PADDED if parsed.notes["citizen_id_padded"][0].as_py() else FINE


@pytest.mark.parametrize(
    ("text", "value", "how"),
    [
        ("019088001234", "019088001234", FINE),
        ("019 088 001234", "019088001234", FINE),
        ("'019088001234", "019088001234", FINE),
        ("19088001234", "019088001234", PADDED),
        ("19088001234.0", "019088001234", PADDED),
        ("6188001234", "006188001234", PADDED),
        ("090123456", "090123456", FINE),
        ("90123456", "090123456", PADDED),
        ("1.9088E+10", None, UNREADABLE),
        ("1.9E+10", None, UNREADABLE),
        ("1234567", None, UNREADABLE),
        ("0190880012345", None, UNREADABLE),
        ("B1234567", None, UNREADABLE),
        ("không nhớ", None, UNREADABLE),
        ("99088001234", None, UNREADABLE),
        ("3088001234", None, UNREADABLE),
        ("19488001234", None, UNREADABLE),
        ("19288001234", None, UNREADABLE),
        (None, None, FINE),
        ("-", None, FINE),
    ],
)
def test_without_context(text: str | None, value: str | None, how: str) -> None:
    parsed = ids([text])
    assert parsed.values.to_pylist() == [value]
    assert verdict(parsed) == how


@pytest.mark.parametrize(
    ("sex", "born", "how"),
    [
        ("male", 1988, PADDED),
        ("male", None, PADDED),
        (None, 1988, PADDED),
        ("other", 1988, PADDED),
        ("female", 1988, UNREADABLE),
        ("male", 1989, UNREADABLE),
        ("male", 2088, UNREADABLE),
    ],
)
def test_the_row_has_to_agree(sex: str | None, born: int | None, how: str) -> None:
    assert verdict(ids(["19088001234"], sex, born)) == how


def test_rows_without_sex_or_birth_year_are_checked_on_what_they_have() -> None:
    context = {
        "sex": pa.array(["male", None, "female", None]),
        "birth_year": pa.array([None, 1988, 1988, 1990], pa.int32()),
    }
    parsed = read(["19088001234"] * 4, "citizen_id", context=context)
    assert parsed.notes["citizen_id_padded"].to_pylist() == [True, True, False, False]
    assert parsed.notes["citizen_id_unreadable"].to_pylist() == [False, False, True, True]


@given(
    st.sampled_from([p for p in _PROVINCES.split() if p[0] == "0"]),
    st.sampled_from(["male", "female"]),
    st.integers(1920, 2025),
    st.integers(0, 999_999),
)
def test_ids_that_lost_their_zeros_come_back(province: str, sex: str, born: int, free: int) -> None:
    century = 2 * (born // 100 - 19) + (sex == "female")
    whole = f"{province}{century}{born % 100:02}{free:06}"
    parsed = ids([str(int(whole)), whole], sex, born)
    assert parsed.values.to_pylist() == [whole, whole]
    assert parsed.notes["citizen_id_padded"].to_pylist() == [True, False]


def test_province_codes_are_those_of_the_country() -> None:
    """The 63 provinces before July 2025, whose codes the ids carry with one more zero."""
    database = resources.files("vietnamadminunits").joinpath("data/dataset.db")
    with resources.as_file(database) as path, closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select distinct provinceCode from admin_units_legacy").fetchall()
    assert {str(code).zfill(3) for (code,) in rows} == set(_PROVINCES.split())


def test_pseudonyms_are_keyed_hmac() -> None:
    key = b"secret"
    values = pa.array(["019088001234", None, "019088001234", "Đ1"])
    found = pseudonymise(values, key).to_pylist()
    wanted = [
        None if v is None else hmac.digest(key, v.encode(), hashlib.sha256).hex()[:32]
        for v in values.to_pylist()
    ]
    assert found == wanted
    assert pseudonymise(values, b"other").to_pylist()[0] != found[0]


@given(st.lists(st.text(max_size=20) | st.none(), max_size=5), st.binary(min_size=1, max_size=130))
def test_pseudonyms_agree_with_the_library(texts: list[str | None], key: bytes) -> None:
    wanted = [None if t is None else hmac.digest(key, t.encode(), "sha256").hex()[:32] for t in texts]
    assert pseudonymise(pa.array(texts, pa.string()), key).to_pylist() == wanted


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="THOATNGHEO_PSEUDONYM_KEY"):
        pseudonymise(pa.array(["1"]), b"")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("9.876,54", "9.999,99"),
        ("1.489,744", "9.999,999"),
        ("1.9E+10", "9.9A+99"),
        ("Hộ nghèo", "Aa a"),
        ("19088001234", "9{11}"),
        ("=SUM(A1:A9)", "=A(A9:A9)"),
        (None, "blank"),
        ("  ", "blank"),
    ],
)
def test_shapes(text: str | None, shape: str) -> None:
    assert value_class(text) == shape


@given(st.text(min_size=1, max_size=60))
def test_shapes_are_short_and_tell_no_digit_but_nine(text: str) -> None:
    shape = value_class(text)
    assert len(shape) <= 24
    assert value_class(text, personal=True) in (f"text({len(text)})", "blank")
