"""The state of a home as a person reads it: the first screen of a morning.

Belongs here: order, tables and colours of `status`. Does not belong here: gathering the state
(`pipelines.state`).
"""

from __future__ import annotations

from datetime import UTC

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.cli.release_summary import age, local, show_trouble
from pipelines.state import HomeState

_MOST_REASONS = 3
_MOST_FAILING = 30
_COLOURS = {
    "published": "green",
    "stale": "yellow",
    "held": "red",
    "not published": "yellow",
    "not known": "red",
}


def show_years(console: Console, state: HomeState) -> None:
    """Every year with its state, its records over all tables, and why it is stale."""
    if not state.years:
        console.print("No year has records yet.")
        return
    table = Table(title="Years (các năm)", title_justify="left")
    for name in ("year", "state"):
        table.add_column(name)
    for name in ("landed", "accepted", "quarantined"):
        table.add_column(name, justify="right")
    table.add_column("stale because", overflow="fold")
    for year in state.years:
        rows = [row for row in state.counts if row["year"] == year]
        sums = [f"{sum(row[name] for row in rows):,}" for name in ("landed", "accepted", "quarantined")]
        word = state.word(year)
        table.add_row(str(year), f"[{_COLOURS[word]}]{word}[/]", *sums, escape(_reasons(state, year)))
    console.print(table)


def _reasons(state: HomeState, year: int) -> str:
    reasons = state.stale.reasons.get(year, []) if state.stale else []
    more = f" … and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
    return "; ".join(reasons[:_MOST_REASONS]) + more


def show_staleness(console: Console, state: HomeState) -> None:
    """Whether anything is to be done, in one line."""
    if state.stale is None:
        console.print(f"[red]Which years are stale is not known:[/] {escape(state.unseen)}", highlight=False)
    elif state.stale.years:
        console.print(f"Stale years: {', '.join(map(str, state.stale.years))}.", highlight=False)
    else:
        console.print("No year is stale.")
    if state.running:
        console.print(f"[yellow]A refresh is running[/] ({escape(state.running)}): what follows is passing.")


def show_failing(console: Console, state: HomeState) -> None:
    """The standing list: errors first."""
    if not state.failing:
        console.print("[green]Nothing is failing.[/]")
        return
    errors = sum(entry.severity == "error" for entry in state.failing)
    title = f"Failing now (đang hỏng): {errors} errors, {len(state.failing) - errors} warnings"
    table = Table(title=title, title_justify="left")
    for name in ("", "where", "year", "check", "found", "what to do"):
        table.add_column(name, overflow="fold")
    for entry in state.failing[:_MOST_FAILING]:
        colour = "red" if entry.severity == "error" else "yellow"
        cells = (entry.where, str(entry.year or ""), entry.check, entry.found, entry.todo)
        table.add_row(f"[{colour}]{entry.severity}[/]", *map(escape, cells))
    console.print(table)
    if len(state.failing) > _MOST_FAILING:
        more = len(state.failing) - _MOST_FAILING
        console.print(f"… and {more} more: thoatngheo status --json lists them all")


def show_standing(console: Console, state: HomeState) -> None:
    """The release that readers see, its age, and whether somebody put it back."""
    if state.release_unknown:
        show_trouble(console, state.release_unknown)
        return
    standing = state.standing
    if standing is None:
        told = "No release stands in the warehouse." if state.releases else "Nothing has been published yet."
        console.print(told)
        return
    rows = "" if standing.rows is None else f", {standing.rows:,} rows"
    console.print(
        f"Release {standing.release_id} stands: published {local(standing.published_at)} Vietnam time, "
        f"{age(standing.published_at)} ago; {standing.marts} marts{rows}.",
        highlight=False,
    )
    if back := state.rolled_back:
        reason = f": {escape(back['reason'])}" if back["reason"] else ""
        console.print(
            f"[yellow]Rolled back[/] from {back['instead_of']} at {local(back['at'])} by "
            f"{escape(back['decided_by'])}{reason}. It stays until something new comes.",
            highlight=False,
        )


def show_schedule(console: Console, state: HomeState) -> None:
    """The next night, and whether a daemon is there to start it."""
    schedule = state.schedule
    line = f"Next tick: {schedule.next_tick:%Y-%m-%d %H:%M} {schedule.timezone} ({schedule.cron})"
    if schedule.switched_off:
        told = "[yellow]the schedule is switched off in the UI[/]"
    elif schedule.alive:
        told = "the daemon is alive"
    elif schedule.heartbeat:
        heard = schedule.heartbeat.astimezone(UTC).replace(tzinfo=None)
        told = f"[yellow]no daemon: its last sign of life was {local(heard)}, {age(heard)} ago[/]"
    else:
        told = "[yellow]no daemon has run in this home: nothing starts by itself[/]"
    console.print(f"{line}; {told}.", highlight=False)
