"""One warm process that reads for all cases of a worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Outcome:
    """What came of reading a file in a process of its own; `memory` in bytes beyond its begin."""

    outcome: str | int
    message: str
    memory: int
    rows: list[int]


Reading = Callable[[Path, str], Outcome]


@pytest.fixture(scope="session")
def reading() -> Iterator[Reading]:
    """Read a file, under a name, in a fork of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.unit.hostile.reading_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        asked, answers = child.stdin, child.stdout

        def read(path: Path, name: str) -> Outcome:
            print(f"{path}\t{name}", file=asked, flush=True)
            said: dict[str, Any] = json.loads(answers.readline())
            return Outcome(said["outcome"], said["message"], said["memory"], said.get("rows", []))

        yield read
        asked.close()
