"""The reference layer: communes with their dates, the bridge between them, the map of each era.

Belongs here: the Dagster asset of the layer. Does not belong here: how the tables are built
(`assets.places`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
from pathlib import Path
from typing import Any

import dagster as dg

from assets.catalogue import asset_key
from assets.places.reference import NAMES, write_reference
from assets.workplace import Workplace

_DESCRIPTIONS = {
    "units": "Every commune (xã, phường, thị trấn) of the country with its period of validity.",
    "bridge": "From every unit that ever was to today's units, with weights that add up to 1.",
    "unit_map": "The map of each era between changes: on which unit of it every unit stands.",
}


def reference_asset() -> dg.AssetsDefinition:
    """The reference tables of the whole country, from the package of administrative units."""
    specs = [
        dg.AssetSpec(
            asset_key("reference", name),
            group_name="reference",
            description=_DESCRIPTIONS[name],
            owners=["team:steering-committee"],
            kinds={"parquet"},
        )
        for name in NAMES
    ]

    @dg.multi_asset(specs=specs, name="reference")
    def reference(workplace: dg.ResourceParam[Workplace]) -> Any:
        built = write_reference(workplace.home.reference)
        fingerprint = reference_fingerprint(workplace.home.reference)
        for name in NAMES:
            table = getattr(built, name)
            yield dg.MaterializeResult(
                asset_key=asset_key("reference", name),
                metadata={"dagster/row_count": len(table), "sha256": fingerprint},
                data_version=dg.DataVersion(fingerprint),
            )

    return reference


def reference_fingerprint(folder: Path) -> str:
    """A hash over the reference tables as they were written; blank where they have not been."""
    digest = hashlib.sha256()
    for name in NAMES:
        path = folder / f"{name}.parquet"
        if not path.exists():
            return ""
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
