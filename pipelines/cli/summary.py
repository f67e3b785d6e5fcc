"""What a person reads after a command: tables of what came, what was refused, what is published."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.errors import FORESEEN
from assets.failing import held_now
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, FILE, PULL_ATTEMPT, RAW_FILE, Journal
from assets.pipeline_file import kept_aside
from assets.published import HELD
from assets.pulling.sources import DropStore
from assets.releases import as_value, newest_release, put_back_by_decision, warehouse_of
from assets.shown_url import shown_url
from assets.staleness import StaleYears
from assets.workplace import Workplace
from checks.contract import TABLES
from checks.gate import BROKEN
from pipelines.cli import status_summary
from pipelines.cli.release_summary import age, show_held, years_text
from pipelines.runner import RunOutcome
from pipelines.state import HomeState

_COUNTS = ("files", "refused_files", "landed", "accepted", "quarantined", "duplicate", "superseded")


def show_sample(console: Console, folder: Path, manifest: Any) -> None:
    """What was written, and where the planted defects are listed."""
    files, planted = len(manifest.files), len(manifest.planted)
    console.print(
        f"Sample extracts (dữ liệu mẫu) in {folder}: {files} files with {planted:,} planted defects."
    )
    console.print(f"What was planted, by file and row: {folder / 'manifest.csv'}")


def show_reasons(console: Console, stale: StaleYears, most: int = 3) -> None:
    """Which years are refreshed, and why."""
    for year in stale.years:
        reasons = stale.reasons[year]
        more = f" … and {len(reasons) - most} more" if len(reasons) > most else ""
        console.print(f"{year}: {escape('; '.join(reasons[:most]))}{more}", highlight=False)


def show_run(console: Console, workplace: Workplace, outcome: RunOutcome) -> None:
    """What one run came to: counts by table, refusals, failing checks, failures, what it waits for."""
    journal = Journal(workplace.home.journal)
    years = outcome.years
    name = f"{years[0]}-{years[-1]}" if len(years) > 1 else str(years[0])
    console.print(_counts_table(journal, years, f"Years {name}: records by outcome"))
    _show_pull_failures(console, journal, years)
    _show_refused(console, journal, years)
    _show_checks(console, journal, years)
    _show_set_aside(console, workplace)
    held = any(HELD in failure for failure in outcome.failures)
    for failure in outcome.failures:
        if held and HELD in failure:
            continue
        console.print(f"[red]failed[/] {escape(failure)}", highlight=False)
    waits = outcome.success and not outcome.published
    objections = held_now(workplace, journal) if held or waits else []
    if waits:
        waits_for = years_text(sorted({objection.year for objection in objections if objection.year}))
        console.print(
            f"Run {outcome.run_id[:8]} over {name} [yellow]made them; they are published once {waits_for} "
            "are made too[/].",
            highlight=False,
        )
        return
    if held:
        show_held(console, objections)
    console.print(f"Run {outcome.run_id[:8]} over {name} {_word(outcome)}.", highlight=False)


def _show_set_aside(console: Console, workplace: Workplace) -> None:
    """That the pipeline's own file was damaged, as long as it is kept."""
    for path in kept_aside(workplace.home.duckdb):
        told = "a pipeline.duckdb that could not be read; all years were made again; remove it at will"
        console.print(f"[yellow]damaged[/] {path.name}: {told}", highlight=False)


def _word(outcome: RunOutcome) -> str:
    """How a run ended, and what readers have of it."""
    if outcome.success:
        return "[green]succeeded[/]"
    if outcome.published:
        return "[red]failed after publication; readers have the release below[/]"
    return "[red]failed; the last release stays[/]"


def _counts_table(journal: Journal, years: tuple[int, ...], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("table")
    for count in _COUNTS:
        table.add_column(count.replace("_", " "), justify="right")
    rows = journal.rows(sa.select(ACCEPTED_STATE).where(ACCEPTED_STATE.c.year.in_(years)))
    for name in TABLES:
        of_table = [row for row in rows if row["table_name"] == name]
        table.add_row(name, *(f"{sum(row[c] for row in of_table):,}" for c in _COUNTS))
    return table


def _show_pull_failures(console: Console, journal: Journal, years: tuple[int, ...]) -> None:
    """Files whose last attempt failed or that have no format of ours."""
    newest = sa.select(sa.func.max(PULL_ATTEMPT.c.id)).group_by(
        PULL_ATTEMPT.c.table_name, PULL_ATTEMPT.c.year, PULL_ATTEMPT.c.file_name
    )
    query = sa.select(PULL_ATTEMPT).where(
        PULL_ATTEMPT.c.id.in_(newest),
        PULL_ATTEMPT.c.year.in_(years),
        PULL_ATTEMPT.c.outcome.in_(("failed", "unsupported")),
    )
    for row in journal.rows(query):
        where = f"{row['table_name']} {row['year']} {row['file_name']}"
        console.print(
            f"[yellow]not pulled[/] {escape(where)}: {escape(row['detail'] or '')}", highlight=False
        )


def _show_refused(console: Console, journal: Journal, years: tuple[int, ...], most: int = 20) -> None:
    query = (
        sa.select(RAW_FILE, FILE.c.file_name)
        .join(
            FILE,
            sa.and_(
                FILE.c.table_name == RAW_FILE.c.table_name,
                FILE.c.year == RAW_FILE.c.year,
                FILE.c.sha256 == RAW_FILE.c.sha256,
            ),
        )
        .where(RAW_FILE.c.year.in_(years), FILE.c.state == "current")
        .order_by(RAW_FILE.c.table_name, RAW_FILE.c.year, FILE.c.file_name)
    )
    refused = [row for row in journal.rows(query) if row["refusal"]]
    for row in refused[:most]:
        where = f"{row['table_name']} {row['year']}"
        console.print(f"[yellow]refused[/] {where} {escape(row['refusal']['message'])}", highlight=False)
    if len(refused) > most:
        console.print(f"… and {len(refused) - most} more refused files")


def _show_checks(console: Console, journal: Journal, years: tuple[int, ...]) -> None:
    failed = journal.rows(
        sa.select(CHECK_RESULT)
        .where(CHECK_RESULT.c.year.in_(years), CHECK_RESULT.c.passed.is_(False))
        .order_by(CHECK_RESULT.c.table_name, CHECK_RESULT.c.check_name, CHECK_RESULT.c.year)
    )
    if not failed:
        return
    table = Table(title="Checks that found something", title_justify="left")
    table.add_column("table")
    table.add_column("check")
    table.add_column("years")
    table.add_column("what was found (records, outcome)")
    for (name, check), rows in groupby(failed, key=lambda r: (r["table_name"], r["check_name"])):
        of_check = list(rows)
        blocks = "[red]blocks:[/] " if any(r["blocking"] for r in of_check) else ""
        found = " ".join(str(r["year"]) for r in of_check)
        table.add_row(name, check, found, blocks + _findings(of_check))
    console.print(table)


def _findings(rows: list[dict[str, Any]], most: int = 6) -> str:
    check = rows[0]["check_name"]
    if check == "shape":
        return f"{sum(r['failed'] for r in rows)} of {sum(r['evaluated'] for r in rows)} files refused"
    if check == "reconciliation":
        return escape("; ".join(r["detail"].get(BROKEN) or "; ".join(r["detail"]["files"]) for r in rows))
    if check == "table_rules":
        return ", ".join(
            f"{r['year']} {name} {entry['value']:.3g} ({entry['outcome']})"
            for r in rows
            for name, entry in r["detail"].items()
        )
    records: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for name, entry in row["detail"].items():
            records[(name, entry["outcome"])] += entry["records"]
    parts = [f"{name} {count:,} ({outcome})" for (name, outcome), count in records.most_common(most)]
    return ", ".join(parts) + (f" … {len(records) - most} more" if len(records) > most else "")


def show_release(console: Console, workplace: Workplace) -> None:
    """The release that stands: when it was published, and what every mart holds."""
    journal = Journal(workplace.home.journal)
    try:
        standing = warehouse_of(workplace).current_release()
    except FORESEEN as error:
        console.print(f"[yellow]Which release stands is not known:[/] {escape(str(error))}", highlight=False)
        return
    if standing is None:
        known = newest_release(journal) is not None
        console.print("No release stands in the warehouse." if known else "Nothing has been published yet.")
        return
    counts = as_value(standing["marts"]) or {}
    marts = ", ".join(f"{name} {entry['rows']:,}" for name, entry in counts.items())
    published = standing["published_at"]
    moment = published if isinstance(published, datetime) else datetime.fromisoformat(published)
    back = put_back_by_decision(journal, standing["release_id"])
    word = " (put back by a rollback)" if back else ""
    console.print(
        f"Release {standing['release_id']}{word}, {age(moment)} old. Rows: {marts}.", highlight=False
    )


def show_where_next(console: Console, workplace: Workplace) -> None:
    """Where to look further."""
    home = workplace.home
    url = sa.engine.make_url(workplace.warehouse_url)
    lines = {
        "Marts": shown_url(url),
        "Rejected records": f"{home.root / 'quarantine'} (private)",
        "Data Docs": str(home.data_docs / "index.html"),
        "Runs and graph": "make dev",
        "State": "thoatngheo status",
    }
    for name, place in lines.items():
        console.print(f"{name + ':':18} {escape(place)}", highlight=False, soft_wrap=True)


def show_status(console: Console, workplace: Workplace, state: HomeState) -> None:
    """Years, records by table, what fails, withdrawn files, the release that stands, the next night."""
    journal = Journal(workplace.home.journal)
    years = tuple(sorted({row["year"] for row in state.counts}))
    if years:
        console.print(_counts_table(journal, years, f"Years {min(years)}-{max(years)}: records by outcome"))
        _show_checks(console, journal, years)
    _show_withdrawn(console, journal)
    if not state.unseen:
        show_misplaced(console, workplace)
    _show_set_aside(console, workplace)
    status_summary.show_years(console, state)
    status_summary.show_failing(console, state)
    status_summary.show_staleness(console, state)
    status_summary.show_standing(console, state)
    status_summary.show_schedule(console, state)


def show_misplaced(console: Console, workplace: Workplace) -> None:
    """What lies in the drops where nothing is looked for: an upload must not vanish without a word."""
    for name, why in list(DropStore(workplace.drops).misplaced(TABLES).items())[:20]:
        console.print(f"[yellow]misplaced[/] {escape(name)}: left alone; {escape(why)}", highlight=False)


def _show_withdrawn(console: Console, journal: Journal) -> None:
    for row in journal.rows(sa.select(FILE).where(FILE.c.state == "withdrawn")):
        where = f"{row['table_name']} {row['year']} {row['file_name']}"
        console.print(f"[yellow]withdrawn[/] {escape(where)}: its records stay in place", highlight=False)
