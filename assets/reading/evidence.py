"""Is this text Vietnamese as it stands? The evidence by which legacy code pages are told.

A word counts for a reading when it is a Vietnamese syllable, written in one case, and against
it when it holds accents but is none; a known heading counts as much as many words. No
dictionary: the rimes of Vietnamese are few, and text in a wrong code page almost never hits one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache

from assets.reading.legacy import tcvn3_to_text, vni_to_text
from checks.text import fold

_ONSET_LIST = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x"
_RIME_LIST = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in
    inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe
    oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân
    uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uy uya uych uyên
    uyêt uynh uyt uyu uơ ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng
    yêt yêu
"""
_ONSETS = frozenset(_ONSET_LIST.split()) | {""}
_RIMES = frozenset(_RIME_LIST.split())
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# Legacy text holds signs inside its words ("Th¸i", "B×nh", "§¹i"), so they belong to a word here.
_SIGN = "\u00a1-\u00bf\u00d7\u00f7"
# Marks that found no letter to stand on belong to the word too, and speak against it.
_MARK = "\u0300-\u036f"
_WORD = re.compile(rf"(?:[^\W\d_]|[{_SIGN}{_MARK}])+")
_HEADING_WORTH = 5
_ENOUGH = 0.6
_SAMPLE = 40_000
_HEAD = 6_000  # headings stand at the beginning

Conversion = Callable[[str], str]
LEGACY: dict[str, Conversion] = {"tcvn3": tcvn3_to_text, "vni": vni_to_text}


@lru_cache(maxsize=65_536)
def is_syllable(word: str) -> bool:
    """Whether a composed word is built like a Vietnamese syllable, in one case.

    TCVN3 has no capitals with tones: "TỔNG" comes from it as "TổNG", and counts.
    """
    plain = "".join(filter(str.isascii, word))
    if not (word.islower() or word.istitle() or plain.isupper() or word.isupper()):
        return False
    letters = unicodedata.normalize("NFD", word.lower())
    tones = sum(c in _TONES for c in letters)
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    if tones > 1:
        return False
    return any(bare[:cut] in _ONSETS and bare[cut:] in _RIMES for cut in range(min(3, len(bare)) + 1))


def vietnamese_share(text: str) -> tuple[int, int]:
    """How many of the words with accents are Vietnamese, and how many such words there are."""
    words = [w for w in _WORD.findall(unicodedata.normalize("NFC", text)) if not w.isascii()]
    return sum(map(is_syllable, words)), len(words)


def heading_hits(text: str, headings: Collection[str]) -> int:
    """How many known headings (folded) stand in the text with an accent, between separators."""
    pieces = {fold(piece) for piece in re.split(r"[,;\t|\"\r\n]+", text)}
    return sum(1 for piece in pieces if piece in headings and not piece.isascii())


def score(text: str, headings: Collection[str]) -> float:
    """Higher is more plainly Vietnamese; 0 says nothing, below 0 speaks against it."""
    good, words = vietnamese_share(text[:_SAMPLE])
    return good - (words - good) + _HEADING_WORTH * heading_hits(text[:_HEAD], headings)


def holds_unicode(text: str) -> bool:
    """Whether a letter stands in it that no legacy page has: such text is Unicode already."""
    return any(c > "\u00ff" and c.isalpha() for c in text)


def _beyond_latin1(text: str) -> int:
    """How many Vietnamese words hold a letter that legacy text cannot hold."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    return sum(1 for word in words if holds_unicode(word) and is_syllable(word))


def legacy_page(text: str, headings: Collection[str]) -> str | None:
    """The legacy code page that a text (read as Latin-1 or kept so in UTF-8) is written in.

    None where it reads as well without conversion: the text as it stands has the benefit of
    the doubt. None too where both pages read it as well and differently.
    """
    if text.isascii():
        return None
    text = text[:_SAMPLE]
    as_it_stands, words = vietnamese_share(text)
    if as_it_stands == words or _beyond_latin1(text) >= words - as_it_stands:
        return None
    readings = {page: convert(text) for page, convert in LEGACY.items()}
    scores = {page: score(reading, headings) for page, reading in readings.items()}
    best = max(scores, key=scores.__getitem__)
    if any(scores[page] == scores[best] and readings[page] != readings[best] for page in readings):
        return None
    good, words = vietnamese_share(readings[best])
    if scores[best] > score(text, headings) and words and good >= _ENOUGH * words:
        return best
    return None
