"""A form as a grid: rows of values by unit with totals, and the notes at its foot.

Belongs here: which number stands in which cell, adding up, and saying what is missing. Does not
belong here: where numbers come from, or how cells look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from assets.forms.figures import Figures, Unit
from assets.forms.layout import Column, Form, Line

TOTAL = "Tổng cộng"
_TOLERANCE = 0.001
_NAMED = 8


@dataclass(frozen=True)
class Row:
    """A row of a form: `kind` is total, group or unit; null values stay blank."""

    kind: str
    order: str
    label: str
    line: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Sheet:
    """A form filled in for a year."""

    form: Form
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def fill(form: Form, figures: Figures) -> Sheet:
    """Every unit, the sums of every group of them, and the sum of all first."""
    rows = _rows(form, "total", "", TOTAL, figures.units)
    for number, (group, members) in enumerate(groupby(figures.units, key=lambda unit: unit.group), 1):
        units = tuple(members)
        rows += _rows(form, "group", roman(number), group, units)
        for order, unit in enumerate(units, 1):
            rows += _rows(form, "unit", str(order), unit.name, (unit,))
    return Sheet(form, tuple(rows), tuple(_notes(form, figures)))


def _rows(form: Form, kind: str, order: str, label: str, units: Sequence[Unit]) -> list[Row]:
    return [
        Row(
            kind,
            order if i == 0 else "",
            label if i == 0 else "",
            line.label,
            tuple(_value(column, line, units) for column in form.columns),
        )
        for i, line in enumerate(form.lines)
    ]


def _value(column: Column, line: Line, units: Iterable[Unit]) -> float | None:
    """A sum over the units that know it; a rate over those that know its part and its whole."""
    names = [measure.replace("{line}", line.key) for measure in column.measures]
    known = [[unit.measures[n] for n in names] for unit in units if all(n in unit.measures for n in names)]
    if not known:
        return None
    sums: list[float] = [sum(values) for values in zip(*known, strict=True)]
    if not column.is_rate:
        return sums[0]
    return 100 * sums[0] / sums[1] if 0 <= sums[0] <= sums[1] and sums[1] > 0 else None


def _notes(form: Form, figures: Figures) -> Iterable[str]:
    """What the form cannot say, and where."""
    if form.note:
        yield form.note
    blanks: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for number, column in enumerate(form.columns, 1):
        if not column.missing:
            continue
        lines: dict[tuple[str, ...], list[str]] = {}
        for line in form.lines:
            if lacking := _lacking(column, line, figures.units):
                lines.setdefault(lacking, []).append(line.label)
        for lacking, labels in lines.items():
            of_lines = "" if len(labels) == len(form.lines) else f" dòng {', '.join(labels)}"
            blanks.setdefault((column.missing, lacking), []).append(f"({number}){of_lines}")
    for (why, names), columns in blanks.items():
        cells = f"Cột {', '.join(columns)} để trống"
        if len(names) == len(figures.units):
            yield f"{cells}: {why}."
        else:
            yield f"{cells} tại {_some(names)}: {why}; dòng cộng chỉ gồm các xã có số liệu."
    for measure, text in form.remarks:
        if names_of := [unit.name for unit in figures.units if unit.measures.get(measure, 0) > 0]:
            yield f"{_some(names_of)}: {text}."
    yield from _broken(form, figures.units)


def _lacking(column: Column, line: Line, units: Iterable[Unit]) -> tuple[str, ...]:
    names = [measure.replace("{line}", line.key) for measure in column.measures]
    return tuple(unit.name for unit in units if any(name not in unit.measures for name in names))


def _broken(form: Form, units: Sequence[Unit]) -> Iterable[str]:
    """Where the balance of a form of movements does not hold, and by how much."""
    if not form.gap:
        return
    for line in form.lines:
        gaps = {unit.name: _gap(form, line, unit.measures) for unit in units}
        found = [f"{name} ({gap:+,.10g})" for name, gap in gaps.items() if abs(gap) > _TOLERANCE]
        if found:
            yield (
                f"Dòng {line.label} không cân đối (cột 9 khác 1-2-3-4+5+6+7+8) tại {_some(found)}: "
                "danh sách năm nay không khớp với danh sách năm trước."
            )


def _gap(form: Form, line: Line, measures: Mapping[str, float]) -> float:
    return round(measures.get(form.gap.replace("{line}", line.key), 0.0), 3)


def _some(names: Sequence[str]) -> str:
    more = f" và {len(names) - _NAMED} xã khác" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def roman(number: int) -> str:
    """The number of a group."""
    text = ""
    for value, sign in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        text += sign * (number // value)
        number %= value
    return text
