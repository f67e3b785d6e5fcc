"""Pulling a table and year: what is new is copied once, and everything leaves an outcome."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import fsspec
import pytest
import sqlalchemy as sa

from assets.failing import _older
from assets.journal import FILE
from assets.pulling.pull import current_files
from assets.pulling.sources import DropStore

Drops = Any


def test_a_new_file_is_kept_unchanged_under_its_hash(drops: Drops) -> None:
    drops.write("tong_20240131.csv", "a;b\n1;2\n")
    assert drops.pull() == {"tong_20240131.csv": "landed"}
    sha256 = hashlib.sha256(b"a;b\n1;2\n").hexdigest()
    assert drops.home.landed_file("survey_total", 2024, sha256, ".csv").read_bytes() == b"a;b\n1;2\n"
    (row,) = drops.journal.rows(sa.select(FILE))
    assert (row["sha256"], row["size"], row["version"], row["state"]) == (sha256, 8, 1, "current")
    assert row["file_date"] == "2024-01-31"
    assert drops.attempts() == [("tong_20240131.csv", "landed", None)]


def test_an_unchanged_file_is_not_opened_again(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    drops.write("a.csv", "1")
    drops.pull()

    def opened(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(DropStore, "open", opened)
    assert drops.pull() == {"a.csv": "unchanged"}
    assert drops.states() == [("a.csv", 1, "current")]


def test_a_touched_file_is_looked_at_and_not_landed_twice(drops: Drops) -> None:
    drops.write("a.csv", "1")
    drops.pull()
    drops.write("a.csv", "1")
    assert drops.pull() == {"a.csv": "unchanged"}
    assert drops.states() == [("a.csv", 1, "current")]
    assert [outcome for _, outcome, _ in drops.attempts()] == ["landed", "unchanged"]
    assert drops.landed() == [b"1"]


def test_a_corrected_file_replaces_its_predecessor_and_both_stay(drops: Drops) -> None:
    drops.write("a.csv", "1")
    drops.pull()
    drops.write("a.csv", "2")
    assert drops.pull() == {"a.csv": "replaced"}
    assert drops.states() == [("a.csv", 1, "replaced"), ("a.csv", 2, "current")]
    assert drops.landed() == [b"1", b"2"]


def test_a_file_that_goes_back_to_what_it_was_is_current_again(drops: Drops) -> None:
    for text in ("A", "B", "A"):
        drops.write("a.csv", text)
        drops.pull()
    assert drops.states() == [("a.csv", 2, "replaced"), ("a.csv", 3, "current")]
    current = [f for f in current_files(drops.journal, "survey_total", 2024) if f["state"] == "current"]
    assert [f["sha256"] for f in current] == [hashlib.sha256(b"A").hexdigest()]
    assert drops.landed() == [b"A", b"B"]
    assert drops.pull() == {"a.csv": "unchanged"}


def test_a_withdrawn_file_is_marked_and_comes_back(drops: Drops) -> None:
    drops.write("a.csv", "1")
    drops.write("b.csv", "2")
    drops.pull()
    kept = drops.folder / "a.csv"
    away = kept.rename(drops.root / "a.csv")
    assert drops.pull() == {"b.csv": "unchanged"}
    assert drops.states() == [("a.csv", 1, "withdrawn"), ("b.csv", 1, "current")]
    assert drops.landed() == [b"1", b"2"]
    away.rename(kept)
    assert drops.pull() == {"a.csv": "unchanged", "b.csv": "unchanged"}
    assert drops.states() == [("a.csv", 1, "current"), ("b.csv", 1, "current")]


def test_a_withdrawn_file_that_returns_with_other_content_is_a_new_version(drops: Drops) -> None:
    drops.write("a.csv", "1")
    drops.pull()
    (drops.folder / "a.csv").unlink()
    drops.pull()
    drops.write("a.csv", "2")
    assert drops.pull() == {"a.csv": "replaced"}
    assert drops.states() == [("a.csv", 1, "replaced"), ("a.csv", 2, "current")]


def test_another_format_leaves_an_outcome_and_hidden_files_do_not(drops: Drops) -> None:
    for name in ("ghi chú.docx", ".hidden.csv", "~$mở.xlsx", "đang chép.csv.part"):
        drops.write(name, "x")
    assert drops.pull() == {"ghi chú.docx": "unsupported"}
    assert drops.attempts() == [
        ("ghi chú.docx", "unsupported", "not csv.gz, xlsx, xls, csv, tsv, txt or parquet")
    ]
    assert drops.states() == []


def test_a_file_that_cannot_be_opened_fails_and_others_go_on(
    drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    drops.write("a.csv", "1")
    drops.write("b.csv", "2")
    opens = DropStore.open

    def broken(store: DropStore, file: Any) -> Any:
        if file.name == "a.csv":
            raise PermissionError(13, "Permission denied", file.path)
        return opens(store, file)

    monkeypatch.setattr(DropStore, "open", broken)
    assert drops.pull() == {"a.csv": "failed", "b.csv": "landed"}
    assert drops.attempts()[0] == ("a.csv", "failed", "PermissionError: Permission denied")
    monkeypatch.undo()
    assert drops.pull() == {"a.csv": "landed", "b.csv": "unchanged"}


def test_a_copy_that_breaks_off_leaves_nothing_behind(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    drops.write("a.csv", "1")

    def breaks(*_: object) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("assets.pulling.pull.sha256_of", breaks)
    assert drops.pull() == {"a.csv": "failed"}
    folder = drops.home.landing / "survey_total" / "2024"
    assert list(folder.iterdir()) == []


def test_what_a_killed_pull_left_does_no_harm(drops: Drops) -> None:
    folder = drops.home.landing / "survey_total" / "2024"
    folder.mkdir(parents=True)
    (folder / ".pulling-abc123").write_bytes(b"half")
    drops.write("a.csv", "1")
    assert drops.pull() == {"a.csv": "landed"}
    assert drops.states() == [("a.csv", 1, "current")]
    assert drops.landed() == [b"1"]


def test_a_year_without_a_folder_is_empty(drops: Drops) -> None:
    assert drops.pull() == {}
    assert DropStore(str(drops.root)).years("survey_total") == []


def test_years_are_the_folders_of_four_digits(drops: Drops) -> None:
    for name in ("2023", "2024", "cũ", "24", "20240"):
        (drops.root / "survey_total" / name).mkdir(parents=True)
    assert DropStore(str(drops.root)).years("survey_total") == [2023, 2024]


def test_versions_of_one_year_do_not_touch_another(drops: Drops, tmp_path: Path) -> None:
    drops.write("a.csv", "1")
    drops.pull()
    other = drops.root / "survey_total" / "2023"
    other.mkdir()
    (other / "a.csv").write_text("2")
    from assets.pulling.pull import Pull

    outcomes = Pull(drops.home, drops.journal, "survey_total", 2023).run(DropStore(str(drops.root)), None)
    assert [o.outcome for o in outcomes] == ["landed"]
    assert drops.states() == [("a.csv", 1, "current"), ("a.csv", 1, "current")]


def test_drops_of_any_fsspec_url_are_pulled(drops: Drops) -> None:
    memory = fsspec.filesystem("memory")
    path = "/thoatngheo-test/survey_total/2024/tong_20240131.csv"
    memory.pipe(path, b"1")
    try:
        assert DropStore("memory://thoatngheo-test").years("survey_total") == [2024]
        assert drops.pull("memory://thoatngheo-test") == {"tong_20240131.csv": "landed"}
        assert drops.pull("memory://thoatngheo-test") == {"tong_20240131.csv": "unchanged"}
        memory.pipe(path, b"22")
        assert drops.pull("memory://thoatngheo-test") == {"tong_20240131.csv": "replaced"}
        assert drops.landed() == [b"1", b"22"]
    finally:
        memory.rm("/thoatngheo-test", recursive=True)


def test_a_store_that_tells_no_time_is_read_every_time(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.pulling.sources._modified", lambda info: 0.0)
    drops.write("a.csv", "1")
    assert drops.pull() == {"a.csv": "landed"}
    drops.write("a.csv", "2")  # of the same size
    assert drops.pull() == {"a.csv": "replaced"}


def test_equal_content_under_two_names_is_one_file_on_disk(drops: Drops) -> None:
    drops.write("a.csv", "1")
    drops.write("b.csv", "1")
    assert drops.pull() == {"a.csv": "landed", "b.csv": "landed"}
    assert drops.landed() == [b"1"]


def test_landed_files_are_listed_oldest_first(drops: Drops) -> None:
    drops.write("z_20240131.csv", "1")
    drops.write("a_20240331.csv", "3")
    drops.write("m_20240229.csv", "2")
    drops.pull()
    listed = [f["file_name"] for f in current_files(drops.journal, "survey_total", 2024)]
    assert listed == ["z_20240131.csv", "m_20240229.csv", "a_20240331.csv"]
    assert [p.name for p in drops.home.landing.iterdir()] == ["survey_total"]


def test_an_older_file_put_over_a_newer_one_is_taken_and_named(drops: Drops) -> None:
    drops.write("tong.csv", "new")
    drops.pull()
    drops.write("tong.csv", "the older one", later=-90_000)
    assert drops.pull() == {"tong.csv": "replaced"}
    name, outcome, detail = drops.attempts()[-1]
    assert (name, outcome) == ("tong.csv", "replaced")
    assert detail is not None and detail.startswith("older than the version that it replaces: changed 2024-")
    told = [f.found for f in _older(drops.journal)]
    assert told == [f"tong.csv: {detail}; it counts"]
    drops.write("tong.csv", "newest", later=200_000)
    assert drops.pull() == {"tong.csv": "replaced"}
    assert drops.attempts()[-1][2] is None
    assert list(_older(drops.journal)) == []
