"""Progress on the terminal: the step that is running, and how many are done."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class StepProgress:
    """A spinner with the running step; where nobody looks on (no terminal), a line a step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=0)
        self._done = 0

    def __enter__(self) -> StepProgress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, name: str, what: str) -> None:
        """A step began or ended."""
        if what == "start":
            self._progress.update(self._task, description=name.replace("_", " "), total=self._done + 1)
        else:
            self._done += 1
            self._progress.update(self._task, completed=self._done)
            if what == "failed" or not self._console.is_terminal:
                self._console.print(f"{what:8} {name}", highlight=False)

    def count(self, name: str, done: int, total: int) -> None:
        """So many of a known number are done."""
        self._progress.update(self._task, description=name, completed=done, total=total)
