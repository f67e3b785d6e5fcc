"""`thoatngheo measure`: the poverty measures of a table that is not ours.

Belongs here: the options of the command and the tables a person reads. Does not belong here: any number.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.cli.files import writing


class SinglePsu(StrEnum):
    """What a stratum with one PSU does."""

    refuse = "refuse"
    certainty = "certainty"
    adjust = "adjust"


class Bad(StrEnum):
    """What rows without a usable weight do."""

    refuse = "refuse"
    drop = "drop"


class Empty(StrEnum):
    """What a group without a judged row does."""

    refuse = "refuse"
    keep = "keep"


class Missing(StrEnum):
    """How a missing indicator counts, where the standard's file is not to decide."""

    drop = "drop"
    not_deprived = "not_deprived"
    deprived = "deprived"
    refuse = "refuse"


def measure(
    file: Annotated[
        Path, typer.Argument(help="Table: .parquet, .csv, .csv.gz or .tsv; a row a household or person.")
    ],
    standard: Annotated[str, typer.Option(help="YAML of the standard, or a national one such as VN-2022.")],
    by: Annotated[str, typer.Option(help="Group columns, each by itself; area*region crosses two.")] = "",
    k: Annotated[str, typer.Option(help="Poverty cut-offs, such as 0.2,1/3,0.5.")] = "",
    weight: Annotated[str | None, typer.Option(help="Column of the sample weight.")] = None,
    stratum: Annotated[str | None, typer.Option(help="Column of the stratum.")] = None,
    psu: Annotated[str | None, typer.Option(help="Column of the primary sampling unit.")] = None,
    size: Annotated[
        str | None, typer.Option(help="Column of the household size: persons are counted too.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Rows are a simple random sample; else a census.")
    ] = False,
    nested: Annotated[
        bool, typer.Option("--nested", help="PSU names are used anew in each stratum.")
    ] = False,
    single_psu: Annotated[SinglePsu, typer.Option(help="Strata with one PSU.")] = SinglePsu.refuse,
    bad_weights: Annotated[Bad, typer.Option(help="Missing, zero or negative weights.")] = Bad.refuse,
    empty_groups: Annotated[Empty, typer.Option(help="Groups in which no row can be judged.")] = Empty.refuse,
    missing: Annotated[Missing | None, typer.Option(help="How missing indicators count.")] = None,
    level: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    against: Annotated[
        Path | None, typer.Option(help="A later round of the same table: the change to it.")
    ] = None,
    years: Annotated[float | None, typer.Option(help="Years between the rounds, for changes a year.")] = None,
    shared_psus: Annotated[
        bool, typer.Option("--shared-psus", help="Both rounds drew the same PSUs; else independent.")
    ] = False,
    association: Annotated[
        bool, typer.Option(help="Pairs of indicators too; for many groups they cost as much as the rest.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option(help="Result: .parquet, .csv or .json; - for JSON here.")
    ] = None,
) -> None:
    """Measure poverty in any survey (đo lường nghèo đa chiều): H, A, M0 and more, with their errors."""
    from assets.measures import MeasureRefused, Options, read_standard
    from assets.measures import measure as measured_of
    from assets.measures.options import read_cutoffs
    from assets.measures.write import beside, check_ending, write

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    to_file = out is not None and str(out) != "-"
    try:
        if out and to_file:
            check_ending(out)
        chosen = read_standard(standard)
        if missing:
            chosen = chosen.with_missing(missing.value)
        design = chosen.design
        options = Options(
            by=tuple(part.strip() for part in by.split(",") if part.strip()),
            cutoffs=read_cutoffs([part.strip() for part in k.split(",") if part.strip()], chosen),
            weight=weight or design.weight,
            stratum=stratum or design.stratum,
            psu=psu or design.psu,
            size=size or chosen.size,
            sample=sample,
            nested=nested,
            single_psu=single_psu.value,
            bad_weights=bad_weights.value,
            empty_groups=empty_groups.value,
            level=level,
            shared_psus=shared_psus,
            association=association,
            years=years,
        )
        found = measured_of([file, *([against] if against else [])], chosen, options)
    except MeasureRefused as error:
        for problem in error.problems:
            Console(stderr=True, soft_wrap=True).print(f"[red]refused:[/] {escape(problem)}", highlight=False)
        raise typer.Exit(2) from error
    tables = {"": found.rows, "changes": found.changes, "association": found.association}
    if out and to_file:
        for word, table in tables.items():
            if table is not None:
                path = beside(out, word) if word else out
                with writing(path):
                    write(table, path)
                console.print(f"{path}: {table.num_rows} rows", highlight=False)
    elif out:
        _print_json(found)
        return
    else:
        _show(console, chosen, found)
    for note in found.notes:
        console.print(f"[dim]{escape(note)}[/]", highlight=False)


def _print_json(found: Any) -> None:
    import json

    tables = {"rows": found.rows, "changes": found.changes, "association": found.association}
    document: dict[str, Any] = {name: t.to_pylist() for name, t in tables.items() if t is not None}
    document["notes"] = list(found.notes)
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _show(console: Console, standard: Any, found: Any) -> None:
    """One table a unit and group type: the headline measures; then headcounts and contributions of all."""
    rows = found.rows.to_pylist()
    console.print(f"Standard {escape(standard.standard)} {escape(standard.title)}".rstrip(), highlight=False)
    headline = [r for r in rows if r["indicator"] is None]
    console.print(
        _table("Measures (các chỉ số nghèo)", headline, ("unit", "group_type", "group_value", "k", "measure"))
    )
    of_all = [r for r in rows if r["indicator"] is not None and r["group_type"] == "all"]
    if of_all:
        title = "Indicators and dimensions (chỉ số, chiều), all rows together"
        console.print(_table(title, of_all, ("unit", "k", "measure", "indicator")))
    if found.changes is not None:
        changes = [
            r for r in found.changes.to_pylist() if r["indicator"] is None and r["estimate"] is not None
        ]
        keys = ("unit", "group_type", "group_value", "k", "measure", "change")
        console.print(_table("Change between the rounds (biến động)", changes, keys))


def _table(title: str, rows: list[dict[str, Any]], keys: tuple[str, ...]) -> Table:
    keys = (*(("round",) if rows and "round" in rows[0] else ()), *keys)
    has_error = any(r["standard_error"] is not None for r in rows)
    numbers = ["estimate", *(["standard_error", "ci_low", "ci_high"] if has_error else [])]
    numbers += [n for n in ("observations", "not_judged_share") if rows and n in rows[0]]
    table = Table(title=title, title_justify="left")
    for name in keys:
        table.add_column(name.replace("_", " "))
    for name in numbers:
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*(_key(row[name]) for name in keys), *(_number(name, row[name]) for name in numbers))
    return table


def _key(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if name == "observations" else f"{value:.4f}"
