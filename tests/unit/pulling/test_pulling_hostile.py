"""What may lie in a drop folder, and happen to it: each has an outcome, and its neighbour is landed."""

from __future__ import annotations

import os
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from assets import limits
from assets.pulling.sources import DropFile, DropStore, SourceUnavailable
from checks.contract import TABLES

Drops = Any
Maker = Callable[[Path], object]

# Name, maker, outcome, word of its detail ("" where it is landed).
LYING = (
    ("link.csv", lambda p: p.symlink_to("/etc/passwd"), "unsupported", "link"),
    ("link-to-nothing.csv", lambda p: p.symlink_to("nowhere.csv"), "unsupported", "link"),
    ("link-to-itself.csv", lambda p: p.symlink_to(p.name), "unsupported", "link"),
    ("link-to-folder.csv", lambda p: p.symlink_to("/etc"), "unsupported", "link"),
    ("pipe.csv", lambda p: os.mkfifo(p), "unsupported", "pipe"),
    ("socket.csv", lambda p: _socket(p), "unsupported", "socket"),
    ("sparse.csv", lambda p: _sparse(p), "unsupported", "4 GB"),
    ("no-ending", lambda p: p.write_text("1"), "unsupported", "csv"),
    ("macro.xlsm", lambda p: p.write_text("1"), "unsupported", "xlsx"),
    ("quotes'\"`.csv", lambda p: p.write_text("2"), "landed", ""),
    ("two\nlines.csv", lambda p: p.write_text("3"), "landed", ""),
    ("a..\\up.csv", lambda p: p.write_text("4"), "landed", ""),
    ("...csv", lambda p: p.write_text("5"), "passed over", ""),
    ("-rf.csv", lambda p: p.write_text("6"), "landed", ""),
    ("~root.csv", lambda p: p.write_text("7"), "landed", ""),
    ("a*?[b].csv", lambda p: p.write_text("8"), "landed", ""),
    ("file:a::b.csv", lambda p: p.write_text("9"), "landed", ""),
    ("%2e%2e%2fa.csv", lambda p: p.write_text("10"), "landed", ""),
    ("\x1b[31mđỏ\x07.csv", lambda p: p.write_text("11"), "landed", ""),
    ("\u202evsc.csv", lambda p: p.write_text("12"), "landed", ""),
    ("; DROP TABLE file;--.csv", lambda p: p.write_text("13"), "landed", ""),
    ("Hòa.csv", lambda p: p.write_text("14"), "landed", ""),
    ("Ho\u0300a.csv", lambda p: p.write_text("15"), "landed", ""),
    ("HÒA.csv", lambda p: p.write_text("16"), "landed", ""),
    ("x" * 251 + ".csv", lambda p: p.write_text("17"), "landed", ""),
    (" .csv", lambda p: p.write_text("18"), "landed", ""),
    (os.fsdecode(b"\xff\xfe.csv"), lambda p: p.write_text("19"), "unsupported", "UTF-8"),
)  # fmt: skip


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path may be of 107 bytes only
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, limits.LANDED_FILE.value + 1)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("name", "make", "outcome", "word"), LYING, ids=lambda v: ascii(v) if isinstance(v, str) else ""
)
def test_what_lies_in_the_folder(drops: Drops, name: str, make: Maker, outcome: str, word: str) -> None:
    drops.write("neighbour.csv", "sound")
    make(drops.folder / name)
    # An hour ago: what is young is waited for, which is not asked here.
    then = time.time() - 3600
    os.utime(drops.folder / name, (then, then), follow_symlinks=False)
    shown = name.encode("utf-8", "backslashreplace").decode()
    expected = {"neighbour.csv": "landed"} | ({} if outcome == "passed over" else {shown: outcome})
    assert drops.pull() == expected
    told = {file: detail for file, _, detail in drops.attempts()}
    assert word in (told.get(shown) or "")
    assert len(drops.landed()) == list(expected.values()).count("landed")
    assert all(
        p.parent == drops.home.landing / "survey_total/2024" for p in drops.home.landing.rglob("*.csv")
    )


@pytest.mark.timeout(60)
def test_a_folder_that_is_a_link_is_not_followed(drops: Drops, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "2024"
    outside.mkdir(parents=True)
    (outside / "secret.csv").write_text("secret")
    drops.write("neighbour.csv", "sound")
    (drops.root / "survey_total" / "2023").symlink_to(outside)
    (drops.root / "loan_ledger").symlink_to(outside.parent)
    store = DropStore(str(drops.root))
    assert store.years("survey_total") == [2024]
    assert store.files("survey_total", 2023) == store.files("loan_ledger", 2024) == []
    assert store.years("loan_ledger") == []
    assert list(store.misplaced(TABLES)) == ["loan_ledger", "survey_total/2023"]


def test_an_archive_s_names_lead_nowhere_else(drops: Drops, tmp_path: Path) -> None:
    """`../` and absolute names: only what lies in the table's own folder is taken."""
    with zipfile.ZipFile(tmp_path / "drops.zip", "w") as archive:
        for name in (
            "survey_total/2024/neighbour.csv",
            "survey_total/2024/../../up.csv",
            "survey_total/2024/../2023/other.csv",
            "../../etc/passwd.csv",
            "/absolute.csv",
        ):
            archive.writestr(name, name)  # fmt: skip
    url = f"zip://::file://{tmp_path / 'drops.zip'}"
    assert drops.pull(url=url) == {"neighbour.csv": "landed"}
    assert drops.landed() == [b"survey_total/2024/neighbour.csv"]
    store = DropStore(url)
    assert store.years("survey_total") == [2024]
    assert store.files("loan_ledger", 2024) == []
    assert list(store.misplaced(TABLES)) == ["absolute.csv"]


def test_the_root_itself_may_be_a_link(drops: Drops, tmp_path: Path) -> None:
    drops.write("neighbour.csv", "sound")
    (tmp_path / "mounted").symlink_to(drops.root)
    assert drops.pull(url=str(tmp_path / "mounted")) == {"neighbour.csv": "landed"}


def test_a_folder_under_a_file_s_name_is_told(drops: Drops) -> None:
    drops.write("neighbour.csv", "sound")
    (drops.folder / "folder.csv").mkdir()
    assert drops.pull() == {"neighbour.csv": "landed"}
    assert list(DropStore(str(drops.root)).misplaced(TABLES)) == ["survey_total/2024/folder.csv"]


def _grows(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _replaced(path: Path) -> None:
    other = path.with_name(".other")
    other.write_text("other")
    os.replace(other, path)


def _becomes_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("happens", [_grows, _replaced, Path.unlink])
def test_what_changes_while_it_is_copied_is_not_taken_half(
    drops: Drops, monkeypatch: pytest.MonkeyPatch, happens: Maker
) -> None:
    drops.write("a.csv", "first part")
    drops.write("neighbour.csv", "sound")
    opens = DropStore.open

    @contextmanager
    def open_and_change(store: DropStore, file: DropFile) -> Iterator[IO[bytes]]:
        with opens(store, file) as stream:
            if file.name == "a.csv":
                happens(Path(file.path))
            yield stream

    monkeypatch.setattr(DropStore, "open", open_and_change)
    assert drops.pull() == {"a.csv": "failed", "neighbour.csv": "landed"}
    assert (
        drops.attempts()[0][2] == "DropChanged: it changed while it was copied, and is taken at the next look"
    )
    assert drops.landed() == [b"sound"]
    monkeypatch.undo()
    if (drops.folder / "a.csv").exists():
        whole = (drops.folder / "a.csv").read_bytes()
        assert drops.pull() == {"a.csv": "landed", "neighbour.csv": "unchanged"}
        assert whole in drops.landed()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "happens", [Path.unlink, _becomes_a_pipe, lambda p: (p.unlink(), p.symlink_to("/etc/passwd"))]
)
def test_what_is_another_thing_when_it_is_opened_fails(
    drops: Drops, monkeypatch: pytest.MonkeyPatch, happens: Maker
) -> None:
    drops.write("a.csv", "first part")
    drops.write("neighbour.csv", "sound")
    files = DropStore.files

    def list_and_change(store: DropStore, table: str, year: int) -> list[DropFile]:
        found = files(store, table, year)
        happens(drops.folder / "a.csv")
        return found

    monkeypatch.setattr(DropStore, "files", list_and_change)
    assert drops.pull() == {"a.csv": "failed", "neighbour.csv": "landed"}
    assert drops.landed() == [b"sound"]


def test_a_root_that_vanishes_withdraws_nothing(drops: Drops) -> None:
    drops.write("a.csv", "1")
    drops.pull()
    drops.root.rename(drops.root.with_name("elsewhere"))
    with pytest.raises(SourceUnavailable, match="mounted"):
        drops.pull()
    assert drops.states() == [("a.csv", 1, "current")]


def test_a_root_that_may_no_longer_be_looked_into_withdraws_nothing(
    drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `chmod 000`, or a mount whose server forgot us; root is not told no, so the call is."""
    drops.write("a.csv", "1")
    drops.pull()

    def denied(path: Any, *_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied", path)

    with monkeypatch.context() as patch, pytest.raises(SourceUnavailable, match="Permission denied") as error:
        patch.setattr("fsspec.implementations.local.os.stat", denied)
        patch.setattr("fsspec.implementations.local.os.scandir", denied)
        drops.pull()
    assert str(drops.root) not in str(error.value)
    assert drops.states() == [("a.csv", 1, "current")]


def test_a_store_that_does_not_answer_is_retryable_and_its_url_untold() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))  # bound, and not listening: refused at once
        port = server.getsockname()[1]
        with pytest.raises(SourceUnavailable) as error:
            DropStore(f"ftp://user:secret@127.0.0.1:{port}/drops")
    assert "secret" not in str(error.value)
