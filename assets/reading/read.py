"""One file to raw: the format by its name, then the same way for every sheet.

Belongs here: the order of the steps and the decisions about a file as a whole (which sheets
count, whether there is anything in it). Does not belong here: any one format, any one decision
about headers, columns or rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from assets.reading.bounds import check_cells, check_head
from assets.reading.columns import ColumnPlan, letter, missing_required, plan_columns, refuse_missing
from assets.reading.csv_file import text_file
from assets.reading.errors import FileRefused
from assets.reading.excel_file import excel_grids
from assets.reading.grid import Grid
from assets.reading.headers import HeaderBlock, find_header
from assets.reading.labels import labels_of
from assets.reading.parquet_file import parquet_grid
from assets.reading.recovery import recovered_columns, recovered_head
from assets.reading.result import ReadResult, SheetFacts
from assets.reading.rows import plan_rows, records
from checks.contract import Contract

_TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_EXCEL = (".xlsx", ".xls", ".xlsm")
_FORMATS = "csv, csv.gz, tsv, txt, xlsx, xls, parquet"


@dataclass(frozen=True)
class _Sheet:
    grid: Grid
    block: HeaderBlock
    plan: ColumnPlan
    titles: tuple[str, ...]


def read_file(path: Path, contract: Contract, file_name: str) -> ReadResult:
    """Read one office file as raw text under the contract's column names.

    Parameters
    ----------
    path
        Where the bytes are, under whatever name.
    contract
        The table that the file belongs to.
    file_name
        The office's own name for it: its ending tells the format, and errors name it.

    Raises
    ------
    FileRefused
        The file as a whole cannot be taken; the message says where and what to do.
    """
    labels = labels_of(contract)
    name = file_name.lower()
    if name.endswith(_TEXT):
        text = text_file(path, file_name, contract, labels.names)
        return _read([text.grid], contract, file_name, text.encoding, text.separator)
    if name.endswith(_EXCEL):
        return _read(excel_grids(path, file_name), contract, file_name, None, None)
    if name.endswith(".parquet"):
        return _read([parquet_grid(path, file_name)], contract, file_name, None, None)
    raise FileRefused(
        "unsupported_format",
        file=file_name,
        detail="the ending of the name is none that can be read",
        fix=f"send one of {_FORMATS}",
    )


def _read(
    grids: Iterable[Grid], contract: Contract, file: str, encoding: str | None, separator: str | None
) -> ReadResult:
    sheets: list[_Sheet] = []
    others: list[Grid] = []
    for grid in grids:
        sheet = _headed(grid, contract, file)
        if sheet is None:
            others.append(grid)
        else:
            sheets.append(sheet)
    sheets, summaries = _complete(sheets, contract, file)
    others += [sheet.grid for sheet in summaries]
    if not sheets:
        raise _no_header(others, contract, file)
    read = [_read_sheet(sheet, contract, file) for sheet in sheets]
    tables = [table for table, _ in read]
    table = pa.concat_tables(tables, promote_options="default")
    if not table.num_rows:
        raise FileRefused(
            "header_only",
            file=file,
            sheet=sheets[0].grid.sheet,
            row=read[0][1].header_row,
            detail="the header has no record below it",
            fix="send the file with its records; if there are none, leave it out",
        )
    facts = [fact for _, fact in read] + [_passed_over(grid) for grid in others if any(map(any, grid.head))]
    return ReadResult(table, tuple(facts), encoding, separator)


def _headed(grid: Grid, contract: Contract, file: str) -> _Sheet | None:
    labels = labels_of(contract)
    check_head(grid, file)
    grid = recovered_head(grid, labels.names)
    block = find_header(grid, labels)
    if block is None:
        return None
    above = grid.head[: block.first]
    titles = tuple(cell for row in above for cell in row if cell)
    plan = plan_columns(block, labels, contract, titles, file, grid.sheet)
    return _Sheet(grid, block, plan, titles)


def _complete(sheets: list[_Sheet], contract: Contract, file: str) -> tuple[list[_Sheet], list[_Sheet]]:
    """Sheets that hold the table, and summaries beside them.

    A sheet that lacks a required column, or has one twice, stops the file, unless another sheet
    is complete and this one names less than half as many of the table's columns: then it is a
    summary.
    """
    whole: list[_Sheet] = []
    summaries: list[_Sheet] = []
    problems = [_problem(sheet, contract, file) for sheet in sheets]
    complete = (s for s, problem in zip(sheets, problems, strict=True) if problem is None)
    most = max((len(sheet.plan.known()) for sheet in complete), default=0)
    for sheet, problem in zip(sheets, problems, strict=True):
        if problem is None:
            whole.append(sheet)
        elif 2 * len(sheet.plan.known()) < most:
            summaries.append(sheet)
        else:
            raise problem
    return whole, summaries


def _problem(sheet: _Sheet, contract: Contract, file: str) -> FileRefused | None:
    if sheet.plan.clash is not None:
        return sheet.plan.clash
    missing = missing_required(sheet.plan, contract)
    row = sheet.grid.head_rows[sheet.block.last]
    return refuse_missing(missing, row, file, sheet.grid.sheet) if missing else None


def _no_header(grids: list[Grid], contract: Contract, file: str) -> FileRefused:
    if not any(any(map(any, grid.head)) for grid in grids):
        return FileRefused("empty_file", file=file, detail="no sheet holds a cell", fix="send it again")
    wanted = ", ".join(c.label for c in contract.columns if c.required)
    return FileRefused(
        "no_header",
        file=file,
        sheet=grids[0].sheet if len(grids) == 1 else None,
        detail=f"no row names at least two columns of {contract.table}",
        fix=f"keep the header row with {wanted}, or move the file to the folder of its own table",
    )


def _read_sheet(sheet: _Sheet, contract: Contract, file: str) -> tuple[pa.Table, SheetFacts]:
    grid, block, plan = sheet.grid, sheet.block, sheet.plan
    body = grid.body(block.data_from, len(block.headings))
    columns = [c if isinstance(c, pa.ChunkedArray) else pa.chunked_array([c]) for c in body.columns]
    check_cells(columns, body.source_row, file, grid.sheet)
    columns = recovered_columns(columns, labels_of(contract).names)
    rows = plan_rows(plan.known(), block.headings, contract)
    keep, skipped = records(columns, rows)
    table, unknown = _named(columns, plan)
    places = pa.array(np.full(table.num_rows, 0), pa.int8())
    sheet_name = pa.DictionaryArray.from_arrays(places, [grid.sheet]).cast(pa.string())
    table = table.append_column("source_sheet", sheet_name).append_column("source_row", body.source_row)
    if not keep.all():
        table = table.filter(pa.array(keep))
    skipped.update(title=_filled(grid, 0, block.first), header=block.last - block.first + 1)
    skipped.update(formula=block.formula_rows, blank=body.blank + block.first - _filled(grid, 0, block.first))
    if grid.head_rows[0] == 0:  # Parquet: the names are no row
        skipped["header"] = 0
    if body.cut is not None and table.num_rows and table["source_row"][-1].as_py() == body.cut:
        raise FileRefused(
            "unreadable_text",
            file=file,
            row=body.cut,
            detail="the last line breaks off: the file was cut short",
            fix="copy it again from the office",
        )
    facts = SheetFacts(
        sheet=grid.sheet,
        layout=plan.layout,
        titles=sheet.titles,
        units=plan.units,
        unknown_columns=tuple(unknown),
        header_row=grid.head_rows[block.last],
        records=table.num_rows,
        skipped={kind: count for kind, count in sorted(skipped.items()) if count},
    )
    return table, facts


def _named(columns: list[pa.ChunkedArray], plan: ColumnPlan) -> tuple[pa.Table, list[str]]:
    """The columns under their names; one without a heading stays only if something is in it."""
    named: dict[str, pa.ChunkedArray] = {}
    unknown: list[str] = []
    for position, column in enumerate(columns):
        name = plan.names[position] if position < len(plan.names) else None
        if name is None:
            if column.null_count == len(column):
                continue
            name = f"unknown__column_{letter(position).lower()}"
            unknown.append(f"column {letter(position)}")
        elif name.startswith("unknown__"):
            unknown.append(plan.headings[position].shown)
        named[name] = column
    return pa.table(named), unknown


def _filled(grid: Grid, first: int, end: int) -> int:
    return sum(1 for row in grid.head[first:end] if any(row))


def _passed_over(grid: Grid) -> SheetFacts:
    body = grid.body(0, max(map(len, grid.head)))
    skipped = dict(Counter({"other_sheet": len(body.source_row), "blank": body.blank}))
    return SheetFacts(
        grid.sheet, None, (), {}, (), 0, 0, {kind: count for kind, count in skipped.items() if count}
    )
