"""Shares that a deployment gives to units which the merger of 1 July 2025 divided.

Belongs here: putting such rows into the merger's steps, and refusing what does not fit them. Does
not belong here: the merger itself (lineage.py), changes of other days (history.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from assets.places.events import Event
from assets.places.lineage import WHOLE, Step
from assets.places.units import MERGER, UnitRow
from checks.text import fold


def with_given_shares(
    steps: tuple[Step, ...], units: Iterable[UnitRow], given: list[Event], problems: list[str]
) -> tuple[Step, ...]:
    """The merger's steps, with the given shares in place of equal parts; what is wrong joins `problems`."""
    edges = {_codes(step): step for step in steps}
    names = {unit.unit_id: unit.commune_name for unit in units}
    shares: dict[tuple[str, str], Event] = {}
    for event in given:
        codes = (event.old_code, event.new_code)
        if codes not in edges:
            problems.append(
                f"{event.where}: {event.old_code} did not go to {event.new_code} on {MERGER}; the changes of "
                "that day are built in, rows can only give the shares of the units that it divided"
            )
        elif wrong := _other_names(event, edges[codes], names):
            problems += wrong
        elif event.share is None:
            problems.append(f"{event.where}: a row of {MERGER} gives a share; this one has none")
        else:
            shares[codes] = event
    for code in sorted({old for old, _ in shares}):
        heirs = {new for old, new in edges if old == code}
        if lacking := heirs - {new for old, new in shares if old == code}:
            where = next(event.where for event in given if event.old_code == code)
            problems.append(
                f"{where}: unit {code} went to {', '.join(sorted(heirs))} on {MERGER}; "
                f"the share of {', '.join(sorted(lacking))} is missing"
            )
    return tuple(_shared(step, shares[_codes(step)]) if _codes(step) in shares else step for step in steps)


def _other_names(event: Event, step: Step, names: Mapping[str, str]) -> list[str]:
    """Names of the row that are not those of the units of its codes: one of the two must be mistaken."""
    sides = (
        (event.old_code, event.old_name, names[step.old_id], "before"),
        (event.new_code, event.new_name, names[step.new_id], "from"),
    )
    return [
        f"{event.where}: code {code} is {listed!r} on the list {when} {MERGER}, not {name!r}; "
        "correct the name or the code"
        for code, name, listed, when in sides
        if fold(name) != fold(listed)
    ]


def _codes(step: Step) -> tuple[str, str]:
    return step.old_id[:5], step.new_id[:5]


def _shared(step: Step, event: Event) -> Step:
    assert event.share is not None
    bases = dict.fromkeys((*step.legal_basis.split("; "), *event.legal_basis.split("; ")))
    method = WHOLE if event.share == 1 else event.share_method
    return replace(step, share=event.share, method=method, legal_basis="; ".join(bases))
