"""The accepted and quarantine layers: typed records with their flags; rejected ones with reasons.

Belongs here: the Dagster assets of both layers and their checks. Does not belong here: parsing,
placing and judging (`assets.judging`) or the rules (`checks`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from assets.catalogue import ACCEPTED_STEP, MEMORY_POOL, accepted_columns, asset_key, table_spec, table_step
from assets.crew import WorkerLost
from assets.errors import FORESEEN
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, Journal, now
from assets.judging.arrow_types import QUALITY_SCHEMA, QUARANTINE_SCHEMA, accepted_schema
from assets.judging.fingerprint import files_fingerprint, fingerprint_of, year_inputs
from assets.judging.keep import CheckReport, Fingerprints, KeptYear, keep_year
from assets.judging.year import judge_year
from assets.places.gazetteer import load_gazetteer
from assets.pulling.pull import current_files
from assets.raw_store import write_parquet
from assets.reference import reference_fingerprint
from assets.retries import try_again
from assets.workplace import Home, Workplace
from checks.contract import Contract, load_contract
from checks.gate import BROKEN
from checks.rules import all_rules, rule_groups

_LOG = logging.getLogger(__name__)
# Another year would fail of them just as well.
_OF_THE_MACHINE: tuple[type[Exception], ...] = (*FORESEEN, OSError, MemoryError, sa.exc.SQLAlchemyError)
_ACCEPTED = "Typed records with their flags; identifiers as keyed pseudonyms."
_QUARANTINE = "Rejected records with reason, column, value class, file, sheet and row. Private."


def check_names(table: str) -> tuple[str, ...]:
    """The checks that a table's accepted asset always reports."""
    return (*(f"rules_{group}" for group in rule_groups(table)), "table_rules", "reconciliation")


def accepted_asset(table: str, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The accepted and quarantine assets of one table, with one check a rule group."""
    contract = load_contract(table)
    deps = [asset_key("raw", table), asset_key("reference", "units")]
    columns = {"dagster/column_schema": accepted_columns(contract)}
    accepted = table_spec(
        contract, "accepted", _ACCEPTED, partitions, deps=deps, kinds={"parquet", "gx"}, metadata=columns
    )
    quarantine = table_spec(contract, "quarantine", _QUARANTINE, partitions, deps=deps, kinds={"parquet"})

    @dg.multi_asset(
        specs=[accepted, quarantine],
        name=table_step(ACCEPTED_STEP, table),
        check_specs=_check_specs(contract, accepted.key),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=MEMORY_POOL,
    )
    def judge(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        journal = Journal(workplace.home.journal)
        try:
            years, stopped = accept_years(workplace, journal, contract, map(int, context.partition_keys))
        except WorkerLost as lost:
            # Years that were kept before it are known by their fingerprints: they are not judged again.
            raise try_again(context, lost) from lost
        for year, why in stopped.items():
            context.log.error(f"{table} {year}: {why}; the other years go on")
        for kept in years:
            key = str(kept.year)
            context.add_asset_metadata(_metadata(kept, workplace.home), accepted.key, partition_key=key)
            context.add_asset_metadata(
                {"dagster/partition_row_count": kept.counts["quarantined"]}, quarantine.key, partition_key=key
            )
        yield dg.MaterializeResult(asset_key=accepted.key, metadata=_sum(years, "accepted"))
        yield dg.MaterializeResult(asset_key=quarantine.key, metadata=_sum(years, "quarantined"))
        yield from _results(contract, accepted.key, years, stopped)

    return judge


def accept_years(
    workplace: Workplace, journal: Journal, contract: Contract, years: Iterable[int]
) -> tuple[list[KeptYear], dict[int, str]]:
    """Judge and keep years, each by itself: one that cannot be read or judged does not undo the others.

    Returns
    -------
    tuple
        The years that were judged, and why the others were not; those keep what they had, and hold
        publication by the check on record.

    Raises
    ------
    Exception
        The last year's own, where none could be judged; those of the machine (disk, memory,
        journal, a process that was lost) at once.
    """
    kept: list[KeptYear] = []
    stopped: dict[int, str] = {}
    last: Exception | None = None
    for year in years:
        if _unreadable(journal, contract.table, year):
            stopped[year] = "no file of it can be read"
            continue
        try:
            kept.append(accept_year(workplace, journal, contract, year))
        except _OF_THE_MACHINE:
            raise
        except Exception as error:
            # Its words may quote a record: they stand in the run's log alone.
            stopped[year] = f"judging ended in {type(error).__name__}"
            _LOG.error("%s %d", contract.table, year, exc_info=error)
            _tell_broken(journal, contract.table, year, stopped[year])
            last = error
    if not kept and stopped:
        raise last or dg.Failure(f"{contract.table}: {stopped}", allow_retries=False)
    return kept, stopped


def _unreadable(journal: Journal, table: str, year: int) -> bool:
    """Whether the year's raw files hold it: nothing may be judged in their place."""
    query = sa.select(CHECK_RESULT).filter_by(table_name=table, year=year, check_name="shape")
    return any(row["blocking"] and not row["passed"] for row in journal.rows(query))


def _tell_broken(journal: Journal, table: str, year: int, why: str) -> None:
    """A blocking check that failed, under no fingerprint: the year is judged again by the next run."""
    row = {
        "table_name": table, "year": year, "check_name": "reconciliation", "passed": False, "blocking": True,
        "evaluated": 0, "failed": 0, "detail": {BROKEN: why}, "fingerprint": "", "at": now(),
    }  # fmt: skip
    journal.put(CHECK_RESULT, [row])


def accept_year(workplace: Workplace, journal: Journal, contract: Contract, year: int) -> KeptYear:
    """Judge and keep a table and year, unless nothing that it depends on has changed."""
    _ensure_schema_files(workplace.home, contract)
    inputs = current_inputs(workplace, journal, contract, year)
    fingerprint = fingerprint_of(inputs)
    known = _known(workplace.home, journal, contract, year, fingerprint)
    if known:
        return known
    gazetteer = load_gazetteer(workplace.home.reference, workplace.province)
    previous = _previous(journal, contract.table, year)
    parts = judge_year(workplace, journal, contract, year, gazetteer)
    files = files_fingerprint(current_files(journal, contract.table, year))
    fingerprints = Fingerprints(fingerprint, files, inputs)
    return keep_year(parts, contract, year, workplace, journal, fingerprints, previous, gazetteer.overlapping)


def current_inputs(workplace: Workplace, journal: Journal, contract: Contract, year: int) -> dict[str, str]:
    """What a table and year would be judged from now, each part as a hash."""
    return year_inputs(
        contract,
        current_files(journal, contract.table, year),
        year,
        province=workplace.province,
        reference=reference_fingerprint(workplace.home.reference),
        key=workplace.pseudonym_key,
    )


def _known(home: Home, journal: Journal, contract: Contract, year: int, fingerprint: str) -> KeptYear | None:
    where = {"table_name": contract.table, "year": year}
    states = journal.rows(sa.select(ACCEPTED_STATE).filter_by(**where))
    if not states or states[0]["fingerprint"] != fingerprint:
        return None
    if not home.partition("accepted", contract.table, year).exists():
        return None
    names = check_names(contract.table)
    rows = {r["check_name"]: r for r in journal.rows(sa.select(CHECK_RESULT).filter_by(**where))}
    if any(n not in rows or rows[n]["fingerprint"] != fingerprint for n in names):
        return None
    reports = tuple(
        CheckReport(
            n,
            rows[n]["passed"],
            rows[n]["blocking"],
            rows[n]["evaluated"],
            rows[n]["failed"],
            rows[n]["detail"],
        )
        for n in names
    )
    counts = {name: states[0][name] for name in _COUNTS}
    return KeptYear(contract.table, year, counts, reports)


_COUNTS = ("landed", "accepted", "quarantined", "duplicate", "superseded", "files", "refused_files")


def _previous(journal: Journal, table: str, year: int) -> int | None:
    rows = journal.rows(sa.select(ACCEPTED_STATE).filter_by(table_name=table, year=year - 1))
    return rows[0]["landed"] - rows[0]["duplicate"] - rows[0]["superseded"] if rows else None


def _ensure_schema_files(home: Home, contract: Contract) -> None:
    """An empty file of year 0, so that the transformation finds every table's columns."""
    schemas = {
        "accepted": accepted_schema(contract),
        "quarantine": QUARANTINE_SCHEMA,
        "quality": QUALITY_SCHEMA,
    }
    for layer, schema in schemas.items():
        path = home.partition(layer, contract.table, 0)
        if not path.exists() or not pq.read_schema(path).equals(schema):
            write_parquet(path, schema.empty_table())


def _check_specs(contract: Contract, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    specs = []
    for group in rule_groups(contract.table):
        names = [r.name for r in all_rules(contract.table) if r.group == group]
        text = f"{len(names)} rules on {group}: {', '.join(names)}."
        specs.append(dg.AssetCheckSpec(f"rules_{group}", asset=key, description=text))
    table_rules = "; ".join(f"{r.name}: {r.description} ({r.outcome})" for r in contract.table_rules)
    closing = "For every file: landed = accepted + quarantined + duplicate + superseded."
    return [
        *specs,
        dg.AssetCheckSpec("table_rules", asset=key, blocking=True, description=table_rules),
        dg.AssetCheckSpec("reconciliation", asset=key, blocking=True, description=closing),
    ]


def _results(
    contract: Contract, key: dg.AssetKey, years: list[KeptYear], stopped: Mapping[int, str]
) -> Iterator[dg.AssetCheckResult]:
    # One year does not stop the others of its run; publication is held by what the journal says of it.
    none_goes_on = all(kept.blocked for kept in years)
    for name in check_names(contract.table):
        reports = {kept.year: c for kept in years for c in kept.checks if c.name == name}
        blocked = none_goes_on and any(c.blocking and not c.passed for c in reports.values())
        broken = stopped if name == "reconciliation" else {}
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=name,
            passed=all(c.passed for c in reports.values()) and not broken,
            severity=dg.AssetCheckSeverity.ERROR if blocked else dg.AssetCheckSeverity.WARN,
            metadata={
                "evaluated": sum(c.evaluated for c in reports.values()),
                "failed": sum(c.failed for c in reports.values()),
                "by_year": dg.MetadataValue.json({str(y): c.detail for y, c in reports.items() if c.detail}),
                "stopped": dg.MetadataValue.json({str(year): why for year, why in broken.items()}),
            },
        )


def _sum(years: list[KeptYear], name: str) -> dict[str, Any]:
    return {"dagster/row_count": sum(kept.counts[name] for kept in years)}


def _metadata(kept: KeptYear, home: Home) -> dict[str, Any]:
    path = home.partition("accepted", kept.table, kept.year)
    return {
        **kept.counts,
        "dagster/partition_row_count": kept.counts["accepted"],
        **_preview(path, kept.table),
    }


def _preview(path: Any, table: str) -> dict[str, Any]:
    """Five records without anything of a person: no pseudonym, no personal attribute."""
    if not path.exists():
        return {}
    contract = load_contract(table)
    private = {c.name for c in contract.all_columns() if c.personal != "none"}
    file = pq.ParquetFile(path)
    names = [
        n for n in file.schema_arrow.names
        if n not in private and not n.endswith("_pseudonym") and n not in _NOT_SHOWN
    ]  # fmt: skip
    batch = next(file.iter_batches(batch_size=5, columns=names[:12]), None)
    if batch is None:
        return {}
    return {"preview": dg.MetadataValue.md(_markdown(pa.Table.from_batches([batch])))}


# A village and a number in it name a household.
_NOT_SHOWN = ("village", "household_code", "file_hash", "head_birth_year", "savings_group", "patient_id")


def _markdown(table: pa.Table) -> str:
    head = "| " + " | ".join(table.column_names) + " |"
    rule = "|" + " --- |" * table.num_columns
    rows = [
        "| " + " | ".join("" if v is None else str(v) for v in row.values()) + " |"
        for row in table.to_pylist()
    ]
    return "\n".join([head, rule, *rows])
