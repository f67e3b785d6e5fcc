"""The plan of a sheet's columns: contract name or unknown, layout, units.

Belongs here: the decisions that may refuse a file (a required column is missing, two columns
claim one name). Does not belong here: finding the header.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from assets.reading.errors import FileRefused
from assets.reading.headers import HeaderBlock
from assets.reading.labels import Heading, Labels, meanings, name_in, shown_layouts
from assets.reading.units import heading_unit, title_unit
from checks.contract import Column, Contract

_SLUG_LENGTH = 40


@dataclass(frozen=True)
class ColumnPlan:
    """For each position of the sheet its name in raw (None: no heading, kept only if filled).

    `clash` is the refusal of a file in which two columns of this sheet claim one name; it is
    raised where the sheet turns out to hold the table.
    """

    names: list[str | None]
    headings: list[Heading]
    layout: str | None
    units: dict[str, int]
    clash: FileRefused | None = None

    def known(self) -> dict[str, int]:
        """Contract columns found, with their positions."""
        return {n: i for i, n in enumerate(self.names) if n and not n.startswith("unknown__")}


def plan_columns(
    block: HeaderBlock, labels: Labels, contract: Contract, titles: tuple[str, ...], file: str, sheet: str
) -> ColumnPlan:
    """Name every column of a header."""
    layouts = shown_layouts(block.headings, labels)
    names: list[str | None] = []
    taken: dict[str, int] = {}
    clash = None
    for position, heading in enumerate(block.headings):
        name = name_in(meanings(heading, labels), layouts)
        if name is not None and name in taken:
            clash = clash or _ambiguous(block, name, taken[name], position, file, sheet)
            name = None
        if name is None and heading.shown:
            name = _unknown_name(heading.shown, taken)
        if name is not None:
            taken[name] = position
        names.append(name)
    units = _units(names, block.headings, contract, titles)
    layout = layouts[0] if len(layouts) == 1 else None
    return ColumnPlan(names, block.headings, layout, units, clash)


def missing_required(plan: ColumnPlan, contract: Contract) -> list[Column]:
    """Required columns that the header lacks; the commune may come from the file itself."""
    found = plan.known()
    excused = {contract.place.code} if contract.place.from_file else set()
    columns = contract.layout_columns(plan.layout)
    return [c for c in columns if c.required and c.name not in found and c.name not in excused]


def refuse_missing(columns: list[Column], row: int, file: str, sheet: str) -> FileRefused:
    """The refusal that names the missing columns and how they may be headed."""
    named = "; ".join(" / ".join((c.label, *c.aliases, c.name)) for c in columns)
    return FileRefused(
        "missing_column",
        file=file,
        sheet=sheet,
        row=row,
        column=", ".join(c.name for c in columns),
        detail=f"the header has no column headed {named}",
        fix="add the column, or its heading to the aliases of the contract if it stands under another",
    )


def letter(position: int) -> str:
    """The column's letter in a spreadsheet: 0 is A, 26 is AA."""
    name, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def slug(text: str) -> str:
    """A heading as a plain ASCII name: "Ghi chú" → ghi_chu."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    ascii_only = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")[:_SLUG_LENGTH].strip("_") or "column"


def _unknown_name(shown: str, taken: dict[str, int]) -> str:
    base = name = f"unknown__{slug(shown)}"
    number = 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _units(
    names: list[str | None], headings: list[Heading], contract: Contract, titles: tuple[str, ...]
) -> dict[str, int]:
    money = {c.name for c in contract.all_columns() if c.type == "money"}
    general = title_unit(titles)
    units = {}
    for name, heading in zip(names, headings, strict=True):
        if name in money:
            own = heading_unit(*reversed(heading.texts), heading.group)
            unit = own if own is not None else general
            if name is not None and unit is not None:
                units[name] = unit
    return units


def _ambiguous(block: HeaderBlock, name: str, first: int, second: int, file: str, sheet: str) -> FileRefused:
    a, b = block.headings[first].shown, block.headings[second].shown
    return FileRefused(
        "ambiguous_column",
        file=file,
        sheet=sheet,
        column=name,
        detail=f'columns {letter(first)} "{a}" and {letter(second)} "{b}" both mean {name}',
        fix="keep one of them, or rename the other",
    )
