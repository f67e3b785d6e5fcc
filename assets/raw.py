"""The raw layer: one record of one file, all columns text under their canonical names.

Belongs here: the Dagster assets of the layer and their blocking shape check. Does not belong
here: how a format is read (`assets.reading`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets.catalogue import MEMORY_POOL, RAW_STEP, asset_key, raw_columns, table_spec, table_step
from assets.crew import WorkerLost, in_order
from assets.journal import CHECK_RESULT, RAW_FILE, Journal, now
from assets.judging.fingerprint import reader_fingerprint
from assets.pulling.pull import current_files
from assets.pulling.sources import DropFile
from assets.raw_store import write_raw
from assets.reading import FileRefused, read_file
from assets.retries import try_again
from assets.workplace import Home, Workplace
from checks.contract import TABLES, Contract, load_contract
from checks.gate import BROKEN

# Fewer bytes are read by this process alone.
_ALONE = 20_000_000
# A byte of a workbook takes as long as many of text (docs/benchmarks.md, "Reading"): fewer of them are worth
# the start of processes.
_AS_TEXT = 8
_WORKBOOKS = (".xlsx", ".xls")
_WHAT = "Records as text under canonical column names, with file, sheet and row."


class ReaderBroken(Exception):
    """The reader failed on a file in a way that it does not know: permanent, and to be mended."""


@dataclass
class ReadYear:
    """What the reading of a table and year came to."""

    files: int = 0
    read_now: int = 0
    records: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    unknown_columns: dict[str, int] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether anything can go on: nothing came, or at least one file could be read."""
        return not self.broken and (not self.files or len(self.refused) < self.files)


def raw_asset(table: str, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The raw asset of one table, with its shape check."""
    contract = load_contract(table)
    spec = table_spec(
        contract,
        "raw",
        _WHAT,
        partitions,
        deps=[asset_key("landing", table)],
        kinds={"parquet"},
        metadata={"dagster/column_schema": raw_columns(contract)},
    )
    shape = dg.AssetCheckSpec(
        "shape",
        asset=spec.key,
        blocking=True,
        description="Every file can be read and has the required columns; blocks where none of a year has.",
    )

    @dg.multi_asset(
        specs=[spec],
        name=table_step(RAW_STEP, table),
        check_specs=[shape],
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=MEMORY_POOL,
    )
    def raw(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        journal = Journal(workplace.home.journal)
        try:
            years = {
                key: _read_or_tell(workplace, journal, contract, int(key)) for key in context.partition_keys
            }
        except WorkerLost as lost:
            # What was read before it is on record: the next attempt goes on from there.
            raise try_again(context, lost) from lost
        if all(read.broken for read in years.values()):
            raise ReaderBroken("; ".join(read.broken for read in years.values()))
        for key, read in years.items():
            context.add_asset_metadata(_metadata(read), asset_key=spec.key, partition_key=key)
            if read.broken:
                context.log.error(f"{read.broken}; the other years go on")
            for refusal in read.refused.values():
                context.log.warning(f"{table} {key}: refused {refusal}")
        yield dg.MaterializeResult(
            asset_key=spec.key, metadata={"dagster/row_count": sum(r.records for r in years.values())}
        )
        yield _shape_result(spec.key, years)

    return raw


def _read_or_tell(workplace: Workplace, journal: Journal, contract: Contract, year: int) -> ReadYear:
    """Read a year; a file that breaks the reader fails its year alone, and holds publication."""
    try:
        return read_year(workplace, journal, contract, year)
    except ReaderBroken as error:
        broken = ReadYear(broken=str(error))
        _journal_shape(journal, contract.table, year, broken, "")
        return broken


def read_year(workplace: Workplace, journal: Journal, contract: Contract, year: int) -> ReadYear:
    """Read the landed files of a table and year that have not been read by this contract and reader."""
    result = ReadYear()
    reader = reader_fingerprint(contract.of_year(year))
    known = {
        row["sha256"]: row
        for row in journal.rows(
            sa.select(RAW_FILE).where(RAW_FILE.c.table_name == contract.table, RAW_FILE.c.year == year)
        )
    }
    landed = {f["sha256"]: f for f in current_files(journal, contract.table, year)}
    new = [
        _Task(workplace.home, contract.table, year, file["file_name"], sha256, reader)
        for sha256, file in landed.items()
        if _is_unread(known.get(sha256), workplace, contract, year, reader)
    ]
    for row in in_order(_read_one, new, _workers(workplace, new)):
        journal.put(RAW_FILE, [row])
        known[row["sha256"]] = row
        result.read_now += 1
    for sha256, file in landed.items():
        row = known[sha256]
        result.files += 1
        result.records += row["records"]
        for heading in row["unknown_columns"] or ():
            result.unknown_columns[heading] = result.unknown_columns.get(heading, 0) + 1
        if row["refusal"]:
            result.refused[file["file_name"]] = row["refusal"]["message"]
    _journal_shape(journal, contract.table, year, result, reader)
    return result


def _is_unread(
    row: dict[str, Any] | None, workplace: Workplace, contract: Contract, year: int, reader: str
) -> bool:
    if row is None or row["reader"] != reader:
        return True
    path = workplace.home.raw_file(contract.table, year, row["sha256"])
    return row["refusal"] is None and not path.exists()


@dataclass(frozen=True)
class _Task:
    """One landed file to be read."""

    home: Home
    table: str
    year: int
    file_name: str
    sha256: str
    reader: str

    @property
    def landed(self) -> Path:
        suffix = DropFile(self.table, self.year, self.file_name, "", 0, 0).suffix
        return self.home.landed_file(self.table, self.year, self.sha256, suffix)


def _workers(workplace: Workplace, tasks: list[_Task]) -> int:
    """Processes for these files: few bytes are read sooner than a process has started."""
    size = sum(_bytes_of_text(task.landed) for task in tasks if task.landed.exists())
    return workplace.engine.threads if size > _ALONE else 1


def _bytes_of_text(path: Path) -> int:
    return path.stat().st_size * (_AS_TEXT if path.suffix in _WORKBOOKS else 1)


def _read_one(task: _Task) -> dict[str, Any]:
    """Read a landed file into its raw Parquet file; the row that says what came of it."""
    contract = load_contract(task.table).of_year(task.year)
    row: dict[str, Any] = {
        "table_name": task.table,
        "year": task.year,
        "sha256": task.sha256,
        "reader": task.reader,
        "records": 0,
        "skipped": {},
        "unknown_columns": [],
        "refusal": None,
    }
    try:
        result = read_file(task.landed, contract, task.file_name)
    except FileRefused as refused:
        return {**row, "refusal": {"reason": refused.reason, "message": str(refused)}}
    except Exception as error:
        # A fault of the reader, not of the file: it stops the table, but says at which file.
        raise ReaderBroken(
            f"{task.table} {task.year} {task.file_name}: {type(error).__name__}; the reader is at fault"
        ) from error
    raw = write_raw(task.home.raw_file(task.table, task.year, task.sha256), result)
    unknown = sorted({heading for sheet in raw.sheets for heading in sheet.unknown_columns})
    return {**row, "records": len(raw.table), "skipped": raw.skipped, "unknown_columns": unknown}


def _journal_shape(journal: Journal, table: str, year: int, read: ReadYear, fingerprint: str) -> None:
    row = {
        "table_name": table,
        "year": year,
        "check_name": "shape",
        "passed": read.readable,
        "blocking": True,
        "evaluated": read.files,
        "failed": len(read.refused),
        "detail": {"refused": read.refused} | ({BROKEN: read.broken} if read.broken else {}),
        "fingerprint": fingerprint,
        "at": now(),
    }
    journal.put(CHECK_RESULT, [row])


def _shape_result(key: dg.AssetKey, years: dict[str, ReadYear]) -> dg.AssetCheckResult:
    broken = {year: read.broken for year, read in years.items() if read.broken}
    refused = {f"{year} {name}": text for year, r in years.items() for name, text in r.refused.items()}
    blocked = [year for year, read in years.items() if not read.readable]
    # One year does not stop the others of its run; publication is held by what the journal says of it.
    severity = dg.AssetCheckSeverity.ERROR if len(blocked) == len(years) else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="shape",
        passed=not refused and not blocked,
        severity=severity,
        metadata={
            "files": sum(r.files for r in years.values()),
            "refused": dg.MetadataValue.json(refused),
            "years_without_a_readable_file": ", ".join(blocked) or "none",
            "broken": dg.MetadataValue.json(broken),
        },
    )


def _metadata(read: ReadYear) -> dict[str, Any]:
    return {
        "files": read.files,
        "files_read_now": read.read_now,
        "files_refused": len(read.refused),
        "dagster/partition_row_count": read.records,
        "unknown_columns": dg.MetadataValue.json(read.unknown_columns),
    }


def raw_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The raw assets of all tables."""
    return [raw_asset(table, partitions) for table in TABLES]
