"""A tiny `accepted`, `quality` and `reference`, by hand, for trying the dbt project.

Four old communes of province 19 and one of 06 become three on 1 July 2025, one of them by a
split 0.6 / 0.4; years 2021 (two reviews), 2022, 2024 and 2025. Everything is written out, so that
a test can say beforehand what a mart must hold.

    python -m tests.integration.make_accepted <home>
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.judging.arrow_types import accepted_schema
from checks.contract import TABLES, load_contract

Row = dict[str, Any]

OLD, NEW, OLD_END = date(2016, 1, 1), date(2025, 7, 1), date(2025, 6, 30)
WEIGHT = pa.decimal128(9, 6)

# code, name, type, area, district, province
OLD_UNITS = (
    ("05001", "Phường Một", "phường", "urban", "164", "19"),
    ("05002", "Xã Hai", "xã", "rural", "167", "19"),
    ("05003", "Thị trấn Ba", "thị trấn", "urban", "167", "19"),
    ("05004", "Xã Bốn", "xã", "rural", "167", "19"),
    ("01005", "Xã Năm", "xã", "rural", "060", "06"),
    ("09901", "Phường Ngoài", "phường", "urban", "001", "01"),
)
NEW_UNITS = (
    ("05001", "Phường Một", "phường", "urban", None, "19"),
    # the code of old Xã Hai, the name of the old township
    ("05002", "Xã Ba", "xã", "rural", None, "19"),
    ("01005", "Xã Năm", "xã", "rural", None, "19"),
    ("09901", "Phường Ngoài", "phường", "urban", None, "01"),
)
PARTS = (
    ("05001", "05001", "1", "whole"),
    ("05002", "05002", "1", "whole"),
    ("05003", "05002", "1", "whole"),
    ("05004", "05002", "0.6", "split_by_households"),
    ("05004", "01005", "0.4", "split_by_households"),
    ("01005", "01005", "1", "whole"),
    ("09901", "09901", "1", "whole"),
)
PROVINCES = {"19": "Tỉnh Thái Nguyên", "06": "Tỉnh Bắc Kạn", "01": "Thành phố Hà Nội"}


def old(code: str) -> str:
    """The unit of that code before the merger."""
    return f"{code}@{OLD}"


def new(code: str) -> str:
    """The unit of that code after the merger."""
    return f"{code}@{NEW}"


def _unit(row: tuple[Any, ...], start: date, end: date | None) -> Row:
    code, name, kind, area, district, province = row
    return {
        "unit_id": f"{code}@{start}",
        "commune_code": code,
        "commune_name": name,
        "commune_type": kind,
        "area_type": area,
        "district_code": district,
        "district_name": district and f"Huyện {district}",
        "province_code": province,
        "province_name": PROVINCES[province],
        "valid_from": start,
        "valid_to": end,
        "is_current": end is None,
        "latitude": 21.5,
        "longitude": 105.8,
        "area_km2": 10.0,
    }


def _bridge_line(code: str, heir: str, weight: str, method: str) -> Row:
    return {
        "old_unit_id": old(code),
        "old_code": code,
        "old_valid_from": OLD,
        "old_valid_to": OLD_END,
        "unit_id": new(heir),
        "commune_code": heir,
        "weight": Decimal(weight),
        "method": method,
        "legal_basis": "1683/NQ-UBTVQH15",
    }


def _map_line(start: date, end: date | None, unit: str, target: str, weight: str) -> Row:
    return {
        "era_from": start,
        "era_to": end,
        "unit_id": unit,
        "target_unit_id": target,
        "commune_code": target[:5],
        "weight": Decimal(weight),
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), path)


def write_reference(folder: Path) -> None:
    """Units, bridge and maps of the tiny province."""
    units = [_unit(u, OLD, OLD_END) for u in OLD_UNITS] + [_unit(u, NEW, None) for u in NEW_UNITS]
    bridge = [_bridge_line(*part) for part in PARTS]
    for code, *_ in NEW_UNITS:
        line = {"old_unit_id": new(code), "old_valid_from": NEW, "old_valid_to": None, "legal_basis": None}
        bridge.append(_bridge_line(code, code, "1", "whole") | line)
    maps = [_map_line(OLD, OLD_END, old(u[0]), old(u[0]), "1") for u in OLD_UNITS]
    maps += [_map_line(OLD, OLD_END, new(u[0]), new(u[0]), "1") for u in NEW_UNITS]
    maps += [_map_line(NEW, None, old(a), new(b), w) for a, b, w, _ in PARTS]
    maps += [_map_line(NEW, None, new(u[0]), new(u[0]), "1") for u in NEW_UNITS]
    weight = ("weight", WEIGHT)
    text, day = pa.string(), pa.date32()
    _write(folder / "units.parquet", units, pa.Table.from_pylist(units).schema)
    _write(
        folder / "bridge.parquet",
        bridge,
        pa.schema(
            [
                ("old_unit_id", text),
                ("old_code", text),
                ("old_valid_from", day),
                ("old_valid_to", day),
                ("unit_id", text),
                ("commune_code", text),
                weight,
                ("method", text),
                ("legal_basis", text),
            ]
        ),
    )
    _write(
        folder / "unit_map.parquet",
        maps,
        pa.schema(
            [
                ("era_from", day),
                ("era_to", day),
                ("unit_id", text),
                ("target_unit_id", text),
                ("commune_code", text),
                weight,
            ]
        ),
    )


def record(table: str, number: int, unit: str | None, day: date, **values: Any) -> Row:
    """One accepted record with its standard columns."""
    return {
        "unit_id": unit,
        "record_date": day,
        "place_method": "code",
        "flags": [],
        "file_hash": f"{table}-hash",
        "file_name": f"{table}.csv",
        "source_sheet": "",
        "source_row": number,
    } | values


def write_table(home: Path, table: str, year: int, rows: Iterable[Row]) -> None:
    """The accepted file of a table and year, and the empty one that stands at year 0."""
    contract = load_contract(table)
    schema = accepted_schema(contract)
    if contract.sample:
        rows = [{"is_sampled": False} | row for row in rows]
    for folder, content in ((0, ()), (year, rows)):
        _write(home / "accepted" / table / f"year={folder}" / f"{table}.parquet", content, schema)


_QUALITY = pa.schema(
    [
        ("table_name", pa.string()),
        ("file_hash", pa.string()),
        ("file_name", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("records", pa.int64()),
    ]
)


def write_quality(home: Path, table: str, year: int, accepted: int) -> None:
    """Outcome rows of one table and year: everything accepted, and nothing at year 0."""
    row = {
        "table_name": table,
        "file_hash": f"{table}-hash",
        "file_name": f"{table}.csv",
        "outcome": "accepted",
        "reason": None,
        "records": accepted,
    }
    for folder, rows in ((0, []), (year, [row])):
        _write(home / "quality" / table / f"year={folder}" / f"{table}.parquet", rows, _QUALITY)


def write_home(home: Path) -> None:
    """Everything that dbt reads."""
    from tests.integration.tiny_records import records  # the records import the units of this module

    write_reference(home / "reference")
    by_folder: dict[tuple[str, int], list[Row]] = {}
    for table, year, row in records():
        by_folder.setdefault((table, year), []).append(row)
    for table in TABLES:
        write_table(home, table, 0, ())
        write_quality(home, table, 0, 0)
    for (table, year), rows in by_folder.items():
        # One file's bytes in the folders of several years: hash, sheet and row are the same in each.
        write_table(home, table, year, [row | {"source_row": n} for n, row in enumerate(rows, start=2)])
        write_quality(home, table, year, len(rows))


def moment(text: str) -> datetime:
    """A time of day."""
    return datetime.fromisoformat(text)


if __name__ == "__main__":
    write_home(Path(sys.argv[1]))
