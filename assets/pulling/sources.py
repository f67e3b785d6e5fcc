"""Where drops come from: a folder or fsspec URL.

Belongs here: listing what is there and opening it. Does not belong here: databases (`databases`), or
keeping what came (landing).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import IO, Any, Protocol

import fsspec
from fsspec.implementations.local import LocalFileSystem

from assets.limits import LANDED_FILE

SUFFIXES = (".csv.gz", ".xlsx", ".xls", ".csv", ".tsv", ".txt", ".parquet")
_MANIFEST = "manifest.csv"
# As messages name them.
ENDINGS = " or ".join((", ".join(s[1:] for s in SUFFIXES[:-1]), SUFFIXES[-1][1:]))
_LINK = "a symbolic link"
_EXPECTED = f"expected <table>/<year>/<file> ending in {ENDINGS}"


class SourceUnavailable(Exception):
    """A drop store or database did not answer: retryable."""


class DropChanged(OSError):
    """A drop was written to, replaced or removed while it was copied: it is taken when it is whole."""

    def __init__(self, found: str = "it changed while it was copied") -> None:
        super().__init__(errno.EAGAIN, f"{found}, and is taken at the next look")


class SourcesInvalid(Exception):
    """`sources.yaml` says something that cannot be carried out: permanent."""


@dataclass(frozen=True)
class DropFile:
    """One file that lies in the drops, not yet opened."""

    table: str
    year: int
    name: str
    path: str
    size: int
    modified: float
    is_link: bool = False
    is_special: bool = False
    is_misnamed: bool = False

    @property
    def suffix(self) -> str:
        """The ending that tells the format, `.csv.gz` as one; empty where the file is not taken."""
        return "" if self.unsupported else self._ending

    @property
    def unsupported(self) -> str:
        """Why the file is not taken, and what to do; empty where it is taken."""
        if self.is_link:
            return f"{_LINK}: put the file itself"  # it may lead out of the drops
        if self.is_special:
            return "no plain file (a pipe, socket or device): put the file itself"
        if self.is_misnamed:
            return "its name is not UTF-8: give it another"
        if self.size > LANDED_FILE.value:
            return f"larger than {LANDED_FILE.shown}: send it in parts, by month or commune"
        return "" if self._ending else f"not {ENDINGS}"

    @property
    def _ending(self) -> str:
        lower = self.name.lower()
        return next((s for s in SUFFIXES if lower.endswith(s)), "")


def _modified(info: dict[str, Any]) -> float:
    for key in ("mtime", "modified", "LastModified", "last_modified", "modify", "created"):
        value = info.get(key)
        if isinstance(value, str) and value[:14].isdigit():  # FTP: yyyymmddHHMMSS
            value = datetime.strptime(value[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, (int, float)):
            return float(value)
    return 0.0


def _is_passed_over(name: str) -> bool:
    """Hidden and temporary files: half an upload is none."""
    return name.startswith((".", "~$")) or name.endswith((".part", ".tmp"))


def _is_astray(name: str) -> bool:
    """Whether a file beside the tables has an ending that is taken; the list of a sample is none."""
    return name.lower().endswith(SUFFIXES) and name != _MANIFEST


def _is_year(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) == 4


def told_of_store(error: OSError, otherwise: str = "") -> str:
    """The kind and the system's own word; never the message, which may hold the URL.

    Stores of a network put their own words, an address among them, in the place of the system's.
    """
    word = error.strerror or ""
    word = otherwise if not word or "://" in word or "@" in word else word
    return f"{type(error).__name__}: {word}" if word else type(error).__name__


class DropStore:
    """The root of the drops: `<root>/<table>/<year>/<any name>`."""

    def __init__(self, url: str) -> None:
        try:
            self._fs, self._root = fsspec.core.url_to_fs(url)
        except OSError as error:
            # Nor is it kept as the cause: the run's log shows causes with all their words.
            raise SourceUnavailable(f"the drops do not answer: {told_of_store(error)}") from None
        except (ImportError, ValueError) as error:
            # The URL may hold a password: it is not quoted.
            kind = type(error).__name__
            raise SourcesInvalid(
                f"THOATNGHEO_DROPS cannot be opened ({kind}): give a folder or an fsspec URL, and install "
                "the package of its protocol (s3fs for s3://, paramiko for sftp:// …)"
            ) from None

    def require(self) -> None:
        """Make sure that the root is there: files that cannot be seen have not been withdrawn.

        Raises
        ------
        SourceUnavailable
            There is no such folder, or the store did not answer.
        """
        if not self._is_there(self._path("")):
            raise SourceUnavailable("the root of the drops (THOATNGHEO_DROPS) is not there; is it mounted?")

    def years(self, table: str) -> list[int]:
        """The years for which a table has a folder."""
        names = [name for name, info in self._listed(table) if not info.get("islink")]
        return sorted(int(name) for name in names if _is_year(name))

    def files(self, table: str, year: int) -> list[DropFile]:
        """The files of a table and year, by name. Hidden and temporary files are passed over."""
        found = []
        for name, info in self._listed(f"{table}/{year}"):
            is_link = bool(info.get("islink"))
            if (info["type"] == "directory" and not is_link) or _is_passed_over(name):
                continue
            size = int(info["size"] or 0)
            shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
            drop = DropFile(table, year, shown, info["name"], size, _modified(info), is_link)
            is_special = info["type"] != "file" and not is_link
            found.append(replace(drop, is_special=is_special, is_misnamed=shown != name))
        return sorted(found, key=lambda f: f.name)

    def _listed(self, place: str) -> list[tuple[str, dict[str, Any]]]:
        """Names and facts of what a folder holds; nothing where it is not there, or is a link out."""
        folder = self._path(place)
        if not self._is_there(folder) or any(map(self._is_link, self._down_to(place))):
            return []
        try:
            self._fs.invalidate_cache(folder)
            return [(PurePosixPath(info["name"]).name, info) for info in self._fs.ls(folder, detail=True)]
        except OSError as error:
            raise SourceUnavailable(f"the drops cannot be listed: {told_of_store(error)}") from None

    def _path(self, place: str) -> str:
        """The path in the store of a place below the root; an archive's root has no name."""
        return f"{self._root}/{place}" if self._root and place else self._root or place

    def _down_to(self, place: str) -> list[str]:
        """The folders from below the root to a place, itself among them."""
        parts = place.split("/") if place else []
        return [self._path("/".join(parts[: i + 1])) for i in range(len(parts))]

    def _is_link(self, path: str) -> bool:
        return bool(self._fs.info(path).get("islink"))

    def _is_there(self, path: str) -> bool:
        """What may not be looked into is not gone: files that cannot be seen were not withdrawn."""
        try:
            self._fs.info(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SourceUnavailable(f"the drops cannot be listed: {told_of_store(error)}") from None
        return True

    def misplaced(self, tables: tuple[str, ...]) -> dict[str, str]:
        """What lies in the drops but where nothing is looked for, relative to their root, and why."""
        found: dict[str, str] = {}
        for name, is_folder in self._entries(""):
            if name not in tables or not is_folder:
                # a note beside the tables is fine; what could be an extract was meant to be one
                if is_folder or name in tables or _is_astray(name):
                    found[name] = self._why_not(name)
                continue
            for year, holds in self._entries(name):
                if not holds or not _is_year(year):
                    found[f"{name}/{year}"] = self._why_not(f"{name}/{year}")
                    continue
                inside = self._entries(f"{name}/{year}")
                found |= {f"{name}/{year}/{entry}": _EXPECTED for entry, inner in inside if inner}
                files = self.files(name, int(year))
                found |= {f"{name}/{year}/{file.name}": file.unsupported for file in files if not file.suffix}
        return dict(sorted(found.items()))

    def _why_not(self, place: str) -> str:
        # A name that is not UTF-8 is shown otherwise than it stands on the disk: none is found under it.
        path = self._path(place)
        if self._fs.exists(path) and self._is_link(path):
            return f"{_LINK}, which is not followed: put the folder itself"
        return _EXPECTED

    def _entries(self, place: str) -> list[tuple[str, bool]]:
        """Names, and whether each is a folder; a link to one is none."""
        entries = [
            (name.encode("utf-8", "backslashreplace").decode("utf-8"), info)
            for name, info in self._listed(place)
            if not _is_passed_over(name)
        ]
        return [(name, info["type"] == "directory" and not info.get("islink")) for name, info in entries]

    @contextmanager
    def open(self, file: DropFile) -> Iterator[IO[bytes]]:
        """The bytes of one drop.

        Between the listing and now a pipe or a link may have taken its place: a local file is opened
        without waiting for a writer and without following a link.

        Raises
        ------
        OSError
            It cannot be opened, or is no plain file any more (`DropChanged`).
        """
        if not isinstance(self._fs, LocalFileSystem):
            with self._fs.open(file.path, "rb") as stream:
                yield stream
            return
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DropChanged
            yield stream

    def require_unchanged(self, file: DropFile, copied: int) -> None:
        """Make sure that what was copied is the whole of what was listed.

        Raises
        ------
        DropChanged
            Size or time are others now than when the file was listed, or it is gone.
        """
        try:
            self._fs.invalidate_cache(str(PurePosixPath(file.path).parent))
            info = self._fs.info(file.path)
        except FileNotFoundError as error:
            raise DropChanged from error
        size = int(info["size"] or 0)
        if (size, _modified(info)) != (file.size, file.modified) or (size and size != copied):
            raise DropChanged

    def sha256(self, file: DropFile) -> str:
        """The hash of a drop's bytes, read once."""
        digest = hashlib.sha256()
        with self.open(file) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


class Writable(Protocol):
    """What a copy is written to."""

    def write(self, block: bytes, /) -> int: ...


def sha256_of(stream: IO[bytes], copy_to: Writable, chunk: int = 1 << 20) -> str:
    """Copy a stream and return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while block := stream.read(chunk):
        digest.update(block)
        copy_to.write(block)
    return digest.hexdigest()
