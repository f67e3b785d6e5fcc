"""Who asks first: a claim stands for a request until Dagster has written its run.

Between a tick that asks and the run that follows lie seconds in which another tick would not see it.

Belongs here: keeping claims, one asker at a time. Does not belong here: what is asked for
(`pipelines.requests`).
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.requests import years_of

# Beside Dagster's own files in the home.
ASKED = "asked.json"
_RUN_KEY = "dagster/run_key"
# A request whose run is not there by then was lost with the daemon.
_SECONDS = 120.0


@dataclass
class Claims:
    """The requests that have no run yet: run key, years, moment."""

    pending: list[dict[str, Any]] = field(default_factory=list)

    @property
    def years(self) -> frozenset[int]:
        """The years that somebody has just asked for."""
        return frozenset(year for claim in self.pending for year in claim["years"])

    def add(self, requests: Iterable[dg.RunRequest]) -> None:
        """Claim the years of these requests."""
        for request in requests:
            claim = {"key": request.run_key, "years": years_of(request.tags), "at": time.time()}
            self.pending.append(claim)


@contextmanager
def asking(instance: dg.DagsterInstance, path: Path) -> Iterator[Claims]:
    """The claims that stand; another asker waits until this one has added its own.

    Parameters
    ----------
    instance
        The home's Dagster instance: a claim ends when its run is in it.
    path
        The file in which the claims are kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        claims = Claims([claim for claim in _read(file.read()) if _stands(instance, claim)])
        yield claims
        file.truncate(0)
        file.write(json.dumps(claims.pending))


def _read(text: str) -> list[dict[str, Any]]:
    """The claims in the file; none where a killed process left half of one."""
    try:
        return list(json.loads(text)) if text else []
    except ValueError:
        return []


def _stands(instance: dg.DagsterInstance, claim: dict[str, Any]) -> bool:
    age = time.time() - claim["at"]
    # A clock that was set back makes no claim stand for ever.
    if not 0 <= age < _SECONDS:
        return False
    since = datetime.fromtimestamp(claim["at"], UTC)
    of_key = dg.RunsFilter(tags={_RUN_KEY: claim["key"]}, created_after=since)
    return not instance.get_runs(of_key, limit=1)
