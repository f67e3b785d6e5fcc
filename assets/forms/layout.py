"""The layouts of the forms, as `forms.yaml` declares them.

Belongs here: reading the declaration, and the columns of a form for a year's lists of indicators,
causes and ethnic groups. Does not belong here: numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

# name of the list in `forms.yaml`: (key, head) of its members
Lists = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Column:
    """A column of numbers: its heads from the top, and the measures that fill it.

    `measures` is one measure, or the part and the whole of a rate in per cent; `missing` says in
    Vietnamese what is lacking where a cell stays blank; `formula` is written under the head.
    """

    heads: tuple[str, ...]
    measures: tuple[str, ...]
    formula: str
    missing: str

    @property
    def is_rate(self) -> bool:
        return len(self.measures) == 2


@dataclass(frozen=True)
class Line:
    """One of the lines that a unit has in a form, such as households and persons."""

    key: str
    label: str


@dataclass(frozen=True)
class Form:
    """A form: number, title, unit of its numbers, lines of a unit, columns in their order.

    `gap` is the measure that is 0 where a balance holds; `remarks` are measures, with what is said
    at the foot of the communes where they are more than 0.
    """

    number: int
    title: str
    unit: str
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    gap: str
    note: str
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def depth(self) -> int:
        """Levels of the heads."""
        return max(len(column.heads) for column in self.columns)


def forms(lists: Lists) -> tuple[Form, ...]:
    """The forms of a year whose indicators, causes and minorities are these."""
    return tuple(_form(entry, lists) for entry in _declaration()["forms"])


@cache
def _declaration() -> Any:
    return yaml.safe_load(Path(__file__).with_name("forms.yaml").read_text(encoding="utf-8"))


def _form(entry: Mapping[str, Any], lists: Lists) -> Form:
    leaves = [leaf for column in entry["columns"] for leaf in _leaves(column, (), lists)]
    # Where a measure stands, for the text of a rate's formula.
    numbers = {leaf["value"]: i for i, (_, leaf) in enumerate(leaves, 1) if "value" in leaf}
    columns = tuple(_column(i, heads, leaf, numbers) for i, (heads, leaf) in enumerate(leaves, 1))
    lines = tuple(Line(**line) for line in entry.get("lines", ({"key": "", "label": ""},)))
    return Form(
        entry["number"],
        entry["title"],
        entry["unit"],
        lines,
        columns,
        entry.get("gap", ""),
        entry.get("note", ""),
        tuple((remark["where"], remark["text"]) for remark in entry.get("remarks", ())),
    )


def _leaves(
    column: Mapping[str, Any], above: tuple[str, ...], lists: Lists
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The columns of numbers under a declared one, each with all its heads."""
    if "each" in column:
        for key, head in lists[column["each"]]:
            leaf = {k: v for k, v in column.items() if k != "each"}
            if "value" in leaf:
                leaf["value"] = leaf["value"].replace("{each}", key)
            if "rate" in leaf:
                leaf["rate"] = [measure.replace("{each}", key) for measure in leaf["rate"]]
            yield (*above, head), leaf
        return
    heads = (*above, column["head"])
    if "columns" in column:
        for inner in column["columns"]:
            yield from _leaves(inner, heads, lists)
    else:
        yield heads, dict(column)


def _column(
    number: int, heads: tuple[str, ...], leaf: Mapping[str, Any], numbers: Mapping[str, int]
) -> Column:
    measures = tuple(leaf["rate"]) if "rate" in leaf else (leaf["value"],)
    formula = leaf.get("formula", str(number))
    if "rate" in leaf and all(measure in numbers for measure in measures):
        part, whole = (numbers[measure] for measure in measures)
        formula = f"{number}={part}/{whole}*100"
    return Column(heads, measures, formula, leaf.get("missing", ""))
