"""Vietnamese text made comparable: one form for spellings that mean the same.

Belongs here: what two texts must share to count as equal (composition, case, spaces,
punctuation, where the tone mark sits). Does not belong here: what a text means (vocabularies,
place names) and legacy code pages, which the reader converts before anything comes here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_WORD = re.compile(r"[^\W\d_]+")
_NOISE = re.compile(r"[\W_]+")
_MODIFIED = frozenset("ăâêôơư")
_VOWELS = frozenset("aăâeêioôơuưy")
# Icelandic eth stands for the Vietnamese letter in old exports; other blanks for a space.
_LOOKALIKES = str.maketrans(
    {
        "Ð": "Đ",
        "ð": "đ",
        "Ɖ": "Đ",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\u200b": None,
        "\ufeff": None,
    }
)


def tidy(text: str) -> str:
    """Composed (NFC), with the true Đ, plain blanks and none at either end.

    Examples
    --------
    >>> tidy("\u00d0ình\u00a0Cả ")
    'Đình Cả'
    """
    return unicodedata.normalize("NFC", text).translate(_LOOKALIKES).strip()


def fold(text: str) -> str:
    """The text as it is compared: case, punctuation, blanks and tone placement do not count.

    Accents count: "Văn Lang" and "Văn Lăng" stay two names.

    Examples
    --------
    >>> fold("  Xã  HÒA-Bình*") == fold("xã hoà bình")
    True
    """
    lowered = unicodedata.normalize("NFC", tidy(text).casefold())
    return _NOISE.sub(" ", unify_tone_placement(lowered)).strip()


def unify_tone_placement(text: str) -> str:
    """Every tone mark on the vowel that today's school spelling gives it.

    "Hòa" and "Hoà", "thủy" and "thuỷ", "qúy" and "quý" become one. Words with several tone
    marks, or with vowels in several places, are no single syllable and stay as they are.
    The result is composed (NFC).
    """
    composed = unicodedata.normalize("NFC", text)
    return composed if composed.isascii() else _WORD.sub(_replace_word, composed)


def _replace_word(match: re.Match[str]) -> str:
    return _syllable(match.group())


@lru_cache(maxsize=65_536)
def _syllable(word: str) -> str:
    if word.isascii():
        return word
    tones = [c for c in unicodedata.normalize("NFD", word) if c in _TONES]
    if len(tones) != 1:
        return word
    bare = "".join(_without_tone(c) for c in word)
    place = _tone_place(bare.lower())
    if place is None or len(bare) != len(word):
        return word
    return unicodedata.normalize("NFC", bare[: place + 1] + tones[0] + bare[place + 1 :])


def _without_tone(letter: str) -> str:
    kept = "".join(c for c in unicodedata.normalize("NFD", letter) if c not in _TONES)
    return unicodedata.normalize("NFC", kept)


def _tone_place(bare: str) -> int | None:
    """Index of the letter that carries the tone of a bare lower-case syllable."""
    vowels = [i for i, c in enumerate(bare) if c in _VOWELS]
    if not vowels or vowels[-1] - vowels[0] + 1 != len(vowels):
        return None
    if len(vowels) > 1 and bare[: vowels[0] + 1] in ("qu", "gi"):
        vowels = vowels[1:]  # the u of qu and the i of gi belong to the consonant
    modified = [i for i in vowels if bare[i] in _MODIFIED]
    if modified:
        return modified[-1]
    if vowels[-1] < len(bare) - 1:  # a consonant follows
        return vowels[-1]
    if len(vowels) == 1:
        return vowels[0]
    if len(vowels) == 2 and bare[vowels[0] : vowels[1] + 1] not in ("oa", "oe", "uy"):
        return vowels[0]
    return vowels[1]
