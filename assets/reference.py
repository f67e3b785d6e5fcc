"""The reference layer: communes with their dates, the bridge between them, the map of each era.

Belongs here: the Dagster asset of the layer. Does not belong here: how the tables are built
(`assets.places`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from assets.catalogue import REFERENCE_STEP, asset_key
from assets.files import put_file
from assets.places.events import Event, events_of
from assets.places.history import build_lineage
from assets.places.reference import NAMES, VILLAGES, write_reference
from assets.places.source import PACKAGE, read_source
from assets.places.villages import VillageRow, villages_of
from assets.workplace import Home, Workplace

_DESCRIPTIONS = {
    "units": "Every commune (xã, phường, thị trấn) of the country with its period of validity.",
    "bridge": "From every unit that ever was to today's units, with weights that add up to 1.",
    "unit_map": "The map of each era between changes: on which unit of it every unit stands.",
}


def reference_asset(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The reference tables of the whole country: the package's lists, and the events between them.

    The tables know no years; they have the graph's years all the same, so that a range started from the
    page is one run: beside an asset without years it would be cut into several, none of them whole.
    """
    specs = [
        dg.AssetSpec(
            asset_key("reference", name),
            group_name="reference",
            description=_DESCRIPTIONS[name],
            owners=["team:steering-committee"],
            partitions_def=partitions,
            kinds={"parquet"},
        )
        for name in NAMES
    ]

    @dg.multi_asset(specs=specs, name=REFERENCE_STEP, backfill_policy=dg.BackfillPolicy.single_run())
    def reference(workplace: dg.ResourceParam[Workplace]) -> Any:
        events = events_of(workplace.commune_events, workplace.home.root, date.today())
        villages = villages_of(workplace.home.root, date.today())
        built = write_reference(workplace.home.reference, events, villages)
        _note_inputs(workplace.home, events, villages)
        fingerprint = reference_fingerprint(workplace.home.reference)
        for name in NAMES:
            table = getattr(built, name)
            yield dg.MaterializeResult(
                asset_key=asset_key("reference", name),
                metadata={"dagster/row_count": len(table), "sha256": fingerprint, "events": len(events)},
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
    own = folder / f"{VILLAGES}.parquet"
    if own.exists():
        digest.update(own.read_bytes())
    return digest.hexdigest()[:16]


def reference_is_outdated(workplace: Workplace, today: date) -> bool:
    """Whether the tables were made from other events, or another list of communes, than hold today.

    Raises
    ------
    EventsUnusable
        The deployment's own events, or rows of villages, cannot be used.
    """
    noted = _inputs_file(workplace.home)
    if not noted.exists():
        return False  # never made, or by an earlier version, whose code makes every year stale anyway
    events = events_of(workplace.commune_events, workplace.home.root, today)
    villages = villages_of(workplace.home.root, today)
    return noted.read_text(encoding="utf-8") != _digest(events, villages)


def require_reference(workplace: Workplace, today: date) -> None:
    """Make sure that the tables stand, or can be made from the events and lists that hold today.

    Raises
    ------
    EventsUnusable
        They cannot: a row contradicts the lists or another row.
    """
    if reference_is_outdated(workplace, today):
        build_lineage(read_source(), events_of(workplace.commune_events, workplace.home.root, today))


def _inputs_file(home: Home) -> Path:
    return home.reference / "inputs.sha256"


def _note_inputs(home: Home, events: tuple[Event, ...], villages: tuple[VillageRow, ...]) -> None:
    """Written last: a run killed before it makes the tables again."""
    put_file(_inputs_file(home), _digest(events, villages).encode())


def _digest(events: tuple[Event, ...], villages: tuple[VillageRow, ...]) -> str:
    # Where a row stands in its file does not matter to what it says.
    rows = sorted(repr(replace(event, where="")) for event in events)
    rows += sorted(repr(replace(row, where="")) for row in villages)
    return hashlib.sha256("\n".join([version(PACKAGE), *rows]).encode()).hexdigest()
