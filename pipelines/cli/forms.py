"""The command `forms`: the annual report's forms of one year into a file."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from assets.files import put_file
from assets.forms.make import forms_workbook
from assets.warehouse import open_warehouse
from pipelines.cli.files import writing
from pipelines.settings import Settings


def run_forms(
    settings: Settings,
    year: int,
    out: Path,
    standard: str | None,
    province_of: str | None,
    console: Console,
) -> None:
    """Write the workbook of a year from the release that stands, and tell what it is.

    Raises
    ------
    YearUnknown
        No such review is published, or no commune of that former province.
    FormsUnavailable, ReleaseUnknown
        Nothing is published that forms can be made from.
    typer.Exit
        The file cannot be written; that is told.
    """
    warehouse = open_warehouse(settings.workplace().warehouse_url)
    with warehouse.reading() as connection:
        content, figures = forms_workbook(connection, year, standard=standard, province_of=province_of)
    with writing(out):
        put_file(out, content)
    what = "" if figures.is_final else ", provisional (tạm thời): the review is not complete or not over"
    communes = f"{len(figures.units)} communes"
    console.print(
        f"Forms 1-13 (biểu mẫu) of {year} under {figures.standard}: {communes} in {out}{what}",
        highlight=False,
        soft_wrap=True,
    )
