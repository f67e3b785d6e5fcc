"""A disk of the home that fails while a drop is copied stops the run; it is no fault of the drop."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from assets.pulling import home_copy
from assets.pulling.sources import DropStore
from assets.workplace import HomeUnusable

Drops = Any


def _fails(number: int, path: str | None = None) -> Any:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise OSError(number, os.strerror(number), path)

    return fail


def test_a_disk_that_fills_up_while_a_drop_is_copied(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    drops.write("a.csv", "1")
    name = str(drops.home.root / "copy")
    # A device that is always full: the system's own answer, at the moment that what is buffered is written.
    monkeypatch.setattr(home_copy.tempfile, "mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), name))
    with pytest.raises(HomeUnusable, match=r"no room to write.*Free space"):
        drops.pull()
    assert drops.attempts() == [], "nothing is put down to the drop"


@pytest.mark.parametrize(
    ("broken", "number", "words"),
    [
        ("mkstemp", errno.EROFS, "cannot be written to"),
        ("mkstemp", errno.ENOSPC, "no room to write"),
        ("replace", errno.EDQUOT, "no room to write"),
        ("replace", errno.EIO, "See to its disk"),
    ],
)
def test_every_write_to_the_home(
    drops: Drops, monkeypatch: pytest.MonkeyPatch, broken: str, number: int, words: str
) -> None:
    drops.write("a.csv", "1")
    place = home_copy.tempfile if broken == "mkstemp" else home_copy.os
    monkeypatch.setattr(place, broken, _fails(number, str(drops.home.landing / "x")))
    with pytest.raises(HomeUnusable, match=words):
        drops.pull()
    monkeypatch.undo()
    assert drops.pull() == {"a.csv": "landed"}
    assert [path.name for path in drops.home.landing.rglob(".pulling-*")] == []


def test_a_drop_that_cannot_be_read_is_the_drop_s(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where its store says that there is no room: it is not the home that said so."""
    drops.write("a.csv", "1")
    drops.write("b.csv", "2")
    opens = DropStore.open

    @contextmanager
    def broken(store: DropStore, file: Any) -> Iterator[Any]:
        with opens(store, file) as stream:
            yield SimpleNamespace(read=_fails(errno.ENOSPC)) if file.name == "a.csv" else stream

    monkeypatch.setattr(DropStore, "open", broken)
    assert drops.pull() == {"a.csv": "failed", "b.csv": "landed"}
    assert drops.attempts()[0] == ("a.csv", "failed", "OSError: No space left on device")
