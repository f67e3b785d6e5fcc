"""Lists of an earlier year, in a home of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.judging.conftest import Office, gazetteer, office

__all__ = ["gazetteer", "office"]


@pytest.fixture
def lists_of_2018(office: Callable[..., Office]) -> Office:
    """An office whose lists name communes by name and district alone."""
    return office("survey_household", 2018)
