"""What the commands do: settings in, a summary out, and whether it succeeded.

Belongs here: the order of calls behind each command. Does not belong here: options and exit
codes (`app`), tables and colours (`summary`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, cast

from rich.console import Console

from assets.journal import Journal
from assets.pulling.sources import DropStore
from assets.staleness import landed_years, stale_years
from checks.contract import TABLES
from pipelines.backfill import pieces
from pipelines.cli import summary
from pipelines.cli.files import writing
from pipelines.cli.steps import StepProgress
from pipelines.jobs import REFRESH
from pipelines.settings import Settings


def run_sample(
    settings: Settings,
    years: tuple[int, ...],
    scale: float,
    seed: int,
    defects: str,
    out: Path | None,
    console: Console,
) -> None:
    """Write the sample extracts and tell what was planted."""
    from pipelines.sample import write_sample

    if out is None and "://" in settings.drops:
        raise SystemExit("THOATNGHEO_DROPS is no local folder; name one with --out")
    folder = out or Path(settings.drops)
    wanted = cast(Literal["realistic", "none"], defects)
    with writing(folder), StepProgress(console) as progress:
        folder.mkdir(parents=True, exist_ok=True)
        manifest = write_sample(
            folder,
            years=years,
            scale=scale,
            seed=seed,
            defects=wanted,
            province=settings.province,
            progress=progress.count,
        )
    summary.show_sample(console, folder, manifest)


def has_drops(settings: Settings) -> bool:
    """Whether anything lies in the drops; a drop store that is no local folder is never filled."""
    return "://" in settings.drops or any(path.is_file() for path in Path(settings.drops).rglob("*"))


def run_refresh(settings: Settings, asked: tuple[int, ...] | None, console: Console) -> bool:
    """Refresh the years asked for, else those whose inputs changed."""
    workplace = settings.workplace()
    if asked is None:
        store = DropStore(workplace.drops)
        stale = stale_years(workplace, Journal(workplace.home.journal))
        if not stale.years:
            if not any(store.years(table) for table in TABLES):
                console.print(
                    f"No drops under {workplace.drops}: nothing to do. README.md tells where they go."
                )
            else:
                console.print("Nothing changed since the last refresh: nothing to do.")
                summary.show_release(console, workplace)
            return True
        summary.show_reasons(console, stale)
        summary.show_misplaced(console, workplace)
        asked = _partitioned(stale.years, console)
    return _run(settings, REFRESH, asked, console)


def run_status(settings: Settings, console: Console, *, as_json: bool = False) -> bool:
    """Show what stands where; false where something is failing."""
    from pipelines import state as home_state

    state = home_state.state_of(settings)
    if as_json:
        console.print_json(json.dumps(home_state.as_json(state), ensure_ascii=False, default=str))
    else:
        summary.show_status(console, settings.workplace(), state)
    return state.ok


def _partitioned(years: tuple[int, ...], console: Console) -> tuple[int, ...]:
    from pipelines.partitions import yearly

    known = {int(key) for key in yearly().get_partition_keys()}
    for year in years:
        if year not in known:
            console.print(
                f"[yellow]drops of {year} are left alone: years run from {min(known)} to {max(known)}[/]"
            )
    return tuple(year for year in years if year in known)


def _run(settings: Settings, job: str, years: tuple[int, ...], console: Console) -> bool:
    from pipelines.runner import run_job

    workplace = settings.workplace()
    success = True
    # On over years of which nothing ever came: what concerns all years is published once all are made.
    empty = set(range(min(years, default=0), max(years, default=0))) - set(years)
    empty -= landed_years(Journal(workplace.home.journal))
    for group in pieces(years, max(len(years), 1), empty):
        with StepProgress(console) as progress:
            outcome = run_job(settings, job, group, progress.step)
        summary.show_run(console, workplace, outcome)
        success = success and outcome.success
    summary.show_release(console, workplace)
    summary.show_where_next(console, workplace)
    return success
