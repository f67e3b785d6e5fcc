"""A report of two districts and three communes, written out."""

from __future__ import annotations

import pytest

from assets.forms.figures import Figures, Unit

LISTS = {
    "indicators": (("water", "Nguồn nước sinh hoạt"), ("toilet", "Nhà tiêu hợp vệ sinh")),
    "causes": (("land", "Không có đất sản xuất"), ("other", "Nguyên nhân khác")),
    "minorities": (("Dao", "Dao"), ("Tày", "Tày")),
}


def movements(start: int, down: tuple[int, int, int], up: tuple[int, int, int, int], end: int) -> list[int]:
    """A line of form 2, with what is missed by the identity at its end."""
    return [start, *down, *up, end, end - start + sum(down) - sum(up)]


_ITEMS = ("at_start", "to_near_poor", "above_near_poor", "other_decrease", "from_near_poor", "fell_back",
          "new", "other_increase", "at_end", "gap")  # fmt: skip


def measures(households: int | None, poor: list[int], persons: list[int]) -> dict[str, float]:
    """A commune's measures: totals where they are known, and the movements of its poor."""
    found: dict[str, float] = {
        "poor_households": poor[8],
        "near_poor_households": 2,
        "poor_persons": persons[8],
    }
    if households is not None:
        found |= {"households": households, "persons": 4 * households}
    found |= {f"poor_households_{item}": v for item, v in zip(_ITEMS, poor, strict=True)}
    found |= {f"poor_persons_{item}": v for item, v in zip(_ITEMS, persons, strict=True)}
    return found | {"deprivation:poor:water": 3, "deprivation:poor:toilet": 1.5, "deprivation:poor:all": 4.5}


@pytest.fixture
def figures() -> Figures:
    units = (
        Unit("00001", "Xã Một", "Huyện A",
             measures(100, movements(10, (1, 2, 1), (1, 1, 2, 0), 10), movements(40, (4, 8, 4), (4, 4, 8, 0), 40))),
        Unit("00002", "Xã Hai", "Huyện A",
             measures(None, movements(5, (0, 1, 0), (0, 0, 0, 1), 5), movements(20, (0, 4, 0), (0, 0, 0, 4), 20))),
        Unit("00003", "Phường Ba", "Thành phố B",
             measures(200, movements(8, (0, 0, 0), (0, 0, 1, 0), 12), movements(30, (0, 0, 0), (0, 0, 4, 0), 34))),
    )  # fmt: skip
    return Figures(2024, "VN-2022", "2022–2026", "Tỉnh Thử", True, units, LISTS)
