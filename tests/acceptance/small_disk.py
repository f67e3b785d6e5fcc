"""A home on a disk that runs full, or can only be read: told as JSON by a process of its own.

The disk is a small file system in memory, mounted where only this process and its children see it:

    unshare --mount --map-root-user python -m tests.acceptance.small_disk full HOME FOLDER 300 …
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.acceptance.crash import Target, columns_of, copy_of, correct, standing
from tests.integration.line import Line

_ROOMY = "2g"
_ADDED = 100


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)


def _told(target: Target, *arguments: str) -> dict[str, Any]:
    done = target.line.command(*arguments, **target.variables)
    return {"code": done.returncode, "told": done.stdout + done.stderr}


def _state(target: Target, pipeline: Path) -> dict[str, Any]:
    release, checksums = standing(target, columns_of(pipeline))
    return {"release": release, "checksums": checksums}


def full(home: Path, folder: Path, *free: str) -> list[dict[str, Any]]:
    """Refreshes that each find so many kilobytes free, each followed by one that has room."""
    pipeline, told = home / "pipeline.duckdb", []
    for number, kilobytes in enumerate(free):
        disk = folder / f"disk{number}"
        disk.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={_ROOMY}", "tmpfs", str(disk))
        target = copy_of(Line(home), disk / "home")
        correct(target.line, _ADDED)
        before = _state(target, pipeline)
        used = int(subprocess.check_output(["df", "-k", "--output=used", str(disk)]).split()[-1])
        _mount("-o", f"remount,size={used + int(kilobytes)}k", str(disk))
        failed = _told(target, "refresh")
        after = _state(target, pipeline)
        _mount("-o", f"remount,size={_ROOMY}", str(disk))
        done = _told(target, "refresh")
        told.append({"free": kilobytes, "before": before, "failed": failed, "after": after, "done": done})
        told[-1]["end"] = _state(target, pipeline)
        subprocess.run(["umount", str(disk)], check=True)
    return told


def read_only(home: Path, folder: Path) -> list[dict[str, Any]]:
    """A refresh of a home that nobody may write to, and one when it may be written to again."""
    target = copy_of(Line(home), folder / "home")
    correct(target.line, _ADDED)
    before = _state(target, home / "pipeline.duckdb")
    _mount("--bind", str(target.line.home), str(target.line.home))
    _mount("-o", "remount,ro,bind", str(target.line.home))
    failed, after = _told(target, "refresh"), _state(target, home / "pipeline.duckdb")
    subprocess.run(["umount", str(target.line.home)], check=True)
    done = _told(target, "refresh")
    end = _state(target, home / "pipeline.duckdb")
    return [{"before": before, "failed": failed, "after": after, "done": done, "end": end}]


_STORIES: dict[str, Callable[..., list[dict[str, Any]]]] = {"full": full, "read-only": read_only}

if __name__ == "__main__":
    story, home, folder, *arguments = sys.argv[1:]
    print(json.dumps(_STORIES[story](Path(home), Path(folder), *arguments)))
