"""The forms as an asset: a workbook for every published review, in the home.

Belongs here: the Dagster asset and its files. Does not belong here: what a form holds.
"""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
import hashlib
import json
from pathlib import Path
from typing import Any

import dagster as dg

from assets.catalogue import asset_key
from assets.errors import PERMANENT, RETRYABLE
from assets.files import put_file
from assets.forms.figures import MARTS, read_figures, reviews
from assets.forms.make import origin_of, workbook_of
from assets.warehouse import open_warehouse
from assets.workplace import Workplace

# What the workbooks beside it were made from.
_MADE = ".made.json"
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
    """Bring the workbooks of all published reviews up to date; their names with their SHA-256.

    All, not only the run's years: a list that is sent again changes where the next year begins. One
    that stands as it was written from the same figures is left alone.
    """
    folder = workplace.home.forms
    folder.mkdir(parents=True, exist_ok=True)
    known, made = _made(folder / _MADE), {}
    with open_warehouse(workplace.warehouse_url).reading() as connection:
        for year, standard in reviews(connection):
            figures = read_figures(connection, year, standard=standard)
            name = f"{year}_{standard}.xlsx"
            entry = (origin_of(figures), _sha256(folder / name))
            if known.get(name) != entry:
                put_file(folder / name, workbook_of(figures))
                entry = (entry[0], _sha256(folder / name))
            made[name] = entry
    put_file(folder / _MADE, json.dumps(made, indent=1).encode())
    for path in folder.glob("*.xlsx"):
        if path.name not in made:
            path.unlink()
    return {name: sha256 for name, (_, sha256) in made.items()}


def _made(path: Path) -> dict[str, tuple[str, str]]:
    """Of every workbook from what it was made, and its SHA-256; none where that cannot be read."""
    try:
        return {name: (origin, sha256) for name, (origin, sha256) in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
