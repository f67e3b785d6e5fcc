"""The results told: tables in the terminal, JSON for machines, a section of the documentation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from tests.benchmarks.result import StageResult, Table

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def show(console: Console, *tables: Table) -> None:
    """Tables one below the other."""
    for table in tables:
        drawn = RichTable(
            title=table.title, title_justify="left", caption=table.note or None, caption_justify="left"
        )
        for number, column in enumerate(table.columns):
            drawn.add_column(column, justify="right" if number else "left")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)


def write_json(
    path: Path, machine: Mapping[str, Any], options: Mapping[str, Any], found: Mapping[str, StageResult]
) -> None:
    """All figures, with the machine and the options."""
    document = {
        "machine": machine,
        "options": options,
        "stages": {name: result.figures for name, result in found.items()},
        "tables": {
            name: [
                {"title": t.title, "columns": t.columns, "rows": t.rows, "note": t.note}
                for t in result.tables
            ]
            for name, result in found.items()
        },
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_docs(
    page: Path,
    machine: Mapping[str, Any],
    options: Mapping[str, Any],
    found: Mapping[str, StageResult],
    aimed: Table,
) -> None:
    """Replace the measured section of the page; the words around it stay.

    Raises
    ------
    ValueError
        The page has no such section.
    """
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page.name} has no section between `{BEGIN}` and `{END}`")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    tables = [aimed, *(table for result in found.values() for table in result.tables)]
    section = "\n\n".join([_origin(machine, options), *map(_markdown, tables)])
    page.write_text(f"{before}{BEGIN}\n{section}\n{END}{after}", encoding="utf-8")


def _origin(machine: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"Measured {machine['measured_at'][:10]} at commit `{machine['commit']}`, scale {options['scale']:g} of "
        f"{options['year']}: {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']:g} GB, "
        f"{machine['system']}, Python {machine['python']}, {packages}. Load before the start: "
        f"{machine['load_before']:g}."
    )


def _markdown(table: Table) -> str:
    lines = [
        f"### {table.title}",
        "",
        _line(table.columns),
        _line(["---", *["---:"] * (len(table.columns) - 1)]),
    ]
    lines += [_line(row) for row in table.rows]
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
