"""Releases as a person reads them: the list, a rollback, what holds publication.

Belongs here: tables and sentences about releases. Does not belong here: asking for them
(`release_commands`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.releases import ListedRelease
from checks.gate import Objection
from pipelines.partitions import TIMEZONE

# A screen holds no more, each in two lines.
_MOST = 20
_ZONE = ZoneInfo(TIMEZONE)


def local(moment: datetime | str) -> str:
    """A moment in UTC as the province's clock shows it."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{found.replace(tzinfo=UTC).astimezone(_ZONE):%Y-%m-%d %H:%M}"


def age(moment: datetime, now: datetime | None = None) -> str:
    """How long ago a moment in UTC was: hours, from two days on days."""
    hours = ((now or datetime.now(UTC).replace(tzinfo=None)) - moment).total_seconds() / 3600
    # A clock that was set back would make it younger than nothing.
    hours = max(hours, 0.0)
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} d"


def years_text(years: Sequence[int]) -> str:
    """`2021-2024, 2026`."""
    from pipelines.requests import ranges

    return ", ".join(str(g[0]) if len(g) == 1 else f"{g[0]}-{g[-1]}" for g in ranges(years))


def show_releases(console: Console, releases: Sequence[ListedRelease]) -> None:
    """The releases, newest first."""
    if not releases:
        console.print("Nothing has been published yet.")
        return
    table = Table(title=f"Releases (các lần công bố), times in {TIMEZONE}", title_justify="left")
    for name in ("release", "published", "age", "years"):
        table.add_column(name, no_wrap=name == "release")
    table.add_column("marts", justify="right")
    table.add_column("rows", justify="right")
    table.add_column("checksum")
    table.add_column("state")
    for release in releases:
        table.add_row(
            release.release_id, local(release.published_at), age(release.published_at),
            years_text(release.years), str(release.marts),
            "" if release.rows is None else f"{release.rows:,}", release.checksum[:12], _state(release),
        )  # fmt: skip
    console.print(table)
    if any(release.can_be_put_back for release in releases):
        console.print("Put one back: thoatngheo publish --rollback RELEASE --reason …", highlight=False)


def show_trouble(console: Console, trouble: str) -> None:
    """Why it is not known which release stands."""
    console.print(f"[red]Which release stands is not known:[/] {escape(trouble)}", highlight=False)


def _state(release: ListedRelease) -> str:
    if release.stands:
        return "[green]stands[/]"
    words = ["can be put back" if release.kept else "not kept any more"]
    if release.withdrawn_at:
        words.append(f"withdrawn {local(release.withdrawn_at)}")
    return ", ".join(words)


def show_rollback(console: Console, release_id: str, changed: bool) -> None:
    """Which release stands now, and until when."""
    if not changed:
        console.print(f"Release {release_id} stands already: nothing to do.", highlight=False)
        return
    console.print(
        f"Release {release_id} stands again. It stays until new files, contracts or code give a new "
        "release, or until thoatngheo publish.",
        highlight=False,
    )


def show_held(console: Console, found: Sequence[Objection]) -> None:
    """What holds publication, on one screen: value against bound, and what to do."""
    title = "[red]Publication is held; the last release stays[/] (chưa được công bố)"
    table = Table(title=title, title_justify="left")
    for name in ("where", "year", "check", "found", "asked", "what to do"):
        table.add_column(name, overflow="fold")
    for objection in found[:_MOST]:
        year = str(objection.year or "")
        cells = (objection.where, year, objection.check, objection.found, objection.bound, objection.todo)
        table.add_row(*map(escape, cells))
    console.print(table)
    if len(found) > _MOST:
        console.print(f"… and {len(found) - _MOST} more: thoatngheo status --json lists them all")
