"""The staging, intermediate and marts layers: what dbt makes of the accepted records.

Belongs here: the Dagster assets made from the dbt project, and the years a run hands to dbt.
Does not belong here: any model (they are in `dbt_project`).
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from importlib.metadata import version
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from assets import dbt_alone
from assets.catalogue import DUCKDB_POOL, TRANSFORMED_STEP, asset_key
from assets.dbt_evidence import forget_results, keep_results, read_results
from assets.journal import ACCEPTED_STATE, TRANSFORMED_STATE, Journal, now, upsert
from assets.lineage.run import RunLineage
from assets.pipeline_file import set_aside, set_aside_damaged
from assets.project import (
    dbt_environment,
    manifest_nodes,
    manifest_of,
    manifest_path,
    project_fingerprint,
    run_values,
    start_parsed,
    tied_dbt,
)
from assets.retries import try_again
from assets.warehouse import WarehouseBusy, WarehouseDamaged
from assets.warehouse.duckdb_errors import is_damage, locked
from assets.workplace import Home, Workplace
from checks.seeds import dbt_project
from checks.standards import require_sound_seeds

# The row of the journal that holds the project's own fingerprint, beside those of the years.
PROJECT = 0
_EVER = (2016, 2100)
# Columns' comments and lineage are taken from the manifest; unit tests belong to `make test`.
_BUILD = ("build", "--exclude-resource-type", "unit_test")


class LayerTranslator(DagsterDbtTranslator):
    """Names every dbt node by its layer, and a source by the asset that writes it."""

    def __init__(self) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        name, kind = dbt_resource_props["name"], dbt_resource_props["resource_type"]
        if kind == "source":
            return asset_key(dbt_resource_props["source_name"], name)
        if kind == "seed":
            return asset_key("seeds", name)
        return dg.AssetKey([_layer(dbt_resource_props), name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return "seeds" if dbt_resource_props["resource_type"] == "seed" else _layer(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        return ["team:steering-committee"]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])


def _layer(props: Mapping[str, Any]) -> str:
    return str(props["fqn"][1])


def transformed_assets(workplace: Workplace, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The dbt project's models and seeds as assets, by yearly window."""

    @dbt_assets(
        manifest=manifest_path(workplace),
        name=TRANSFORMED_STEP,
        dagster_dbt_translator=LayerTranslator(),
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=DUCKDB_POOL,
    )
    def transformed(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, workplace: dg.ResourceParam[Workplace]
    ) -> Any:
        require_sound_seeds()
        years = [int(key) for key in context.partition_keys]
        journal = Journal(workplace.home.journal)
        if damaged := set_aside_damaged(workplace.home.duckdb):
            context.log.warning(damaged)
        anew = project_changed(journal) or not workplace.home.duckdb.exists()
        if not anew:
            years = changed_span(years, untransformed_years(journal, workplace.home))
        before = inputs_fingerprints(journal, _judged_years(journal) if anew else years)
        window = _EVER if anew else years
        values = run_values(window, workplace.province, date.today())
        workplace.engine.temp.mkdir(parents=True, exist_ok=True)
        target = workplace.home.dbt / "run"
        # The command is started with this process's environment and takes no other.
        os.environ.update(dbt_environment(workplace) | values | {dbt_alone.PARENT: str(os.getpid())})
        start_parsed(workplace, target)
        # Until dbt has succeeded these years count as not transformed, so that a run that is killed
        # here, or a file that it left half made, holds every release and is made again.
        _forget(journal, None if anew else years)
        forget_results(target)
        arguments = [*_BUILD, *(["--full-refresh"] if anew else [])]
        made: dict[int, str] = {}
        lineage = RunLineage(
            context, manifest_of(workplace), manifest_path(workplace).parent, target, journal
        )
        try:
            for event in dbt.cli(arguments, context=context, target_path=target).stream():
                lineage.tell(event)
                yield event
            lineage.keep()
            made = before
        except DagsterDbtCliRuntimeError as error:
            if told := locked(str(error)):
                raise try_again(context, WarehouseBusy(told)) from error
            if is_damage(str(error)) and workplace.home.duckdb.exists():
                # Opened well, and damaged further in.
                damaged = set_aside(workplace.home.duckdb, "dbt could not read all of it")
                raise try_again(context, WarehouseDamaged(damaged)) from error
            raise
        finally:
            unfinished = _journal(journal, made, workplace)
        if unfinished:
            # Somebody chose a part of the graph: these years are not transformed before all of it ran.
            context.log.warning(f"{len(unfinished)} models or tests did not run, such as {unfinished[0]}")

    return transformed


def changed_span(years: Sequence[int], untransformed: Collection[int]) -> list[int]:
    """Of the years asked for, those from the first to the last that is not transformed as it stands.

    A range that was begun before goes on where it ended; where all of it is made, all of it is made
    once more, since somebody asked for it.

    Examples
    --------
    >>> changed_span([2016, 2017, 2018, 2019], [2017, 2018, 2024])
    [2017, 2018]
    """
    changed = [year for year in years if year in untransformed]
    return [year for year in years if changed[0] <= year <= changed[-1]] if changed else list(years)


def inputs_fingerprints(journal: Journal, years: Iterable[int]) -> dict[int, str]:
    """A hash over what each year's facts are made from: accepted records and the project."""
    states = journal.rows(sa.select(ACCEPTED_STATE).order_by(ACCEPTED_STATE.c.table_name))
    found = {}
    for year in years:
        inputs = [(s["table_name"], s["fingerprint"]) for s in states if s["year"] == year]
        text = json.dumps([project_fingerprint(), inputs])
        found[year] = hashlib.sha256(text.encode()).hexdigest()[:32]
    return found


def untransformed_years(journal: Journal, home: Home) -> list[int]:
    """The years whose accepted records, or models, are not those that they were last transformed from."""
    if not home.duckdb.exists():
        return _judged_years(journal)
    made = {r["year"]: r["fingerprint"] for r in journal.rows(sa.select(TRANSFORMED_STATE))}
    judged = inputs_fingerprints(journal, _judged_years(journal))
    return [year for year, fingerprint in judged.items() if made.get(year) != fingerprint]


def transformed_state(journal: Journal) -> str:
    """A hash over what all years were last transformed from: what a release is made of."""
    with journal.transaction() as connection:
        return _state(connection)


def _state(connection: sa.Connection) -> str:
    query = sa.select(TRANSFORMED_STATE).order_by(TRANSFORMED_STATE.c.year)
    rows = connection.execute(query).mappings()
    text = json.dumps([(row["year"], row["fingerprint"]) for row in rows])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _journal(journal: Journal, fingerprints: Mapping[int, str], workplace: Workplace) -> list[str]:
    """Keep what dbt's models and tests came to; the years count as transformed if all of it is good.

    Parameters
    ----------
    fingerprints
        What the years were made from; none where dbt failed.

    Returns
    -------
    list
        The models and tests that were not brought to a good end.
    """
    found = {**fingerprints, PROJECT: project_fingerprint()}
    run = read_results(workplace.home.dbt / "run")
    unfinished = run.unfinished(manifest_nodes(workplace))
    with journal.transaction() as connection:
        if fingerprints and not unfinished:
            rows = [{"year": y, "fingerprint": f, "at": now()} for y, f in found.items()]
            upsert(connection, TRANSFORMED_STATE, rows)
        keep_results(connection, run, _state(connection))
    return unfinished


def _forget(journal: Journal, years: list[int] | None) -> None:
    with journal.transaction() as connection:
        statement = TRANSFORMED_STATE.delete()
        if years is not None:
            statement = statement.where(TRANSFORMED_STATE.c.year.in_(years))
        connection.execute(statement)


def project_changed(journal: Journal) -> bool:
    """Whether the facts stand as another version of the models made them: then all are made anew."""
    rows = journal.rows(sa.select(TRANSFORMED_STATE).filter_by(year=PROJECT))
    return not rows or rows[0]["fingerprint"] != project_fingerprint()


def _judged_years(journal: Journal) -> list[int]:
    return sorted(r["year"] for r in journal.rows(sa.select(ACCEPTED_STATE.c.year).distinct()))


class DbtAlone(DbtCliResource):
    """The dbt command behind a start that ties it to this process (`assets.dbt_alone`)."""

    @cached_property
    def _cli_version(self) -> Version:
        """Of the package: the program that is started first is Python, whose version would be taken."""
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        """None: nobody asks a second dbt in this process for columns or counts, and it costs seconds."""


def dbt_resource(workplace: Workplace) -> DbtCliResource:
    """The dbt command, with its paths in the home."""
    root, home = str(dbt_project()), workplace.home
    start = tied_dbt(home.dbt / "running.lock")
    return DbtAlone(
        project_dir=root,
        profiles_dir=root,
        dbt_executable=sys.executable,
        global_config_flags=[*start, "--log-path", str(home.dbt / "logs"), "--log-level-file", "info"],
    )
