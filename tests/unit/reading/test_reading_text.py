"""Text compared: composition, case, punctuation and tone placement do not count; accents do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.text import fold, tidy, unify_tone_placement

LETTERS = "aăâeêioôơuưyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộúùủũụứừửữựýđnghctmpHÒAỦĐ -,."
VIETNAMESE = st.text(alphabet=LETTERS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Hòa", "Hoà"), ("thủy", "thuỷ"), ("qúy", "quý"), ("Hòang", "Hoàng"), ("cuả", "của"),
        ("Nguyễn", "Nguỹên"), ("khỏe", "khoẻ"), ("gía", "giá"), ("gìn", "gìn"), ("ngòai", "ngoài"),
        ("HÒA BÌNH", "hoà bình"), ("Phú  Xuyên*", "phú xuyên"), ("Thôn/xóm/tổ", "thôn, xóm, tổ"),
    ],
)  # fmt: skip
def test_spellings_of_one_word_fold_to_one(old: str, new: str) -> None:
    assert fold(old) == fold(new)


@pytest.mark.parametrize(("a", "b"), [("Văn Lang", "Văn Lăng"), ("hoa", "hoà"), ("Đại Từ", "Dai Tu")])
def test_accents_count(a: str, b: str) -> None:
    assert fold(a) != fold(b)


def test_tidy_mends_lookalikes() -> None:
    assert tidy("\u00d0\u1ecbnh\u00a0Ho\u0301a\u200b ") == "Định Hóa"


@settings(deadline=None)
@given(VIETNAMESE)
def test_fold_does_not_see_composition_and_is_stable(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(VIETNAMESE)
def test_unifying_tones_keeps_letters_and_tones(text: str) -> None:
    unified = unify_tone_placement(text)
    assert sorted(unicodedata.normalize("NFD", unified)) == sorted(unicodedata.normalize("NFD", text))
    assert unify_tone_placement(unified) == unified
