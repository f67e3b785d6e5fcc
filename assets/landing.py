"""The landing layer: one file as it came, never changed, named by its SHA-256.

Belongs here: the Dagster assets of the layer. Does not belong here: how files are listed and
copied (`assets.pulling`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
from collections import Counter
from typing import Any

import dagster as dg

from assets.catalogue import LANDING_STEP, asset_key, table_spec, table_step
from assets.journal import Journal
from assets.pulling.databases import load_sources
from assets.pulling.pull import Pull, PullOutcome
from assets.pulling.sources import DropStore, SourceUnavailable
from assets.retries import may_try_again, try_again
from assets.workplace import Workplace
from checks.contract import TABLES, load_contract

_WHAT = "Files as they came, kept unchanged under their SHA-256; every attempt leaves an outcome."


def landing_asset(table: str, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The landing asset of one table."""
    spec = table_spec(load_contract(table), "landing", _WHAT, partitions, kinds={"file"})

    @dg.multi_asset(
        specs=[spec], name=table_step(LANDING_STEP, table), backfill_policy=dg.BackfillPolicy.single_run()
    )
    def landing(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        journal = Journal(workplace.home.journal)
        total: Counter[str] = Counter()
        silent: list[str] = []
        for key in context.partition_keys:
            try:
                outcomes = pull_year(workplace, journal, table, int(key))
            except SourceUnavailable as error:
                raise try_again(context, error) from error
            counted = Counter(outcome.outcome for outcome in outcomes)
            total += counted
            context.add_asset_metadata(_metadata(counted, outcomes), asset_key=spec.key, partition_key=key)
            _tell_failures(context, table, key, outcomes)
            silent += [str(outcome.detail) for outcome in outcomes if outcome.may_pass]
        if silent and may_try_again(context):
            raise try_again(context, SourceUnavailable("; ".join(silent)))
        # A database that stays away costs its own table's news alone: the run goes on, and the standing
        # list tells of it (`assets.failing`).
        return dg.MaterializeResult(asset_key=asset_key("landing", table), metadata=dict(total))

    return landing


def pull_year(workplace: Workplace, journal: Journal, table: str, year: int) -> list[PullOutcome]:
    """Pull one table and year from the drops and, where one is named, from its database.

    Raises
    ------
    SourceUnavailable
        The drop store did not answer.
    """
    sources = load_sources(workplace.sources, TABLES)
    return Pull(workplace.home, journal, table, year).run(DropStore(workplace.drops), sources.get(table))


def _metadata(counted: Counter[str], outcomes: list[PullOutcome]) -> dict[str, Any]:
    hashes = [f"{o.file_name} `{(o.sha256 or '')[:12]}` {o.outcome}" for o in outcomes]
    listed = "\n".join(f"- {line}" for line in hashes[:50])
    more = f"\n- … and {len(hashes) - 50} more" if len(hashes) > 50 else ""
    return {"files": len(outcomes), **counted, "outcomes": dg.MetadataValue.md(listed + more)}


def _tell_failures(
    context: dg.AssetExecutionContext, table: str, year: str, outcomes: list[PullOutcome]
) -> None:
    for outcome in outcomes:
        if outcome.outcome in ("failed", "unsupported"):
            context.log.warning(f"{table} {year} {outcome.file_name}: {outcome.outcome}: {outcome.detail}")
