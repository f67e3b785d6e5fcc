"""Write sample extracts of single years, in a process of its own: drops, years, scale, defects."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.sample import write_sample

if __name__ == "__main__":
    drops, years, scale, defects = sys.argv[1:]
    chosen = [int(year) for year in years.split(",")]
    wanted = "none" if defects == "none" else "realistic"
    write_sample(Path(drops), years=chosen, scale=float(scale), seed=1, defects=wanted)
