"""The drops: all tables, the same for the same seed, every defect where the manifest says."""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import inspect
from pathlib import Path

import openpyxl
import pytest

import pipelines.sample
from checks.contract import TABLES, load_contract
from pipelines.sample import Manifest, write_sample

Sample = tuple[Path, Manifest]


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("manifest")
    }


def _rows(path: Path, sheet: str) -> list[list[str]]:
    """All rows of a file as text; only for encodings that need no recognition."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        return [["" if v is None else str(v) for v in row] for row in book[sheet].iter_rows(values_only=True)]
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if data.startswith(b"\xff\xfe"):
        text = data.decode("utf-16")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    separator = max(";,\t", key=text.splitlines()[-1].count)
    return list(csv.reader(text.splitlines(), delimiter=separator))


def test_every_table_has_files_in_every_year(clean: Sample) -> None:
    folder, manifest = clean
    for table in TABLES:
        for year in manifest.years:
            files = [f for f in manifest.files if (f["table"], f["year"]) == (table, year)]
            assert files, f"{table} {year} was not written"
            assert all((folder / f["file"]).stat().st_size for f in files)
            assert all(f["records"] > 0 for f in files)


def test_without_defects_nothing_is_planted(clean: Sample) -> None:
    assert clean[1].planted == []
    assert list(csv.DictReader((clean[0] / "manifest.csv").open(encoding="utf-8"))) == []


def test_the_totals_say_the_published_rates(clean: Sample) -> None:
    rates = {(t["year"], t["standard"]): t["poor_percent"] for t in clean[1].totals}
    # One household is 0.04 percentage points of so small a sample.
    assert rates[2021, "VN-2022"] == pytest.approx(10.29, abs=0.021)
    assert rates[2024, "VN-2022"] == pytest.approx(5.46, abs=0.021)
    assert rates[2021, "VN-2016"] < rates[2021, "VN-2022"]


def test_the_same_seed_gives_the_same_bytes_whatever_the_other_years(spoiled: Sample, tmp_path: Path) -> None:
    again = write_sample(tmp_path, years=[2024], scale=spoiled[1].scale, seed=3, defects="realistic")
    wanted = {name: h for name, h in _digest(spoiled[0]).items() if "/2024/" in name}
    assert _digest(tmp_path) == wanted
    assert again.planted == [p for p in spoiled[1].planted if p.year == 2024]


def test_another_seed_gives_another_sample(spoiled: Sample, tmp_path: Path) -> None:
    write_sample(tmp_path, years=[2024], scale=spoiled[1].scale, seed=4, defects="realistic")
    mine = _digest(spoiled[0])
    visits = {n: h for n, h in _digest(tmp_path).items() if n.startswith("health_visit/2024/xml1_2024")}
    assert len(visits) == 12
    assert all(mine.get(name) != h for name, h in visits.items())


_SHOWN = {
    "citizen_id_unreadable": {"1.9E+10", "1,9E+10"},
    "unreadable_household_size": {"bốn"},
    "test_record": {"999"},
    "unknown_work_type": {"Di dời"},
    "unknown_programme": {"Chương trình khác"},
    "unreadable_visits_total": {"chưa có"},
}


def test_each_planted_value_stands_where_the_manifest_says(spoiled: Sample) -> None:
    folder, manifest = spoiled
    opened: dict[tuple[str, str], list[list[str]]] = {}
    seen: set[str] = set()
    for item in manifest.planted:
        if item.reason not in _SHOWN or item.file.endswith(".parquet"):
            continue
        key = (item.file, item.sheet)
        if key not in opened:
            opened[key] = _rows(folder / item.file, item.sheet)
        row = set(opened[key][item.row - 1])
        legacy = {v for v in row if not v.isascii()}
        assert row & _SHOWN[item.reason] or legacy, f"{item} is not in row {item.row}"
        seen.add(item.reason)
    assert set(_SHOWN) <= seen


def test_copies_are_exact(spoiled: Sample) -> None:
    folder, manifest = spoiled
    copies = [p for p in manifest.planted if p.reason == "duplicate" and p.table == "survey_household"]
    assert copies
    for item in copies:
        rows = _rows(folder / item.file, item.sheet)
        assert rows.count(rows[item.row - 1]) == 2


def test_reasons_are_names_that_the_contracts_or_the_design_know(spoiled: Sample) -> None:
    general = {"duplicate", "superseded", "unknown_commune", "other_province", "commune_conflict"}
    general |= {"commune_code_of_other_date"}
    refusals = {
        "empty_file",
        "header_only",
        "missing_column",
        "ambiguous_column",
        "not_a_workbook",
        "nul_bytes",
    }
    for item in spoiled[1].planted:
        contract = load_contract(item.table)
        names = {rule.name for rule in contract.rules} | general
        for column in contract.all_columns():
            names |= {f"{word}_{column.name}" for word in ("unreadable", "unknown", "missing")}
        assert item.reason in (refusals if item.outcome == "file_refused" else names)
    refused = {p.reason for p in spoiled[1].planted if p.outcome == "file_refused"}
    assert refused == refusals


def test_parts_of_a_balance_add_up_and_visits_cost_their_parts(clean: Sample) -> None:
    ledger = _rows(clean[0] / "loan_ledger/2024/sao-ke_20241231.csv", "")
    header = next(i for i, row in enumerate(ledger) if "Mã món vay" in row)
    money = slice(ledger[header].index("Dư nợ") - 1, ledger[header].index("Dư nợ") + 4)
    for row in ledger[header + 1 :]:
        disbursed, outstanding, *parts = (float(v.replace(".", "").replace(",", ".")) for v in row[money])
        assert outstanding == pytest.approx(sum(parts))
        assert outstanding <= disbursed
    visits = _rows(clean[0] / "health_visit/2024/xml1_20240131.csv", "")
    for row in visits[1:]:
        total, *shares = map(int, row[12:])
        assert total == sum(shares)


def test_wrong_wishes_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2021 to 2026"):
        write_sample(tmp_path, years=[2019], scale=0.1, seed=1, defects="none")
    with pytest.raises(ValueError, match="scale"):
        write_sample(tmp_path, years=[2024], scale=0, seed=1, defects="none")
    with pytest.raises(LookupError, match="no province"):
        write_sample(tmp_path, years=[2024], scale=0.01, seed=1, defects="none", province="99")


def test_progress_ends_where_it_said(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_sample(
        tmp_path, years=[2026], scale=0.003, seed=1, defects="realistic", progress=lambda *a: told.append(a)
    )
    assert told[-1][1] == told[-1][2]
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_the_generator_knows_nothing_of_the_readers() -> None:
    folder = Path(inspect.getfile(pipelines.sample)).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                ours = module.split(".")[0] in ("assets", "checks", "pipelines")
                assert not ours or module == "checks.contract" or module.startswith("pipelines.sample"), path
