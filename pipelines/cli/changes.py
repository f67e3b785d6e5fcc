"""The words and options of `diff`, `approve` and `asof`.

Belongs here: options, and which mistakes are wrong use. Does not belong here: what they do
(`change_commands`) or how it is drawn (`change_summary`).
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipelines.settings import Settings

_AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
_Year = Annotated[int | None, typer.Option(help="Only rows of this year.")]
_Commune = Annotated[str | None, typer.Option(help="Only rows of this commune code.")]


def diff(
    releases: Annotated[
        list[str] | None,
        typer.Argument(help="None, one or two releases, the earlier first.", metavar="[RELEASE] [RELEASE]"),
    ] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="The marts as they stand, before they go out.")
    ] = False,
    mart: Annotated[str | None, typer.Option(help="Only this mart.")] = None,
    year: _Year = None,
    commune: _Commune = None,
    most: Annotated[int, typer.Option(min=1, help="How many of the largest changes.")] = 40,
    as_json: _AsJson = False,
) -> None:
    """Show what moved between two releases (thay đổi), largest first, with the files that differ."""
    from assets.changes.look import Wanted
    from assets.changes.steps import NoWay
    from assets.warehouse import ReleaseUnknown
    from pipelines.cli.change_commands import run_diff

    names = releases or []
    if len(names) > 2 or (pending and names):
        raise typer.BadParameter("name none, one or two releases; none with --pending")
    try:
        run_diff(_settings(), names, Wanted(mart, year, commune, most), pending, _screen(), as_json=as_json)
    except (ReleaseUnknown, NoWay) as error:
        raise typer.BadParameter(str(error)) from error


def approve(
    reason: Annotated[str, typer.Option(help="Why the change is right, for the record.")],
) -> None:
    """Let the large changes that hold publication go out (phê duyệt), for exactly these inputs."""
    from assets.changes.approvals import NothingHeld
    from pipelines.cli.change_commands import run_approve

    if not reason.strip():
        raise typer.BadParameter("--reason must say why")
    try:
        run_approve(_settings(), reason.strip(), _screen())
    except NothingHeld as error:
        raise typer.BadParameter(str(error)) from error


def asof(
    day: Annotated[
        str, typer.Argument(help="Day (its end, Vietnam time) or moment, ISO 8601.", metavar="DATE")
    ],
    mart: Annotated[str, typer.Argument(help="Mart, such as poverty_rate_province.", metavar="MART")],
    year: _Year = None,
    commune: _Commune = None,
    columns: Annotated[
        str, typer.Option(help="Only these columns, such as commune_code,poor_households.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="A .csv file to write all rows to.")] = None,
    as_json: _AsJson = False,
) -> None:
    """Show what a mart said on a day (số liệu đã công bố tại thời điểm), kept releases or not."""
    from assets.changes.look import Wanted
    from assets.changes.steps import NoWay
    from assets.warehouse import ReleaseUnknown
    from pipelines.cli.change_commands import moment_of, run_asof

    try:
        moment: datetime = moment_of(day)
    except ValueError as error:
        raise typer.BadParameter(f"{day!r} is no day or moment, such as 2026-03-31") from error
    is_place = out is None or (out.absolute().parent.is_dir() and not out.is_dir())
    if out is not None and (out.suffix.lower() != ".csv" or not is_place):
        raise typer.BadParameter(f"{out}: name a file ending in .csv in a folder that exists")
    try:
        wanted = Wanted(None, year, commune, columns=tuple(filter(None, columns.split(","))))
        run_asof(_settings(), moment, mart, wanted, out, _screen(), as_json=as_json)
    except (ReleaseUnknown, NoWay) as error:
        raise typer.BadParameter(str(error)) from error


def _settings() -> Settings:
    from pipelines.cli.app import _settings as checked

    return checked()


def _screen() -> Console:
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
