"""The date of a drop: the one its name carries, else the day it was last modified.

Pure; which file counts is decided from it in `assets.judging.supersede`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_PATTERNS = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>20\d\d)(?!\d)"),
)


def date_in_name(file_name: str) -> date | None:
    """The last date in a file's name, as yyyymmdd, yyyy-mm-dd or dd.mm.yyyy; None where there is none."""
    found: list[tuple[int, date]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(file_name):
            try:
                day = date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                continue
            found.append((match.start(), day))
    return max(found)[1] if found else None


def file_date(file_name: str, modified: float) -> date:
    """The date by which a file is newer or older than another of its table and year.

    Parameters
    ----------
    file_name
        Name as the office gave it.
    modified
        Modification time in seconds since 1970, UTC.
    """
    return date_in_name(file_name) or datetime.fromtimestamp(modified, UTC).date()
