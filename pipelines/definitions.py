"""Everything assembled: one function from settings to Dagster's definitions.

Belongs here: putting the parts together. Does not belong here: any part. Importing this module
does nothing; Dagster calls `defs` when it loads the code location.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.accepted import accepted_asset
from assets.forms.asset import forms_asset
from assets.landing import landing_asset
from assets.published import published_assets
from assets.quality import quality_asset
from assets.raw import raw_asset
from assets.reference import reference_asset
from assets.transformed import dbt_resource, transformed_assets
from checks.contract import TABLES
from pipelines.channels import Channels
from pipelines.jobs import jobs
from pipelines.load_settings import load_settings
from pipelines.partitions import yearly
from pipelines.run_lock import locked_workplace
from pipelines.schedules import nightly
from pipelines.sensors import drop_sensor, failure_sensor, recovery_sensor
from pipelines.settings import Settings
from pipelines.standing_check import standing_check, standing_sensor


def build_definitions(
    settings: Settings, loggers: Mapping[str, dg.LoggerDefinition] | None = None
) -> dg.Definitions:
    """The whole graph under these settings; `loggers` in the place of Dagster's own."""
    # Parts of Dagster that this graph leans on are marked beta; tests hold what they do.
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    workplace = settings.workplace()
    channels = _channels(settings)
    partitions = yearly()
    tables: list[Any] = []
    for table in TABLES:
        tables += [
            landing_asset(table, partitions),
            raw_asset(table, partitions),
            accepted_asset(table, partitions),
        ]
    return dg.Definitions(
        assets=[
            reference_asset(partitions),
            *tables,
            quality_asset(partitions),
            transformed_assets(workplace, partitions),
            published_assets(workplace, partitions),
            forms_asset(partitions),
        ],
        asset_checks=[standing_check(workplace)],
        jobs=jobs(),
        schedules=[nightly(workplace, settings.nightly)],
        sensors=[
            drop_sensor(workplace, channels, settings.sensor_seconds),
            failure_sensor(channels, settings.sensor_seconds),
            recovery_sensor(channels, settings.sensor_seconds),
            standing_sensor(workplace, channels, settings.sensor_seconds),
        ],
        resources={"workplace": locked_workplace(workplace), "dbt": dbt_resource(workplace)},
        executor=dg.in_process_executor,
        loggers=loggers,
    )


def _channels(settings: Settings) -> Channels:
    url = settings.alert_url
    return Channels(
        log_file=settings.home / "alerts.log",
        webhook=url.get_secret_value() if url else None,
        email=tuple(address.strip() for address in settings.alert_email.split(",") if address.strip()),
        smtp=settings.smtp_url.get_secret_value(),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads."""
    return build_definitions(load_settings())
