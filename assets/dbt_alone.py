"""Starts dbt so that it never outlives the run that started it, and never meets another dbt.

A run that is killed cannot stop its dbt. Left alone, that dbt would go on writing
`pipeline.duckdb` while the next run starts its own. So it dies with its run, and where the system
cannot promise that it holds a lock for as long as it lives, for which the next one waits.

Run as a script in dbt's place; imports nothing of the project, for it is not on its path.
Belongs here: what happens in the new process before it becomes dbt. Does not belong here: what dbt
is asked (`assets.transformed`).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import sys
import time

# The process whose dbt this is; it may be gone before the first line here runs.
PARENT = "THOATNGHEO_RUN_PROCESS"
# What was killed is gone in a moment; longer than this only a disk that hangs keeps it.
PATIENCE = 60.0
_LOOK_AGAIN = 0.2
# Of `linux/prctl.h`: the signal that the kernel sends when the parent ends.
_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """End this process, whatever it becomes, as soon as its parent ends (where the system is Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent and os.getppid() != parent:
        raise SystemExit("the run that asked for dbt is gone")


def hold(path: str, patience: float = PATIENCE) -> bool:
    """Hold a lock file until this process, or the program that it becomes, ends; whether it could."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return False
            time.sleep(_LOOK_AGAIN)
        else:
            os.set_inheritable(descriptor, True)
            return True


def main(lock: str, program: str, *arguments: str) -> None:
    """Become dbt: `LOCK DBT ARGUMENTS…`."""
    die_with(int(os.environ.get(PARENT, "0")))
    if not hold(lock):
        told = f"another dbt still works in this home (it holds {lock}); end it, then refresh again"
        # As dbt itself would tell an error, so that whoever reads its lines sees it.
        print(json.dumps({"info": {"level": "error", "name": "Busy", "msg": told}, "data": {}}), flush=True)
        raise SystemExit(2)
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
