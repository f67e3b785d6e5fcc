"""From the two lists and the events between to every unit that ever stood, and the steps between.

Belongs here: walking back from the list of 30 June 2025 and forward from that of 1 July 2025, and
refusing events that do not fit. Does not belong here: reading events (events.py), the merger of
1 July 2025 itself (lineage.py), weights of today's units (bridge.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from assets.places.events import Event, EventsUnusable, with_shares
from assets.places.given_shares import with_given_shares
from assets.places.lineage import Lineage, Step, merger_steps
from assets.places.source import Source
from assets.places.units import FIRST_DAY, MERGER, UnitRow, area_type_of, build_units, type_of, unit_id
from checks.text import fold

_DAY = timedelta(days=1)


@dataclass(eq=False)
class _Draft:
    """A unit whose first or last day is still to be found; `row` holds all that is known of it."""

    row: UnitRow

    @property
    def code(self) -> str:
        return self.row.commune_code

    def begin(self, day: date) -> None:
        self.row = replace(self.row, valid_from=day, unit_id=unit_id(self.code, day))

    def end(self, day: date) -> None:
        self.row = replace(self.row, valid_to=day, is_current=False)


@dataclass(frozen=True)
class _Edge:
    old: _Draft
    new: _Draft
    event: Event


class _Problems(list[str]):
    """What does not fit, in words; knows every code of the lists and of the events."""

    def __init__(self, units: Iterable[UnitRow], events: Iterable[Event]) -> None:
        super().__init__()
        self._listed = {unit.commune_code for unit in units}
        self._rows: dict[str, set[str]] = defaultdict(set)
        for event in events:
            self._rows[event.old_code].add(event.where)
            self._rows[event.new_code].add(event.where)

    def lacking(self, event: Event, code: str, name: str, day: date) -> None:
        """No list has the unit on the day."""
        if code in self._listed or self._rows[code] - {event.where}:
            self.append(
                f"{event.where}: gap: code {code} {name!r} stands on no list of {day}; it is known of other "
                "days, so check the date, or add the row that made or ended it"
            )
        else:
            self.append(
                f"{event.where}: code {code} {name!r} is on no list of communes; check the code, or add the "
                "row that says what became of it"
            )

    def other_name(self, event: Event, code: str, name: str, unit: UnitRow, day: date) -> None:
        """The code has another name on the day."""
        self.append(
            f"{event.where}: code {code} has two meanings on {day}: {name!r} in the row, "
            f"{unit.commune_name!r} on the list; correct the name or the date"
        )

    def across_provinces(self, event: Event, code: str, provinces: Iterable[str]) -> None:
        """Rows tie a unit to several provinces, and none says in which it lies."""
        self.append(
            f"{event.where}: unit {code} has rows with provinces {', '.join(sorted(provinces))}, and "
            f"none from {code} to {code}; its province is that of the unit which goes on under its code: add "
            "that row, or correct the codes"
        )

    def overlap(self, event: Event, code: str, unit: UnitRow, day: date) -> None:
        """The code stands on although a row ends or begins it."""
        self.append(
            f"{event.where}: overlap: code {code} stands on from {day} as {unit.commune_name!r}; "
            "add the row that changes it the same day, or correct the code or the date"
        )


def build_lineage(source: Source, events: Sequence[Event] = ()) -> Lineage:
    """Units and steps of the whole country, with the events applied.

    Raises
    ------
    EventsUnusable
        Events that do not fit the lists: an unknown code, another name, a gap, an overlap.
    """
    base = build_units(source)
    drafts = {unit.unit_id: _Draft(unit) for unit in base}
    problems = _Problems(base, events)
    known = with_shares(event for event in events if event.day != MERGER)
    merger = with_given_shares(
        merger_steps(source, base), base, [event for event in events if event.day == MERGER], problems
    )
    old, back = _walk_back(
        [d for d in drafts.values() if d.row.valid_to], [e for e in known if e.day < MERGER], problems
    )
    new, forth = _walk_forward(
        [d for d in drafts.values() if not d.row.valid_to], [e for e in known if e.day > MERGER], problems
    )
    if problems:
        raise EventsUnusable(problems)
    rows = sorted((d.row for d in (*old, *new)), key=lambda row: (row.commune_code, row.valid_from))
    steps = [
        *(
            replace(s, old_id=drafts[s.old_id].row.unit_id, new_id=drafts[s.new_id].row.unit_id)
            for s in merger
        ),
        *(_step(edge) for edge in (*back, *forth)),
    ]
    return Lineage(tuple(rows), tuple(sorted(steps, key=lambda step: (step.old_id, step.new_id))))


def _walk_back(
    last: list[_Draft], events: list[Event], problems: _Problems
) -> tuple[list[_Draft], list[_Edge]]:
    """All units up to the merger: the later event first, each turning its new units into its old ones."""
    standing = {draft.code: draft for draft in last}
    ended: list[_Draft] = []
    edges: list[_Edge] = []
    for day, rows in sorted(_by_day(events).items(), reverse=True):
        if day <= FIRST_DAY:
            problems.append(f"{rows[0].where}: {day} is not after {FIRST_DAY}, the first day of the lists")
            continue
        began = _taken(standing, rows, "new", day, problems)
        for draft in began.values():
            draft.begin(day)
        ended += began.values()
        made: dict[str, _Draft] = {}
        for row in rows:
            if row.new_code not in began:
                continue
            if row.old_code not in made:
                kin = [r for r in rows if r.old_code == row.old_code and r.new_code in began]
                heir = _of_its_province(
                    kin, {r.new_code: began[r.new_code].row for r in kin}, "new", problems
                )
                made[row.old_code] = _Draft(_before(row, heir, _is_same_ground(row, rows)))
            edges.append(_Edge(made[row.old_code], began[row.new_code], row))
        _put(standing, made, rows, "old", day, problems)
    for draft in standing.values():
        draft.begin(FIRST_DAY)
    return [*ended, *standing.values()], edges


def _walk_forward(
    first: list[_Draft], events: list[Event], problems: _Problems
) -> tuple[list[_Draft], list[_Edge]]:
    """All units since the merger: the earlier event first."""
    standing = {draft.code: draft for draft in first}
    ended: list[_Draft] = []
    edges: list[_Edge] = []
    for day, rows in sorted(_by_day(events).items()):
        gone = _taken(standing, rows, "old", day - _DAY, problems)
        for draft in gone.values():
            draft.end(day - _DAY)
        ended += gone.values()
        made: dict[str, _Draft] = {}
        for row in rows:
            if row.old_code not in gone:
                continue
            if row.new_code not in made:
                kin = [r for r in rows if r.new_code == row.new_code and r.old_code in gone]
                origin = _of_its_province(
                    kin, {r.old_code: gone[r.old_code].row for r in kin}, "old", problems
                )
                made[row.new_code] = _Draft(_after(row, origin, day, _is_same_ground(row, rows)))
            edges.append(_Edge(gone[row.old_code], made[row.new_code], row))
        _put(standing, made, rows, "new", day, problems)
    return [*ended, *standing.values()], edges


def _taken(
    standing: dict[str, _Draft], rows: list[Event], side: str, day: date, problems: _Problems
) -> dict[str, _Draft]:
    """The units of one side of the rows, taken off the list of a day."""
    found: dict[str, _Draft] = {}
    for row in rows:
        code, name = getattr(row, f"{side}_code"), getattr(row, f"{side}_name")
        if code in found:
            continue
        draft = standing.get(code)
        if draft is None:
            problems.lacking(row, code, name, day)
        elif fold(draft.row.commune_name) != fold(name):
            problems.other_name(row, code, name, draft.row, day)
        else:
            found[code] = standing.pop(code)
    return found


def _put(
    standing: dict[str, _Draft], made: dict[str, _Draft], rows: list[Event], side: str, day: date,
    problems: _Problems,
) -> None:  # fmt: skip
    for code, draft in made.items():
        if code in standing:
            row = next(row for row in rows if getattr(row, f"{side}_code") == code)
            problems.overlap(row, code, standing[code].row, day)
        standing[code] = draft


def _of_its_province(
    rows: list[Event], others: dict[str, UnitRow], side: str, problems: _Problems
) -> UnitRow:
    """Of the units on the other side of a unit's rows, the one whose province is the unit's too.

    Across provinces that is the unit that goes on under its code, whatever the order of the rows.
    """
    first = others[getattr(rows[0], f"{side}_code")]
    provinces = {unit.province_code for unit in others.values()}
    if len(provinces) == 1:
        return first
    same = next((row for row in rows if row.old_code == row.new_code), None)
    if same is None:
        unit = rows[0].new_code if side == "old" else rows[0].old_code
        problems.across_provinces(rows[0], unit, provinces)
        return first
    return others[same.old_code]


def _is_same_ground(row: Event, rows: list[Event]) -> bool:
    """Whether a unit became one other, whole and alone: only then does the point stay its point."""
    return sum(r.new_code == row.new_code for r in rows) == 1 == sum(r.old_code == row.old_code for r in rows)


def _before(event: Event, after: UnitRow, same_ground: bool) -> UnitRow:
    """The unit that stood until the day; what the row does not say is as it was after the change."""
    kind = type_of(event.old_code, event.old_name)
    return replace(
        after if same_ground else replace(after, latitude=None, longitude=None),
        key=f"{event.old_code} until {event.day}",
        commune_code=event.old_code,
        commune_name=event.old_name,
        commune_type=kind,
        area_type=area_type_of(kind),
        district_code=event.old_district_code or after.district_code,
        district_name=event.old_district_name or after.district_name,
        valid_to=event.day - _DAY,
        is_current=False,
        area_km2=None,
    )


def _after(event: Event, before: UnitRow, day: date, same_ground: bool) -> UnitRow:
    """The unit that stands from the day on; province as before, districts there are none."""
    kind = type_of(event.new_code, event.new_name)
    kept = before if same_ground else replace(before, latitude=None, longitude=None, area_km2=None)
    return replace(
        kept,
        key=f"{event.new_code} from {event.day}",
        unit_id=unit_id(event.new_code, day),
        commune_code=event.new_code,
        commune_name=event.new_name,
        commune_type=kind,
        area_type=area_type_of(kind),
        valid_from=day,
        valid_to=None,
        is_current=True,
    )


def _step(edge: _Edge) -> Step:
    event = edge.event
    share = Fraction(1) if event.share is None else event.share
    return Step(edge.old.row.unit_id, edge.new.row.unit_id, share, event.share_method, event.legal_basis)


def _by_day(events: Iterable[Event]) -> dict[date, list[Event]]:
    days: dict[date, list[Event]] = defaultdict(list)
    for event in events:
        days[event.day].append(event)
    return days
