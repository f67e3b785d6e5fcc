"""One hostile file: how it is made, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Stands in the cells of every case that has cells; no message may repeat it.
PERSON = "Nguyễn Zwarbinho Quyx"
PERSON_PART = "Zwarbinho"
HEADINGS = ("Mã xã", "Tên xã", "Tổng số hộ", "Tổng số nhân khẩu", "Ghi chú")

Maker = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """A file of `survey_total`, its maker, the outcome (a refusal's reason, or how many records
    are read) and why it is so."""

    name: str
    suffix: str
    make: Maker
    outcome: str | int
    why: str

    @property
    def file(self) -> str:
        return f"{self.name}{self.suffix}"


def row(number: int) -> tuple[str, ...]:
    """A sound record."""
    return (f"{number:05d}", f"Xã số {number}", str(1000 + number), str(4000 + number), PERSON)


def text(records: int = 3, separator: str = ";", end: str = "\n") -> str:
    """A sound text file."""
    rows = [HEADINGS, *map(row, range(1, records + 1))]
    return end.join(separator.join(r) for r in rows) + end


def written(content: Callable[[], str | bytes]) -> Maker:
    """A maker that writes these bytes; they are made when they are needed."""

    def make(path: Path) -> None:
        made = content()
        path.write_bytes(made.encode() if isinstance(made, str) else made)

    return make
