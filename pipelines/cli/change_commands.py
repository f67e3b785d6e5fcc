"""What the commands about changes do: ask, approve, look back.

Belongs here: the order of calls behind `diff`, `approve` and `asof`. Does not belong here: options
(`changes`), tables and colours (`change_summary`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from assets.changes import look
from assets.changes.approvals import approve
from assets.files import put_file
from assets.journal import Journal
from assets.transformed import transformed_state
from pipelines.cli import change_summary
from pipelines.cli.files import writing
from pipelines.cli.person import user_name
from pipelines.lock import exclusive, lock_file
from pipelines.partitions import TIMEZONE
from pipelines.settings import Settings


def run_diff(
    settings: Settings,
    names: Sequence[str],
    wanted: look.Wanted,
    pending: bool,
    console: Console,
    *,
    as_json: bool = False,
) -> None:
    """Show what moved.

    Raises
    ------
    ReleaseUnknown, NoWay
        As `assets.changes.look.difference`.
    """
    workplace = settings.workplace()
    found = look.difference(workplace, Journal(workplace.home.journal), names, wanted, pending=pending)
    if as_json:
        console.print_json(json.dumps(change_summary.as_json(found), ensure_ascii=False, default=str))
    else:
        change_summary.show(console, found)


def run_approve(settings: Settings, reason: str, console: Console) -> None:
    """Note that the large changes are right, as the decision of whoever calls.

    Raises
    ------
    NothingHeld
        Nothing is beyond its bound.
    """
    workplace = settings.workplace()
    journal = Journal(workplace.home.journal)
    with exclusive(lock_file(workplace.home.root)):
        compared_with, changes = look.held_changes(workplace, journal)
        state = transformed_state(journal)
        row, is_new = approve(journal, state, compared_with, changes, decided_by=user_name(), reason=reason)
    change_summary.show_approval(console, row, len(changes), is_new)


def run_asof(
    settings: Settings,
    moment: datetime,
    mart: str,
    wanted: look.Wanted,
    out: Path | None,
    console: Console,
    *,
    as_json: bool = False,
) -> None:
    """Show a mart of an earlier day, or write it to a file.

    Raises
    ------
    ReleaseUnknown, NoWay
        As `assets.changes.look.vintage`.
    """
    workplace = settings.workplace()
    found, rows = look.vintage(workplace, Journal(workplace.home.journal), moment, mart, wanted)
    if out is not None:
        with writing(out):
            put_file(out, rows.to_csv(index=False).encode())
    if as_json:
        document = {
            "mart": mart,
            "release": found.release_id,
            "rebuilt_from": found.rebuilt_from,
            "missing_columns": found.missing,
            "rows": json.loads(rows.to_json(orient="records", date_format="iso", double_precision=15)),
        }
        console.print_json(json.dumps(document, ensure_ascii=False))
    else:
        change_summary.show_vintage(console, mart, found, rows, out)


def moment_of(text: str) -> datetime:
    """The moment that a person means, in UTC: of a day its end by the province's clock.

    Raises
    ------
    ValueError
        Neither a day nor a moment.
    """
    zone = ZoneInfo(TIMEZONE)
    try:
        return datetime.combine(date.fromisoformat(text), time.max, zone).astimezone(UTC)
    except ValueError:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
