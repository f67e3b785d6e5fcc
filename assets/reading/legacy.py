"""The two Vietnamese code pages from before Unicode: TCVN3 (ABC) and VNI.

Both use ordinary Latin-1 characters for Vietnamese letters, so that their text passes every
decoder without an error. Here is only what a character stands for; whether a text is legacy at
all is judged in `evidence`.

TCVN3 writes a letter as one character. Its capital fonts (names that end in H, `.VnTimeH`) show
the same characters as capitals: the font is lost in an export, so such text arrives here, and
is read, as lower case. Nothing downstream tells letters by their case. VNI writes a vowel and
then its mark.
"""

from __future__ import annotations

import codecs
import unicodedata

# Code points 0xA1 to 0xFE in order; "·" where the page has no letter of its own.
_TCVN3_FROM_A1 = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ"  # A1-AF
    "·····àảãáạẲằẳẵắẴ"  # B0-BF
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"  # C0-CF
    "éẹềểễếệìỉỄẾỒĩíịò"  # D0-DF
    "Ổỏõóọồổỗốộờởỡớợù"  # E0-EF
    "Ỗủũúụừửữứựỳỷỹýỵ"  # F0-FE
)
_MARKS_TCVN3 = {0xB0: "\u0300", 0xB1: "\u0309", 0xB2: "\u0303", 0xB3: "\u0301", 0xB4: "\u0323"}

TCVN3: dict[int, str] = {
    code: _MARKS_TCVN3.get(code, letter) for code, letter in enumerate(_TCVN3_FROM_A1, start=0xA1)
}

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_ROOF, _BREVE = "\u0302", "\u0306"
_VNI_LETTERS = {"ñ": "đ", "ö": "ư", "ô": "ơ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _ROOF, "á": _ROOF + _ACUTE, "à": _ROOF + _GRAVE, "å": _ROOF + _HOOK, "ã": _ROOF + _TILDE,
    "ä": _ROOF + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip


def _both_cases() -> dict[int, str]:
    letters = {**_VNI_LETTERS, **_VNI_MARKS}
    table = {ord(k): v for k, v in letters.items()}
    table.update({ord(k.upper()): v.upper() for k, v in letters.items()})
    return table


VNI: dict[int, str] = _both_cases()

_LATIN1 = [chr(i) for i in range(256)]
_TCVN3_DECODING = "".join(TCVN3.get(i, c) for i, c in enumerate(_LATIN1))


def tcvn3_to_text(text: str) -> str:
    """TCVN3 characters (read as Latin-1) to composed Vietnamese."""
    return unicodedata.normalize("NFC", text.translate(TCVN3))


def vni_to_text(text: str) -> str:
    """VNI characters (read as Latin-1) to composed Vietnamese."""
    return unicodedata.normalize("NFC", text.translate(VNI))


def tcvn3_bytes_to_text(data: bytes) -> str:
    """The same for a whole file at once: one table look-up a byte."""
    # the stubs leave out the decoding table as a string, which is the fast one
    text, _ = codecs.charmap_decode(data, "strict", _TCVN3_DECODING)  # type: ignore[arg-type]
    return unicodedata.normalize("NFC", text)


def vni_bytes_to_text(data: bytes) -> str:
    """VNI for a whole file at once."""
    return vni_to_text(data.decode("latin-1"))
