"""Changes between releases as a person reads them.

Belongs here: tables and sentences about changes, and their machine-readable form. Does not belong
here: asking for them (`change_commands`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.changes.asof import Vintage
from assets.changes.look import Difference
from pipelines.cli.release_summary import local

_MOST_FILES = 20
_MOST_ROWS = 40
_MOST_COLUMNS = 9
_KINDS = {
    "slice_added": "a year or month that was not there",
    "rolled_up": "changes too many to be told one by one",
    "mart_added": "a mart that was not there",
    "mart_removed": "a mart that is gone",
    "mart_remade": "a mart of another grain",
    "column_added": "a column that was not there",
    "column_removed": "a column that is gone",
}


def show(console: Console, found: Difference) -> None:
    """What moved, what holds a release first; then which files differ."""
    console.print(f"From {found.before} to {found.after}:", highlight=False)
    if approval := found.approval:
        reason = escape(approval["reason"])
        by = escape(approval["approved_by"])
        console.print(f"[yellow]Approved[/] by {by} at {local(approval['at'])}: {reason}", highlight=False)
    if not found.moved:
        console.print("No value is another one.")
    elif not found.marts:
        told = f"None of the {found.moved:,} values that moved fits --mart, --year and --commune."
        console.print(told, highlight=False)
    else:
        _show_marts(console, found)
        _show_rows(console, found)
    _show_files(console, found)


def _show_marts(console: Console, found: Difference) -> None:
    table = Table(title="What moved (thay đổi)", title_justify="left")
    table.add_column("mart")
    table.add_column("kind")
    table.add_column("rows", justify="right")
    table.add_column("values", justify="right")
    for row in found.marts:
        kind = _KINDS.get(row["kind"], row["kind"])
        table.add_row(row["mart"], kind, f"{row['rows']:,}", f"{row['cells']:,}")
    console.print(table)


def _show_rows(console: Console, found: Difference) -> None:
    title = "Largest first, by their share of the column's sum"
    if found.beyond:
        held = f"First {found.beyond:,} beyond their bound, for which somebody's word is needed."
        title = f"{held}\n{title}"
    table = Table(title=title, title_justify="left")
    for name in ("mart", "year", "commune", "row", "column"):
        table.add_column(name, overflow="fold")
    for name in ("before", "after", "difference"):
        table.add_column(name, justify="right")
    table.add_column("file", overflow="fold")
    for row in found.rows:
        place = f"{row['commune_code'] or ''} {row['commune_name'] or ''}".strip()
        column = " ".join(filter(None, (row["column_name"], _of_row(row), _of_bound(row))))
        cells = (
            row["mart"], str(row["year"] or ""), place, _rest(row["key"]), column, _value(row["old_value"]),
            _value(row["new_value"]), _signed(row["difference"]), _file(found, row),
        )  # fmt: skip
        table.add_row(*map(escape, cells))
    console.print(table)
    if found.matching:
        console.print(
            f"… and {found.matching:,} more: --most, --mart, --year, --commune, --json", highlight=False
        )


def _of_row(row: Mapping[str, Any]) -> str:
    """What happened, where it is more than a value that is another one."""
    if row["kind"] == "changed":
        return ""
    if row["kind"] in ("added", "removed"):
        return f"(row {row['kind']})"
    return f"({_KINDS[row['kind']]}: {row['cells']:,})"


def _of_bound(row: Mapping[str, Any]) -> str:
    return "(beyond its bound)" if row["beyond_bound"] else ""


def _rest(key: str | None) -> str:
    """A row's grain without what has a column of its own."""
    if not key:
        return ""
    parts = json.loads(key)
    return ", ".join(
        str(v) for name, v in parts.items() if name not in ("year", "commune_code") and v is not None
    )


def _value(text: str | None) -> str:
    if text is None:
        return ""
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:,.6g}" if abs(number) < 1e6 else f"{number:,.0f}"


def _signed(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:+,.6g}" if abs(number) < 1e6 else f"{number:+,.0f}"


def _file(found: Difference, row: Mapping[str, Any]) -> str:
    files = found.behind.get((row["mart"], row["year"]), ())
    new = [file for file in files if file.is_new] or list(files)
    return "" if not new else new[0].name + (f" and {len(new) - 1} more" if len(new) > 1 else "")


def _show_files(console: Console, found: Difference) -> None:
    if not found.files:
        console.print(
            "Both are made from the same files: contracts, models or code made the difference, if any."
        )
        return
    console.print(f"Files that differ: {len(found.files)} (+ new, - replaced or gone)", highlight=False)
    for file in found.files[:_MOST_FILES]:
        sign = "+" if file.is_new else "-"
        told = f"  {sign} {file.table} {file.year} {file.name}  {file.sha256[:16]}"
        console.print(escape(told), highlight=False, soft_wrap=True)
    if len(found.files) > _MOST_FILES:
        console.print(f"  … and {len(found.files) - _MOST_FILES} more: --json lists them all")


def as_json(found: Difference) -> dict[str, Any]:
    """The difference for programs."""
    approval = found.approval
    return {
        "before": found.before,
        "after": found.after,
        "found_in": found.how,
        "marts": list(found.marts),
        "changes": [
            {
                **row,
                "key": json.loads(row["key"]) if row["key"] else None,
                "files": [file.sha256 for file in found.behind.get((row["mart"], row["year"]), ())],
            }
            for row in found.rows
        ],
        "more": found.matching,
        "beyond_bound": found.beyond,
        "moved": found.moved,
        "files": [asdict(file) for file in found.files],
        "approval": {k: approval[k] for k in ("approved_by", "reason", "at")} if approval else None,
    }


def show_approval(console: Console, row: Mapping[str, Any], changes: int, is_new: bool) -> None:
    """What was approved, and how it goes on."""
    if is_new:
        told = f"{changes} changes since {row['compared_with']} are approved, for exactly these inputs."
    else:
        told = f"These {changes} changes were approved by {row['approved_by']} at {local(row['at'])} already."
    console.print(f"{told} Now: thoatngheo publish", highlight=False, markup=False)


def show_vintage(console: Console, mart: str, found: Vintage, rows: pd.DataFrame, out: Path | None) -> None:
    """The rows that a mart had, and from where they are known."""
    source = (
        "its own tables" if found.rebuilt_from is None else f"{found.rebuilt_from} and the record of changes"
    )
    console.print(
        f"{mart} as of release {found.release_id}, from {source}: {len(rows):,} rows", highlight=False
    )
    if found.missing:
        console.print(f"[yellow]Not known any more:[/] columns {', '.join(found.missing)}", highlight=False)
    if out is not None:
        console.print(f"Written to {out}", highlight=False, markup=False)
        return
    # A mart has more columns than a screen: one with the same value in all rows is told once.
    same = [c for c in rows.columns if len(rows) > 1 and rows[c].nunique(dropna=False) == 1]
    if same:
        told = ", ".join(f"{c} {rows[c].iloc[0]}" for c in same if not pd.isna(rows[c].iloc[0]))
        console.print(escape(f"In all rows: {told}"), highlight=False)
    table = Table()
    shown = [c for c in rows.columns if c not in same]
    left_out, shown = shown[_MOST_COLUMNS:], shown[:_MOST_COLUMNS]
    for column in shown:
        table.add_column(column, overflow="fold")
    for values in rows[shown].head(_MOST_ROWS).itertuples(index=False):
        table.add_row(*(escape("" if pd.isna(v) else str(v)) for v in values))
    console.print(table)
    if left_out:
        told = f"… and {len(left_out)} more columns, by --columns, --out or --json: {', '.join(left_out)}"
        console.print(told, highlight=False, markup=False)
    if len(rows) > _MOST_ROWS:
        console.print(
            f"… and {len(rows) - _MOST_ROWS:,} more: --year, --commune, --out, --json", highlight=False
        )
