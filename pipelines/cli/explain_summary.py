"""An explanation as a person reads it: from the number down to the files.

Belongs here: order, tables and sentences of `explain`. Does not belong here: finding any of it
(`assets.lineage`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.lineage.commune import period
from assets.lineage.explain import Explanation, TableShare
from assets.lineage.files import FileShare, Outcomes
from pipelines.cli.release_summary import local

_MOST_ROWS = 30
_MOST_FILES = 30
_MOST_UNITS = 30


def show_explanation(console: Console, found: Explanation) -> None:
    """The whole way, from the top down."""
    _show_number(console, found)
    _show_release(console, found)
    _show_units(console, found)
    _show_denominators(console, found)
    _show_steps(console, found)
    for table in found.tables:
        _show_table(console, table)
    if not found.tables:
        console.print("It is made of no extracts: of seeds and reference tables alone.")


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _show_number(console: Console, found: Explanation) -> None:
    answer = found.answer
    keys = ", ".join(f"{name} {_value(value)}" for name, value in answer.keys.items())
    name = f" – {answer.commune_name}" if answer.commune_name else ""
    _line(console, f"[bold]{answer.question.mart}[/] {escape(keys)}{escape(name)}")
    _line(console, escape(found.description))
    for note in answer.notes:
        _line(console, f"[yellow]{escape(note)}[/]")
    if len(answer.rows) == 1:
        values = [f"{name} {_value(answer.rows[0][name])}" for name in answer.values]
        _line(console, escape("; ".join(values)))
        return
    further = [name for name in answer.grain if name not in answer.keys]
    shown = [*further, *[name for name in answer.values if name != "commune_name"]]
    table = Table(title=f"{len(answer.rows)} rows", title_justify="left")
    for column in shown:
        table.add_column(column, overflow="fold")
    for row in answer.rows[:_MOST_ROWS]:
        table.add_row(*(escape(_value(row[column])) for column in shown))
    console.print(table)
    _more(console, len(answer.rows), _MOST_ROWS, f"narrow them with --key: {', '.join(further)}")


def _show_release(console: Console, found: Explanation) -> None:
    release = found.release
    _line(
        console,
        f"Release (lần công bố) {release.release_id}, published {local(release.published_at)} Vietnam time "
        f"by version {release.code_version}.",
    )
    for text in release.newer:
        _line(console, f"[yellow]The pipeline is newer than this release:[/] {escape(text)}.")
    for change in release.changed[:_MOST_ROWS]:
        _line(
            console,
            f"[yellow]{change.column}[/] is {_value(change.published)} here, and {_value(change.now)} in "
            "the pipeline's own table: the next release will say so.",
        )
    if release.newer:
        _line(console, "Rows, records and files below are those of the pipeline as it stands.")


def _show_units(console: Console, found: Explanation) -> None:
    given = {unit for table in found.tables for file in table.files for unit in file.units}
    units = [unit for unit in found.units if unit.unit_id in given]
    if not units:
        return
    table = Table(title="Units whose records count (đơn vị), and their share", title_justify="left")
    for name in ("code", "unit", "valid", "weight"):
        table.add_column(name)
    for name in {t.table: None for t in found.tables}:
        table.add_column(f"{name} records", justify="right")
    for unit in units[:_MOST_UNITS]:
        counts = [
            sum(f.units.get(unit.unit_id, 0) for t in found.tables if t.table == name for f in t.files)
            for name in {t.table: None for t in found.tables}
        ]
        table.add_row(
            unit.code, escape(unit.name), period(unit.valid_from, unit.valid_to), f"{unit.weight:g}",
            *(f"{count:,}" for count in counts),
        )  # fmt: skip
    console.print(table)
    _more(console, len(units), _MOST_UNITS, "--json lists them all")


def _show_denominators(console: Console, found: Explanation) -> None:
    year = found.answer.question.year
    codes = {unit.unit_id: f"{unit.code} {unit.name}" for unit in found.units}
    for entry in found.denominators[:_MOST_UNITS]:
        if entry.year == year and len(found.denominators) > 1:
            continue
        if entry.year is None:
            told = "it has no plausible number of households in this year or before"
        elif entry.year == year:
            told = f"its {_value(entry.households)} households were sent in the year itself"
        else:
            told = f"its {_value(entry.households)} households are carried from {entry.year}"
        _line(console, escape(f"Denominator (mẫu số) of {codes.get(entry.unit_id, entry.unit_id)}: {told}."))


def _show_steps(console: Console, found: Explanation) -> None:
    table = Table(title="Models (mô hình), from the mart back", title_justify="left")
    for name in ("layer", "model", "a row is", "of years"):
        table.add_column(name, overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("of")
    for step in found.steps:
        rows = "" if step.rows is None else f"{step.rows:,}"
        what = step.description.split(". ")[0].split(": ")[0]
        table.add_row(step.layer, step.name, escape(what), _years(step.years), rows, step.of)
    console.print(table)
    if found.others:
        _line(console, f"and {', '.join(found.others)}")


def _show_table(console: Console, share: TableShare) -> None:
    mine = share.records
    _line(console, "")
    _line(
        console,
        f"[bold]{share.table}[/] {share.year} ({share.why}), contract {share.contract} "
        f"{share.contract_fingerprint}: {len(share.files)} of {share.files_of_year} files concern it; "
        f"{_told(mine)} here, {_told(share.whole)} in the whole year.",
    )
    if share.files:
        _show_files(console, share.files)
    if share.unplaced_in:
        files = ", ".join(f"{name} {n}" for name, n in list(share.unplaced_in.items())[:5])
        count = sum(share.unplaced_in.values())
        more = " …" if len(share.unplaced_in) > 5 else ""
        _line(
            console,
            escape(f"{count} rejected records of other files name no commune that is known: {files}{more}"),
        )


def _show_files(console: Console, files: Sequence[FileShare]) -> None:
    table = Table()
    for name in ("file", "SHA-256", "sheet"):
        table.add_column(name, overflow="fold")
    for name in ("accepted", "quarantined", "duplicate", "superseded"):
        table.add_column(name, justify="right")
    table.add_column("rejected for", overflow="fold")
    table.add_column("remark", overflow="fold")
    for file in files[:_MOST_FILES]:
        sheets = ", ".join(f"{name or '–'}" for name in file.sheets)
        counts = (getattr(file.records, name) for name in _COUNTS)
        reasons = ", ".join(f"{name} {n}" for name, n in file.reasons.items())
        table.add_row(
            escape(file.file_name), file.sha256[:12], escape(sheets), *(f"{n:,}" for n in counts),
            reasons, escape(_remark(file)),
        )  # fmt: skip
    console.print(table)
    _more(console, len(files), _MOST_FILES, "--json lists them all")


_COUNTS = ("accepted", "quarantined", "duplicate", "superseded")


def _remark(file: FileShare) -> str:
    words = [] if file.in_release else ["not in this release"]
    if file.state != "current":
        words.append(file.state)
    if file.version > 1:
        words.append(f"version {file.version}")
    if len(file.standards) > 1:
        words.append(", ".join(f"{name} {n}" for name, n in file.standards.items()))
    if file.unplaced:
        words.append(f"{file.unplaced} more without a known commune")
    return ", ".join(words)


def _told(counts: Outcomes) -> str:
    return (
        f"{counts.landed:,} records = {counts.accepted:,} accepted + {counts.quarantined:,} quarantined + "
        f"{counts.duplicate:,} duplicate + {counts.superseded:,} superseded"
    )


def _more(console: Console, count: int, most: int, how: str) -> None:
    if count > most:
        _line(console, f"… and {count - most} more: {how}")


def _years(years: tuple[int, ...]) -> str:
    return ", ".join(map(str, years))


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)
