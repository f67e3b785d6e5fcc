"""The command `explain`: a published number followed back to its files.

Belongs here: its options, and the explanation for programs. Does not belong here: following
(`assets.lineage`), or tables and colours (`explain_summary`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from assets.lineage.explain import Explanation
    from pipelines.settings import Settings

# Options that are a key column each; any other key is given as --key column=value.
NAMED = ("geography", "standard", "indicator", "programme", "month")

MartArgument = Annotated[str, typer.Argument(help="A published mart, such as poverty_rate.")]
YearOption = Annotated[int | None, typer.Option(help="Year of the number.")]
CommuneOption = Annotated[
    str | None, typer.Option(help="Commune (xã, phường, thị trấn): code or name, such as 05467.")
]
GeographyOption = Annotated[
    str | None, typer.Option(help="Map: as_reported (units of that time) or current (today's).")
]
StandardOption = Annotated[str | None, typer.Option(help="Standard, such as VN-2022.")]
IndicatorOption = Annotated[str | None, typer.Option(help="Indicator, such as dep_water.")]
ProgrammeOption = Annotated[str | None, typer.Option(help="Credit programme.")]
MonthOption = Annotated[str | None, typer.Option(help="Month, such as 2024-06; the year's last one.")]
KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="COLUMN=VALUE", help="Any further key, such as poverty_class=poor."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]


def keys_of(named: Mapping[str, str | None], further: list[str]) -> dict[str, str]:
    """The key columns that were asked for, with their values as text.

    Raises
    ------
    typer.BadParameter
        A further key is not of the form column=value.
    """
    found = {name: value for name, value in named.items() if value is not None}
    for text in further:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise typer.BadParameter(f"--key {text!r} is not of the form column=value")
        found[name.strip()] = value.strip()
    return found


def run_explain(
    settings: Settings,
    mart: str,
    year: int | None,
    commune: str | None,
    keys: Mapping[str, str],
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Explain a number of the release that stands.

    Raises
    ------
    NothingToExplain
        No such mart, commune, year or row.
    """
    from assets.lineage.explain import explain
    from assets.lineage.row import Question
    from pipelines.cli.explain_summary import show_explanation

    found = explain(settings.workplace(), Question(mart, year, commune, keys))
    if as_json:
        # Not through the console's own JSON: names of files must not be taken for markup.
        text = json.dumps(as_document(found), ensure_ascii=False, indent=2, default=_plain)
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        show_explanation(console, found)


def as_document(found: Explanation) -> dict[str, Any]:
    """The explanation for programs: plain values."""
    answer = found.answer
    release = asdict(found.release)
    release.pop("inputs")
    return {
        "mart": answer.question.mart,
        "description": found.description,
        "keys": dict(answer.keys),
        "rows": [dict(row) for row in answer.rows],
        "notes": list(answer.notes),
        "release": release,
        "models": [asdict(step) for step in found.steps],
        "other_sources": list(found.others),
        "units": [asdict(unit) for unit in found.units],
        "denominators": [asdict(entry) for entry in found.denominators],
        "tables": [
            {**asdict(table), "records": {**asdict(table.records), "landed": table.records.landed}}
            for table in found.tables
        ],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
