"""From published marts to the workbook's bytes.

Belongs here: the order of the steps, and from what a workbook follows. Does not belong here: what
each step does.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

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
    return workbook_of(figures), figures


def workbook_of(figures: Figures) -> bytes:
    """All forms as one workbook: the same figures give the same bytes."""
    return write([fill(form, figures) for form in forms(figures.lists)], figures)


def origin_of(figures: Figures) -> str:
    """A hash over all that the workbook of these figures follows from: them, and how it is made."""
    # The order in which the measures were found says nothing.
    told = json.dumps(asdict(figures), sort_keys=True, default=str)
    return hashlib.sha256(f"{_made_by()}\n{told}".encode()).hexdigest()


@cache
def _made_by() -> str:
    digest = hashlib.sha256(version("xlsxwriter").encode())
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".yaml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()
