"""A night's corrections: one file of each table sent again, with other bytes and the same records."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path


def send_again(drops: Path, year: int, night: int) -> list[Path]:
    """Change the first file of every table of a year, so that the line must take it in anew.

    The records stay the same: what is measured is the work, and the marts can be compared after it.
    """
    changed = []
    for folder in sorted(drops.glob(f"*/{year}")):
        file = sorted(f for f in folder.iterdir() if f.is_file())[0]
        _change(file, night)
        changed.append(file)
    return changed


def _change(file: Path, night: int) -> None:
    temporary = file.with_name(f".{file.name}.part")
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as source, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as made:
            for info in source.infolist():
                made.writestr(info, source.read(info))
            made.comment = f"night {night}".encode()
    elif file.suffix == ".gz":
        temporary.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), 1, mtime=night))
    elif file.suffix == ".parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(file)
        pq.write_table(table.replace_schema_metadata({"night": str(night)}), temporary)
    else:
        content = file.read_bytes()
        end = "\n".encode("utf-16-le") if content[:2] == b"\xff\xfe" else b"\n"
        temporary.write_bytes(content + end)
    os.replace(temporary, file)
