"""What `backfill` does: the years that need it, piece by piece, and what became of each.

Belongs here: the order of calls, and the end of every year in a word. Does not belong here: the rules
between a backfill and the night (`pipelines.backfill`), options and exit codes (`app`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import dropwhile
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.failing import held_now
from assets.journal import Journal, now
from assets.published import HELD, LATER_TAG
from assets.staleness import (
    NOT_PUBLISHED,
    UNPUBLISHED,
    StaleYears,
    landed_years,
    made_years,
    publication_missing,
    stale_years,
)
from checks.gate import Objection
from pipelines.backfill import announced, let_others_go_first, pieces
from pipelines.cli import summary
from pipelines.cli.release_summary import years_text
from pipelines.cli.steps import StepProgress
from pipelines.jobs import BACKFILL
from pipelines.lock import A_LOOK, lock_file
from pipelines.requests import BACKFILL_TAG, FORCE_TAG
from pipelines.run_lock import PATIENCE
from pipelines.runner import RunOutcome, instance_of, run_job
from pipelines.schedule_state import schedule_state
from pipelines.settings import Settings

Word = Literal["made", "made already", "waits", "failed", "no drops"]
_COLOURS: Mapping[Word, str] = {
    "made": "green", "made already": "green", "waits": "yellow", "failed": "red", "no drops": "dim",
}  # fmt: skip
_MOST_REASONS = 3
_FORCED = "asked for by --force"


@dataclass(frozen=True)
class YearEnd:
    """What became of one year of a backfill, and why."""

    year: int
    word: Word
    reason: str = ""


def run_backfill(
    settings: Settings, years: tuple[int, ...], console: Console, *, force: bool, at_once: int
) -> bool:
    """Make the years of a range that need it; true where all of them stand in a release.

    Parameters
    ----------
    force
        All of them, whether anything changed or not.
    at_once
        Years a run: between two runs those that wait for the home go first.
    """
    workplace = settings.workplace()
    journal = Journal(workplace.home.journal)
    outcomes: list[RunOutcome] = []
    with announced(workplace.home.root, years) as announcement:
        stale = stale_years(workplace, journal)
        empty = set(years) - landed_years(journal) - set(stale.years)
        todo = set(years) - empty if force else set(years) & set(stale.years)
        _show_plan(console, years, todo, empty, stale)
        if not todo and (missing := publication_missing(workplace, journal)):
            console.print(f"What is made is not published: {missing}.", highlight=False)
            todo = {max(made_years(journal))}
        tags = {BACKFILL_TAG: now()} | ({FORCE_TAG: "true"} if force else {})
        left = set(todo)
        while left:
            announcement.tell(left)
            span = pieces(left, at_once, empty)[0]
            left -= set(span)
            piece = tags | {LATER_TAG: ",".join(map(str, sorted(left)))}
            outcomes.append(_run(settings, span, piece, console, first=not outcomes))
            if left and _others_went_first(settings, console) and not force:
                left &= set(stale_years(workplace, journal).years)
    stale, held = stale_years(workplace, journal), held_now(workplace, journal)
    missing = publication_missing(workplace, journal)
    ends = year_ends(years, empty, todo, stale, held, missing, outcomes)
    if outcomes:
        summary.show_release(console, workplace)
        summary.show_where_next(console, workplace)
    _show_ends(console, ends)
    return all(end.word not in ("waits", "failed") for end in ends)


def _run(
    settings: Settings,
    span: tuple[int, ...],
    tags: Mapping[str, str],
    console: Console,
    *,
    first: bool,
) -> RunOutcome:
    """One piece; only the first leaves at once where somebody holds the home."""
    with StepProgress(console) as progress:
        outcome = run_job(
            settings, BACKFILL, span, progress.step,
            tags=tags, patience=A_LOOK if first else PATIENCE, tell=_teller(console),
        )  # fmt: skip
    summary.show_run(console, settings.workplace(), outcome)
    return outcome


def _others_went_first(settings: Settings, console: Console) -> bool:
    home = settings.workplace().home
    with instance_of(home) as instance:
        alive = schedule_state(instance, settings.nightly, datetime.now(UTC)).alive
        return let_others_go_first(instance, lock_file(home.root), _teller(console), daemon_alive=alive)


def _teller(console: Console) -> Callable[[str], None]:
    return lambda text: console.print(f"[yellow]{escape(text)}[/]", highlight=False)


def year_ends(
    years: Iterable[int],
    empty: Collection[int],
    todo: Collection[int],
    stale: StaleYears,
    held: Sequence[Objection],
    missing: str,
    outcomes: Sequence[RunOutcome],
) -> list[YearEnd]:
    """What became of every year that was asked for.

    Parameters
    ----------
    empty
        Years of which nothing ever came.
    todo
        Years that had to be made.
    stale, held
        What has to be made, and what holds publication, after the last piece.
    missing
        Why what is made is not what readers see, blank where it is; also where other years are stale.
    outcomes
        The pieces' runs.
    """
    culprits = sorted({o.year for o in held if o.year is not None})
    waiting = f"made; publication is held{f' by {years_text(culprits)}' if culprits else ''}"
    ends = []
    for year in years:
        own = [f"{o.where}: {o.check}: {o.found}" for o in held if o.year == year]
        reasons = own or stale.reasons.get(year, [])
        if held and UNPUBLISHED.issuperset(reasons):
            reasons = []
        run = next((outcome for outcome in outcomes if year in outcome.years), None)
        if reasons:
            ends.append(YearEnd(year, "failed", "; ".join([*_causes(run), *reasons][:_MOST_REASONS])))
        elif year in empty:
            ends.append(YearEnd(year, "no drops"))
        elif held:
            ends.append(YearEnd(year, "waits", waiting))
        elif run and not run.success and not _only_held(run):
            ends.append(YearEnd(year, "failed", "; ".join(_causes(run)[:_MOST_REASONS])))
        elif missing and _is_unseen(year, missing, outcomes):
            ends.append(YearEnd(year, "waits", f"made; {missing}"))
        else:
            ends.append(YearEnd(year, "made" if year in todo else "made already"))
    return ends


def _is_unseen(year: int, missing: str, outcomes: Sequence[RunOutcome]) -> bool:
    """Whether readers do not see a year that a piece made, where they do not see all that is made."""
    since = list(dropwhile(lambda outcome: year not in outcome.years, outcomes))
    # A piece that failed later left its own years out of the release, not those of the pieces before it.
    released = missing == NOT_PUBLISHED and any(outcome.published for outcome in since)
    return bool(since) and not released


def _only_held(run: RunOutcome) -> bool:
    """Whether all was made and only the publication failed: a later piece of the backfill made up for it."""
    return bool(run.failures) and not _causes(run)


def _causes(run: RunOutcome | None) -> list[str]:
    """Why a run failed, beyond what holds publication."""
    if run is None:
        return []
    return [failure.splitlines()[0] for failure in run.failures if HELD not in failure]


def _show_plan(
    console: Console, years: Sequence[int], todo: Collection[int], empty: Collection[int], stale: StaleYears
) -> None:
    summary.show_reasons(console, StaleYears({year: stale.reasons.get(year, [_FORCED]) for year in todo}))
    done = set(years) - set(todo) - set(empty)
    if done:
        told = f"{years_text(sorted(done))}: made already, and nothing changed since"
        console.print(f"{told}; --force makes them again.", highlight=False)
    if empty:
        console.print(f"{years_text(sorted(empty))}: no drops.", highlight=False)


def _show_ends(console: Console, ends: Sequence[YearEnd]) -> None:
    table = Table(title="Years of the backfill (các năm nạp lại)", title_justify="left")
    for name in ("year", "", "why"):
        table.add_column(name, overflow="fold")
    for end in ends:
        table.add_row(str(end.year), f"[{_COLOURS[end.word]}]{end.word}[/]", escape(end.reason))
    console.print(table)
