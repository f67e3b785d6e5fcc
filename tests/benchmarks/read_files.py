"""Read a folder's files once in this process, in one way; prints files, bytes, records and seconds.

python -m tests.benchmarks.read_files line|calamine|duckdb TABLE FOLDER ENDING
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Read = Callable[[Path], int]


def line(table: str) -> Read:
    """The line's reader, under the table's contract."""
    from assets.reading import read_file
    from checks.contract import load_contract

    contract = load_contract(table)
    return lambda file: len(read_file(file, contract, file.name).table)


def calamine(table: str) -> Read:
    """All cells of all sheets as Python values."""
    from python_calamine import CalamineWorkbook

    def read(file: Path) -> int:
        with CalamineWorkbook.from_path(str(file)) as book:
            return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)

    return read


def duckdb(table: str) -> Read:
    """All cells as text, into memory; what is not UTF-8 as Latin-1."""
    import duckdb as engine

    from tests.benchmarks.plain.ledgers import page_of

    db = engine.connect()

    def read(file: Path) -> int:
        page = page_of(file)
        encoding = page if page in ("utf-8", "utf-16") else "latin-1"
        db.execute(
            f"create or replace table t as from read_csv('{file}', all_varchar=true, header=false, "
            f"encoding='{encoding}', null_padding=true)"
        )
        found = db.execute("select count(*) from t").fetchone()
        return int(found[0]) if found else 0

    return read


def main(how: str, table: str, folder: Path, ending: str) -> dict[str, float]:
    """Read all files whose names have this ending, compressed or not."""
    files = sorted(f for f in folder.iterdir() if ending in f.suffixes)
    read = {"line": line, "calamine": calamine, "duckdb": duckdb}[how](table)
    # The first file once more beforehand: imports and first use are not reading.
    read(files[0])
    began = time.perf_counter()
    records = sum(read(file) for file in files)
    took = time.perf_counter() - began
    return {
        "files": len(files),
        "bytes": sum(f.stat().st_size for f in files),
        "records": records,
        "seconds": took,
    }


if __name__ == "__main__":
    how, table, folder, ending = sys.argv[1:]
    print(json.dumps(main(how, table, Path(folder), ending)))
