"""Years before the sample's own: a sampled year's drops with their days moved back.

The sample begins in 2021. For ten years, 2022 serves for earlier ones: the days that decide the
period (review, figures, admission, month, target) are written anew, bytes otherwise kept.
"""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

MODEL = 2022
_DAY = re.compile(r"(?<=;)(\d\d/\d\d)/(\d{4})(?=[;\r\n])")
# A cell in the sample's one style of its own: a day, counted by the workbook.
_DAY_CELL = re.compile(r'( s="1"><v>)(\d+)')


def write_year(drops: Path, year: int, model: int = MODEL) -> None:
    """Write a year's drops from those of the model year."""
    for file in sorted(drops.glob(f"*/{model}/*")):
        folder = file.parents[1] / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file.name.replace(f"_{model}", f"_{year}")
        table = file.parents[1].name
        if file.suffix == ".xlsx":
            _workbook(file, target, table, model, year)
        elif table in _TEXTS:
            _text(file, target, _TEXTS[table](model, year))
        else:
            shutil.copyfile(file, target)


def _text(file: Path, target: Path, change: Callable[[str], str]) -> None:
    packed = file.suffix == ".gz"
    content = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
    # Only digits and separators change; every one-byte code page keeps its bytes through Latin-1.
    encoding = "utf-16" if content[:2] == b"\xff\xfe" else "latin-1"
    changed = change(content.decode(encoding)).encode(encoding)
    target.write_bytes(gzip.compress(changed, 1) if packed else changed)


def _all_days(model: int, year: int) -> Callable[[str], str]:
    # Contract, disbursement, maturity and figures move together, so that no loan ends before it began.
    def moved(found: re.Match[str]) -> str:
        # Not every year has a 29 February.
        day = "28/02" if found[1] == "29/02" else found[1]
        return f"{day}/{int(found[2]) + year - model}"

    return lambda text: _DAY.sub(moved, text)


def _moments(model: int, year: int) -> Callable[[str], str]:
    # Twelve digits are a moment; a day of birth has eight, or zeros behind.
    return lambda text: re.sub(rf",{model}(\d{{8}})(?=,)", rf",{year}\1", text)


def _second_column(model: int, year: int) -> Callable[[str], str]:
    return lambda text: text.replace(f"/{model};", f"/{year};")


_TEXTS: dict[str, Callable[[int, int], Callable[[str], str]]] = {
    "loan_ledger": _all_days,
    "health_visit": _moments,
    "health_station": _second_column,
}


def _workbook(file: Path, target: Path, table: str, model: int, year: int) -> None:
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.startswith("xl/worksheets/"):
                content = _sheet(content.decode("utf-8"), table, model, year).encode("utf-8")
            made.writestr(info, content, compresslevel=1)


def _sheet(text: str, table: str, model: int, year: int) -> str:
    text = re.sub(rf"([Nn]ăm ){model}\b", rf"\g<1>{year}", text).replace(f"/{model}<", f"/{year}<")
    if table == "survey_member":
        # Its days are births.
        return text
    if table == "programme_plan":
        text = text.replace(f"<v>{model}</v>", f"<v>{year}</v>")
    back = (date(model, 1, 1) - date(year, 1, 1)).days
    return _DAY_CELL.sub(lambda found: f"{found[1]}{int(found[2]) - back}", text)
