"""Why a number cannot be explained."""

from __future__ import annotations


class NothingToExplain(ValueError):
    """No such number is published: the message names what was wrong and what there is."""
