"""Text as offices write it: decomposed, Windows-1258, or in the legacy code pages TCVN3 and VNI.

Belongs here: encoding. Reading the same text back is another's business and shares nothing with this.
"""

from __future__ import annotations

import unicodedata

_TCVN3_UPPER = dict(zip("ĂÂÊÔƠƯĐ", range(0xA1, 0xA8), strict=True))
_TCVN3_LOWER = dict(zip("ăâêôơưđ", range(0xA8, 0xAF), strict=True))
_TCVN3_TONED = {
    0xB5: "àảãáạ", 0xBB: "ằẳẵắ", 0xC6: "ặầẩẫấậè", 0xCE: "ẻẽéẹềểễếệìỉ", 0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù", 0xF1: "ủũúụừửữứựỳỷỹýỵ",
}  # fmt: skip
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VNI_TONES = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_HAT = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_BREVE = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_I = {"\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}
_VOWELS = "aăâeêioôơuưy"


def _tcvn3_table() -> dict[int, str]:
    codes = {**_TCVN3_UPPER, **_TCVN3_LOWER}
    for start, letters in _TCVN3_TONED.items():
        codes.update({letter: start + i for i, letter in enumerate(letters)})
    table = {ord(letter): chr(code) for letter, code in codes.items()}
    # Toned capitals have no code of their own: they are typed small, in a font of capitals.
    for letter in list(codes):
        table.setdefault(ord(letter.upper()), chr(codes[letter]))
    return table


def _toned(vowel: str) -> dict[str, str]:
    return {tone: unicodedata.normalize("NFC", vowel + tone) for tone in _TONES}


def _vni_letter(vowel: str, tone: str) -> str:
    if vowel in "âêô":
        return {"â": "a", "ê": "e", "ô": "o"}[vowel] + _VNI_HAT[tone]
    if vowel == "ă":
        return "a" + _VNI_BREVE[tone]
    if vowel == "i":
        return _VNI_I[tone]
    if vowel == "y" and tone == "\u0323":
        return "î"
    return {"ơ": "ô", "ư": "ö"}.get(vowel, vowel) + (_VNI_TONES[tone] if tone else "")


def _vni_table() -> dict[int, str]:
    table = {ord("đ"): "ñ", ord("Đ"): "Ñ"}
    for vowel in _VOWELS:
        forms = _toned(vowel) | ({"": vowel} if vowel in "ăâêôơư" else {})
        for tone, letter in forms.items():
            text = _vni_letter(vowel, tone)
            table[ord(letter)] = text
            table[ord(letter.upper())] = text.upper()
    return table


def _windows_1258_table() -> dict[int, str]:
    """Letters to base and combining tone; those the code page has in one piece stay whole."""
    table: dict[int, str] = {}
    for vowel in _VOWELS:
        for form in (vowel, vowel.upper()):
            for tone, letter in _toned(form).items():
                table[ord(letter)] = form + tone
    return table


_TABLES = {"tcvn3": _tcvn3_table(), "vni": _vni_table(), "windows-1258": _windows_1258_table()}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-8-nfd", "windows-1258", "tcvn3", "vni")


def spell(text: str, encoding: str) -> str:
    """The characters that stand for a composed (NFC) text before the codec of `codec` is applied."""
    if encoding == "utf-8-nfd":
        return unicodedata.normalize("NFD", text)
    return text.translate(_TABLES[encoding]) if encoding in _TABLES else text


def codec(encoding: str) -> str:
    """The codec that turns the characters of `spell` into bytes."""
    return {"tcvn3": "latin-1", "vni": "latin-1", "windows-1258": "cp1258", "utf-8-nfd": "utf-8"}.get(
        encoding, encoding
    )


def encode(text: str, encoding: str) -> bytes:
    """The bytes of a text.

    Parameters
    ----------
    text
        Composed (NFC) text.
    encoding
        One of `ENCODINGS`; "utf-8-nfd" is UTF-8 of decomposed text, "utf-8-sig" has a byte-order mark.
    """
    return spell(text, encoding).encode(codec(encoding))
