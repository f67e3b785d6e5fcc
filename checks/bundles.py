"""Which rules are validated together: those that look at the same few columns.

Great Expectations filters the whole batch once an expectation, so the cost of a rule grows with
the width of the batch it stands in. A large batch is therefore handed over in narrow slices of
columns, each made when its turn comes; every rule still sees every record. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from checks.contract import Rule
from checks.predicates import is_derived, subject

# Below this number of records the width does not matter, and one batch has the least overhead.
SMALL = 100_000
WIDTH = 8
# What a rule is stated on beside its own columns: the place of a record, and its year.
_ALWAYS = ("unit_id", "year")


@dataclass(frozen=True)
class Bundle:
    """Rules validated together.

    `inputs` are the columns of the batch that they, and what is derived for them, are made from;
    `shown` those columns, derived ones among them, that their expectations look at.
    """

    rules: tuple[Rule, ...]
    inputs: tuple[str, ...]
    shown: tuple[str, ...]


def columns_of(rule: Rule, available: Collection[str]) -> frozenset[str]:
    """The columns that a rule's expectation looks at, its derived column among them."""
    if is_derived(rule):
        return frozenset({subject(rule)})
    named = {
        "readable": [f"{name}__unreadable" for name in rule.columns[:1]],
        "present": [f"{name}__sent" for name in rule.columns[:1]],
        "note": [f"note__{rule.name}"],
        "issue": [f"{rule.group}_issue"],
    }.get(rule.kind, list(rule.columns))
    return frozenset(named) & frozenset(available)


def inputs_of(rule: Rule, available: Collection[str]) -> frozenset[str]:
    """The columns of a batch that a rule, or what is derived for it, is made from."""
    if not is_derived(rule):
        return columns_of(rule, available)
    wanted = {*rule.columns, *(name for group in rule.any_of for name in group), *_ALWAYS}
    if rule.prefix:
        wanted |= {name for name in available if name.startswith(rule.prefix) and "__" not in name}
    return frozenset(wanted) & frozenset(available)


def bundles(rules: tuple[Rule, ...], available: Iterable[str], records: int) -> list[Bundle]:
    """The rules in groups, each with the columns that it needs; every rule is in one group."""
    names = list(available)
    groups: list[tuple[list[Rule], set[str]]] = []
    for rule in rules:
        needed = columns_of(rule, names)
        home = next((g for g in groups if _fits(g[1], needed, records)), None)
        if home is None:
            home = ([], set())
            groups.append(home)
        home[0].append(rule)
        home[1].update(needed)
    return [_bundle(tuple(members), shown, names) for members, shown in groups]


def _fits(held: set[str], needed: frozenset[str], records: int) -> bool:
    return records < SMALL or len(held | needed) <= max(WIDTH, len(needed))


def _bundle(rules: tuple[Rule, ...], shown: set[str], names: list[str]) -> Bundle:
    inputs: set[str] = set().union(*(inputs_of(rule, names) for rule in rules))
    derived = [subject(rule) for rule in rules if is_derived(rule)]
    plain = [name for name in names if name in shown]
    return Bundle(rules, tuple(n for n in names if n in inputs), (*plain, *derived))
