"""What the package `vietnamadminunits` holds: two lists of communes and the edges between them.

Belongs here: reading the package's data files, and tidying their text. Does not belong here:
dates, unit ids, weights (units.py, bridge.py). The package itself is never imported: that loads
its address parser, which takes seconds and is of no use here.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from checks.text import tidy

PACKAGE = "vietnamadminunits"

_OLD = """select provinceKey || '_' || districtKey || '_' || ifnull(wardKey, ''), wardCode, ward,
  districtCode, district, provinceCode, province, ifnull(wardLat, districtLat),
  ifnull(wardLon, districtLon), null
  from admin_units_legacy"""
_NEW = """select provinceKey || '_' || wardKey, wardCode, ward, null, null, provinceCode, province,
  wardLat, wardLon, wardAreaKm2 from admin_units"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of communes; `code` and `name` are None for a district without communes."""

    key: str
    code: str | None
    name: str | None
    district_code: str | None
    district_name: str | None
    province_code: str
    province_name: str
    latitude: float | None
    longitude: float | None
    area_km2: float | None


@dataclass(frozen=True, slots=True)
class Edge:
    """An old commune that went to a new one, whole or (with others) in part."""

    old_key: str
    new_key: str


@dataclass(frozen=True)
class Source:
    """The list up to 30 June 2025, the one from 1 July 2025, and the edges between them."""

    old: tuple[Listed, ...]
    new: tuple[Listed, ...]
    edges: tuple[Edge, ...]


def read_source(folder: Path | None = None) -> Source:
    """Read the package's data.

    Parameters
    ----------
    folder
        The folder with `dataset.db` and `converter_2025.json`; the installed package's by default.
    """
    folder = folder or _package_data()
    uri = f"{(folder / 'dataset.db').resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        old = tuple(_listed(row) for row in database.execute(_OLD))
        new = tuple(_listed(row) for row in database.execute(_NEW))
    converter = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    return Source(old, new, tuple(_edges(converter)))


def province_codes() -> frozenset[str]:
    """The codes of today's provinces."""
    uri = f"{(_package_data() / 'dataset.db').resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        return frozenset(
            code for (code,) in database.execute("select distinct provinceCode from admin_units")
        )


def _package_data() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            f"the package {PACKAGE} (danh mục đơn vị hành chính) is not installed; install the project's pins"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _listed(row: tuple[object, ...]) -> Listed:
    # Pandas wrote the tables: a blank is a null, but numbers may come as any SQLite type.
    texts = [None if value is None else tidy(" ".join(str(value).split())) or None for value in row[:7]]
    numbers = [None if value is None else float(str(value)) for value in row[7:]]
    return Listed(*texts, *numbers)  # type: ignore[arg-type]


def _edges(converter: dict[str, dict[str, dict[str, list[object]]]]) -> list[Edge]:
    edges = {
        Edge(str(old), f"{province}_{new}")
        for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for new, olds in communes.items()
        for old in olds
    }
    for province, communes in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in communes.items():
            edges |= {Edge(old, f"{province}_{part['newWardKey']}") for part in parts}  # type: ignore[index]
    return sorted(edges, key=lambda edge: (edge.old_key, edge.new_key))
