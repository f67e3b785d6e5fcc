"""A home that can only be read, then one on a disk that runs full: told as JSON by a process of its own.

The disk is a small file system in memory, mounted where only this process and its children see it:

    unshare --mount --map-root-user python -m tests.acceptance.small_disk HOME DISK 0 400 3000
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.acceptance.crash import ADDED, columns_of, copy_of, correct, standing
from tests.integration.line import Line

_ROOMY = "2g"


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)


def story(home: Path, disk: Path, free: list[str]) -> dict[str, Any]:
    """Refreshes of one corrected drop: read-only, then with so many kilobytes free, then with room."""
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={_ROOMY}", "tmpfs", str(disk))
    target = copy_of(Line(home), disk / "home")
    correct(target.line, ADDED)
    columns = columns_of(home / "pipeline.duckdb")

    def look(name: str, *arguments: str) -> dict[str, Any]:
        done = target.line.command(*arguments, **target.variables)
        release, checksums = standing(target, columns)
        told = " ".join((done.stdout + done.stderr).split())
        return {
            "name": name,
            "code": done.returncode,
            "told": told,
            "release": release,
            "checksums": checksums,
        }

    _mount("-o", "remount,ro", str(disk))
    looks = [look("read-only", "refresh")]
    _mount("-o", "remount,rw", str(disk))
    for kilobytes in free:
        used = int(subprocess.check_output(["df", "-k", "--output=used", str(disk)]).split()[-1])
        _mount("-o", f"remount,size={used + int(kilobytes)}k", str(disk))
        looks.append(look(f"{kilobytes} KB free", "refresh"))
    _mount("-o", f"remount,size={_ROOMY}", str(disk))
    end = look("room", "refresh")
    return {"failed": looks, "end": end}


if __name__ == "__main__":
    home, disk, *free = sys.argv[1:]
    print(json.dumps(story(Path(home), Path(disk), free)))
