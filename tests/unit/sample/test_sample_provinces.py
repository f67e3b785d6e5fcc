"""The sample's communes of every province: also of those of which no change before the merger is known."""

from __future__ import annotations

import pytest

from assets.places.source import province_codes
from pipelines.sample.communes import load_communes


@pytest.mark.parametrize("province", sorted(province_codes()))
def test_every_province_has_its_communes(province: str) -> None:
    communes = load_communes(province)
    assert len(communes.old) and len(communes.new)
    assert bool(communes.earlier) == (province == "19")
