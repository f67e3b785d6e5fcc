"""A large year is judged in batches and set down on disk: what comes of it is the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from assets.journal import CHECK_RESULT

MakeOffice = Callable[..., Any]
HEAD = "Mã xã;Thôn;Mã hộ;Họ tên chủ hộ;Số nhân khẩu;Phân loại"
LAYERS = ("accepted", "quarantine", "quality")


def send(office: Any) -> None:
    """Three lists: copies within and over files, a number given twice, an unknown commune, a test record."""
    office.send("a_20241001.csv", HEAD, *(f"01840;Xóm 1;{n};A {n};4;Hộ nghèo" for n in (1, 2, 2, 999)))
    office.send("b_20241001.csv", HEAD, "01843;Xóm 9;1;B;nhiều;Hộ nghèo", "99999;Xóm 9;2;C;3;Hộ nghèo")
    office.send("c_20241101.csv", HEAD, *(f"01840;xóm 1;{n};A {n};5;Hộ nghèo" for n in (1, 2, 7, 999)))
    office.send("d_20241101.csv", HEAD, "01846;Xóm 1;7;D;5;Hộ nghèo", "01846;Xóm 1;7;E;5;Hộ nghèo")


def written(office: Any) -> dict[str, list[dict[str, Any]]]:
    home = office.workplace.home
    return {
        layer: pq.ParquetFile(home.partition(layer, "survey_household", 2024)).read().to_pylist()
        for layer in LAYERS
    }


def checks(office: Any) -> dict[str, tuple[Any, ...]]:
    rows = office.journal.rows(sa.select(CHECK_RESULT))
    return {r["check_name"]: (r["passed"], r["evaluated"], r["failed"], r["detail"]) for r in rows}


def page(office: Any) -> str:
    path: Path = office.workplace.home.data_docs / "survey_household" / "2024.html"
    text = path.read_text(encoding="utf-8")
    # Its element ids and its moment are new each time.
    return re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8}T\d{6}\.\d+Z", "", text[text.index("Statistics") :]
    )


@pytest.mark.parametrize("processes", [1, 2])
def test_a_year_in_batches_is_what_it_is_in_one_piece(
    office: MakeOffice, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    whole, divided = office("survey_household"), office("survey_household", processes=processes)
    send(whole)
    kept = whole.keep()
    monkeypatch.setattr("assets.judging.year.BATCH", 2)
    monkeypatch.setattr("assets.judging.pieces.IN_MEMORY", 0)
    send(divided)
    assert len(list(divided.parts())) == 4
    assert divided.keep().counts == kept.counts
    assert kept.counts == {
        "landed": 12, "accepted": 5, "quarantined": 3, "duplicate": 1, "superseded": 3,
        "files": 4, "refused_files": 0,
    }  # fmt: skip
    assert written(divided) == written(whole)
    assert checks(divided) == checks(whole)
    assert page(divided) == page(whole)
    flags = [flag for row in written(whole)["accepted"] for flag in row["flags"]]
    assert flags.count("repeated_household_code") == 2


def test_nothing_stays_of_what_was_set_down(office: MakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.judging.pieces.IN_MEMORY", 0)
    one = office("survey_household")
    send(one)
    next(iter(one.parts()))
    temp = one.workplace.home.judging
    parts = one.parts()
    next(parts)
    assert sum(path.suffix == ".arrow" for path in temp.rglob("*")) == 4
    parts.close()
    assert [path for path in temp.rglob("*") if path.is_file()] == []


def test_accepted_records_of_a_stopped_year_are_not_kept(
    office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.judging.year.BATCH", 1)
    one = office("survey_household")
    one.send("a.csv", HEAD, "99999;Xóm 1;1;A;4;Hộ nghèo")
    one.send("b.csv", HEAD, "01840;Xóm 1;1;A;4;Hộ nghèo", "99998;Xóm 1;2;B;4;Hộ nghèo")
    assert [check.name for check in one.keep().blocked] == ["table_rules"]
    folder = one.workplace.home.partition("accepted", "survey_household", 2024).parent
    assert list(folder.iterdir()) == []
    assert isinstance(one.journal.rows(sa.select(CHECK_RESULT)), list)


def test_schemas_of_batches_agree(office: MakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.judging.year.BATCH", 1)
    one = office("survey_household")
    send(one)
    one.keep()
    path = one.workplace.home.partition("accepted", "survey_household", 2024)
    assert pa.types.is_list(pq.read_schema(path).field("flags").type)
