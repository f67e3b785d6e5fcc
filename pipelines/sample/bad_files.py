"""Files that cannot be read at all; each must be refused under its own reason, and cost no other.

They are further files beside the good ones: nothing that counts is lost with them.
"""

from __future__ import annotations

from collections.abc import Callable

from checks.contract import load_contract
from pipelines.sample.context import Context
from pipelines.sample.manifest import Planted
from pipelines.sample.tables import write_small_csv


def write(ctx: Context, year: int) -> None:
    """Write a year's unreadable files."""
    if not ctx.planting:
        return
    for table, name, reason, make in _KINDS:
        path = ctx.path(table, year, name.format(year=year))
        make(ctx, table, year, path.name)
        file = ctx.relative(table, year, path.name)
        ctx.manifest.file(table, year, file, 0, refused=reason)
        ctx.manifest.planted.append(
            Planted(table, year, file, "", 0, "", reason.replace("_", " "), reason, "file_refused", 0)
        )
    ctx.tick(f"unreadable {year}")


def _labels(table: str) -> list[str]:
    return [column.label for column in load_contract(table).columns]


def _empty(ctx: Context, table: str, year: int, name: str) -> None:
    ctx.path(table, year, name).write_bytes(b"")


def _header_only(ctx: Context, table: str, year: int, name: str) -> None:
    write_small_csv(ctx.path(table, year, name), [_labels(table)], separator=";")


def _without_column(ctx: Context, table: str, year: int, name: str) -> None:
    """A register without the first day of validity."""
    labels = _labels(table)
    gone = labels.index(load_contract(table).column("valid_from").label)
    row = [
        "1900000001",
        "GD4191900000001",
        "Nguyễn Văn An",
        "01/01/1980",
        "Nam",
        "",
        "05440",
        "GD",
        "",
        "31/12/2099",
        "",
    ]
    rows = [[v for i, v in enumerate(r) if i != gone] for r in (labels, row)]
    write_small_csv(ctx.path(table, year, name), rows)


def _ambiguous(ctx: Context, table: str, year: int, name: str) -> None:
    """Two headings that mean the citizen id."""
    labels = _labels(table)
    labels.insert(labels.index("CCCD") + 1, "Số CCCD")
    write_small_csv(ctx.path(table, year, name), [labels, ["1"] * len(labels)])


def _truncated(ctx: Context, table: str, year: int, name: str) -> None:
    """The first third of a good workbook: the transfer broke off."""
    good = next(f for f in ctx.manifest.files if f["table"] == table and f["year"] == year and f["records"])
    data = (ctx.drops / good["file"]).read_bytes()
    ctx.path(table, year, name).write_bytes(data[: len(data) // 3])


def _mislabelled(ctx: Context, table: str, year: int, name: str) -> None:
    ctx.path(table, year, name).write_text("Biểu này gửi sau. Xin cảm ơn.\n", encoding="utf-8")


def _nul_bytes(ctx: Context, table: str, year: int, name: str) -> None:
    text = ",".join(_labels(table)) + "\n"
    ctx.path(table, year, name).write_bytes(text.encode() + b"19\x00\x00\x00\x00,\x00\x00\n" * 3)


_Make = Callable[[Context, str, int, str], None]
_KINDS: tuple[tuple[str, str, str, _Make], ...] = (
    ("loan_ledger", "bo-sung_{year}0105.csv", "empty_file", _empty),
    ("health_station", "bieu-mau_{year}0102.csv", "header_only", _header_only),
    ("health_card", "the-bhyt_bo-sung_{year}0203.csv", "missing_column", _without_column),
    ("health_card", "the-bhyt_doi-chieu_{year}0204.csv", "ambiguous_column", _ambiguous),
    ("housing_case", "nha-o_loi-tai_{year}0105.xlsx", "not_a_workbook", _truncated),
    ("survey_household", "ra-soat_ghi-chu_{year}0910.xlsx", "not_a_workbook", _mislabelled),
    ("health_visit", "xml1_loi_{year}0106.csv", "nul_bytes", _nul_bytes),
)
