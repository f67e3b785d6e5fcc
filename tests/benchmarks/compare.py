"""Whether the plain script's marts are the line's: the same rows, in both directions.

A benchmark whose sides did different work says nothing, so it is refused.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

# Rows of skipped lines (titles, headings, subtotals), and how the accepted ones were placed, are the line's
# evidence; a plain script keeps none.
_SAME = {"data_quality": "outcome NOT IN ('skipped', 'placed')"}


@dataclass(frozen=True)
class MartComparison:
    """One mart on both sides.

    Parameters
    ----------
    line, plain
        Rows on each side.
    only_line, only_plain
        Rows that the other side has not, or has less often.
    checksum_line, checksum_plain
        A sum over the hashes of all rows, whatever their order.
    """

    mart: str
    line: int
    plain: int
    only_line: int
    only_plain: int
    checksum_line: str
    checksum_plain: str

    @property
    def same(self) -> bool:
        return not (self.only_line or self.only_plain) and self.checksum_line == self.checksum_plain


class DifferentWork(Exception):
    """The two sides do not have the same rows: no ratio is told."""


def compare(warehouse: Path, plain: Path) -> list[MartComparison]:
    """Every mart of the release, beside the plain script's table of that name.

    Raises
    ------
    DifferentWork
        The release has no marts, or a mart that the plain script has not.
    """
    with duckdb.connect() as db:
        db.execute(f"attach '{warehouse}' as line (read_only)")
        db.execute(f"attach '{plain}' as plain (read_only)")
        marts = _tables(db, "plain")
        missing = set(marts) ^ (_tables(db, "line") - {"release", "release_change"})
        if missing or not marts:
            raise DifferentWork(f"marts on one side only: {', '.join(sorted(missing)) or 'none on either'}")
        return [_compare(db, mart) for mart in sorted(marts)]


def require_same(found: list[MartComparison]) -> None:
    """Refuse the comparison of sides that differ.

    Raises
    ------
    DifferentWork
        Names each mart that differs, with its counts.
    """
    differing = [f for f in found if not f.same]
    if differing:
        lines = [f"{f.mart}: {f.line} rows against {f.plain}, {f.only_line} only in the line, "
                 f"{f.only_plain} only in the plain script" for f in differing]  # fmt: skip
        raise DifferentWork("the sides did different work: " + "; ".join(lines))


def as_rows(found: list[MartComparison]) -> list[dict[str, Any]]:
    """For the JSON result."""
    return [asdict(f) | {"same": f.same} for f in found]


def _tables(db: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    query = """select table_name from information_schema.tables
               where table_catalog = ? and table_schema = 'marts'"""
    return {row[0] for row in db.execute(query, [catalog]).fetchall()}


def _compare(db: duckdb.DuckDBPyConnection, mart: str) -> MartComparison:
    names = [row[0] for row in db.execute(f"describe line.marts.{mart}").fetchall()]
    columns = ", ".join(f'"{name}"' for name in names)
    where = f" where {_SAME[mart]}" if mart in _SAME else ""
    sides = {side: f"select {columns} from {side}.marts.{mart}{where}" for side in ("line", "plain")}
    rows = {side: _one(db, f"select count(*) from ({query})") for side, query in sides.items()}
    sums = {side: _one(db, f"select sum(hash(t)) from ({query}) as t") for side, query in sides.items()}
    only = {
        "line": _one(db, f"select count(*) from (({sides['line']}) except all ({sides['plain']}))"),
        "plain": _one(db, f"select count(*) from (({sides['plain']}) except all ({sides['line']}))"),
    }
    return MartComparison(
        mart, rows["line"], rows["plain"], only["line"], only["plain"], str(sums["line"]), str(sums["plain"])
    )


def _one(db: duckdb.DuckDBPyConnection, query: str) -> int:
    row = db.execute(query).fetchone()
    return int(row[0] or 0) if row else 0
