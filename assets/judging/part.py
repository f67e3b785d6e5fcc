"""A part of a gathered year: judged, counted, and made into what is written of it.

Belongs here: what one process does alone with a part. Does not belong here: which parts there are
(`year`), or what is kept of them (`keep`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from assets.judging.accept import accepted_table
from assets.judging.judge import Part, judge
from assets.judging.pieces import read_file
from assets.judging.quarantine import quarantine_table
from assets.judging.tally import YearTally
from assets.workplace import Home


@dataclass(frozen=True)
class JudgedPart:
    """What came of a part of a year: its counts, its rejected records, its accepted ones.

    The accepted records of a large year are handed over as a file.
    """

    tally: YearTally
    quarantine: pa.Table
    accepted: pa.Table | Path

    def accepted_records(self) -> pa.Table:
        """The accepted records; a file of them is gone afterwards."""
        if isinstance(self.accepted, Path):
            table = read_file(self.accepted)
            self.accepted.unlink()
            return table
        return self.accepted


@dataclass(frozen=True)
class PartTask:
    """A part of a gathered year, and what is needed to write what becomes of it."""

    part: Part
    home: Home
    key: bytes


def judge_part(task: PartTask) -> JudgedPart:
    """Judge a part of a year, count it, and make its accepted and rejected records."""
    judgement = judge(task.part)
    accepted = accepted_table(judgement, task.key)
    quarantine = quarantine_table(judgement, task.home)
    tally = YearTally(judgement.contract, judgement.year)
    tally.add(judgement, accepted, quarantine)
    return JudgedPart(tally, quarantine, task.part.pieces.hand_over(task.part.name, accepted))
