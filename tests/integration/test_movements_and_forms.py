"""Movements through the real models, and the forms made from what they publish."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner, Result

from assets.forms.asset import forms_asset, write_forms
from assets.forms.figures import MARTS
from pipelines.cli.app import app
from pipelines.partitions import yearly
from tests.integration.line import Line
from tests.integration.make_accepted import write_home, write_table
from tests.integration.moving_households import YEARS, contradict, lists, records
from tests.integration.test_dbt_build import build

# The last of the lists: a later one would contradict it in its turn.
_BROKEN = (2025, "05001", 2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moves")
    write_home(folder)
    found = lists(seed=4)
    contradict(found, *_BROKEN)
    for year in (2021, 2022):
        write_table(folder, "survey_household", year, ())
    for year in YEARS:
        write_table(folder, "survey_household", year, records(found, year))
    selected = " ".join(f"+{mart}" for mart in MARTS)
    build(
        folder,
        "-s",
        *selected.split(),
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "cautious",
    )
    return folder


def _rows(home: Path, query: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(home / "pipeline.duckdb"), read_only=True) as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _mart(home: Path, where: str) -> list[dict[str, Any]]:
    return _rows(home, f"select * from marts.poverty_transition where {where} order by year, commune_code")


def test_balances_hold_but_where_a_list_contradicts_the_one_before(home: Path) -> None:
    rows = _mart(home, "geography = 'as_reported' and year > 2023")
    assert len(rows) == 8
    assert {row["start_source"] for row in rows} == {"previous_list"}
    broken = {(row["year"], row["commune_code"]) for row in rows if not row["balances"]}
    assert broken == {_BROKEN[:2]}
    (row,) = [row for row in rows if not row["balances"]]
    # two that were poor neither stayed so nor left: the end lacks them
    assert row["poor_households_gap"] == -_BROKEN[2]
    assert row["begin_mismatch_households"] == _BROKEN[2]
    assert row["near_poor_households_gap"] == row["near_poor_persons_gap"] == 0


def test_declared_movements_are_counted(home: Path) -> None:
    found = lists(seed=4)
    contradict(found, *_BROKEN)
    expected: Counter[tuple[str, str]] = Counter()
    for one in found[2024]:
        pair = (one.begin, one.poverty_class)
        item = {("poor", "near_poor"): "to_near_poor", ("near_poor", "poor"): "from_near_poor"}.get(pair)
        if pair == ("poor", "not_poor") and one.change != "other":
            item = "above_near_poor"
        if pair == ("not_poor", "poor"):
            item = "other" if one.change == "other" else "new"
        if item:
            expected[(one.commune, item)] += 1
    for row in _mart(home, "geography = 'as_reported' and year = 2024"):
        for item in ("to_near_poor", "from_near_poor", "above_near_poor"):
            assert row[f"poor_households_{item}"] == expected[(row["commune_code"], item)], (row, item)
        entered = row["poor_households_new"] + row["poor_households_fell_back"]
        assert entered == expected[(row["commune_code"], "new")]


def test_where_the_year_starts_is_where_the_one_before_ended(home: Path) -> None:
    for item in ("poor_households", "poor_persons", "near_poor_households", "near_poor_persons"):
        query = (
            f"select sum({item}_at_start) filter (where year = 2025) as start,"
            f" sum({item}_at_end) filter (where year = 2024) as ended"
            " from marts.poverty_transition where geography = 'as_reported'"
        )
        (row,) = _rows(home, query)
        assert row["start"] == pytest.approx(row["ended"], abs=1e-6)


def test_a_first_list_starts_as_it_declares(home: Path) -> None:
    rows = _mart(home, "geography = 'as_reported' and year = 2023")
    assert {row["start_source"] for row in rows} == {"declared"}
    assert all(row["balances"] for row in rows)
    assert all(row["poor_households_new"] == row["poor_households_at_end"] for row in rows)


@pytest.fixture(scope="module")
def warehouse(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marts as a warehouse holds them."""
    file = Path(
        shutil.copy(home / "pipeline.duckdb", tmp_path_factory.mktemp("published") / "warehouse.duckdb")
    )
    # a file without a release is somebody else's, and is not read
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table marts.release as select 'r1' as release_id, now()::timestamp as published_at"
        )
    return file


def _forms(warehouse: Path, *arguments: str) -> Result:
    where = warehouse.parent
    environment = {
        "THOATNGHEO_HOME": str(where / "home"),
        "THOATNGHEO_WAREHOUSE_URL": f"duckdb:///{warehouse}",
    }
    return CliRunner().invoke(app, ["forms", *arguments], env=environment)


def test_the_workbook_holds_the_marts(home: Path, warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "forms.xlsx"
    done = _forms(warehouse, "--year", "2024", "--out", str(out))
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(out)
    assert len(book.sheetnames) == 13
    rows = [list(row) for row in book["Biểu 02"].iter_rows(values_only=True)]
    total = next(row for row in rows if row[1] == "Tổng cộng")
    marts = _mart(home, "geography = 'as_reported' and year = 2024")
    items = ("at_start", "to_near_poor", "above_near_poor", "other_decrease", "from_near_poor", "fell_back",
             "new", "other_increase", "at_end")  # fmt: skip
    assert total[3:] == [sum(row[f"poor_households_{item}"] for row in marts) for item in items]
    # Huyện and province of that day
    assert "Huyện 167, Tỉnh Thái Nguyên" in [row[1] for row in rows]


def test_the_foot_names_the_commune_that_does_not_balance(warehouse: Path, tmp_path: Path) -> None:
    told = {}
    for year in ("2024", "2025"):
        out = tmp_path / f"{year}.xlsx"
        assert _forms(warehouse, "--year", year, "--out", str(out)).exit_code == 0
        page = openpyxl.load_workbook(out)["Biểu 02"]
        told[year] = "\n".join(str(row[0]) for row in page.iter_rows(values_only=True))
    assert "Dòng Hộ không cân đối (cột 9 khác 1-2-3-4+5+6+7+8) tại Phường Một (-2):" in told["2025"]
    assert "không cân đối" not in told["2024"]


def test_one_former_province_alone(warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "forms.xlsx"
    done = _forms(warehouse, "--year", "2025", "--out", str(out), "--province-of", "06")
    assert done.exit_code == 0, done.output
    page = openpyxl.load_workbook(out)["Biểu 01"]
    labels = [row[1] for row in page.iter_rows(values_only=True)]
    assert "Xã Năm" in labels and "Phường Một" not in labels
    assert "Tỉnh Bắc Kạn (trước sáp nhập)" in labels


def test_the_same_release_gives_the_same_file(warehouse: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        assert _forms(warehouse, "--year", "2025", "--out", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--year", "2019", "--out", "{}/f.xlsx"), "no review of 2019 is published; known: 2023, 2024, 2025"),
        (("--year", "2024", "--out", "{}/f.xlsx", "--standard", "VN-2016"), "under VN-2016 is published; known: VN-2022"),
        (("--year", "2024", "--out", "{}/f.xlsx", "--province-of", "79"), "province 79; known: 06, 19"),
        (("--year", "2024", "--out", "{}/f.pdf"), "name a file ending in .xlsx"),
        (("--year", "2024", "--out", "{}/nowhere/f.xlsx"), "in a folder that exists"),
        (("--out", "{}/f.xlsx"), "--year"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_2(
    warehouse: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = _forms(warehouse, *(a.format(tmp_path) for a in arguments))
    assert done.exit_code == 2, done.output
    assert told in " ".join(done.output.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_nothing_published_yet(tmp_path: Path) -> None:
    from assets.warehouse import ReleaseUnknown

    done = _forms(tmp_path / "warehouse.duckdb", "--year", "2024", "--out", str(tmp_path / "f.xlsx"))
    assert done.exit_code == 1
    assert isinstance(done.exception, ReleaseUnknown)
    assert "run `thoatngheo refresh`" in str(done.exception)


def test_a_review_under_way_is_provisional(warehouse: Path, tmp_path: Path) -> None:
    running = Path(shutil.copy(warehouse, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(running)) as connection:
        connection.execute("update marts.poverty_rate set is_final = false")
    out = tmp_path / "f.xlsx"
    done = _forms(running, "--year", "2024", "--out", str(out))
    assert done.exit_code == 0, done.output
    title = openpyxl.load_workbook(io.BytesIO(out.read_bytes()))["Biểu 01"]["A3"].value
    assert str(title).endswith("(TẠM THỜI)")


def test_the_asset_keeps_a_workbook_of_every_review(warehouse: Path, tmp_path: Path) -> None:
    line = Line(tmp_path / "home")
    line.home.mkdir()
    shutil.copy(warehouse, line.warehouse)
    stale = line.home / "forms" / "2019_VN-2016.xlsx"
    stale.parent.mkdir()
    stale.write_bytes(b"of a review that is published no more")
    done = dg.materialize(
        [forms_asset(yearly())], partition_key="2025", resources={"workplace": line.settings.workplace()}
    )
    assert done.success
    assert {path.name for path in stale.parent.glob("[!.]*")} == {f"{year}_VN-2022.xlsx" for year in YEARS}
    (event,) = done.asset_materializations_for_node("forms")
    assert event.metadata["workbooks"].value == 3
    out = tmp_path / "f.xlsx"
    assert _forms(warehouse, "--year", "2025", "--out", str(out)).exit_code == 0
    assert (stale.parent / "2025_VN-2022.xlsx").read_bytes() == out.read_bytes()


def test_a_workbook_that_stands_is_left_alone_and_one_that_was_touched_is_not(
    warehouse: Path, tmp_path: Path
) -> None:
    line = Line(tmp_path / "home")
    line.home.mkdir()
    shutil.copy(warehouse, line.warehouse)
    workplace = line.settings.workplace()
    first = write_forms(workplace)
    kept, edited, lost = sorted(workplace.home.forms.glob("*.xlsx"))
    moment = kept.stat().st_mtime_ns
    edited.write_bytes(edited.read_bytes() + b"edited")
    lost.unlink()
    assert write_forms(workplace) == first
    assert kept.stat().st_mtime_ns == moment
    for path in (edited, lost):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == first[path.name]
    (workplace.home.forms / ".made.json").write_text("[", encoding="utf-8")
    assert write_forms(workplace) == first and kept.stat().st_mtime_ns > moment
    with duckdb.connect(str(line.warehouse)) as connection:
        connection.execute(
            "UPDATE marts.poverty_rate SET poor_households = poor_households + 1 WHERE year = 2025"
        )
    again = write_forms(workplace)
    assert [name for name in again if again[name] != first[name]] == ["2025_VN-2022.xlsx"]
