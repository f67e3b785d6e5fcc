"""Why there is no workbook."""

from __future__ import annotations


class FormsUnavailable(Exception):
    """There is nothing to make the forms from: permanent until something is published."""


class YearUnknown(ValueError):
    """No review of that year, standard or former province is published."""
