"""The reference tables, built once for all tests of places."""

from __future__ import annotations

import pytest

from assets.places.events import built_in_events
from assets.places.gazetteer import Gazetteer, build_gazetteer
from assets.places.reference import Reference, build_reference
from assets.places.source import Source, read_source


@pytest.fixture(scope="session")
def source() -> Source:
    return read_source()


@pytest.fixture(scope="session")
def reference(source: Source) -> Reference:
    return build_reference(source, built_in_events())


@pytest.fixture(scope="session")
def thai_nguyen(reference: Reference) -> Gazetteer:
    return build_gazetteer(reference, "19")
