"""A table and a standard in, the measures out: what every test of the measures starts with."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assets.measures import Measured, Options, Standard, measure
from assets.measures.options import read_cutoffs

Value = float | None


def standard_of(indicators: Mapping[str, Any], **more: Any) -> Standard:
    """A standard of 0/1 columns with the weights given, each its own dimension."""
    listed = [{"name": name, "dimension": name, "weight": weight} for name, weight in indicators.items()]
    return Standard.model_validate({"standard": "tried", "indicators": listed, **more})


def measured(
    frame: pd.DataFrame | Sequence[pd.DataFrame],
    standard: Standard,
    k: Sequence[object] = ("1/3",),
    **options: Any,
) -> Measured:
    """The measures of one frame, or of two rounds."""
    frames = [frame] if isinstance(frame, pd.DataFrame) else list(frame)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, one in enumerate(frames):
            paths.append(Path(folder) / f"round_{number}.parquet")
            pq.write_table(pa.Table.from_pandas(one, preserve_index=False), paths[-1])
        cutoffs = read_cutoffs(k, standard)
        return measure(paths, standard, Options(cutoffs=cutoffs, threads=1, **options))


class Found:
    """The rows of a result, to be asked for by measure, indicator, k and group."""

    def __init__(self, result: Measured) -> None:
        self.rows = result.rows.to_pylist()

    def row(
        self,
        measure: str,
        indicator: str | None = None,
        k: float | None = None,
        group: str = "all",
        unit: str | None = None,
        round: int | None = None,
    ) -> dict[str, Any]:
        """The one row that fits."""
        fits = [
            r
            for r in self.rows
            if r["measure"] == measure
            and r["indicator"] == indicator
            and (k is None or (r["k"] is not None and abs(r["k"] - k) < 1e-9))
            and r["group_value"] == group
            and unit in (None, r["unit"])
            and round in (None, r.get("round"))
        ]
        assert len(fits) == 1, (measure, indicator, k, group, len(fits))
        return fits[0]

    def __call__(self, measure: str, *arguments: Any, **named: Any) -> Value:
        value: Value = self.row(measure, *arguments, **named)["estimate"]
        return value
