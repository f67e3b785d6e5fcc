"""The macros of the measures, rendered outside dbt: the SQL of the marts, for any table.

The files under `dbt_project/macros/measures` use nothing that only dbt has, so that both render them.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jinja2

from checks.seeds import dbt_project


@cache
def _module() -> Any:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    environment.globals["fromjson"] = json.loads  # as dbt has it
    folder = dbt_project() / "macros" / "measures"
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))
    return environment.from_string(text).module


def columns_of(macro: str, *arguments: Any) -> list[dict[str, Any]]:
    """What a macro that makes JSON says."""
    found: list[dict[str, Any]] = json.loads(sql(macro, *arguments))
    return found


def sql(macro: str, *arguments: Any, **named: Any) -> str:
    """The SQL that a macro makes of its arguments."""
    return str(getattr(_module(), macro)(*arguments, **named))
