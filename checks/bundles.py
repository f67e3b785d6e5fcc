"""Which rules are validated together: those that look at the same few columns.

Great Expectations filters the whole batch once an expectation, so the cost of a rule grows with
the width of the batch it stands in. A large batch is therefore handed over in narrow slices of
columns; every rule still sees every record. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.contract import Rule
from checks.predicates import subject

# Below this number of records the width does not matter, and one batch has the least overhead.
SMALL = 100_000
WIDTH = 4


def columns_of(rule: Rule, available: Iterable[str]) -> frozenset[str]:
    """The columns of a prepared batch that a rule's expectation looks at."""
    present = set(available)
    if subject(rule) in present:
        return frozenset({subject(rule)})
    named = {
        "readable": [f"{name}__unreadable" for name in rule.columns[:1]],
        "present": [f"{name}__sent" for name in rule.columns[:1]],
        "note": [f"note__{rule.name}"],
        "issue": [f"{rule.group}_issue"],
    }.get(rule.kind, list(rule.columns))
    return frozenset(named) & present


def bundles(
    rules: tuple[Rule, ...], available: Iterable[str], records: int
) -> list[tuple[tuple[Rule, ...], tuple[str, ...]]]:
    """The rules in groups, each with the columns that it needs; every rule is in one group."""
    names = list(available)
    if records < SMALL:
        return [(rules, tuple(names))]
    found: list[tuple[list[Rule], set[str]]] = []
    for rule in rules:
        needed = columns_of(rule, names)
        home = next((b for b in found if len(b[1] | needed) <= max(WIDTH, len(needed))), None)
        if home is None:
            home = ([], set())
            found.append(home)
        home[0].append(rule)
        home[1].update(needed)
    return [(tuple(group), tuple(n for n in names if n in columns)) for group, columns in found]
