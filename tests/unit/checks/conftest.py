"""Rules by kind, and a way to judge a small batch with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from checks.contract import Rule
from checks.validation import validate

Failing = Callable[..., list[int]]


@pytest.fixture
def rule() -> Callable[..., Rule]:
    """A rule of a kind, with whatever arguments it needs."""

    def make(kind: str, name: str = "it", outcome: str = "flag", **arguments: Any) -> Rule:
        group = arguments.pop("group", "values")
        return Rule(name=name, kind=kind, group=group, outcome=outcome, description=name, **arguments)

    return make


@pytest.fixture
def failing(rule: Callable[..., Rule]) -> Failing:
    """The records of a batch that break one rule of a kind."""

    def judge(kind: str, batch: dict[str, Any], **arguments: Any) -> list[int]:
        one = rule(kind, **arguments)
        return list(validate("survey_total", (one,), pd.DataFrame(batch)).verdicts[0].failing)

    return judge
