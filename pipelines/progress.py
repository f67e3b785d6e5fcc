"""What a run tells while it goes on: one line a step, instead of Dagster's log.

Belongs here: the logger that a run from the command uses. Does not belong here: the summary at
the end (`pipelines.cli.summary`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import dagster as dg

StepListener = Callable[[str, str], None]
_SHOWN = {"STEP_START": "start", "STEP_SUCCESS": "done", "STEP_FAILURE": "failed", "STEP_SKIPPED": "skipped"}


class _StepHandler(logging.Handler):
    """Hands the start and the end of every step to a listener."""

    def __init__(self, listener: StepListener) -> None:
        super().__init__(level=logging.INFO)
        self._listener = listener

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", None) or {}
        event = meta.get("dagster_event")
        if event is not None and event.event_type_value in _SHOWN and event.step_key:
            self._listener(event.step_key, _SHOWN[event.event_type_value])


def step_logger(listener: StepListener) -> dg.LoggerDefinition:
    """A Dagster logger that only tells of steps; warnings stand in the UI, and in the summary."""

    def console(_: dg.InitLoggerContext) -> logging.Logger:
        made = logging.Logger("thoatngheo.steps")
        made.addHandler(_StepHandler(listener))
        return made

    return dg.LoggerDefinition(console, config_schema={}, description="One line a step")
