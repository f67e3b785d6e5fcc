"""Damaged files are refused by name, whatever byte is wrong; a formula is seen however it is written."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from assets.reading import FileRefused, read_file
from assets.reading.formulas import valueless_cells
from checks.contract import load_contract

TOTALS = load_contract("survey_total")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Mã xã", "Tên xã", "Tổng số hộ", "Tổng số nhân khẩu"])
    for number in range(300):
        sheet.append([f"{number:05d}", f"Xã số {number}", 1000 + number, 4000 + number])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_hole_anywhere_in_a_workbook_is_a_refusal_or_nothing(tmp_path: Path) -> None:
    whole = workbook()
    chance = random.Random(1)
    path = tmp_path / "tong.xlsx"
    outcomes = set()
    for _ in range(150):
        data = bytearray(whole)
        start = chance.randrange(len(data))
        data[start : start + 64] = bytes(chance.randrange(256) for _ in range(min(64, len(data) - start)))
        path.write_bytes(data)
        try:
            read_file(path, TOTALS, path.name)
            outcomes.add("read")
        except FileRefused as refused:
            assert refused.file == path.name
            outcomes.add(refused.reason)
    assert "not_a_workbook" in outcomes


def test_a_workbook_packed_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    local = re.sub(rb"(PK\x03\x04.{4})..", b"\\1\x63\x00", workbook(), flags=re.DOTALL)
    path = tmp_path / "tong.xlsx"
    path.write_bytes(re.sub(rb"(PK\x01\x02.{6})..", b"\\1\x63\x00", local, flags=re.DOTALL))
    with pytest.raises(NotImplementedError), zipfile.ZipFile(path) as parts:
        parts.read("xl/workbook.xml")
    with pytest.raises(FileRefused) as refused:
        read_file(path, TOTALS, path.name)
    assert (refused.value.reason, refused.value.file) == ("not_a_workbook", path.name)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="C2"><f>1+2</f></c>', "=1+2"),
        ('<c s="0" r="C2"><f>1+2</f></c>', "=1+2"),
        ("<c r='C2'><f>1+2</f></c>", "=1+2"),
        ('<c\n r="C2"><f>1+2</f></c>', "=1+2"),
        ('<c t="e" r="C2"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="C2"><f>1+2</f><v></v></c>', "=1+2"),
        ('<c r="C2" t="str"><f>A1&amp;B1</f></c>', "=A1&amp;B1"),
        ('<c r="C2"><f>1+2</f><v>3</v></c>', None),
        ('<c r="C2" t="str"><f>IF(A2=0,"",1)</f><v></v></c>', None),
        ('<c r="C2" t="str"><f>IF(A2=0,"",1)</f><v/></c>', None),
    ],
)
def test_a_formula_is_seen_however_its_cell_is_written(cell: str, text: str | None) -> None:
    xml = f'<worksheet><sheetData><row r="2">{cell}</row></sheetData></worksheet>'
    found = valueless_cells(xml.encode(), uncalculated=False)
    assert found == ({(1, 2): text} if text else {})
