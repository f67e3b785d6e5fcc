"""The forms as an asset: a workbook for every published review, in the home.

Belongs here: the Dagster asset and its files. Does not belong here: what a form holds.
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
import os
from pathlib import Path
from typing import Any

import dagster as dg

from assets.catalogue import asset_key
from assets.errors import PERMANENT, RETRYABLE
from assets.forms.figures import MARTS, reviews
from assets.forms.make import forms_workbook
from assets.warehouse import open_warehouse
from assets.workplace import Workplace

_TEXT = (
    "The annual report's forms 1 to 13 of every published review (biểu mẫu báo cáo rà soát), as workbooks."
)


def forms_asset(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """One workbook a review under `forms/` of the home, from the release that stands."""
    spec = dg.AssetSpec(
        asset_key("published", "forms"),
        group_name="published",
        description=_TEXT,
        owners=["team:steering-committee"],
        deps=[asset_key("published", mart) for mart in MARTS],
        partitions_def=partitions,
        kinds={"excel"},
    )

    @dg.multi_asset(specs=[spec], name="forms", backfill_policy=dg.BackfillPolicy.single_run())
    def forms(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Any:
        try:
            written = write_forms(workplace)
        except RETRYABLE as error:
            context.log.warning(str(error))
            raise dg.RetryRequested(max_retries=2, seconds_to_wait=20) from error
        except PERMANENT as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            asset_key=spec.key, metadata={"workbooks": len(written), "sha256": dg.MetadataValue.json(written)}
        )

    return forms


def write_forms(workplace: Workplace) -> dict[str, str]:
    """Write the workbooks of all published reviews; their names with their SHA-256.

    All, not only the run's years: a list that is sent again changes where the next year begins.
    """
    folder = workplace.home.forms
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    with open_warehouse(workplace.warehouse_url).reading() as connection:
        for year, standard in reviews(connection):
            content, _ = forms_workbook(connection, year, standard=standard)
            name = f"{year}_{standard}.xlsx"
            put_file(folder / name, content)
            written[name] = hashlib.sha256(content).hexdigest()
    for path in folder.glob("*.xlsx"):
        if path.name not in written:
            path.unlink()
    return written


def put_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there, so that nobody opens half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
