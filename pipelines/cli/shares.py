"""`thoatngheo shares`: how divided communes went to their heirs, and the rows that put it in force.

Belongs here: what a person reads, and the file of rows. Does not belong here: the evidence
(`assets.places.divided`). The command only proposes: shares are in force once somebody has put the
rows into the deployment's own events.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.places.divided import Division, divisions, event_rows
from assets.places.divided_lists import read_lists
from assets.places.events import EventsUnusable, events_of
from assets.places.history import build_lineage
from assets.places.source import read_source
from pipelines.settings import Settings

_COLUMNS = ("divided", "on", "went to", "in force", "by", "by the lists", "households known", "villages")


def run_shares(settings: Settings, write: Path | None, console: Console) -> bool:
    """Tell each division with its shares; write the rows of those that are at equal parts.

    Returns
    -------
    bool
        False where the events cannot be used, or `write` was asked for and the lists show nothing new.
    """
    workplace = settings.workplace()
    try:
        events = events_of(workplace.commune_events, workplace.home.root, date.today())
        lineage = build_lineage(read_source(), events)
    except EventsUnusable as error:
        console.print(f"[red]failed:[/] {escape(str(error))}", highlight=False)
        return False
    found = divisions(lineage, workplace.province, read_lists(workplace.home))
    console.print(_table(found))
    rows = event_rows(found)
    if not rows:
        console.print("No division at equal parts is shown by the lists: nothing to write.", highlight=False)
        return write is None
    if write is None:
        told = "thoatngheo shares --write FILE writes them as rows for commune_events.csv."
        console.print(f"The lists show shares for {len(rows)} edges at equal parts: {told}", highlight=False)
        return True
    _write(write, rows)
    console.print(
        f"{len(rows)} rows stand in {escape(str(write))}. Look at them, then add them to commune_events.csv "
        "in the home (or the file of THOATNGHEO_COMMUNE_EVENTS): the next refresh makes all years by them.",
        highlight=False,
    )
    return True


def _table(found: Iterable[Division]) -> Table:
    table = Table(title="Divided communes (xã, phường chia tách)", title_justify="left")
    for name in _COLUMNS:
        table.add_column(name)
    for division in found:
        evidence = division.evidence
        heirs = zip_longest(division.heirs, division.in_force, evidence.shares or ())
        for number, (heir, share, shown) in enumerate(heirs):
            lead = _lead(division) if number == 0 else [""] * 5
            shown_text = f"{shown:.3f}" if shown is not None else (evidence.why_not if not number else "")
            went = f"{heir.commune_code} {heir.commune_name}"
            table.add_row(lead[0], lead[1], went, f"{float(share):.3f}", lead[2], shown_text, *lead[3:])
    return table


def _lead(division: Division) -> list[str]:
    evidence = division.evidence
    last_day = division.unit.valid_to
    return [
        f"{division.unit.commune_code} {division.unit.commune_name}",
        f"after {last_day:%Y-%m-%d}" if last_day else "",
        division.method,
        f"{evidence.known_households} of {evidence.households}",
        f"{evidence.known_villages} of {evidence.villages}",
    ]


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
