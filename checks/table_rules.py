"""Rules of a whole table and year: shares and jumps that no single record shows.

Pure. They warn, or stop the year, as the contract says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.contract import TableRule


@dataclass(frozen=True)
class Twice:
    """Records of ground that is listed under two units, and the first of these units."""

    records: int
    places: tuple[str, ...]


@dataclass(frozen=True)
class TableCounts:
    """What a table and year came to.

    `current` are the landed records that are neither copies nor superseded; `previous` the same
    of the year before, None where there was none; `complete` is false for a year still running,
    whose counts are no jump. `twice` has what is listed twice, by rule.
    """

    landed: int
    duplicate: int
    superseded: int
    quarantined: int
    flags: dict[str, int]
    previous: int | None
    complete: bool
    twice: Mapping[str, Twice] = field(default_factory=dict)

    @property
    def current(self) -> int:
        return self.landed - self.duplicate - self.superseded


@dataclass(frozen=True)
class TableVerdict:
    """One table rule's verdict; `value` is None where nothing could be compared, `places` say where."""

    rule: TableRule
    value: float | None
    passed: bool
    places: tuple[str, ...] = ()


def judge_table(rules: tuple[TableRule, ...], counts: TableCounts) -> tuple[TableVerdict, ...]:
    """Every table rule's verdict, in the contract's order."""
    return tuple(_judge(rule, counts) for rule in rules)


def _judge(rule: TableRule, counts: TableCounts) -> TableVerdict:
    value = _value(rule, counts)
    if value is None:
        return TableVerdict(rule, None, True)
    low = rule.minimum is None or value >= rule.minimum
    high = rule.maximum is None or value <= rule.maximum
    twice = counts.twice.get(rule.name)
    return TableVerdict(rule, value, low and high, twice.places if twice else ())


def _value(rule: TableRule, counts: TableCounts) -> float | None:
    match rule.kind:
        case "duplicate_share":
            return _share(counts.duplicate, counts.landed)
        case "quarantine_share":
            return _share(counts.quarantined, counts.current)
        case "flagged_share":
            return _share(counts.flags.get(rule.rule or "", 0), counts.current)
        case "ground_twice":
            return _share(counts.twice[rule.name].records if rule.name in counts.twice else 0, counts.current)
        case "row_count_jump":
            if not counts.previous or not counts.complete or not counts.landed:
                return None
            return counts.current / counts.previous
    raise LookupError(f"table rule {rule.name}: unknown kind {rule.kind!r}")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
