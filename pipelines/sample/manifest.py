"""The list of what was planted: each defect by file, sheet and row, under the name of its reason.

`manifest.csv` holds one line a planted defect, `manifest.json` the settings, the layout rows that are
no defects, and the true totals. Both stand in the root of the drops, beside the tables.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Planted:
    """One defect.

    `file` is relative to the drops, `sheet` blank for CSV and Parquet, `row` counts from 1 in the
    sheet or file and is 0 where the whole file is meant; `outcome` is flagged, quarantined,
    duplicate, superseded or file_refused; `records` how many records it costs or marks.
    """

    table: str
    year: int
    file: str
    sheet: str
    row: int
    column: str
    defect: str
    reason: str
    outcome: str
    records: int = 1


@dataclass
class Manifest:
    """All that was planted, and the true totals that a perfect reading would find.

    `totals` holds one entry a year and standard; `files` the records of each file (title, header,
    blank and subtotal rows are no records).
    """

    seed: int
    scale: float
    years: tuple[int, ...]
    defects: str
    province: str
    versions: dict[str, str]
    planted: list[Planted] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> Counter[tuple[str, int, str, str]]:
        """Records by table, year, outcome and reason."""
        result: Counter[tuple[str, int, str, str]] = Counter()
        for item in self.planted:
            result[item.table, item.year, item.outcome, item.reason] += item.records
        return result

    def file(self, table: str, year: int, file: str, records: int, **facts: Any) -> None:
        """Note a file that was written; `records` 0 for one that must be refused."""
        self.files.append({"table": table, "year": year, "file": file, "records": records, **facts})

    def write(self, drops: Path) -> None:
        """Write `manifest.csv` and `manifest.json` into the root of the drops."""
        drops.mkdir(parents=True, exist_ok=True)
        with (drops / "manifest.csv").open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, [f.name for f in fields(Planted)], lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(item) for item in self.planted)
        about = {k: v for k, v in vars(self).items() if k not in ("planted",)}
        about["planted"] = [
            {"table": t, "year": y, "outcome": o, "reason": r, "records": n}
            for (t, y, o, r), n in sorted(self.counts().items())
        ]
        text = json.dumps(about, ensure_ascii=False, indent=1)
        (drops / "manifest.json").write_text(text + "\n", encoding="utf-8")
