"""The reference tables on disk: units.parquet, bridge.parquet, unit_map.parquet; and villages.parquet.

The last one is there only where the deployment has rows of villages. Belongs here: building the tables,
writing and reading them. Does not belong here: their content.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.places.bridge import build_bridge
from assets.places.events import Event
from assets.places.history import build_lineage
from assets.places.source import Source, read_source
from assets.places.unit_map import build_unit_map
from assets.places.units import units_table
from assets.places.villages import SCHEMA, VillageRow, village_table

NAMES = ("units", "bridge", "unit_map")
VILLAGES = "villages"


@dataclass(frozen=True)
class Reference:
    """The reference tables of the whole country."""

    units: pa.Table
    bridge: pa.Table
    unit_map: pa.Table
    villages: pa.Table = field(default_factory=SCHEMA.empty_table)


def build_reference(
    source: Source, events: Sequence[Event], villages: Sequence[VillageRow] = ()
) -> Reference:
    """All tables from the source's two lists, the events (changes of communes) beside them, and villages."""
    lineage = build_lineage(source, events)
    went = village_table(lineage, villages)
    return Reference(units_table(lineage.units), build_bridge(lineage), build_unit_map(lineage), went)


def write_reference(folder: Path, events: Sequence[Event], villages: Sequence[VillageRow] = ()) -> Reference:
    """Build the tables from the installed package and the events; put each in place by one rename.

    The same package and events give the same bytes, so that a rebuild changes no hash.
    """
    reference = build_reference(read_source(), events, villages)
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        _replace(getattr(reference, name), folder / f"{name}.parquet")
    own = folder / f"{VILLAGES}.parquet"
    if len(reference.villages):
        _replace(reference.villages, own)
    else:
        own.unlink(missing_ok=True)
    return reference


def read_reference(folder: Path) -> Reference:
    """The tables as they were written.

    Raises
    ------
    FileNotFoundError
        They have not been written yet.
    """
    for name in NAMES:
        if not (folder / f"{name}.parquet").is_file():
            raise FileNotFoundError(
                f"the reference table {name}.parquet (danh mục xã) is missing; "
                "run the asset that writes it first"
            )
    own = [VILLAGES] if (folder / f"{VILLAGES}.parquet").is_file() else []
    return Reference(**{name: pq.read_table(folder / f"{name}.parquet") for name in [*NAMES, *own]})


def _replace(table: pa.Table, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as sink:
            pq.write_table(table, sink, compression="zstd")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
