"""`thoatngheo shares`: how divided communes went to their heirs, and the rows that put it in force.

Belongs here: what a person reads, and the files of rows. Does not belong here: the evidence
(`assets.places.divided`). The command only proposes: shares are in force once somebody has put the
rows into the deployment's own events.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from datetime import date
from itertools import zip_longest
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.files import put_file
from assets.places.divided import Division, divisions
from assets.places.divided_events import (
    event_rows,
    new_villages,
    village_rows,
    with_rows,
    with_villages,
)
from assets.places.divided_lists import read_lists
from assets.places.events import EventsUnusable, events_of
from assets.places.history import build_lineage
from assets.places.source import read_source
from assets.places.villages import FILE as VILLAGES
from assets.places.villages import read_villages
from pipelines.cli.files import cannot_be_written
from pipelines.settings import Settings

_COLUMNS = ("divided", "on", "went to", "in force", "by", "by the lists", "households known", "villages")


def own_file(settings: Settings) -> Path:
    """The deployment's own events, whether they are there or not."""
    return settings.commune_events or settings.workplace().home.root / "commune_events.csv"


def own_villages(settings: Settings) -> Path:
    """Where the villages of divided communes stand that are in force, whether the file is there or not."""
    return settings.workplace().home.root / VILLAGES


def why_not_written(settings: Settings, write: Path) -> str:
    """Why `--write` is refused; blank where both of its files are new ones that are not in force.

    Parameters
    ----------
    write
        The file of events; the villages go into `commune_villages.csv` beside it.
    """
    if write.name == VILLAGES:
        return f"{write}: the villages are written under this name; name another file for the events"
    in_force = (own_file(settings).resolve(), own_villages(settings).resolve())
    # A folder without a name of its own is there, so the first refusal is its.
    return _refused(write, in_force) or _refused(_beside(write), in_force)


def _beside(write: Path) -> Path:
    return write.with_name(VILLAGES)


def _refused(path: Path, in_force: Collection[Path]) -> str:
    if path.resolve() in in_force:
        return (
            f"{path}: in force at once, unseen; name a file in another folder, look at both, then move them"
        )
    if os.path.lexists(path):
        return f"{path}: it is there already; name a file that is not, in a folder without {VILLAGES}"
    if not path.absolute().parent.is_dir():
        return f"{path}: name a file that is not there yet, in a folder that is"
    return ""


def run_shares(settings: Settings, write: Path | None, console: Console) -> bool:
    """Tell each division with its shares; write the events with those that are at equal parts so far.

    The villages that are known to have gone to one heir are written beside them. Whether both files may
    be written is asked before (`why_not_written`).

    Returns
    -------
    bool
        False where events, villages or lists cannot be read, or a file not be written.
    """
    workplace, today = settings.workplace(), date.today()
    try:
        events = events_of(workplace.commune_events, workplace.home.root, today)
        villages = read_villages(own_villages(settings)) if own_villages(settings).exists() else ()
        lists = read_lists(workplace.home)
        found = divisions(build_lineage(read_source(), events), workplace.province, lists, today)
    except EventsUnusable as error:
        return _failed(str(error), console)
    except duckdb.Error:
        return _failed("the accepted lists cannot be read; where a refresh runs, wait for its end", console)
    console.print(_table(found) if found else "No commune of the province was divided.", highlight=False)
    rows, went = event_rows(found), new_villages(village_rows(found), villages)
    if not rows and not went:
        told = "the lists show no shares for divisions at equal parts, and no village that is not in force."
        console.print(f"Nothing to write: {told}", highlight=False)
        return True
    if write is None:
        shown = f"The lists show shares for {len(rows)} edges at equal parts, and {len(went)} villages"
        told = "thoatngheo shares --write FILE writes commune_events.csv with them."
        console.print(f"{shown} of divided communes: {told}", highlight=False)
        return True
    return (not rows or _written(write, own_file(settings), with_rows, rows, "shares", console)) and (
        not went or _written(_beside(write), own_villages(settings), with_villages, went, "villages", console)
    )


def _written(
    path: Path,
    own: Path,
    merged: Callable[[str, list[dict[str, str]]], str],
    rows: list[dict[str, str]],
    what: str,
    console: Console,
) -> bool:
    """Write a file of the deployment's with new rows in it, beside the one that is in force."""
    try:
        _write(path, merged(own.read_text(encoding="utf-8-sig") if own.exists() else "", rows))
    except OSError as error:
        return _failed(cannot_be_written(path, error), console)
    console.print(
        f"{escape(str(path))} holds {len(rows)} new {what} beside what stood in {own.name}. Look at it, "
        f"then put it in place of {escape(str(own))}: the next refresh makes all years by it.",
        highlight=False,
    )
    return True


def _failed(why: str, console: Console) -> bool:
    console.print(f"[red]failed:[/] {escape(why)}", highlight=False)
    return False


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


def _write(path: Path, text: str) -> None:
    """With the mark by which spreadsheets know UTF-8."""
    put_file(path, text.encode("utf-8-sig"))
