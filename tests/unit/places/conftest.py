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
def gazetteers(reference: Reference) -> dict[str, Gazetteer]:
    """All 34 provinces'."""
    units = reference.units.to_pandas()
    today = units.loc[units.is_current, "province_code"]
    return {province: build_gazetteer(reference, province) for province in sorted(today.unique())}


@pytest.fixture(scope="session")
def thai_nguyen(reference: Reference) -> Gazetteer:
    return build_gazetteer(reference, "19")
