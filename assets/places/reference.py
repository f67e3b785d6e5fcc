"""The three reference tables on disk: units.parquet, bridge.parquet, unit_map.parquet.

Belongs here: building all three, writing and reading them. Does not belong here: their content.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.places.bridge import build_bridge
from assets.places.lineage import Lineage, merger_steps
from assets.places.source import Source, read_source
from assets.places.unit_map import build_unit_map
from assets.places.units import build_units, units_table

NAMES = ("units", "bridge", "unit_map")


@dataclass(frozen=True)
class Reference:
    """The reference tables of the whole country."""

    units: pa.Table
    bridge: pa.Table
    unit_map: pa.Table


def build_reference(source: Source) -> Reference:
    """All three tables from the source's two lists.

    Events before July 2025 enter here: as further units and steps of the lineage.
    """
    units = build_units(source)
    lineage = Lineage(units, merger_steps(source, units))
    return Reference(units_table(units), build_bridge(lineage), build_unit_map(lineage))


def write_reference(folder: Path) -> Reference:
    """Build the tables from the installed package and put each in place by one rename.

    The same package gives the same bytes, so that a rebuild changes no hash.
    """
    reference = build_reference(read_source())
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        _replace(getattr(reference, name), folder / f"{name}.parquet")
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
    return Reference(**{name: pq.read_table(folder / f"{name}.parquet") for name in NAMES})


def _replace(table: pa.Table, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as sink:
            pq.write_table(table, sink, compression="zstd")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
