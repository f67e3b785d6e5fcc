"""The result as a file: Parquet, CSV or JSON, by its ending."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from assets.measures.problems import MeasureRefused

ENDINGS = (".parquet", ".csv", ".json")


def check_ending(path: Path) -> None:
    """Raise `MeasureRefused` where no such file can be written; called before anything is computed."""
    if path.suffix.lower() not in ENDINGS:
        raise MeasureRefused([f"{path}: a result is written as {', '.join(ENDINGS)}"])
    if not path.parent.is_dir():
        raise MeasureRefused([f"{path}: the folder {path.parent} does not exist"])
    if path.is_dir():
        raise MeasureRefused([f"{path} is a folder: name a file"])


def beside(path: Path, word: str) -> Path:
    """The file of a further table of the same result: `result_changes.csv` beside `result.csv`."""
    return path.with_name(f"{path.stem}_{word}{path.suffix}")


def write(table: pa.Table, path: Path) -> None:
    """Write beside, then rename: a reader never sees half a result."""
    partial = path.with_name(path.name + ".part")
    try:
        _write(table, partial, path.suffix.lower())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _write(table: pa.Table, path: Path, kind: str) -> None:
    if kind == ".parquet":
        pq.write_table(table, path)
    elif kind == ".csv":
        pa_csv.write_csv(table, path, pa_csv.WriteOptions(quoting_style="needed"))
    else:
        text = json.dumps(table.to_pylist(), ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
