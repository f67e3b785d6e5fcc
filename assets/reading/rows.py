"""Which rows below the header are no records: blank, repeated header, subtotal, closing lines.

A record must never be dropped, so a row goes only on two proofs: it is worded like a total or a
section line, and the cells that make a record of it are blank. The rest stays a record and is
judged by the checks. Whole columns are looked at first; only rows that may go are looked at one
by one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.reading.labels import Heading, spellings
from checks.contract import Contract
from checks.text import fold

_KEY_TYPES = frozenset({"text", "code", "citizen_id", "category", "date", "datetime", "month", "year"})
_NUMBERING_HEADS = frozenset({"stt", "tt", "số tt", "số thứ tự", "no"})
_TOTAL = re.compile(
    r"^(?:(?:tổng|cộng)(?: cộng| số)?|(?:toàn|tổng|cộng) (?:tỉnh|huyện|xã|thôn|xóm).*"
    r"|(?:tổng )?cộng .*|tổng (?:số|cộng) .*)$"
)
_OUTLINE = re.compile(r"^(?:[IVXLC]+|[A-H]|\d+(?:\.\d+)+)\s*[.)]?$")
_OUTLINE_START = re.compile(r"^(?:[IVXLC]+|[A-H]|\d+(?:\.\d+)*)\s*[.)\-/]\s*\S")
_DISTRICT = re.compile(r"^(?:huyện|thị xã|thành phố|tp|tỉnh|quận|khu vực|vùng|cụm) ")
_SECTION = re.compile(
    r"^(?:huyện|thị xã|thành phố|tp|tỉnh|quận|khu vực|vùng|xã|phường|thị trấn|thôn|xóm|tổ|bản) "
)
_CLOSING = re.compile(
    r"^(?:người lập|lập biểu|thủ trưởng|kế toán|giám đốc|phó giám đốc|chủ tịch|tm |kt |ký |xác nhận"
    r"|ghi chú |nguồn "
    r"|cán bộ |thủ quỹ|ngày \d* ?tháng|.*ngày \d{0,2} ?tháng \d{0,2} ?năm)"
)
# What any of the above begins with, for the first look at whole columns.
_SUSPECT = (
    r"(?i)^\s*(?:tổng|cộng|toàn|[IVXLC]+\b|[A-H]\b|\d+(?:\.\d+)+|\d+[.)]\s|huyện|thị|thành|tp\b|tỉnh|quận|khu|vùng|cụm"
    r"|xã|phường|thôn|xóm|tổ|bản|người|lập|thủ|kế|giám|phó|chủ|t\.?m\b|k\.?t\b|\(?ký|xác|ghi|nguồn|cán|ngày|.*ngày)"
)
_LOOKED_AT = 8


@dataclass(frozen=True)
class RowPlan:
    """Positions that decide: `keys` make a record, `people` name its person, `codes` hold no
    words, `places` the commune's name, `numbering` a running number."""

    known: list[int]
    keys: list[int]
    people: list[int]
    codes: list[int]
    places: list[int]
    numbering: list[int]
    headings: list[Heading] = field(default_factory=list)


def plan_rows(known: dict[str, int], headings: list[Heading], contract: Contract) -> RowPlan:
    """Sort the known columns by what a blank or a word in them says of the row."""
    columns = {column.name: column for column in contract.all_columns()}
    keys, people, codes = [], [], []
    for name, position in known.items():
        column = columns[name]
        is_key = column.required or column.missing == "reject"
        if is_key and column.type in _KEY_TYPES:
            keys.append(position)
        if column.personal in ("name", "identifier"):
            people.append(position)
        if column.type in ("code", "month", "date", "datetime", "year"):
            codes.append(position)
    numbering = [
        i
        for i, heading in enumerate(headings)
        if i not in known.values() and set(spellings(heading.shown)) & _NUMBERING_HEADS
    ]
    places = [known[contract.place.name]] if contract.place.name in known else []
    return RowPlan(sorted(known.values()), keys, people, codes, places, numbering, headings)


def records(columns: list[pa.ChunkedArray], plan: RowPlan) -> tuple[np.ndarray, Counter[str]]:
    """Which rows are records, and how many of the others there are by kind."""
    count = len(columns[0]) if columns else 0
    empty = _empty(columns, count)
    keep = ~empty
    skipped: Counter[str] = Counter({"blank": int(np.count_nonzero(empty))})
    closing = False
    for row, cells in _suspects(columns, plan, empty):
        kind = kind_of(cells, plan, closing=closing)
        closing = closing or kind == "title"
        if kind is not None:
            keep[row] = False
            skipped[kind] += 1
    return keep, skipped


def _empty(columns: list[pa.ChunkedArray], count: int) -> np.ndarray:
    """Rows without any cell: there may be millions, so none is looked at by itself."""
    empty = np.ones(count, dtype=bool)
    for column in columns:
        if column.null_count < count:
            empty &= _flags(pc.is_null(column)) if column.null_count else False
    return empty


def _suspects(
    columns: list[pa.ChunkedArray], plan: RowPlan, empty: np.ndarray
) -> list[tuple[int, list[str]]]:
    count = len(empty)
    looked_at = np.zeros(count, dtype=bool)
    wordless = np.zeros(count, dtype=bool)
    for position in plan.keys:
        wordless |= _flags(pc.is_null(columns[position]))
    if not plan.keys:
        wordless[:] = True
    blank = np.ones(count, dtype=bool)
    for position in plan.known:
        blank &= _flags(pc.is_null(columns[position]))
    for position in plan.codes:
        looked_at |= ~_flags(pc.fill_null(pc.string_is_ascii(columns[position]), True))
    looked_at &= _worded(columns, np.flatnonzero(looked_at), count)
    looked_at |= _heads(columns, plan, count)
    looked_at |= wordless & (blank | _worded(columns, np.flatnonzero(wordless), count))
    rows = np.flatnonzero(looked_at & ~empty)
    if not len(rows):
        return []
    tail = np.flatnonzero(wordless & ~empty & (np.arange(count) > rows[0]))
    rows = np.union1d(rows, tail) if len(tail) < 10_000 else rows
    taken = [c.take(pa.array(rows)).to_pylist() for c in columns]
    cells = [[cell or "" for cell in row] for row in zip(*taken, strict=True)]
    return list(zip(rows.tolist(), cells, strict=True))


def _worded(columns: list[pa.ChunkedArray], rows: np.ndarray, count: int) -> np.ndarray:
    """Rows, of those given, in which one of the first columns begins like a total or a section."""
    found = np.zeros(count, dtype=bool)
    if len(rows):
        chosen = pa.array(rows)
        for column in columns[:_LOOKED_AT]:
            hit = pc.match_substring_regex(column.take(chosen), _SUSPECT)
            found[rows] |= _flags(pc.fill_null(hit, False))
    return found


def _heads(columns: list[pa.ChunkedArray], plan: RowPlan, count: int) -> np.ndarray:
    """Rows that repeat the heading of the first key (a page break in the middle of the data)."""
    found = np.zeros(count, dtype=bool)
    for position in plan.keys[:1]:
        for text in plan.headings[position].texts:
            found |= _flags(pc.fill_null(pc.equal(columns[position], text), False))
    return found


def kind_of(cells: list[str], plan: RowPlan, *, closing: bool = False) -> str | None:
    """Why a row is no record: blank, header, subtotal or title (a closing line); None if it is one."""
    filled = [i for i, cell in enumerate(cells) if cell]
    if not [i for i in filled if i not in plan.numbering]:
        return "blank"
    if _repeats_header(cells, filled, plan):
        return "header"
    outline = filled[0] if _OUTLINE.match(cells[filled[0]]) else None
    words = [i for i in filled if i != outline and any(c.isalpha() for c in cells[i])]
    if not words:
        return None
    label = words[0]
    others = [i for i in filled if i not in (label, outline)]
    keys = [i for i in others if i in plan.keys]
    people = [i for i in others if i in plan.people]
    text = fold(cells[label])
    if _TOTAL.match(text) and (label in plan.codes or not keys + people):
        return "subtotal"
    if not keys + people and _is_section(cells, label, others, plan, outlined=outline is not None):
        return "subtotal"
    if keys or len(filled) > 4 or any(_is_number(cells[i]) for i in filled):
        return None
    closes = not people and any(_CLOSING.match(fold(cells[i])) for i in words)
    return "title" if closes or closing else None


def _is_section(cells: list[str], label: int, others: list[int], plan: RowPlan, *, outlined: bool) -> bool:
    """A district or section line: a name alone, or a district's name before figures only."""
    if [i for i in others if not _is_number(cells[i])]:
        return False
    name = fold(cells[label])
    if _DISTRICT.match(name):
        return True
    # A commune's name alone, in its own column, is a commune of which nothing was entered.
    if others or label in plan.places:
        return False
    return outlined or bool(_SECTION.match(name)) or bool(_OUTLINE_START.match(cells[label]))


def _repeats_header(cells: list[str], filled: list[int], plan: RowPlan) -> bool:
    """At least two cells, and all of them, say what their own heading says."""
    if len(filled) < 2 or len(plan.headings) < len(cells):
        return False
    return all(
        fold(cells[i]) in {fold(t) for t in (*plan.headings[i].texts, plan.headings[i].group)} for i in filled
    )


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d.,\s]+(?:e[-+]?\d+)?%?", cell))


def _flags(values: pa.ChunkedArray | pa.Array) -> np.ndarray:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)
