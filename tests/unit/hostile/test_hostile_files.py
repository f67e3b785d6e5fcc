"""Whatever a file holds: a named outcome, within bounded memory, and no word of its cells.

Each case is one line of `text_cases`, `excel_cases` and `parquet_cases`: how the file is made, what
must come of it, and why. Memory is asserted, time is not (a hang ends by the timeout).
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from assets.limits import OLD_WORKBOOK_MEMORY
from assets.reading.errors import Reason
from tests.unit.hostile import excel_cases, parquet_cases, text_cases
from tests.unit.hostile.case import PERSON_PART, Case
from tests.unit.hostile.conftest import Reading

CASES = (*text_cases.CASES, *excel_cases.CASES, *parquet_cases.CASES)
MOST_MEMORY = 512 << 20


@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_a_hostile_file_has_a_named_outcome_within_bounds(
    case: Case, reading: Reading, tmp_path: Path
) -> None:
    path = tmp_path / f"landed{case.suffix}"
    case.make(path)
    found = reading(path, case.file)
    path.unlink()
    assert found.outcome == case.outcome, (found, case.why)
    assert found.memory < (OLD_WORKBOOK_MEMORY.value if case.suffix == ".xls" else MOST_MEMORY)
    assert PERSON_PART not in found.message
    assert len(found.message) < 1_500 and found.message.isprintable()
    if isinstance(case.outcome, str):
        assert case.outcome in get_args(Reason)
        assert case.file in found.message and "; " in found.message
    else:
        assert found.rows == sorted(set(found.rows))


def test_the_corpus_has_no_case_twice() -> None:
    assert len({case.file for case in CASES}) == len(CASES) >= 100
