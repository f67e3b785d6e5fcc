"""Changes of communes as rows of a file: merged, divided, renamed, moved; each with its day and act.

Belongs here: reading such a file, and what can be said of its rows without the lists of communes.
Does not belong here: whether the rows fit the lists (history.py). One row is one edge: a unit that
stood until the day before, and one that stands from the day on. The project's own rows are in
`commune_events.csv` beside this module; a deployment adds rows of its own.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from assets.places.units import TYPES
from assets.places.weights import STEP
from checks.text import fold, tidy

REQUIRED = ("effective_date", "old_code", "old_name", "new_code", "new_name", "legal_basis")
OPTIONAL = ("kind", "old_district_code", "old_district_name", "share", "share_method", "source", "provenance")
KINDS = ("merge", "split", "rename", "retype", "recode", "move")
SHARE_METHODS = ("split_by_households", "split_by_event")
_BUILT_IN = Path(__file__).with_name("commune_events.csv")


class EventsUnusable(ValueError):
    """A file of events that cannot be used; the message names every row at fault and what to do."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Event:
    """One edge; `share` is None where it is not known, `where` says file and row for messages."""

    day: date
    old_code: str
    old_name: str
    new_code: str
    new_name: str
    legal_basis: str
    share: Fraction | None = None
    share_method: str = "split_by_event"
    old_district_code: str | None = None
    old_district_name: str | None = None
    where: str = ""

    @property
    def edge(self) -> tuple[date, str, str]:
        """What makes two rows the same edge."""
        return self.day, self.old_code, self.new_code


def built_in_events() -> tuple[Event, ...]:
    """The changes that the project knows: Bắc Kạn and Thái Nguyên from 2016 to June 2025."""
    return read_events(_BUILT_IN)


def read_events(path: Path) -> tuple[Event, ...]:
    """The rows of a file of events, in its order.

    Raises
    ------
    EventsUnusable
        The file cannot be read, lacks a column, or a row is unreadable or contradicts another.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise EventsUnusable([f"{path.name}: the file of commune events cannot be read: {why}"]) from error
    reader = csv.DictReader(io.StringIO(text))
    names = [name.strip() for name in reader.fieldnames or ()]
    if problems := _wrong_columns(path.name, names):
        raise EventsUnusable(problems)
    reader.fieldnames = names
    events = []
    for number, row in enumerate(reader, 2):
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            event = _event(row, f"{path.name}, row {number}", problems)
            events += [event] if event else []
    problems += _contradictions(events)
    if problems:
        raise EventsUnusable(problems)
    return tuple(events)


def with_own(built_in: Sequence[Event], own: Sequence[Event]) -> tuple[Event, ...]:
    """Both together; a row of one's own for an edge that is built in stands in its place.

    Raises
    ------
    EventsUnusable
        Together they contradict one another.
    """
    mine = {event.edge for event in own}
    events = (*(event for event in built_in if event.edge not in mine), *own)
    if problems := _contradictions(events):
        raise EventsUnusable(problems)
    return events


def _wrong_columns(file: str, names: list[str]) -> list[str]:
    known = f"known are {', '.join((*REQUIRED, *OPTIONAL))}"
    problems = [f"{file}: column {name} is missing; {known}" for name in REQUIRED if name not in names]
    problems += [f"{file}: column {name!r} is not known; {known}" for name in names
                 if name not in (*REQUIRED, *OPTIONAL)]  # fmt: skip
    problems += [
        f"{file}: column {name} stands twice" for name in sorted(set(names)) if names.count(name) > 1
    ]
    return problems


def _event(row: dict[str, str], where: str, problems: list[str]) -> Event | None:
    before = len(problems)
    cell = {name: " ".join(tidy(row.get(name) or "").split()) for name in (*REQUIRED, *OPTIONAL)}
    problems += [f"{where}: {name} is blank" for name in REQUIRED if not cell[name]]
    if row.get(None):  # type: ignore[call-overload]
        problems.append(f"{where}: more cells than columns; put text that holds a comma in quotes")
    for name in ("old_code", "new_code"):
        if cell[name] and not (len(cell[name]) == 5 and cell[name].isascii() and cell[name].isdigit()):
            problems.append(f"{where}: {name} {cell[name]!r} is no commune code of five digits")
        name = name.replace("code", "name")
        if cell[name] and not cell[name].casefold().startswith(tuple(f"{kind} " for kind in TYPES)):
            problems.append(f"{where}: {name} {cell[name]!r} begins with none of {', '.join(TYPES)}")
    for name, allowed in (("kind", KINDS), ("share_method", SHARE_METHODS)):
        if cell[name] and cell[name] not in allowed:
            problems.append(f"{where}: {name} {cell[name]!r} is none of {', '.join(allowed)}")
    day, share = _day(cell["effective_date"], where, problems), _share(cell["share"], where, problems)
    if len(problems) > before or day is None:
        return None
    return Event(
        day=day,
        old_code=cell["old_code"],
        old_name=cell["old_name"],
        new_code=cell["new_code"],
        new_name=cell["new_name"],
        legal_basis=cell["legal_basis"],
        share=share,
        share_method=cell["share_method"] or "split_by_event",
        old_district_code=cell["old_district_code"] or None,
        old_district_name=cell["old_district_name"] or None,
        where=where,
    )


def _day(text: str, where: str, problems: list[str]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        if text:
            problems.append(f"{where}: effective_date {text!r} is no date; write it as 2020-02-01")
        return None


def _share(text: str, where: str, problems: list[str]) -> Fraction | None:
    if not text:
        return None
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1 or share % Fraction(STEP):
        problems.append(f"{where}: share {text!r} is no number above 0, at most 1, of at most six decimals")
        return None
    return share


def _contradictions(events: Sequence[Event]) -> list[str]:
    """What is wrong between the rows of one day, whatever the lists hold."""
    problems = []
    seen: dict[tuple[date, str, str], Event] = {}
    for event in events:
        if (other := seen.setdefault(event.edge, event)) is not event:
            problems.append(f"{event.where}: {_edge(event)} stands already in {other.where}; keep one")
    days: dict[date, list[Event]] = defaultdict(list)
    for event in seen.values():
        days[event.day].append(event)
    for _, rows in sorted(days.items()):
        problems += [*_two_names(rows), *_circles(rows), *_unequal_shares(rows)]
    return problems


def _two_names(rows: list[Event]) -> list[str]:
    """One code has one meaning on a day: before the change, and after it."""
    problems = []
    for side in ("old", "new"):
        named: dict[str, Event] = {}
        for row in rows:
            code, name = getattr(row, f"{side}_code"), getattr(row, f"{side}_name")
            first = named.setdefault(code, row)
            if fold(getattr(first, f"{side}_name")) != fold(name):
                problems.append(
                    f"{row.where}: code {code} has two meanings on {row.day}: {name!r} here and "
                    f"{getattr(first, f'{side}_name')!r} in {first.where}; one code is one unit on a day"
                )
    return problems


def _circles(rows: list[Event]) -> list[str]:
    """A unit that one row ends in and another goes on from the same day: a chain, or a circle."""
    ahead: dict[tuple[str, str], list[tuple[tuple[str, str], Event]]] = defaultdict(list)
    for row in rows:
        old, new = (row.old_code, fold(row.old_name)), (row.new_code, fold(row.new_name))
        if old != new:
            ahead[old].append((new, row))
    problems = []
    for start in sorted(ahead):
        found, reached, queue = "", {start}, list(ahead[start])
        first = queue[0][1]
        while queue:
            node, _ = queue.pop()
            if node == start:
                found = "circle"
                break
            if node in ahead and not found:
                found = "chain"
            if node not in reached:
                reached.add(node)
                queue += ahead.get(node, [])
        if found == "circle":
            problems.append(
                f"{first.where}: the rows of {first.day} run in a circle through {start[0]} "
                f"{first.old_name!r}; nothing may become, the same day, what became of it"
            )
        elif found:
            problems.append(
                f"{first.where}: {first.new_code} {first.new_name!r} goes on to another unit the same day "
                f"({first.day}); write one row from the first unit to the last"
            )
    return problems


def _unequal_shares(rows: list[Event]) -> list[str]:
    """The shares of a unit sum to 1, or none is given."""
    parts: dict[str, list[Event]] = defaultdict(list)
    for row in rows:
        parts[row.old_code].append(row)
    problems = []
    for code, edges in sorted(parts.items()):
        given = [edge.share for edge in edges if edge.share is not None]
        if not given:
            continue
        if len(given) < len(edges):
            problems.append(
                f"{edges[0].where}: unit {code} of {edges[0].day} has a share in some of its rows and "
                "none in others; give all or none"
            )
        elif sum(given) != 1:
            problems.append(
                f"{edges[0].where}: the shares of unit {code} on {edges[0].day} sum to "
                f"{float(sum(given)):.6f}, not 1; give every part"
            )
    return problems


def _edge(event: Event) -> str:
    return f"the change of {event.day} from {event.old_code} to {event.new_code}"


def own_events(path: Path | None, home: Path) -> tuple[Event, ...]:
    """A deployment's own rows: of the file that a setting names, else of `commune_events.csv` in the home.

    Parameters
    ----------
    path
        What the setting names; it must be there. None where nothing is set.
    home
        The private data directory; without the file in it there are no rows of one's own.

    Raises
    ------
    EventsUnusable
        The file cannot be used.
    """
    if path is not None:
        return read_events(path)
    default = home / _BUILT_IN.name
    return read_events(default) if default.exists() else ()


def events_of(path: Path | None, home: Path, today: date) -> tuple[Event, ...]:
    """All events that have happened by a day: the project's and the deployment's.

    Raises
    ------
    EventsUnusable
        The deployment's file cannot be used.
    """
    return in_force(with_own(built_in_events(), own_events(path, home)), today)


def in_force(events: Iterable[Event], today: date) -> tuple[Event, ...]:
    """The events that have happened: rows entered ahead of their day wait for it."""
    return tuple(event for event in events if event.day <= today)


def with_shares(events: Iterable[Event]) -> tuple[Event, ...]:
    """Every edge with a share: a unit with none given is divided equally, or goes whole.

    Their method says so: `split_unknown` for equal parts.
    """
    rows = tuple(events)
    parts: dict[tuple[date, str], int] = defaultdict(int)
    for row in rows:
        parts[row.day, row.old_code] += 1
    return tuple(
        replace(row, share=Fraction(1, count), share_method="whole" if count == 1 else "split_unknown")
        if row.share is None
        else replace(row, share_method="whole" if count == 1 else row.share_method)
        for row in rows
        for count in (parts[row.day, row.old_code],)
    )
