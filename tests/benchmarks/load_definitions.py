"""Load the code location once in this process; prints the seconds of each part as JSON."""

from __future__ import annotations

import json
import time

if __name__ == "__main__":
    began = time.perf_counter()
    from pipelines.definitions import defs
    from pipelines.jobs import BACKFILL, REFRESH

    imported = time.perf_counter()
    definitions = defs()
    built = time.perf_counter()
    for job in (REFRESH, BACKFILL):
        definitions.resolve_job_def(job)
    resolved = time.perf_counter()
    print(json.dumps({"import": imported - began, "definitions": built - imported, "jobs": resolved - built}))
