"""Seconds and memory of each step of a run, from Dagster's own record and the samples of memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.process import Measured


@dataclass(frozen=True)
class Step:
    """One step: its name, when it ran (seconds since 1970), what the process tree took meanwhile."""

    name: str
    start: float
    end: float
    cpu: float
    peak: int

    @property
    def seconds(self) -> float:
        return self.end - self.start


def steps_of(home: Path, run: Measured) -> list[Step]:
    """The steps of the run that this process made, in their order."""
    from assets.workplace import Home
    from pipelines.runner import open_instance

    with open_instance(Home(home)) as instance:
        newest = instance.get_runs(limit=1)[0]
        stats = instance.get_run_step_stats(newest.run_id)
    found = [(s.step_key, s.start_time, s.end_time) for s in stats if s.start_time and s.end_time]
    return [
        Step(name, start, end, run.cpu_between(start, end), run.peak_between(start, end))
        for name, start, end in sorted(found, key=lambda s: s[1])
    ]


def by_layer(steps: list[Step]) -> dict[str, list[Step]]:
    """Steps under the layer that their name begins with."""
    layers: dict[str, list[Step]] = {}
    for step in steps:
        layers.setdefault(step.name.split("_", 1)[0], []).append(step)
    return layers
