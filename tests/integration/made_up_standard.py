"""A copy of the dbt project to which standards that do not exist were added, by seed rows alone.

`XX-HIGH` is a province's own: the indicators of VN-2022 with higher lines, whose points nobody knows.
`XX-FOREIGN` is another country's: three indicators of its own weights and codes, no income line.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from checks.seeds import dbt_project, read_seed
from checks.standards import VALUES

_LINES = {
    "rural_line": "1800000", "urban_line": "2400000",
    "rural_upper_line": "1800000", "urban_upper_line": "2400000",
}  # fmt: skip
_HIGH = {
    "standard": "XX-HIGH", "scope": "province", "legal_basis": "Resolution of the council (made up)",
    "valid_from": "2024-01-01", "valid_to": "2026-12-31", "rule": "and", "cutoff": "3",
    "cutoff_share": "0.25", "currency": "VND", "provenance": "made up", **_LINES,
}  # fmt: skip
_FOREIGN = {
    "standard": "XX-FOREIGN", "scope": "foreign", "legal_basis": "Act of another country (made up)",
    "valid_from": "2020-01-01", "rule": "deprivations", "cutoff_share": "0.4", "currency": "XXX",
    "provenance": "made up",
}  # fmt: skip
_FOREIGN_INDICATORS = (
    ("dwelling", "housing", "0.4", "housing_quality"),
    ("drinking_water", "living", "0.35", "water"),
    ("sanitation", "living", "0.25", "toilet"),
)
_FACTS = ("indicators", "dimensions", "weights", "thresholds")


def copy_with_made_up_standards(folder: Path) -> Path:
    """Copy the project into the folder, and append the rows; no model is touched."""
    project = Path(
        shutil.copytree(dbt_project(), folder / "dbt_project", ignore=shutil.ignore_patterns("target"))
    )
    for row in (_HIGH, _FOREIGN):
        _append(project, "standards", row)
        for fact in (*(name for name, value in row.items() if name in VALUES and value), *_FACTS):
            _append(
                project, "standard_provenance",
                {"standard": row["standard"], "fact": fact, "status": "unverified", "source": "made up"},
            )  # fmt: skip
    for row in read_seed("indicators"):
        if row["standard"] == "VN-2022":
            _append(project, "indicators", {**row, "standard": "XX-HIGH"})
    for position, (indicator, dimension, weight, question) in enumerate(_FOREIGN_INDICATORS, 1):
        _append(
            project, "indicators",
            {"standard": "XX-FOREIGN", "indicator": indicator, "position": str(position),
             "dimension": dimension, "weight": weight, "name_vi": indicator, "threshold": "as in VN-2022",
             "question": question, "provenance": "made up"},
        )  # fmt: skip
    return project


def _append(project: Path, name: str, row: dict[str, str]) -> None:
    columns = list(read_seed(name)[0])
    assert not set(row) - set(columns)
    cells = (f'"{row.get(column, "")}"' if row.get(column) else "" for column in columns)
    with (project / "seeds" / f"{name}.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(cells) + "\n")
