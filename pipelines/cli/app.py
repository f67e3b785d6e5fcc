"""The command line: its words, options and exit codes.

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong use. Belongs here: commands and how errors
end. Does not belong here: what a command does beyond calling it, or how results are drawn.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from pipelines.cli import changes
from pipelines.cli import explain as explaining
from pipelines.cli.measure import measure
from pipelines.load_settings import SettingUnknown, load_settings
from pipelines.settings import Settings

app = typer.Typer(
    name="thoatngheo",
    help="Thoát Nghèo: from four offices' extracts to published poverty indicators.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# In a log file or pipe there is no width to keep to; 80 columns would break every table.
_console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
_errors = Console(stderr=True)
_YEARS = re.compile(r"^(20\d\d)(?:-(20\d\d))?$")


def parse_years(text: str) -> tuple[int, ...]:
    """Years from `2024` or `2021-2026`.

    Raises
    ------
    typer.BadParameter
        Neither form, or the range runs backwards.
    """
    match = _YEARS.match(text.strip())
    if not match:
        raise typer.BadParameter(f"{text!r} is neither a year (2024) nor a range (2022-2024)")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise typer.BadParameter(f"the range {text} runs backwards")
    return tuple(range(first, last + 1))


def known_years(text: str) -> tuple[int, ...]:
    """Years that can be refreshed: from 2016 to the current one."""
    from pipelines.partitions import yearly

    years = parse_years(text)
    known = {int(key) for key in yearly().get_partition_keys()}
    if unknown := [year for year in years if year not in known]:
        raise typer.BadParameter(f"no partition for {unknown[0]}; known: {min(known)}-{max(known)}")
    return years


@app.command()
def sample(
    years: Annotated[str, typer.Option(help="Year or range, such as 2021-2026.")] = "2021-2026",
    scale: Annotated[float, typer.Option(min=0.001, max=2.0, help="1 is the whole province.")] = 0.1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    defects: Annotated[str, typer.Option(help="realistic, or none.")] = "realistic",
    out: Annotated[Path | None, typer.Option(help="Folder to write to; the drops by default.")] = None,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing where drops are.")] = False,
) -> None:
    """Write sample extracts (dữ liệu mẫu), as the four offices would send them, with a manifest."""
    from pipelines.cli.commands import has_drops, run_sample

    if defects not in ("realistic", "none"):
        raise typer.BadParameter("defects must be realistic or none")
    settings = _settings()
    if if_empty and has_drops(settings):
        return
    try:
        run_sample(settings, parse_years(years), scale, seed, defects, out, _console)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def refresh(
    year: Annotated[str | None, typer.Option(help="Only this year or range, whether changed or not.")] = None,
) -> None:
    """Run the nightly refresh (cập nhật): pull, check, transform and publish what changed."""
    from pipelines.cli.commands import run_refresh

    asked = known_years(year) if year else None
    _exit(run_refresh(_settings(), asked, _console))


@app.command()
def backfill(
    years: Annotated[str, typer.Argument(help="Year or range, such as 2022-2024.")],
    force: Annotated[bool, typer.Option("--force", help="Make all of them anew, changed or not.")] = False,
    at_once: Annotated[
        int | None, typer.Option(min=1, help="Years a run; between two runs the night may go first.")
    ] = None,
) -> None:
    """Make a range of past years (nạp lại các năm trước): those that are not made, or changed since."""
    from pipelines.backfill import PIECE
    from pipelines.cli.backfill import run_backfill

    _exit(run_backfill(_settings(), known_years(years), _console, force=force, at_once=at_once or PIECE))


@app.command()
def releases() -> None:
    """List the releases (các lần công bố): which stands, which can be rolled back to."""
    from pipelines.cli.release_commands import run_releases

    run_releases(_settings(), _console)


@app.command()
def publish(
    rollback: Annotated[
        str | None, typer.Option(metavar="RELEASE", help="Let this kept release stand again.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the record; with --rollback.")] = "",
) -> None:
    """Publish the marts as they stand (công bố), or let an earlier release stand again."""
    from assets.warehouse import ReleaseUnknown
    from pipelines.cli.release_commands import run_publish, run_rollback

    if rollback is None and reason:
        raise typer.BadParameter("--reason goes with --rollback")
    if rollback is None:
        _exit(run_publish(_settings(), _console))
    try:
        run_rollback(_settings(), str(rollback), reason, _console)
    except ReleaseUnknown as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")] = False,
) -> None:
    """Show years, what is stale and why, what fails, the release and the next night (tình trạng)."""
    from pipelines.cli.commands import run_status

    _exit(run_status(_settings(), _console, as_json=as_json))


app.command()(measure)
app.command()(changes.diff)
app.command()(changes.approve)
app.command()(changes.asof)


@app.command()
def forms(
    year: Annotated[int, typer.Option(help="Year of the review, such as 2025.")],
    out: Annotated[Path, typer.Option(help="The workbook to write, such as forms.xlsx.")],
    standard: Annotated[
        str | None, typer.Option(help="Standard, such as VN-2016; by default that of the list in force.")
    ] = None,
    province_of: Annotated[
        str | None, typer.Option(help="Only communes of this province of before the merger, such as 06.")
    ] = None,
) -> None:
    """Write the annual report's forms 1-13 (biểu mẫu báo cáo rà soát) as a workbook."""
    from assets.forms.errors import YearUnknown
    from pipelines.cli.forms import run_forms

    if out.suffix.lower() != ".xlsx" or not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"{out}: name a file ending in .xlsx in a folder that exists")
    try:
        run_forms(_settings(), year, out, standard, province_of, _console)
    except YearUnknown as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def shares(
    write: Annotated[
        Path | None,
        typer.Option(
            help="Write commune_events.csv with these shares to this new file, and commune_villages.csv "
            "beside it: in a folder that has none, and not the home."
        ),
    ] = None,
) -> None:
    """Show how divided communes went to their heirs by the lists of households (tỷ lệ chia tách)."""
    from pipelines.cli.shares import run_shares, why_not_written

    settings = _settings()
    if write and (why_not := why_not_written(settings, write)):
        raise typer.BadParameter(why_not)
    _exit(run_shares(settings, write, _console))


@app.command()
def explain(
    mart: explaining.MartArgument,
    year: explaining.YearOption = None,
    commune: explaining.CommuneOption = None,
    geography: explaining.GeographyOption = None,
    standard: explaining.StandardOption = None,
    indicator: explaining.IndicatorOption = None,
    programme: explaining.ProgrammeOption = None,
    month: explaining.MonthOption = None,
    key: explaining.KeyOption = None,
    as_json: explaining.JsonOption = False,
) -> None:
    """Follow a published number back (truy nguồn gốc): models, records, contracts, files."""
    from assets.lineage.errors import NothingToExplain

    values = (geography, standard, indicator, programme, month)
    keys = explaining.keys_of(dict(zip(explaining.NAMED, values, strict=True)), key or [])
    try:
        explaining.run_explain(_settings(), mart, year, commune, keys, _console, as_json=as_json)
    except NothingToExplain as error:
        raise typer.BadParameter(str(error)) from error


@app.command(hidden=True)
def dagster_home() -> None:
    """Print the folder of the home's Dagster instance, made ready for the UI and the daemon."""
    from pipelines.runner import prepare_instance

    _console.print(str(prepare_instance(_settings().workplace().home)), highlight=False, soft_wrap=True)


def _settings() -> Settings:
    from assets.places.source import province_codes
    from assets.warehouse import WarehouseUnsupported, open_warehouse

    try:
        settings = load_settings()
        open_warehouse(settings.warehouse_url.get_secret_value())
    except ValidationError as error:
        for entry in error.errors():
            name = "THOATNGHEO_" + "_".join(str(part) for part in entry["loc"]).upper()
            _errors.print(f"[red]setting {name}[/]: {escape(entry['msg'])}", highlight=False)
        raise typer.Exit(2) from error
    except (WarehouseUnsupported, SettingUnknown) as error:
        _errors.print(f"[red]setting[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(2) from error
    if settings.province not in province_codes():
        known = ", ".join(sorted(province_codes()))
        told = f"{settings.province} is no province of today (mã tỉnh); known: {known}"
        _errors.print(f"[red]setting THOATNGHEO_PROVINCE[/]: {told}", highlight=False)
        raise typer.Exit(2)
    return settings


def _exit(success: bool) -> None:
    raise typer.Exit(0 if success else 1)


def main() -> None:
    """The entry point: an error that was foreseen is one sentence, not a trace."""
    from assets.disk import disk_trouble
    from assets.errors import FORESEEN
    from pipelines.lock import Busy

    told: tuple[type[Exception], ...] = (*FORESEEN, Busy)
    try:
        app()
        code: int | str | None = 0
    except told as error:
        _errors.print(f"[red]failed:[/] {escape(str(error))}", highlight=False)
        code = 1
    except SystemExit as end:
        code = end.code
    except Exception as error:
        trouble = disk_trouble(error, Settings().home)
        if trouble is None:
            raise
        _errors.print(f"[red]failed:[/] {escape(str(trouble))}", highlight=False)
        code = 1
    _leave(code)


def _leave(code: int | str | None) -> None:
    """End the process without its teardown, in which the engine's binding prints pages of warnings."""
    if isinstance(code, str):
        _errors.print(code, highlight=False)
        code = 2
    # What Python itself would still have done: exit handlers, among them the logs' and semaphores'.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)
