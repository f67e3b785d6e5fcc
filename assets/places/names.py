"""Commune and district names made comparable, and a place read from a phrase.

Belongs here: what of a name counts (accents do; case, blanks, hyphens, the prefix and where the
tone mark sits do not), and taking "Xã Phú Xuyên, huyện Đại Từ" apart. Does not belong here:
titles, sheet names and file names (hints.py), and which unit a name means (resolve.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from checks.text import fold, tidy

_SHORT = {"tt": "thị trấn", "đk": "đặc khu", "p": "phường", "x": "xã"}
_DISTRICT = re.compile(r"^(?:thành phố|thị xã|huyện đảo|huyện|quận|tp|tx|h|q)(?=[\s\d])\s*")
_COMMUNE_START = re.compile(
    # Twice for "Phường Phường Đúc", which others write "Phường Đúc".
    r"^(?P<type>thị trấn|đặc khu|phường|xã|huyện)(?:\s+(?P=type))?\s+(?P<rest>\S.*)$"
    r"|^(?P<short>tt|đk|p|x)(?:\s+(?=\S)|(?=\d))(?P<name>.*)$"
)
# A prefix written without the blank: "XãPhú Xuyên".
_GLUED = re.compile(r"^(Thị\s*[Tt]rấn|Đặc\s*[Kk]hu|Phường|Xã)(?=[^\W\d_])")
# Where a commune's name ends and a district's or a province's may begin.
_SPLIT = re.compile(
    r"\s*[,;()]\s*|\s+[-–—]\s+(?=(?:thành phố|thị xã|huyện|quận|tỉnh|tp|tx|h|q)\b)"
    r"|\s+(?=(?:huyện|quận|thị xã|thành phố|tỉnh|tp\.?)\s)",
    re.IGNORECASE,
)
_IS_DISTRICT = re.compile(r"^(?:thành phố|thị xã|huyện|quận|tp|tx|h|q)(?=[\s.\d])", re.IGNORECASE)

# Spellings on which the official lists themselves differ, without blanks: variant -> the one used here.
_SPELLINGS = {"thầnxa": "thầnsa", "pắcnặm": "pácnặm"}


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A commune's name as sent, taken apart: `key` compares, `type` only tells namesakes apart."""

    key: str
    type: str | None = None
    district_key: str | None = None


def name_key(name: str) -> str:
    """What of a commune's name counts when two are compared.

    Examples
    --------
    >>> name_key("Phường  HOÀNG VĂN THỤ") == name_key("hoàng văn thụ")
    True
    >>> name_key("Văn Lang") == name_key("Văn Lăng")
    False
    """
    return _bare(name)[1]


def district_key(name: str) -> str:
    """What of a district's name counts when two are compared."""
    folded = fold(name)
    return _joined(_DISTRICT.sub("", folded) or folded)


@lru_cache(maxsize=65_536)
def parse_name(text: str) -> PlaceName | None:
    """A commune, with its district where the text names one; None for a text without a name.

    Examples
    --------
    >>> parse_name("Xã Phú Xuyên, huyện Đại Từ")
    PlaceName(key='phúxuyên', type='xã', district_key='đạitừ')
    """
    parts = [part for part in _SPLIT.split(tidy(text)) if part and part.strip()]
    if not parts:
        return None
    kind, key = _bare(parts[0])
    if not key:
        return None
    districts = [part for part in parts[1:] if _IS_DISTRICT.match(part.strip())]
    return PlaceName(key, kind, district_key(districts[0]) if districts else None)


@lru_cache(maxsize=65_536)
def _bare(name: str) -> tuple[str | None, str]:
    """Type (where the name says it) and key."""
    folded = fold(_unglued(name))
    match = _COMMUNE_START.match(folded)
    if match is None:
        return None, _joined(folded)
    if match["type"]:
        return match["type"], _joined(match["rest"])
    return _SHORT[match["short"]], _joined(match["name"])


def _unglued(name: str) -> str:
    text = tidy(name)
    match = _GLUED.match(text)
    return f"{match[1]} {text[match.end() :]}" if match and text[match.end()].isupper() else text


def _joined(folded: str) -> str:
    """Without blanks; a ward's number without leading zeros, so that "P.01" is "Phường 1"."""
    key = folded.replace(" ", "")
    if key.isdigit():
        return key.lstrip("0") or "0"
    return _SPELLINGS.get(key, key)
