"""From published marts to the workbook's bytes.

Belongs here: the order of the steps. Does not belong here: what each does.
"""

from __future__ import annotations

import sqlalchemy as sa

from assets.forms.figures import Figures, read_figures
from assets.forms.grid import fill
from assets.forms.layout import forms
from assets.forms.workbook import write


def forms_workbook(
    connection: sa.Connection, year: int, *, standard: str | None = None, province_of: str | None = None
) -> tuple[bytes, Figures]:
    """All forms of a year as one workbook, and the figures that it was made from."""
    figures = read_figures(connection, year, standard=standard, province_of=province_of)
    sheets = [fill(form, figures) for form in forms(figures.lists)]
    return write(sheets, figures), figures
