"""From what stands above a column to the contract's name for it.

Belongs here: the lookup built from a contract, the spellings of one heading that are tried, the
layout that the headings show. Does not belong here: where the header is in the sheet
(`headers`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, lru_cache

from assets.reading.units import without_unit_tail
from checks.contract import Column, Contract
from checks.text import fold

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_LAST_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\W*$")
_QUALIFIED = re.compile(r"^(.*\S)\s*\(([^()]*)\)\s*$")


@dataclass(frozen=True)
class Labels:
    """Every folded heading of a contract, to the columns it can mean, by layout.

    `names[heading]` maps a layout ("" for the columns that all layouts share) to a column;
    `qualified[heading]` holds labels such as "Nền (trước)" as {"trước": column}.
    """

    names: dict[str, dict[str, str]]
    qualified: dict[str, dict[str, str]]
    layouts: dict[str, frozenset[str]] = field(default_factory=dict)

    def known(self, heading: str) -> bool:
        """Whether any column can be headed so."""
        return any(spelling in self.names for spelling in spellings(heading))


@cache
def _labels(table: str, fingerprint: str, columns: tuple[tuple[str, Column], ...]) -> Labels:
    names: dict[str, dict[str, str]] = defaultdict(dict)
    qualified: dict[str, dict[str, str]] = defaultdict(dict)
    layouts: dict[str, set[str]] = defaultdict(set)
    for layout, column in columns:
        for heading in column.headings:
            names[fold(heading)].setdefault(layout, column.name)
            if layout:
                layouts[layout].add(fold(heading))
            if match := _QUALIFIED.match(heading):
                qualified[fold(match.group(1))][fold(match.group(2))] = column.name
    return Labels(dict(names), dict(qualified), {k: frozenset(v) for k, v in layouts.items()})


def labels_of(contract: Contract) -> Labels:
    """The lookup of one contract (made once)."""
    shared = tuple(("", column) for column in contract.columns)
    own = tuple((layout, column) for layout, columns in contract.layouts.items() for column in columns)
    return _labels(contract.table, contract.fingerprint, shared + own)


@lru_cache(maxsize=4_096)
def spellings(heading: str) -> tuple[str, ...]:
    """The folded forms under which a heading is looked up, the fullest first.

    Examples
    --------
    >>> spellings("Dư nợ (triệu đồng)*")
    ('dư nợ triệu đồng', 'dư nợ')
    """
    shorter = _LAST_BRACKET.sub("", heading)
    bare = _BRACKETS.sub("", heading)
    tried = (heading, shorter, bare, without_unit_tail(heading), without_unit_tail(bare))
    return tuple(dict.fromkeys(f for f in map(fold, tried) if f))


@dataclass(frozen=True)
class Heading:
    """What stands above one column: its texts from top to bottom, and the group over them."""

    texts: tuple[str, ...] = ()
    group: str = ""

    @property
    def shown(self) -> str:
        """The heading as a person reads it."""
        own = self.texts[-1] if self.texts else ""
        return f"{own} ({self.group})" if self.group and own else own or self.group

    def candidates(self) -> tuple[str, ...]:
        """Every heading it may stand for, the most telling first."""
        found = []
        for text in self.texts:
            if self.group:
                found += [f"{text} {self.group}", f"{self.group} {text}"]
        found += self.texts
        return tuple(dict.fromkeys(found))


def meanings(heading: Heading, labels: Labels) -> dict[str, str]:
    """The column that a heading means in each layout ("" for all); empty where it is unknown."""
    if heading.group:
        for text in heading.texts:
            by_qualifier = labels.qualified.get(fold(text), {})
            group = f" {fold(heading.group)} "
            fits = {name for word, name in by_qualifier.items() if f" {word} " in group}
            if len(fits) == 1:
                return {"": fits.pop()}
    for candidate in heading.candidates():
        for spelling in spellings(candidate):
            if spelling in labels.names:
                return labels.names[spelling]
    return {}


def shown_layouts(headings: list[Heading], labels: Labels) -> tuple[str, ...]:
    """The layouts of which most columns stand in the header: none, one, or several alike."""
    counts: dict[str, int] = defaultdict(int)
    for heading in headings:
        for layout in meanings(heading, labels):
            if layout:
                counts[layout] += 1
    best = max(counts.values(), default=0)
    return tuple(layout for layout in labels.layouts if counts[layout] == best) if best else ()


def name_in(meaning: dict[str, str], layouts: tuple[str, ...]) -> str | None:
    """The column's one name: shared, or the same in every layout that the header may be of."""
    if "" in meaning:
        return meaning[""]
    names = {meaning.get(layout) for layout in layouts}
    return names.pop() if len(names) == 1 else None
