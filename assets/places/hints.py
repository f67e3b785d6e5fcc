"""A file's own word on its commune: title rows, the sheet's name, a code in the file's name.

Belongs here: finding a place in free text, without knowing which places there are. Does not
belong here: deciding whether it is one (resolve.py): "Sheet1" may come out as a name, and means
nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from assets.places.names import parse_name
from checks.text import tidy


@dataclass(frozen=True, slots=True)
class PlaceHint:
    """A commune as a file names it outside its records; what is not said is None."""

    code: str | None = None
    name: str | None = None
    district: str | None = None


NO_HINT = PlaceHint()

_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_DISTRICT = r"(?:huyện|quận|thị\s+xã|thành\s+phố|tỉnh|tp\.?|tx\.?|h\.|q\.)"
# "thị xã Phổ Yên" is a district; "cấp xã", "mã xã", "các xã" and "Xã, phường" name no commune.
_COMMUNE = re.compile(
    r"(?<!\w)(?<!thị )(?<!cấp )(?<!mã )(?<!các )(?<!tên )(?<!số )(?<!/)"
    r"(?P<prefix>thị\s+trấn|đặc\s+khu|phường|xã|tt\.?|x\.|p\.)\s*:?\s*"
    r"(?P<name>[^\W_].*)$",
    re.IGNORECASE,
)
_END = re.compile(
    rf"[,;:()\[\]_/]|\.\s|\s[-–—]\s*(?={_DISTRICT}|ngày|năm|tháng)|\s+(?={_DISTRICT}\s*\S)"
    r"|\s+(?=(?:(?:năm|tháng|quý|đợt|kỳ|ngày)\s*)?\d{3,})"
    r"|\s+(?=(?:năm|tháng|quý|đợt|kỳ|ngày)\s*\d)|\s+(?=cộng\s+h[òo])"
    r"|\s+(?=(?:giai đoạn|theo|đến|tính|thuộc|trong|cuối|đầu)(?!\w))",
    re.IGNORECASE,
)
# "xã hội" is society, as in the state's name and the banks'; "Xã Hội Sơn" is a commune.
_SOCIETY = re.compile(r"^hội(?:$|\s+chủ\s+nghĩa)", re.IGNORECASE)
_DISTRICT_NAME = re.compile(
    r"(?<!\w)(?P<prefix>huyện|quận|thị\s+xã|thành\s+phố|tp\.?|tx\.?|h\.|q\.)\s*:?\s*(?P<name>[^\W_].*)$",
    re.IGNORECASE,
)


def hint_from_title(text: str) -> PlaceHint:
    """The commune that a title row names after its prefix, and the district after its own.

    Examples
    --------
    >>> hint_from_title("Danh sách hộ nghèo xã Phú Xuyên, huyện Đại Từ năm 2024")
    PlaceHint(code=None, name='xã Phú Xuyên', district='huyện Đại Từ')
    """
    title = " ".join(tidy(text).split())
    name = _named(_COMMUNE, title)
    if name is None:
        return NO_HINT
    return PlaceHint(None, name, _named(_DISTRICT_NAME, title))


def hint_from_titles(titles: Iterable[str]) -> PlaceHint:
    """The first title row that names a commune; its district may stand in another row."""
    rows = tuple(titles)
    found = next((hint for hint in map(hint_from_title, rows) if hint.name), NO_HINT)
    if found.name is None or found.district:
        return found
    districts = (_named(_DISTRICT_NAME, " ".join(tidy(row).split())) for row in rows)
    return PlaceHint(None, found.name, next((district for district in districts if district), None))


def hint_from_sheet(sheet: str) -> PlaceHint:
    """A sheet's name, which is a commune's bare name more often than not."""
    text = " ".join(tidy(sheet).replace("_", " ").split())
    explicit = hint_from_title(text)
    if explicit.name:
        return explicit
    code = _CODE.search(text)
    rest = _CODE.sub(" ", text).strip(" -.") if code else text
    return PlaceHint(code[0] if code else None, rest if parse_name(rest) else None, None)


def hint_from_file_name(file_name: str) -> PlaceHint:
    """A five-digit code in the file's name, and a commune that it names with its prefix.

    A bare name beside the code is not taken: it seldom has its accents, and accents count.

    Examples
    --------
    >>> hint_from_file_name("05467_Gia Sang_20241214.xlsx")
    PlaceHint(code='05467', name=None, district=None)
    """
    stem = PurePosixPath(tidy(file_name)).name.split(".xls")[0].split(".csv")[0].replace("_", " ")
    codes = set(_CODE.findall(stem))
    named = hint_from_title(stem)
    # Two codes are no hint at all: neither is more the file's than the other.
    return PlaceHint(codes.pop() if len(codes) == 1 else None, named.name, named.district)


def combine_hints(*, titles: Iterable[str] = (), sheet: str = "", file_name: str = "") -> PlaceHint:
    """All that a sheet and its file say: a name with its prefix in title, sheet, file; then the sheet's.

    The code is the sheet's, else the file's. Where the title names a commune but no district, no
    other source's district is taken: it may be another commune's.
    """
    title, page, file = hint_from_titles(titles), hint_from_sheet(sheet), hint_from_file_name(file_name)
    said = (title, hint_from_title(sheet.replace("_", " ")), file, page)  # a bare sheet name comes last
    named = next((hint for hint in said if hint.name), NO_HINT)
    return PlaceHint(page.code or file.code, named.name, named.district)


def _named(pattern: re.Pattern[str], title: str) -> str | None:
    """Prefix and name of the first match that is one, up to where the name ends."""
    start = 0
    while match := pattern.search(title, start):
        name = _END.split(match["name"], maxsplit=1)[0].strip(" -–—.\"'")
        if name and (name[0].isupper() or name[0].isdigit()) and not _SOCIETY.match(name):
            return f"{match['prefix'].strip()} {name}"
        start = match.start("name")
    return None
