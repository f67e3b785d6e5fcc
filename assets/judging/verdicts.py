"""From the rules' verdicts to each record's outcome: its reason, or its flags.

Pure. A rejected record has one reason, the first rule in the contract's order that rejects it;
further ones are kept beside it. An accepted record carries the names of the rules it breaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from checks.validation import Verdict


@dataclass(frozen=True)
class Outcomes:
    """The outcome of every record of a batch.

    Attributes
    ----------
    reason
        Index into `names` of the rule that rejects the record; -1 where it is accepted.
    names
        The rules' names in the contract's order.
    flagged, further
        (record, rule) pairs: flags of all records; rejecting rules beyond the first.
    """

    reason: np.ndarray
    names: tuple[str, ...]
    flagged: tuple[np.ndarray, np.ndarray]
    further: tuple[np.ndarray, np.ndarray]

    @property
    def rejected(self) -> np.ndarray:
        return self.reason >= 0


def outcomes(verdicts: tuple[Verdict, ...], files: np.ndarray) -> Outcomes:
    """Combine the verdicts on a batch; `files` is the file of each record.

    A rule whose outcome is `stop_file` rejects every record of a file in which one breaks it.
    """
    size = len(files)
    reason = np.full(size, -1, dtype=np.int32)
    flagged: list[tuple[np.ndarray, int]] = []
    further: list[tuple[np.ndarray, int]] = []
    for number, verdict in enumerate(verdicts):
        if verdict.rule.outcome == "flag":
            flagged.append((verdict.failing, number))
        elif verdict.rule.outcome in ("reject", "stop_file"):
            failing = verdict.failing
            if verdict.rule.outcome == "stop_file":
                failing = np.flatnonzero(np.isin(files, np.unique(files[failing])))
            first = failing[reason[failing] < 0]
            later = failing[reason[failing] >= 0]
            further.append((later, number))
            reason[first] = number
    names = tuple(v.rule.name for v in verdicts)
    return Outcomes(reason, names, _pairs(flagged), _pairs(further))


def _pairs(found: list[tuple[np.ndarray, int]]) -> tuple[np.ndarray, np.ndarray]:
    if not found:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    records = np.concatenate([records for records, _ in found])
    rules = np.concatenate([np.full(len(records), number, dtype=np.int32) for records, number in found])
    order = np.argsort(records, kind="stable")
    return records[order], rules[order]


def name_lists(pairs: tuple[np.ndarray, np.ndarray], names: tuple[str, ...], size: int) -> pa.ListArray:
    """The rule names of every record as a list column; an empty list where it breaks none."""
    records, rules = pairs
    counts = np.bincount(records, minlength=size) if len(records) else np.zeros(size, dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    values = pa.array(np.array(names, dtype=object)[rules] if len(rules) else [], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), values)
