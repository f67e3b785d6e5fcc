"""A warm process that reads each file it is told of in a fork, and says what came of it.

For every line of standard input (a path and a file's name, tab between) one line of JSON: the
outcome, the message, and the most memory that the fork took, in bytes beyond what it began with.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import pandas  # noqa: F401 - else every fork would load it for itself

from assets.reading import FileRefused, read_file
from checks.contract import load_contract

_SECONDS = 120


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        result = read_file(path, load_contract("survey_total"), name)
    except FileRefused as refused:
        return {"outcome": refused.reason, "message": str(refused)}
    except BaseException as error:
        return {"outcome": f"raised {type(error).__name__}", "message": str(error)[:300]}
    rows = result.table["source_row"].to_pylist()
    skipped = sum(sum(sheet.skipped.values()) for sheet in result.sheets)
    return {"outcome": result.table.num_rows, "message": "", "skipped": skipped, "rows": rows[:100]}


def _in_fork(path: Path, name: str) -> dict[str, Any]:
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        with contextlib.suppress(BaseException), os.fdopen(send, "w") as answer:
            own = resident()
            answer.write(json.dumps(_read(path, name) | {"began_with": own}))
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        said = answer.read()
    _, status, used = os.wait4(child, 0)
    known = json.loads(said) if said else {"outcome": f"died with {status}", "message": "", "began_with": 0}
    return known | {
        "memory": used.ru_maxrss * 1024 - known["began_with"],
        "seconds": used.ru_utime + used.ru_stime,
    }


def resident() -> int:
    """The memory of this process now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    load_contract("survey_total")
    for line in sys.stdin:
        place, _, called = line.rstrip("\n").partition("\t")
        print(json.dumps(_in_fork(Path(place), called)), flush=True)
