"""Stale years become run requests: ranges, tags and keys that make a double look harmless.

Belongs here: pure rules from what was seen to what is asked for, and the sentence where nothing
is. Does not belong here: looking (`assets.staleness`, `pipelines.run_records`) or when it is looked
(`pipelines.schedules`, `pipelines.sensors`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import dagster as dg

from assets.staleness import StaleYears
from pipelines.backfill import pieces

# On a run that holds, or held, the home's lock: the process that took it.
PROCESS_TAG = "thoatngheo/process"
# On a run that makes its years again whether anything changed or not.
FORCE_TAG = "thoatngheo/force"
# On the runs of one backfill of the command: when it began.
BACKFILL_TAG = "thoatngheo/backfill"
# On a run that was found dead.
KILLED_TAG = "thoatngheo/killed"
# On a run that was asked for since another was killed: it is the last that is asked for so.
AGAIN_TAG = "thoatngheo/again"
_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_ONE = "dagster/partition"
_SEEN = "thoatngheo/seen_"
_WHY = "thoatngheo/why"
_LONGEST_WHY = 200
UNCHANGED = "nothing changed since the last refresh"


@dataclass(frozen=True)
class Plan:
    """What is asked for; where nothing is, `sentence` says why."""

    requests: tuple[dg.RunRequest, ...]
    sentence: str


@dataclass(frozen=True)
class Standing:
    """What stands in the way of asking, as the run records say.

    Parameters
    ----------
    holder
        Who holds the home's lock; None where nobody does.
    busy
        Years of runs that are queued or running.
    promised
        Years that a backfill of the command has still to make, piece by piece.
    asked
        Run id by year, where this state of the year's drops was asked for before.
    killed
        Years for which it was asked for once, and the run was killed: asked for once more.
    """

    holder: str | None = None
    busy: frozenset[int] = frozenset()
    promised: frozenset[int] = frozenset()
    asked: Mapping[int, str] | None = None
    killed: frozenset[int] = frozenset()


def ranges(years: Iterable[int]) -> list[tuple[int, ...]]:
    """The years as runs of consecutive ones, oldest first."""
    found: list[list[int]] = []
    for year in sorted(set(years)):
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return [tuple(group) for group in found]


def range_tags(years: tuple[int, ...]) -> dict[str, str]:
    """The tags by which a run covers consecutive years."""
    return dict(zip(_RANGE, (str(years[0]), str(years[-1])), strict=True))


def years_of(tags: Mapping[str, str]) -> tuple[int, ...]:
    """The years that a run of these tags covers; none where it is not about years."""
    first, last = (tags.get(name, tags.get(_ONE, "")) for name in _RANGE)
    if not (first.isdigit() and last.isdigit()):
        return ()
    return tuple(range(int(first), int(last) + 1))


def seen_tag(year: int) -> str:
    """The tag that holds the digest of a year's drops as they were when the run was asked for."""
    return f"{_SEEN}{year}"


def plan_night(
    stale: StaleYears,
    drops: StaleYears,
    standing: Standing,
    known: Collection[int],
    empty: Collection[int] = (),
) -> Plan:
    """What the schedule asks for: every stale year that no run is about to make.

    A year whose run failed is asked for again: what failed may have passed by tonight. Where
    somebody holds the home, the run waits in the queue: the next night would be a day later.

    Parameters
    ----------
    empty
        Years of which nothing ever came: a run goes on over them, at no cost. Of what concerns all years
        (the list of communes) nothing can be published before all are made: two runs would fail once.
    """
    return _plan(stale, drops, standing, known, {}, waits=True, empty=empty)


def plan_drops(
    drops: StaleYears,
    standing: Standing,
    known: Collection[int],
    looked: Mapping[int, str],
    killed: StaleYears | None = None,
) -> Plan:
    """What the sensor asks for: years whose changed drops have come to rest, once a state.

    Parameters
    ----------
    drops
        Years with changed drops.
    standing
        Runs under way and runs that were asked for.
    known
        Years that have a partition.
    looked
        Digests that the look before this one saw: a year that differs is still arriving.
    killed
        Years that a killed run left stale, whether their drops differ or not: they are landed, say, and not
        judged.
    """
    left = {
        year: f"drops of {year} are still arriving: the next look asks, if it sees the same"
        for year in drops.years
        if looked.get(year) != drops.digest(year)
    }
    left |= {
        year: f"{year} was asked for by run {run_id[:8]} as it lies there: the night asks again"
        for year, run_id in (standing.asked or {}).items()
    }
    # A backfill goes on for hours, and lets others go first between two pieces; a refresh is soon over.
    waits, killed = bool(standing.promised), killed or StaleYears()
    again = standing.killed.union(set(killed.years) - set(drops.years))
    return _plan(drops.joined(killed), drops, standing, known, left, waits=waits, again=again)


def _plan(
    stale: StaleYears,
    drops: StaleYears,
    standing: Standing,
    known: Collection[int],
    left: Mapping[int, str],
    *,
    waits: bool,
    empty: Collection[int] = (),
    again: Collection[int] = (),
) -> Plan:
    if not stale.years:
        return Plan((), UNCHANGED)
    if standing.holder and not waits:
        return Plan((), f"a refresh is running ({standing.holder}): the next look asks for what is left")
    wanted, sentences = [], []
    for year in stale.years:
        if year not in known:
            sentences.append(f"drops of {year} are left alone: years run from {min(known)} to {max(known)}")
        elif year in standing.busy:
            sentences.append(f"a run over {year} is queued or running")
        elif year in standing.promised:
            sentences.append(f"a backfill has {year} still to make")
        elif year in left:
            sentences.append(left[year])
        else:
            wanted.append(year)
    groups = pieces(wanted, max(len(wanted), 1), set(empty) - standing.busy - standing.promised)
    requests = tuple(_request(group, stale, drops, again) for group in groups)
    return Plan(requests, "; ".join(sentences))


def _request(
    years: tuple[int, ...], stale: StaleYears, drops: StaleYears, killed: Collection[int]
) -> dg.RunRequest:
    seen = {seen_tag(year): drops.digest(year) for year in years if year in drops.reasons}
    why = "; ".join(dict.fromkeys(reason for year in years for reason in stale.reasons.get(year, ())))
    tags = {**range_tags(years), **seen, _WHY: _shortened(why)}
    if any(year in killed for year in years):
        return dg.RunRequest(run_key=f"{_run_key(years, stale)}-again", tags=tags | {AGAIN_TAG: "true"})
    return dg.RunRequest(run_key=_run_key(years, stale), tags=tags)


def _run_key(years: tuple[int, ...], stale: StaleYears) -> str:
    """Years and a hash of all that was seen of them."""
    seen = " ".join(stale.digest(year) for year in years if year in stale.reasons)
    digest = hashlib.sha256(seen.encode()).hexdigest()[:16]
    return f"{years[0]}-{years[-1]}-{digest}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_WHY else f"{text[: _LONGEST_WHY - 1]}…"
