"""The measures of every commune, by the names that `forms.yaml` uses.

Belongs here: which column of which mart a measure is. A number that a mart does not hold is
absent, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assets.forms.queries import indicators, rows
from checks.seeds import read_seed

MINORITIES = "ethnic_minority"
KINH = "Kinh"
# The groups of form 8 beside which "other" stands.
_BESIDE_OTHERS = {"ethnicity", "no_labour_capacity", "merit"}
_CLASSES = ("poor", "near_poor")


def commune_measures(connection: sa.Connection, chosen: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Measures by commune code; a null of a mart is an absent measure."""
    found: dict[str, dict[str, float]] = {}
    where = "WHERE year = :year AND geography = 'as_reported' AND standard = :standard"
    for mart in ("poverty_rate", "poverty_transition"):
        for row in rows(connection, f"SELECT * FROM marts.{mart} {where}", **chosen):
            measures = found.setdefault(row["commune_code"], {})
            measures.update({k: float(v) for k, v in row.items() if _is_count(k, v)})
            if (row.get("households_source") or "sent") != "sent":
                measures["households_carried"] = 1.0
    for measures in found.values():
        _add_aliases(measures)
    _add_causes(connection, where, chosen, found)
    _add_deprivations(connection, where, chosen, found)
    _add_groups(connection, where, chosen, found)
    return found


def _is_count(name: str, value: Any) -> bool:
    return (
        isinstance(value, int | float | Decimal)
        and not isinstance(value, bool)
        and name != "year"
        and not name.endswith("_rate")
    )


def _add_aliases(measures: dict[str, float]) -> None:
    """One name a number, where two marts have it under two."""
    if "near_poor_persons_at_end" in measures:
        measures["near_poor_persons"] = measures["near_poor_persons_at_end"]
    if "ethnic_minority_poor_households" in measures:
        measures[f"group:poor:{MINORITIES}:households"] = measures["ethnic_minority_poor_households"]


def _add_causes(
    connection: sa.Connection, where: str, chosen: Mapping[str, Any], found: dict[str, dict[str, float]]
) -> None:
    # Where nobody is poor there is no cause to mark; elsewhere a null is a section left blank.
    for measures in found.values():
        if measures.get("poor_households") == 0:
            measures.update({f"cause:{row['cause']}": 0.0 for row in read_seed("causes")})
    query = f"SELECT commune_code, cause, poor_households FROM marts.poverty_cause {where}"
    for row in rows(connection, f"{query} AND poor_households IS NOT NULL", **chosen):
        found[row["commune_code"]][f"cause:{row['cause']}"] = float(row["poor_households"])


def _add_deprivations(
    connection: sa.Connection, where: str, chosen: Mapping[str, Any], found: dict[str, dict[str, float]]
) -> None:
    query = (
        "SELECT commune_code, poverty_class, indicator, deprived_households FROM marts.deprivation"
        f" {where} AND poverty_class IN ('poor', 'near_poor')"
    )
    counts: dict[str, dict[str, float]] = {}
    for row in rows(connection, query, **chosen):
        name = f"deprivation:{row['poverty_class']}:{row['indicator']}"
        counts.setdefault(row["commune_code"], {})[name] = float(row["deprived_households"])
    names_of = [key for key, _ in indicators(connection, chosen)]
    for code, measures in found.items():
        of_commune = counts.get(code, {})
        listed = any(measures.get(f"{c}_households") for c in _CLASSES)
        # Without a single mark the section was left blank: nothing is known of it, which is not 0.
        if "poor_households" not in measures or (listed and not any(of_commune.values())):
            continue
        for poverty_class in _CLASSES:
            names = [f"deprivation:{poverty_class}:{indicator}" for indicator in names_of]
            measures.update({name: of_commune.get(name, 0.0) for name in names})
            measures[f"deprivation:{poverty_class}:all"] = sum(measures[name] for name in names)


def _add_groups(
    connection: sa.Connection, where: str, chosen: Mapping[str, Any], found: dict[str, dict[str, float]]
) -> None:
    found_rows = rows(connection, f"SELECT * FROM marts.poverty_group {where}", **chosen)
    # a release of before the persons were counted holds the households alone
    lines = [line for line in ("households", "persons") if found_rows and f"poor_{line}" in found_rows[0]]
    found_rows = _asked_for(found_rows)
    asked = {(row["commune_code"], row["group_type"]) for row in found_rows}
    # A list that did not ask for a group says nothing of it; one that did, and marked nobody, says 0.
    for kind, value in {(row["group_type"], row["group_value"]) for row in found_rows}:
        for code, measures in found.items():
            if (code, kind) in asked or _lists_nobody(measures):
                _add_zeros(measures, kind, value, lines)
    for row in found_rows:
        for poverty_class in _CLASSES:
            for line in lines:
                _add_group(found[row["commune_code"]], row, poverty_class, line)


def _asked_for(found_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the groups of a year that were asked for: one that no commune marked was left blank."""
    counts = [f"{poverty_class}_households" for poverty_class in _CLASSES]
    marked = {row["group_type"] for row in found_rows if any(row[count] for count in counts)}
    # who is left over is not known where one of the groups was not asked for
    kinds = marked | {"other"} if marked.issuperset(_BESIDE_OTHERS) else marked - {"other"}
    return [row for row in found_rows if row["group_type"] in kinds]


def _lists_nobody(measures: Mapping[str, float]) -> bool:
    return all(measures.get(f"{poverty_class}_households") == 0 for poverty_class in _CLASSES)


def _add_zeros(measures: dict[str, float], kind: str, value: str, lines: list[str]) -> None:
    for poverty_class in _CLASSES:
        for line in lines:
            measures[_group(poverty_class, kind, value, line)] = 0.0
            if kind == "ethnicity":
                measures.setdefault(f"group:{poverty_class}:{MINORITIES}:{line}", 0.0)


def _add_group(measures: dict[str, float], row: Mapping[str, Any], poverty_class: str, line: str) -> None:
    number = float(row[f"{poverty_class}_{line}"] or 0)
    measures[_group(poverty_class, row["group_type"], row["group_value"], line)] = number
    # the households of the poor have it already, from the mart of rates
    is_minority = row["group_type"] == "ethnicity" and row["group_value"] != KINH
    if is_minority and (poverty_class, line) != ("poor", "households"):
        measures[f"group:{poverty_class}:{MINORITIES}:{line}"] += number


def _group(poverty_class: str, kind: str, value: str, line: str) -> str:
    name = f"ethnicity:{value}" if kind == "ethnicity" else kind
    return f"group:{poverty_class}:{name}:{line}"
