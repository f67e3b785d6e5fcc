"""What lies where nothing is looked for is told, and a symbolic link is never followed."""

from __future__ import annotations

from pathlib import Path

from assets.pulling.sources import DropStore
from checks.contract import TABLES


def test_what_lies_in_a_wrong_place_is_told(tmp_path: Path) -> None:
    for name in (
        "loan-ledger/2024/a.csv",
        "loan_ledger/20244/a.csv",
        "loan_ledger/a.csv",
        "loan_ledger/2024/good.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", encoding="utf-8")
    (tmp_path / "manifest.csv").write_text("1", encoding="utf-8")
    for name in ("ghi-chu.docx", "manifest.json", "sao-ke.XLSX", "ledger.csv.gz"):
        (tmp_path / name).write_text("1", encoding="utf-8")
    (tmp_path / "loan_ledger/2024/folder.csv").mkdir()
    (tmp_path / "loan_ledger/2024/.hidden.csv").write_text("1", encoding="utf-8")
    (tmp_path / "loan_ledger/2024/link.csv").symlink_to(tmp_path / "loan_ledger/2024/good.csv")
    (tmp_path / "loan_ledger/2024/broken.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "loan_ledger/2023").symlink_to(tmp_path / "loan_ledger/2024")
    found = DropStore(str(tmp_path)).misplaced(TABLES)
    assert found["loan_ledger/2024/link.csv"] == "a symbolic link: put the file itself"
    assert found["loan_ledger/2023"].startswith("a symbolic link, which is not followed")
    assert found["loan_ledger/a.csv"].endswith("in csv.gz, xlsx, xls, csv, tsv, txt or parquet")
    assert list(found) == [
        "ledger.csv.gz",
        "loan-ledger",
        "loan_ledger/2023",
        "loan_ledger/2024/broken.csv",
        "loan_ledger/2024/folder.csv",
        "loan_ledger/2024/link.csv",
        "loan_ledger/20244",
        "loan_ledger/a.csv",
        "sao-ke.XLSX",
    ]


def test_a_link_has_no_format_and_a_good_file_has(tmp_path: Path) -> None:
    folder = tmp_path / "loan_ledger/2024"
    folder.mkdir(parents=True)
    (folder / "good.csv").write_text("1", encoding="utf-8")
    (folder / "link.csv").symlink_to(folder / "good.csv")
    files = DropStore(str(tmp_path)).files("loan_ledger", 2024)
    assert {file.name: file.suffix for file in files} == {"good.csv": ".csv", "link.csv": ""}
