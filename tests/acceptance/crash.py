"""Kills at random moments: starting what is killed, and looking at what is left.

Belongs here: processes, moments, a reader's look at the warehouse, what lies in a home. Does not
belong here: what is expected of them (`test_crash`).
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from assets.warehouse.contents import MART_SCHEMA, MartColumn, checksum_of
from assets.warehouse.postgres import Postgres
from assets.warehouse.postgres_load import checksum_held
from tests.integration.line import BIN, ROOT, Line

YEAR = 2024
ADDED = 100
CORRECTED = f"survey_total/{YEAR}/tong-so-ho_{YEAR}1220.csv"
# What grows by a run or a release, and is meant to: Dagster's event log of every run, its SQLite files' own
# logs and what steps printed; dbt's logs and that of the killed command; kept releases. Not what Dagster
# and dbt write beside: half a manifest is litter.
_GROWS = re.compile(
    r"^dagster/(?:logs/|storage/[0-9a-f-]{36}/|history/runs/[0-9a-f-]{36}\.db|.+\.db-(?:wal|shm|journal)$)"
    r"|^dbt/(?:logs/|killed\.log$)"
    r"|^drops/|^warehouse\..+\.duckdb$|^told\.txt$"
)
_DIES_WITHIN = 15.0


@dataclass(frozen=True)
class Target:
    """A line and the warehouse that it publishes into."""

    line: Line
    url: str

    @property
    def variables(self) -> dict[str, str]:
        return {"THOATNGHEO_WAREHOUSE_URL": self.url}

    @property
    def is_file(self) -> bool:
        return self.url.startswith("duckdb")


def copy_of(line: Line, home: Path, url: str = "") -> Target:
    """A copy of a home, drops and their times included; its own file is its warehouse by default."""
    shutil.copytree(line.home, home, symlinks=True)
    return Target(Line(home), url or f"duckdb:///{home / 'warehouse.duckdb'}")


def correct(line: Line, households: int) -> None:
    """One number of one drop becomes another: work for every layer of its year."""
    path = line.drops / CORRECTED
    lines = path.read_bytes().decode("utf-16").splitlines()
    cells = lines[1].split("\t")
    cells[2] = str(int(cells[2]) + households)
    path.write_bytes("\r\n".join([lines[0], "\t".join(cells), *lines[2:], ""]).encode("utf-16"))
    moment = path.stat().st_mtime + 60
    os.utime(path, (moment, moment))


def refreshed(target: Target) -> None:
    """A refresh of the corrected year that is let end."""
    done = target.line.command("refresh", "--year", str(YEAR), **target.variables)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@dataclass
class Twins:
    """Two homes of which nobody was killed: before the correction of a drop, and refreshed after it."""

    before: Line
    after: Line
    seconds: float
    columns: dict[str, list[MartColumn]]
    checksums: dict[str, dict[str, str]]


def make_twins(line: Line, folder: Path) -> Twins:
    """The twins of a home that was refreshed."""
    before = copy_of(line, folder / "before")
    after = copy_of(line, folder / "after")
    correct(after.line, ADDED)
    seconds = timed(lambda: refreshed(after))
    columns = columns_of(line.home / "pipeline.duckdb")
    checksums = {"before": standing(before, columns)[1], "after": standing(after, columns)[1]}
    assert checksums["before"] != checksums["after"]
    return Twins(before.line, after.line, seconds, columns, checksums)


# --- kills ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kill:
    """One kill: when, of whom, and whether the process had ended before."""

    number: int
    seconds: float
    whom: str
    too_late: bool

    def __str__(self) -> str:
        late = ", too late" if self.too_late else ""
        return f"kill {self.number} of the {self.whom} at {self.seconds:.2f} s{late}"


class Moments:
    """Random moments as shares of a duration, one in each of so many equal parts of it, in random order.

    Who was killed too late is killed once more, sooner: so many kills as were asked for are in time.
    """

    def __init__(self, seed: int, kills: int) -> None:
        # Of the whole group, as a machine that goes down; of the parent alone, as the system's own
        # killer does it when memory runs out: what it started must not live on.
        whom = ("group", "parent")
        chance = random.Random(seed)
        self._left = [((n + chance.random()) / kills, whom[(n + seed) % 2]) for n in range(kills)]
        chance.shuffle(self._left)

    def __iter__(self) -> Iterator[tuple[float, str]]:
        while self._left:
            yield self._left.pop()

    def once_more(self, share: float, whom: str) -> None:
        """Kill at three quarters of a moment that was too late."""
        self._left.append((0.75 * share, whom))


def start(target: Target, *arguments: str) -> subprocess.Popen[bytes]:
    """The command in a process group of its own."""
    log = (target.line.home / "dbt" / "killed.log").open("wb")
    with log:
        return subprocess.Popen(
            [str(BIN / "thoatngheo"), *arguments],
            env=target.line.environment | target.variables,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes], number: int, seconds: float, whom: str) -> Kill:
    """Kill a process at a moment, or its whole group; nothing that it started is alive afterwards."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        if whom == "group":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    deadline = time.monotonic() + _DIES_WITHIN
    while left := alive(process.pid):
        assert time.monotonic() < deadline, f"still alive after the kill of its {whom}: {left}"
        time.sleep(0.05)
    return Kill(number, seconds, whom, process.returncode != -signal.SIGKILL)


def alive(group: int) -> list[str]:
    """The commands of a process group that are running, zombies apart."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, _, rest = entry.joinpath("stat").read_text().rpartition(")")
            state, _, pgrp = rest.split()[:3]
        except (OSError, ValueError):
            continue
        if int(pgrp) == group and state != "Z":
            found.append(name)
    return found


# --- what is left --------------------------------------------------------------------------------


def columns_of(pipeline: Path) -> dict[str, list[MartColumn]]:
    """The marts of a pipeline's own file with their columns."""
    engine = sa.create_engine(f"duckdb:///{pipeline}?access_mode=read_only")
    query = sa.text("SELECT table_name FROM information_schema.tables WHERE table_schema = :marts ORDER BY 1")
    try:
        with engine.connect() as connection:
            names = list(connection.execute(query, {"marts": MART_SCHEMA}).scalars())
            return {
                name: [
                    MartColumn(row[0], row[1], "")
                    for row in connection.execute(sa.text(f"DESCRIBE {MART_SCHEMA}.{name}"))
                ]
                for name in names
            }
    finally:
        engine.dispose()


def standing(target: Target, columns: Mapping[str, list[MartColumn]]) -> tuple[str, dict[str, str]]:
    """The release that a reader finds, held to its own row: every mart there, its rows and checksum."""
    engine = sa.create_engine(
        f"{target.url}?access_mode=read_only" if target.is_file else target.url, poolclass=sa.NullPool
    )
    tables = sa.text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts'")
    newest = sa.text("SELECT * FROM marts.release ORDER BY published_at DESC, release_id DESC LIMIT 1")
    try:
        with engine.connect() as connection:
            row = connection.execute(newest).mappings().one()
            said = json.loads(row["marts"])
            assert set(connection.execute(tables).scalars()) == {*said, "release", "release_change"}
            for name, entry in said.items():
                if target.is_file:
                    found = checksum_of(connection, f"marts.{name}", [c.name for c in columns[name]])
                else:
                    found = checksum_held(connection, columns[name], sa.table(name, schema="marts"))  # type: ignore[arg-type]
                assert found == (entry["rows"], entry["checksum"]), f"{name} of {row['release_id']}"
    finally:
        engine.dispose()
    if not target.is_file:
        current = Postgres(sa.make_url(target.url)).current_release()
        assert current is not None and current["release_id"] == row["release_id"]
    return str(row["release_id"]), {name: entry["checksum"] for name, entry in said.items()}


def litter(target: Target, undisturbed: Line) -> list[str]:
    """What lies in a home and in its warehouse beyond what an undisturbed one holds."""
    found = sorted(_paths(target.line.home) - _paths(undisturbed.home))
    found += [str(p) for p in target.line.home.glob(".*") if p.name.startswith(".warehouse")]
    if target.is_file:
        kept = list(target.line.home.glob("warehouse.*.duckdb"))
        found += [f"{len(kept)} kept releases"] if len(kept) > 7 else []
        found += [str(p) for p in target.line.home.glob("warehouse*.wal")]
        return found
    with sa.create_engine(target.url, poolclass=sa.NullPool).connect() as connection:
        query = sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'marts%' ORDER BY 1")
        schemas = list(connection.execute(query).scalars())
    found += [name for name in schemas if "_new_" in name]
    return found + ([f"{len(schemas)} schemas"] if len(schemas) > 8 else [])


def _paths(home: Path) -> set[str]:
    paths = (p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())
    return {path for path in paths if not _GROWS.search(path)}


def journal_faults(line: Line) -> list[str]:
    """Rows of the journal that no undisturbed history holds: two files that stand, a version missing."""
    double = (
        "SELECT table_name, year, file_name FROM file WHERE state = 'current'"
        " GROUP BY 1, 2, 3 HAVING count(*) > 1"
    )
    gaps = "SELECT file_name FROM file GROUP BY table_name, year, file_name HAVING max(version) <> count(*)"
    missing = (
        "SELECT a.table_name, a.year FROM accepted_state a WHERE NOT EXISTS (SELECT 1 FROM check_result c"
        " WHERE c.table_name = a.table_name AND c.year = a.year AND c.fingerprint = a.fingerprint)"
    )
    return [str(row) for query in (double, gaps, missing) for row in line.journal(query)]


def timed(act: Callable[[], object]) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    act()
    return time.monotonic() - began
