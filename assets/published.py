"""The published layer: the marts of one release, complete and consistent, in the warehouse.

Belongs here: the Dagster assets of the layer and the making of a release. Does not belong here:
what a database needs (`assets.warehouse`) or whether a release may go out (`checks.gate`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets.catalogue import DUCKDB_POOL, PUBLISHED_STEP, as_table, asset_key
from assets.changes.approvals import use
from assets.changes.bounds import mart_grains
from assets.changes.record import ChangeRecord, record_changes
from assets.errors import PERMANENT, RETRYABLE
from assets.evidence import accepted_records, gather
from assets.journal import FILE, RELEASE, Journal
from assets.lineage.run import tell_inputs
from assets.project import manifest_of
from assets.release_history import known_releases, moment_after, utc_now
from assets.releases import (
    as_value,
    newest_release,
    put_back_by_decision,
    standing_release,
    warehouse_of,
    withdrawals,
)
from assets.retries import try_again
from assets.transformed import transformed_state
from assets.warehouse import MartContents, ReleaseContents
from assets.warehouse.change_table import CHANGE_COLUMNS, CHANGE_TABLE
from assets.warehouse.contents import MART_SCHEMA, describe_mart
from assets.warehouse.duckdb_errors import duckdb_told
from assets.workplace import Workplace
from checks.gate import Objection, objections

# The mart that counts what became of every record of every table.
_EVIDENCE = "data_quality"
# On a run that is a piece of a longer backfill: the years of the pieces to come, with commas.
LATER_TAG = "thoatngheo/later_years"
# Put on such a run where its release waits for them.
WAITS_TAG = "thoatngheo/publication_waits"
# By these words a failure is known for one that the gate made.
HELD = "nothing is published, the last release stays"


class PublicationHeld(Exception):
    """The gate holds the release; the last one stays."""

    def __init__(self, found: Sequence[Objection]) -> None:
        lines = "\n".join(f"  - {objection}" for objection in found)
        super().__init__(f"{HELD} ({len(found)} objections):\n{lines}")
        self.objections = tuple(found)


@dataclass(frozen=True)
class Release:
    """A release as it stands in the warehouse; `stays` is the rollback by which it still does.

    `record` is what it changed; None where it was not made just now.
    """

    release_id: str
    checksum: str
    marts: tuple[MartContents, ...]
    stays: Mapping[str, Any] | None = None
    record: ChangeRecord | None = None


def published_assets(workplace: Workplace, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """One asset a mart of the warehouse, made together: all or none."""
    nodes = mart_nodes(workplace)
    specs = [_spec(name, node, partitions) for name, node in nodes.items()]
    specs.append(_spec_of_changes(nodes, partitions))
    specs.append(
        dg.AssetSpec(
            asset_key("published", "release"),
            group_name="published",
            description="The releases (các lần công bố) with their inputs, counts and checksums.",
            owners=["team:steering-committee"],
            deps=[asset_key("marts", name) for name in nodes],
            partitions_def=partitions,
            kinds={"sql"},
            skippable=True,
        )
    )

    @dg.multi_asset(
        specs=specs, name=PUBLISHED_STEP, backfill_policy=dg.BackfillPolicy.single_run(), pool=DUCKDB_POOL
    )
    def published(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        try:
            release = publish(workplace)
        except PublicationHeld as held:
            if waits_for := to_come(held, context.run.tags):
                context.instance.add_run_tags(context.run_id, {WAITS_TAG: "true"})
                context.log.warning(f"published once {waits_for} are made too, by the pieces to come")
                return
            failure = dg.Failure(str(held), {"objections": as_table(held.objections)}, allow_retries=False)
            raise failure from held
        except RETRYABLE as error:
            raise try_again(context, error) from error
        except PERMANENT as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        context.log.info(f"release {release.release_id}: {len(release.marts)} marts")
        if release.stays:
            context.log.warning(
                f"it was put back at {release.stays['at']} and stays, since nothing has changed: new files, "
                "contracts or code, or thoatngheo publish, make a new release"
            )
        tell_inputs(context, manifest_of(workplace), Journal(workplace.home.journal), release.marts)
        for mart in release.marts:
            metadata: dict[str, Any] = {
                "dagster/row_count": mart.rows,
                "checksum": mart.checksum,
                "release": release.release_id,
            }
            yield dg.MaterializeResult(asset_key=asset_key("published", mart.name), metadata=metadata)
        changes = (
            {"dagster/row_count": release.record.table.rows, "changes": release.record.changes}
            if release.record
            else {}
        )
        yield dg.MaterializeResult(asset_key=asset_key("published", CHANGE_TABLE), metadata=changes)
        yield dg.MaterializeResult(
            asset_key=asset_key("published", "release"),
            metadata={
                "release": release.release_id,
                "checksum": release.checksum,
                "marts": len(release.marts),
            },
        )

    return published


def to_come(held: PublicationHeld, tags: Mapping[str, str]) -> str:
    """The years that hold a release, where the pieces to come of the same backfill make all of them."""
    later = set(filter(None, tags.get(LATER_TAG, "").split(",")))
    years = sorted({str(objection.year) for objection in held.objections})
    return ", ".join(years) if years and later.issuperset(years) else ""


def mart_nodes(workplace: Workplace) -> dict[str, Mapping[str, Any]]:
    """The dbt models of the marts layer, by name, each with the `grain` that the project tests."""
    manifest = manifest_of(workplace)
    grains = mart_grains(manifest["nodes"].values())
    nodes = [
        {**node, "grain": grains.get(node["unique_id"], [])}
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == MART_SCHEMA
    ]
    return {node["name"]: node for node in sorted(nodes, key=lambda n: n["name"])}


def _spec(name: str, node: Mapping[str, Any], partitions: dg.PartitionsDefinition[Any]) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(c["name"], c.get("data_type") or "unknown", description=c.get("description"))
        for c in node["columns"].values()
    ]
    return dg.AssetSpec(
        asset_key("published", name),
        group_name="published",
        description=f"In the warehouse: {node.get('description') or name}",
        owners=["team:steering-committee"],
        # None goes out before the evidence on all tables is there. A mart that only seeds lead to would
        # else be told by the page to stand on other years than the rest, and no range be started there.
        deps=sorted({asset_key(MART_SCHEMA, name), asset_key(MART_SCHEMA, _EVIDENCE)}),
        partitions_def=partitions,
        kinds={"sql"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        skippable=True,
    )


def _spec_of_changes(nodes: Mapping[str, Any], partitions: dg.PartitionsDefinition[Any]) -> dg.AssetSpec:
    columns = [dg.TableColumn(c.name, c.data_type, description=c.comment) for c in CHANGE_COLUMNS]
    return dg.AssetSpec(
        asset_key("published", CHANGE_TABLE),
        group_name="published",
        description="What every release changed (thay đổi giữa các lần công bố), by mart, key and column.",
        owners=["team:steering-committee"],
        deps=[asset_key(MART_SCHEMA, name) for name in nodes],
        partitions_def=partitions,
        kinds={"sql"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        skippable=True,
    )


def publish(workplace: Workplace, clock: Callable[[], datetime] = utc_now, *, anew: bool = False) -> Release:
    """Make a release of the marts as they stand and put it into the warehouse.

    Where somebody put an earlier release back and nothing has changed since, that one stays: what was
    withdrawn does not come back by itself.

    Parameters
    ----------
    clock
        Says the time; the release is dated after every other one, whatever it says.
    anew
        A person asks for it: a rollback is over with it.

    Raises
    ------
    PublicationHeld
        Evidence stands against it, or is missing.
    """
    journal = Journal(workplace.home.journal)
    if not anew and (stays := _put_back(workplace, journal)):
        return stays
    marts, held, approval = gate(workplace, journal)
    if held:
        raise PublicationHeld(held)
    return make_release(workplace, journal, marts, approval, clock)


def make_release(
    workplace: Workplace,
    journal: Journal,
    marts: tuple[MartContents, ...],
    approval: Mapping[str, Any] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Release:
    """Put the marts into the warehouse as a release, with the record of what it changed."""
    warehouse = warehouse_of(workplace)
    releases = known_releases(journal, warehouse)
    row = _release_row(journal, marts, moment_after(clock(), releases))
    standing = standing_release(workplace)
    record = record_changes(workplace, warehouse, marts, standing, releases, row["release_id"])
    approved_at = approval["at"].partition("+")[0] if approval else None
    row |= {"compared_with": record.compared_with, "changes": record.changes, "approved_at": approved_at}
    if approval:
        use(journal, approval, row["release_id"])
    withdrawn = withdrawals(journal)
    history = tuple(_readable(r, withdrawn) for r in releases)
    contents = ReleaseContents(
        workplace.home.duckdb, marts, _readable(row, {}), history, record.table, workplace.home.changes
    )
    warehouse.publish(contents)
    journal.put(RELEASE, [row])
    return Release(row["release_id"], row["checksum"], marts, record=record)


def gate(
    workplace: Workplace, journal: Journal
) -> tuple[tuple[MartContents, ...], list[Objection], Mapping[str, Any] | None]:
    """The marts as they stand, what stands against their publication, and by whose approval they go out."""
    unreadable = []
    try:
        marts = _describe(workplace)
    except sa.exc.SQLAlchemyError as error:
        found = f"cannot be read ({type(error.__cause__ or error).__name__})"
        todo = "thoatngheo refresh; if a refresh is running, wait for it"
        marts, unreadable = (), [Objection("marts", None, "marts", found, "the tables that dbt made", todo)]
    evidence = gather(workplace, journal, {m.name: m.rows for m in marts})
    return marts, unreadable + objections(evidence), evidence.approval


def _put_back(workplace: Workplace, journal: Journal) -> Release | None:
    """The release that somebody put back, seen to stand; None where none was, or something is new."""
    standing = standing_release(workplace)
    decided = put_back_by_decision(journal, standing["release_id"] if standing else None)
    newest = newest_release(journal)
    if decided is None or newest is None or newest["state"] != transformed_state(journal):
        return None
    warehouse = warehouse_of(workplace)
    warehouse.rollback(decided["release_id"])
    # A damaged one cannot be put back by itself: that is told, and a person decides.
    row = warehouse.whole_release() or {}
    counts: Mapping[str, Any] = as_value(row["marts"])
    marts = tuple(MartContents(n, "", (), e["rows"], e["checksum"]) for n, e in counts.items())
    return Release(row["release_id"], row["checksum"], marts, stays=decided)


def _describe(workplace: Workplace) -> tuple[MartContents, ...]:
    engine = sa.create_engine(f"duckdb:///{workplace.home.duckdb}?access_mode=read_only")
    try:
        with duckdb_told(), engine.connect() as connection:
            nodes = mart_nodes(workplace)
            return tuple(describe_mart(connection, n, node, MART_SCHEMA) for n, node in nodes.items())
    finally:
        engine.dispose()


def _release_row(journal: Journal, marts: tuple[MartContents, ...], moment: datetime) -> dict[str, Any]:
    counts = {m.name: {"rows": m.rows, "checksum": m.checksum} for m in marts}
    checksum = hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:32]
    inputs = inputs_now(journal)
    return {
        "release_id": f"{moment:%Y%m%dT%H%M%S}-{checksum[:8]}",
        "published_at": moment.isoformat(timespec="seconds"),
        "code_version": version("thoat-ngheo"),
        "years": sorted({int(year) for years in inputs.values() for year in years}),
        "inputs": inputs,
        "marts": counts,
        "checksum": checksum,
        "state": transformed_state(journal),
        "records": accepted_records(journal),
    }


def inputs_now(journal: Journal) -> dict[str, dict[str, list[str]]]:
    """The files that a release of this moment is made from: hashes by table and year."""
    files = journal.rows(
        sa.select(FILE)
        .where(FILE.c.state != "replaced")
        .order_by(FILE.c.table_name, FILE.c.year, FILE.c.sha256)
    )
    inputs: dict[str, dict[str, list[str]]] = {}
    for file in files:
        inputs.setdefault(file["table_name"], {}).setdefault(str(file["year"]), []).append(file["sha256"])
    return inputs


def _readable(row: Mapping[str, Any], withdrawn: Mapping[str, str]) -> dict[str, Any]:
    """A release's row as the table `release` holds it: lists and maps as JSON text."""
    at = withdrawn.get(row["release_id"])
    values = {**row, "withdrawn_at": at and datetime.fromisoformat(at).replace(tzinfo=None).isoformat()}
    return {
        k: json.dumps(v, sort_keys=True) if isinstance(v, (dict, list)) else v
        for k, v in values.items()
        if k != "state"
    }
