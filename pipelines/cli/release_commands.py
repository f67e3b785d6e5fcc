"""What the commands do that are about releases alone: list, publish as things stand, roll back.

Belongs here: the order of calls behind `releases` and `publish`. Does not belong here: options and
exit codes (`app`), tables and colours (`release_summary`).
"""

from __future__ import annotations

from rich.console import Console

from assets.journal import Journal
from assets.releases import list_releases, roll_back, standing_trouble
from pipelines.cli import release_summary
from pipelines.cli.person import user_name
from pipelines.lock import exclusive, lock_file
from pipelines.settings import Settings


def run_releases(settings: Settings, console: Console) -> None:
    """List the releases on record and those in the warehouse."""
    workplace = settings.workplace()
    release_summary.show_releases(console, list_releases(workplace, Journal(workplace.home.journal)))
    if trouble := standing_trouble(workplace):
        release_summary.show_trouble(console, trouble)


def run_publish(settings: Settings, console: Console) -> bool:
    """Make a release of the marts as they stand, if the gate lets it; false where it does not."""
    from assets.published import PublicationHeld, publish

    workplace = settings.workplace()
    with exclusive(lock_file(workplace.home.root)):
        try:
            release = publish(workplace, anew=True)
        except PublicationHeld as held:
            release_summary.show_held(console, held.objections)
            return False
    console.print(f"Release {release.release_id} stands: {len(release.marts)} marts.", highlight=False)
    return True


def run_rollback(settings: Settings, release_id: str, reason: str, console: Console) -> None:
    """Let a kept release stand again, on record as the decision of whoever calls.

    Raises
    ------
    ReleaseUnknown
        No such release is kept.
    """
    workplace = settings.workplace()
    journal = Journal(workplace.home.journal)
    with exclusive(lock_file(workplace.home.root)):
        changed = roll_back(workplace, journal, release_id, decided_by=user_name(), reason=reason)
    release_summary.show_rollback(console, release_id, changed)
