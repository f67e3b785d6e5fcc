"""The published layer: the marts of one release, complete and consistent, in the warehouse.

Belongs here: the Dagster assets of the layer and the making of a release. Does not belong here:
what a database needs (`assets.warehouse`) or whether a release may go out (`checks.gate`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets.catalogue import DUCKDB_POOL, asset_key
from assets.errors import PERMANENT, RETRYABLE
from assets.journal import ACCEPTED_STATE, CHECK_RESULT, FILE, RELEASE, Journal
from assets.judging.fingerprint import files_fingerprint
from assets.pulling.pull import current_files
from assets.release_history import known_releases, moment_after, utc_now
from assets.retries import try_again
from assets.transformed import manifest_path, transformed_state, untransformed_years
from assets.warehouse import MartContents, ReleaseContents, open_warehouse
from assets.warehouse.contents import MART_SCHEMA, describe_mart
from assets.warehouse.duckdb_errors import told_plainly
from assets.workplace import Workplace
from checks.contract import TABLES
from checks.gate import YearEvidence, objections


class PublicationHeld(Exception):
    """The gate holds the release; the last one stays."""


@dataclass(frozen=True)
class Release:
    """A release as it stands in the warehouse."""

    release_id: str
    checksum: str
    marts: tuple[MartContents, ...]


def published_assets(workplace: Workplace, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """One asset a mart of the warehouse, made together: all or none."""
    nodes = mart_nodes(workplace)
    specs = [_spec(name, node, partitions) for name, node in nodes.items()]
    specs.append(
        dg.AssetSpec(
            asset_key("published", "release"),
            group_name="published",
            description="The releases (các lần công bố) with their inputs, counts and checksums.",
            owners=["team:steering-committee"],
            deps=[asset_key("marts", name) for name in nodes],
            partitions_def=partitions,
            kinds={"sql"},
        )
    )

    @dg.multi_asset(
        specs=specs, name="published", backfill_policy=dg.BackfillPolicy.single_run(), pool=DUCKDB_POOL
    )
    def published(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        try:
            release = publish(workplace)
        except PublicationHeld as held:
            raise dg.Failure(str(held), allow_retries=False) from held
        except RETRYABLE as error:
            raise try_again(context, error) from error
        except PERMANENT as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        context.log.info(f"release {release.release_id}: {len(release.marts)} marts")
        for mart in release.marts:
            metadata: dict[str, Any] = {
                "dagster/row_count": mart.rows,
                "checksum": mart.checksum,
                "release": release.release_id,
            }
            yield dg.MaterializeResult(asset_key=asset_key("published", mart.name), metadata=metadata)
        yield dg.MaterializeResult(
            asset_key=asset_key("published", "release"),
            metadata={
                "release": release.release_id,
                "checksum": release.checksum,
                "marts": len(release.marts),
            },
        )

    return published


def mart_nodes(workplace: Workplace) -> dict[str, Mapping[str, Any]]:
    """The dbt models of the marts layer, by name, each with the `grain` that the project tests."""
    manifest = json.loads(manifest_path(workplace).read_text(encoding="utf-8"))
    grains = {
        test["attached_node"]: test["test_metadata"]["kwargs"]["columns"]
        for test in manifest["nodes"].values()
        if (test.get("test_metadata") or {}).get("name") == "unique_grain"
    }
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
        deps=[asset_key(MART_SCHEMA, name)],
        partitions_def=partitions,
        kinds={"sql"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


def publish(workplace: Workplace, clock: Callable[[], datetime] = utc_now) -> Release:
    """Make a release of the marts as they stand and put it into the warehouse.

    `clock` says the time in UTC; the release is dated after every other one, whatever it says.

    Raises
    ------
    PublicationHeld
        A blocking check of some year failed, or a year was judged from other inputs.
    """
    journal = Journal(workplace.home.journal)
    held = objections(evidence(journal), untransformed_years(journal, workplace.home))
    if held:
        lines = "\n".join(f"  - {line}" for line in held)
        raise PublicationHeld(f"nothing is published, the last release stays:\n{lines}")
    marts = _describe(workplace)
    warehouse = open_warehouse(workplace.warehouse_url)
    releases = known_releases(journal, warehouse)
    row = _release_row(journal, marts, moment_after(clock(), releases))
    history = tuple(_readable(r) for r in releases)
    warehouse.publish(ReleaseContents(workplace.home.duckdb, marts, _readable(row), history))
    journal.put(RELEASE, [row])
    return Release(row["release_id"], row["checksum"], marts)


def evidence(journal: Journal) -> list[YearEvidence]:
    """What is on record for every table and year that has files."""
    states = {
        (r["table_name"], r["year"]): r["files_fingerprint"] for r in journal.rows(sa.select(ACCEPTED_STATE))
    }
    checks: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in journal.rows(sa.select(CHECK_RESULT)):
        checks.setdefault((row["table_name"], row["year"]), []).append(row)
    landed = {
        (r["table_name"], r["year"])
        for r in journal.rows(sa.select(FILE.c.table_name, FILE.c.year).distinct())
    }
    return [
        YearEvidence(
            table,
            year,
            files_fingerprint(current_files(journal, table, year)),
            states.get((table, year)),
            tuple(checks.get((table, year), ())),
        )
        for table, year in sorted(landed)
        if table in TABLES
    ]


def _describe(workplace: Workplace) -> tuple[MartContents, ...]:
    engine = sa.create_engine(f"duckdb:///{workplace.home.duckdb}?access_mode=read_only")
    try:
        with told_plainly(), engine.connect() as connection:
            nodes = mart_nodes(workplace)
            return tuple(describe_mart(connection, n, node, MART_SCHEMA) for n, node in nodes.items())
    finally:
        engine.dispose()


def _release_row(journal: Journal, marts: tuple[MartContents, ...], moment: datetime) -> dict[str, Any]:
    counts = {m.name: {"rows": m.rows, "checksum": m.checksum} for m in marts}
    checksum = hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:32]
    inputs: dict[str, dict[str, list[str]]] = {}
    files = journal.rows(
        sa.select(FILE)
        .where(FILE.c.state != "replaced")
        .order_by(FILE.c.table_name, FILE.c.year, FILE.c.sha256)
    )
    for file in files:
        inputs.setdefault(file["table_name"], {}).setdefault(str(file["year"]), []).append(file["sha256"])
    return {
        "release_id": f"{moment:%Y%m%dT%H%M%S}-{checksum[:8]}",
        "published_at": moment.isoformat(timespec="seconds"),
        "code_version": version("thoat-ngheo"),
        "years": sorted({f["year"] for f in files}),
        "inputs": inputs,
        "marts": counts,
        "checksum": checksum,
        "state": transformed_state(journal),
    }


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A release's row as the table `release` holds it: lists and maps as JSON text."""
    return {
        k: json.dumps(v, sort_keys=True) if isinstance(v, (dict, list)) else v
        for k, v in row.items()
        if k != "state"
    }
