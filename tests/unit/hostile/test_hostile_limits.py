"""The documented limits are those of the code; each has a unit and says what it bounds."""

from __future__ import annotations

import re
from pathlib import Path

from assets.limits import LIMITS, Limit
from tests.unit.hostile.test_hostile_files import CASES

DOCUMENT = (Path(__file__).parents[3] / "docs" / "hostile_files.md").read_text(encoding="utf-8")


def table() -> str:
    """The table as it has to stand in the document."""
    return "\n".join(f"| `{name}` | {limit.shown} | {limit.what} |" for name, limit in LIMITS.items())


def test_the_document_has_every_limit_as_the_code_has_it() -> None:
    assert table() in DOCUMENT


def test_the_document_counts_the_cases() -> None:
    counted = re.search(r"^(\d+) cases are made", DOCUMENT, re.MULTILINE)
    assert counted and int(counted[1]) == len(CASES)


def test_a_limit_is_shown_in_its_unit() -> None:
    assert Limit(3 << 20, "bytes", "").shown == "3 MB"
    assert Limit(2_000, "columns", "").shown == "2,000 columns"
