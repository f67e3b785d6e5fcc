"""Whether the seed rows of the poverty standards can be used, said before dbt reads any of them.

Belongs here: what must hold of standards, indicators, dimensions, answers, working ages and the
provenance of each value. Does not belong here: what a standard says (that is the rows).

A new standard is rows alone, so these checks are what stands between a slip in a row and a rate.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import isclose
from pathlib import Path

from checks.contract import load_contract, load_vocabulary
from checks.seeds import dbt_project

Row = dict[str, str]

SCOPES = ("national", "province", "foreign")
RULES = ("and", "or", "deprivations")
STATUSES = ("found", "unverified", "not_found")
_LINES = ("rural_line", "urban_line", "rural_upper_line", "urban_upper_line")
_AVERAGE = ("rural_average_line", "urban_average_line")
_POINTS = tuple(f"{line}_points" for line in _LINES)
# The values of standards.csv that carry a provenance of their own, and the facts of indicators.csv.
VALUES = (
    "legal_basis", "valid_from", "valid_to", "reviewed_from", "rule", "cutoff", *_LINES, *_AVERAGE,
    "points_form", *_POINTS,
)  # fmt: skip
FACTS = (*VALUES, "indicators", "dimensions", "weights", "thresholds")
# Which vocabulary the answers to a question come from.
QUESTIONS = {
    "material": "material", "water_supply": "water_supply", "latrine": "latrine", "growth": "growth",
    "schooling_3_5": "schooling", "schooling_6_11": "schooling", "schooling_12_15": "schooling",
    "schooling_16_17": "schooling", "schooling_18_30": "schooling",
}  # fmt: skip


class UnsoundSeeds(ValueError):
    """Seed rows that cannot be used; the message names file, row and fix of each."""


def require_sound_seeds(folder: Path | None = None) -> None:
    """Refuse seed rows that contradict themselves.

    Parameters
    ----------
    folder
        The folder of the seeds; the project's own where it is not given.

    Raises
    ------
    UnsoundSeeds
        At least one row is at fault; all of them are named.
    """
    found = seed_errors(folder or dbt_project() / "seeds")
    if found:
        raise UnsoundSeeds("the standards cannot be used:\n" + "\n".join(f"- {text}" for text in found))


def seed_errors(folder: Path) -> list[str]:
    """What is wrong in the seeds of the standards, one sentence each; empty where nothing is."""
    standards = _read(folder, "standards")
    indicators = _read(folder, "indicators")
    return [
        *_standard_errors(standards),
        *_national_errors(standards),
        *_indicator_errors(indicators, standards, {r["dimension"] for _, r in _read(folder, "dimensions")}),
        *_cutoff_errors(standards, indicators),
        *_provenance_errors(_read(folder, "standard_provenance"), standards),
        *_answer_errors(_read(folder, "answers")),
        *_working_age_errors(_read(folder, "working_ages")),
    ]


Numbered = Sequence[tuple[int, Row]]


def _read(folder: Path, name: str) -> list[tuple[int, Row]]:
    """Rows with their line numbers in the file; the header is line 1."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(enumerate(csv.DictReader(file), 2))


def _at(name: str, line: int, row: Row, text: str) -> str:
    key = " ".join(filter(None, (row.get("standard"), row.get("indicator") or row.get("fact"))))
    return f"seeds/{name}.csv row {line}{f' ({key})' if key else ''}: {text}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _twice(name: str, rows: Numbered, keys: tuple[str, ...]) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        key = tuple(row[k] for k in keys)
        if key in seen:
            yield _at(name, line, row, f"stands in row {seen[key]} already; remove one of them")
        seen.setdefault(key, line)


def _standard_errors(rows: Numbered) -> Iterator[str]:
    yield from _twice("standards", rows, ("standard",))
    for line, row in rows:
        for text in (*_vocabulary_faults(row), *_date_faults(row), *_line_faults(row)):
            yield _at("standards", line, row, text)


def _vocabulary_faults(row: Row) -> Iterator[str]:
    if row["scope"] not in SCOPES:
        yield f"scope {row['scope']!r} is not known; use one of {', '.join(SCOPES)}"
    if row["rule"] not in RULES:
        yield f"rule {row['rule']!r} is not known; use one of {', '.join(RULES)}"
    share = _number(row["cutoff_share"])
    if share is None or not 0 < share <= 1:
        yield f"cutoff_share {row['cutoff_share']!r} does not lie in (0, 1]"


def _date_faults(row: Row) -> Iterator[str]:
    days = {name: _day(row[name]) for name in ("valid_from", "valid_to", "reviewed_from")}
    for name, day in days.items():
        if day is None and (row[name] or name == "valid_from"):
            yield f"{name} {row[name]!r} is no day; write it as yyyy-mm-dd"
    start, end, reviewed = days["valid_from"], days["valid_to"], days["reviewed_from"]
    if start and end and end < start:
        yield f"valid_to {end} lies before valid_from {start}"
    if start and reviewed and reviewed > start:
        yield f"reviewed_from {reviewed} lies after valid_from {start}"


def _line_faults(row: Row) -> Iterator[str]:
    for name in (*_LINES, *_AVERAGE, *_POINTS):
        value = _number(row[name])
        if row[name] and (value is None or value <= 0):
            yield f"{name} {row[name]!r} is no positive number"
    for names in (_LINES, _POINTS, _AVERAGE):
        filled = [name for name in names if row[name]]
        if filled and len(filled) < len(names):
            yield f"{', '.join(sorted(set(names) - set(filled)))} blank beside {', '.join(filled)}"
    if row["rule"] in ("and", "or") and not row["rural_line"]:
        yield f"rule {row['rule']} needs income lines; give them, or use the rule deprivations"
    if bool(row["points_form"]) != bool(row["rural_line_points"]):
        yield "points_form and the lines in points belong together; give both or neither"
    yield from _order_faults(row)


def _order_faults(row: Row) -> Iterator[str]:
    for area in ("rural", "urban"):
        for tail in ("", "_points"):
            low, high = _number(row[f"{area}_line{tail}"]), _number(row[f"{area}_upper_line{tail}"])
            if low is None or high is None:
                continue
            if high < low:
                yield f"{area}_upper_line{tail} {high:g} lies below {area}_line{tail} {low:g}"
            if row["rule"] == "and" and high != low:
                yield f"the rule and has one line; {area}_line{tail} is {low:g}, the upper one {high:g}"
        upper, average = _number(row[f"{area}_upper_line"]), _number(row[f"{area}_average_line"])
        if upper is not None and average is not None and average < upper:
            yield f"{area}_average_line {average:g} lies below {area}_upper_line {upper:g}"


def _national_errors(rows: Numbered) -> Iterator[str]:
    """National standards follow one another without a gap: every day has exactly one."""
    national = [(n, r) for n, r in rows if r["scope"] == "national" and _day(r["valid_from"])]
    national.sort(key=lambda pair: pair[1]["valid_from"])
    for (_, before), (line, after) in pairwise(national):
        end, start = _day(before["valid_to"]), _day(after["valid_from"])
        if end is None or start is None or start <= end:
            text = f"overlaps {before['standard']}, which is valid to {before['valid_to'] or 'no end'}"
        elif start > end + timedelta(days=1):
            text = f"begins {start}, but {before['standard']} ends {end}; no standard holds in between"
        else:
            continue
        yield _at("standards", line, after, f"{text}; end the old one the day before the new one begins")


def _indicator_errors(rows: Numbered, standards: Numbered, dimensions: set[str]) -> Iterator[str]:
    yield from _twice("indicators", rows, ("standard", "indicator"))
    yield from _twice("indicators", [(n, r) for n, r in rows if r["question"]], ("standard", "question"))
    known = {r["standard"] for _, r in standards}
    questions = {r["question"] for _, r in rows if _has_mark(r["indicator"])}
    for line, row in rows:
        if row["standard"] not in known:
            yield _at("indicators", line, row, "its standard has no row in standards.csv")
        if row["dimension"] not in dimensions:
            text = f"dimension {row['dimension']!r} is not known; correct it, or add it to dimensions.csv"
            yield _at("indicators", line, row, text)
        weight = _number(row["weight"])
        if weight is None or not 0 < weight <= 1:
            yield _at("indicators", line, row, f"weight {row['weight']!r} does not lie in (0, 1]")
        if not _has_mark(row["indicator"]) and (not row["question"] or row["question"] not in questions):
            text = (
                "no list marks it: add it to a layout of survey_household.yaml, or name a question of a list"
            )
            yield _at("indicators", line, row, text)
    yield from _weight_errors(rows, standards)


def _has_mark(indicator: str) -> bool:
    return any(c.name == f"dep_{indicator}" for c in load_contract("survey_household").all_columns())


def _weight_errors(rows: Numbered, standards: Numbered) -> Iterator[str]:
    weights: dict[str, list[float]] = defaultdict(list)
    lines: dict[str, list[int]] = defaultdict(list)
    for line, row in rows:
        weights[row["standard"]].append(_number(row["weight"]) or 0)
        lines[row["standard"]].append(line)
    for line, row in standards:
        if row["standard"] not in weights:
            yield _at("standards", line, row, "it has no indicator in indicators.csv")
    for standard, values in weights.items():
        if not isclose(sum(values), 1, abs_tol=1e-9):
            where = f"rows {lines[standard][0]} to {lines[standard][-1]} ({standard})"
            yield f"seeds/indicators.csv {where}: the weights add up to {sum(values):.12g}, not to 1"


def _cutoff_errors(standards: Numbered, indicators: Numbered) -> Iterator[str]:
    """Where all indicators weigh the same, the cut-off as a count and as a share are one fact."""
    for line, row in standards:
        weights = [_number(r["weight"]) for _, r in indicators if r["standard"] == row["standard"]]
        cutoff, share = _number(row["cutoff"]), _number(row["cutoff_share"])
        if not row["cutoff"] or not weights or share is None or len(set(weights)) > 1:
            continue
        if cutoff is None or not isclose(cutoff / len(weights), share, abs_tol=1e-6):
            told = f"cutoff {row['cutoff']} of {len(weights)} indicators"
            text = f"{told} is not the cutoff_share {row['cutoff_share']}"
            yield _at("standards", line, row, text)


def _provenance_errors(rows: Numbered, standards: Numbered) -> Iterator[str]:
    yield from _twice("standard_provenance", rows, ("standard", "fact"))
    known = {r["standard"]: (n, r) for n, r in standards}
    told: dict[str, set[str]] = defaultdict(set)
    for line, row in rows:
        told[row["standard"]].add(row["fact"])
        if row["standard"] not in known or row["fact"] not in FACTS:
            yield _at("standard_provenance", line, row, "no such standard or fact")
            continue
        if row["status"] not in STATUSES:
            text = f"status {row['status']!r} is not known; use one of {', '.join(STATUSES)}"
            yield _at("standard_provenance", line, row, text)
        if row["fact"] in VALUES and known[row["standard"]][1][row["fact"]] and row["status"] == "not_found":
            text = "the value is given, yet told as not found; say where it comes from"
            yield _at("standard_provenance", line, row, text)
    for standard, (line, row) in known.items():
        wanted = {f for f in FACTS if f not in VALUES or row[f]}
        if missing := sorted(wanted - told[standard]):
            text = f"no provenance of {', '.join(missing)} in standard_provenance.csv"
            yield _at("standards", line, row, text)


def _answer_errors(rows: Numbered) -> Iterator[str]:
    yield from _twice("answers", rows, ("question", "answer"))
    told: dict[str, set[str]] = defaultdict(set)
    for line, row in rows:
        told[row["question"]].add(row["answer"])
        if row["question"] not in QUESTIONS:
            yield _at("answers", line, row, f"question {row['question']!r} is not known")
        elif row["answer"] not in load_vocabulary(QUESTIONS[row["question"]]):
            text = f"answer {row['answer']!r} is not in vocabulary {QUESTIONS[row['question']]}"
            yield _at("answers", line, row, text)
        if row["is_deprived"] not in ("true", "false"):
            yield _at("answers", line, row, f"is_deprived {row['is_deprived']!r} is neither true nor false")
    for question, vocabulary in QUESTIONS.items():
        for answer in sorted(set(load_vocabulary(vocabulary)) - told[question]):
            yield f"seeds/answers.csv: question {question} does not judge the answer {answer!r}; add a row"


def _working_age_errors(rows: Numbered) -> Iterator[str]:
    by_sex: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for line, row in rows:
        by_sex[row["sex"]].append((line, row))
    for told in by_sex.values():
        for (_, before), (line, after) in pairwise(told):
            if _number(after["year_from"]) != (_number(before["year_to"]) or 0) + 1:
                text = f"does not follow on {before['year_to']}"
                yield _at("working_ages", line, after, text)
