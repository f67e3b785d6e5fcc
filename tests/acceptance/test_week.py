"""A week of nights, each with its own misfortune, ends where one clean build from all files ends.

One home, one PostgreSQL server, the command as a scheduler starts it; told in order by the fixture.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

import psutil
import pytest
import sqlalchemy as sa

from tests.acceptance.crash import YEAR, Target, columns_of, correct, kill, standing, start
from tests.acceptance.releases import rows
from tests.integration.line import ROOT, Line

_YEARS = (YEAR, YEAR + 1)
_PACKAGES = ("assets", "checks", "pipelines", "dbt_project")
_BROKEN = f"housing_case/{YEAR}/nha-o_dut-quang_{YEAR}1231.xlsx"
_CORRECTION = f"survey_total/{YEAR}/tong-so-ho_{YEAR}1227.csv"
_BOUND = (
    "columns: [household_size], minimum: 1, maximum: 60",
    "columns: [household_size], minimum: 1, maximum: 7",
)
_LOCKED = "Could not set lock on file"
pytestmark = pytest.mark.timeout(1800)


@dataclass
class Week:
    """What the nights left: what each told, and the release after it."""

    target: Target
    told: dict[str, CompletedProcess[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    clean: dict[str, str] = field(default_factory=dict)


class _Office:
    """Everything that the offices will have sent by Sunday, and what of it has come so far."""

    def __init__(self, folder: Path, drops: Path) -> None:
        self._drops = drops
        self._all = Line(folder)
        self._all.sample(_YEARS, 0.002, "none")
        self._all.drops.joinpath("manifest.csv").unlink()
        late = (f"loan_ledger/{YEAR + 1}", f"housing_case/{YEAR + 1}", f"health_station/{YEAR + 1}")
        self.ledger, self.housing, self.station = (self._newest(where) for where in late)
        for path in sorted(p for p in self._all.drops.rglob("*") if p.is_file()):
            name = path.relative_to(self._all.drops).as_posix()
            if name not in (self.ledger, self.housing, self.station):
                self.send(name)

    def _newest(self, where: str) -> str:
        path = max((self._all.drops / where).iterdir(), key=lambda p: p.name)
        return path.relative_to(self._all.drops).as_posix()

    def send(self, name: str) -> None:
        (self._drops / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self._all.drops / name, self._drops / name)

    def send_correction(self) -> None:
        """A newer list with one number changed; the older one stays where it is."""
        # Few: in a home this small a hundred would be a change that waits for a person.
        correct(self._all, 5)
        older = self._all.drops / f"survey_total/{YEAR}/tong-so-ho_{YEAR}1220.csv"
        shutil.copy2(older, self._drops / _CORRECTION)

    def send_broken(self) -> None:
        """Half a workbook, as a copy that was cut off."""
        whole = next((self._all.drops / f"housing_case/{YEAR}").glob("*.xlsx"))
        content = whole.read_bytes()
        (self._drops / _BROKEN).write_bytes(content[: len(content) // 2])


@pytest.fixture(scope="module")
def week(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: sa.URL, _environment: None
) -> Iterator[Week]:
    folder = tmp_path_factory.mktemp("week")
    line = Line(folder / "home")
    with sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text("CREATE DATABASE week"))
    url = postgres_server.set(database="week").render_as_string(hide_password=False)
    told = Week(Target(line, url))
    office = _Office(folder / "office", line.drops)
    _nights(told, office, folder)
    fresh = Target(Line(folder / "fresh"), f"duckdb:///{folder / 'fresh' / 'warehouse.duckdb'}")
    shutil.copytree(line.drops, fresh.line.drops)
    done = fresh.line.command("refresh", **fresh.variables, PYTHONPATH=str(folder / "next"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    told.clean = standing(fresh, columns_of(fresh.line.home / "pipeline.duckdb"))[1]
    yield told


def _nights(week: Week, office: _Office, folder: Path) -> None:
    _night(week, "before")
    office.send(office.ledger)
    _night(week, "monday: a new month's ledger")
    office.send_correction()
    _night(week, "tuesday: a corrected survey of a past year")
    office.send_broken()
    _night(week, "wednesday: a broken file")
    _night(week, "thursday: nothing new")
    office.send(office.housing)
    with _held(week.target.line.home / "pipeline.duckdb", week.target.line.home / "dbt" / "last_run.log"):
        _night(week, "friday: a late housing file, while somebody has the pipeline's file open")
    office.send(office.station)
    seconds = random.uniform(0.2, 0.5) * week.seconds["monday"]
    killed = kill(start(week.target, "refresh"), 6, seconds, "group")
    assert not killed.too_late, killed
    _restart(week.target.url)
    _night(week, "saturday: killed, and the server restarted")
    _next_version(folder / "next")
    _night(week, "sunday: a contract changed", PYTHONPATH=str(folder / "next"))
    week.checksums = _standing(week)[1]


def _standing(week: Week) -> tuple[str, dict[str, str]]:
    return standing(week.target, columns_of(week.target.line.home / "pipeline.duckdb"))


def _night(week: Week, name: str, **variables: str) -> None:
    night, began = name.split(":")[0], time.monotonic()
    done = week.target.line.command("refresh", **week.target.variables, **variables)
    week.seconds[night] = time.monotonic() - began
    assert done.returncode == 0, f"{name}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    week.told[night] = done
    week.releases[night] = _standing(week)[0]


class _held:
    """A file that another program has open for writing, until the run has met it."""

    def __init__(self, path: Path, log: Path) -> None:
        self._path, self._log = path, log
        code = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print(flush=True); sys.stdin.read()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._let_go)

    def __enter__(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self._log.write_text("")
        self._watch.start()

    def _let_go(self) -> None:
        while not self._over.is_set() and _LOCKED not in self._log.read_text(encoding="utf-8"):
            time.sleep(0.2)
        self._process.communicate("")

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()


def _restart(url: str) -> None:
    """The server goes down without waiting for anybody, as at a power cut, and comes back."""
    import pgserver

    [(data,)] = rows(sa.make_url(url), "SHOW data_directory")
    server = pgserver.get_server(data)
    process = server.get_postmaster_info().process
    # Its children outlive it by a moment; as long as one holds the shared memory no server starts.
    children = process.children(recursive=True)
    process.send_signal(signal.SIGQUIT)
    _, alive = psutil.wait_procs([process, *children], 60)
    assert not alive, f"processes of the server are still there: {alive}"
    server.ensure_postgres_running()


def _next_version(folder: Path) -> None:
    """The code with one bound of one contract changed, as the next version brings it."""
    for name in _PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    contract = folder / "checks" / "contracts" / "survey_household.yaml"
    text = contract.read_text(encoding="utf-8")
    assert text.count(_BOUND[0]) == 1
    contract.write_text(text.replace(*_BOUND), encoding="utf-8")


def test_the_week_ends_in_the_checksums_of_one_clean_build(week: Week) -> None:
    assert week.checksums == week.clean


def test_every_night_with_news_published_and_no_other(week: Week) -> None:
    releases = week.releases
    assert releases["thursday"] == releases["wednesday"]
    assert len(set(releases.values())) == len(releases) - 1
    assert "Nothing changed since the last refresh" in week.told["thursday"].stdout
    listed = rows(
        sa.make_url(week.target.url),
        "SELECT release_id FROM marts.release ORDER BY published_at, release_id",
    )
    assert [name for (name,) in listed] == list(dict.fromkeys(releases.values()))


def test_each_night_touches_its_years(week: Week) -> None:
    said = {night: done.stdout.split("records by outcome")[0] for night, done in week.told.items()}
    for night, years in {
        "monday": [YEAR + 1], "tuesday": [YEAR], "wednesday": [YEAR], "friday": [YEAR + 1],
        "saturday": [YEAR + 1], "sunday": list(_YEARS),
    }.items():  # fmt: skip
        assert [year for year in _YEARS if f"\n{year}: " in f"\n{said[night]}"] == years, night


def test_the_broken_file_is_named_and_the_rest_goes_on(week: Week) -> None:
    told = " ".join(week.told["wednesday"].stdout.split())
    assert f"refused housing_case {YEAR} {Path(_BROKEN).name}" in told
    assert week.releases["wednesday"] != week.releases["tuesday"]


def test_the_changed_bound_shows(week: Week) -> None:
    assert "household_size_impossible" in week.told["sunday"].stdout
    assert "household_size_impossible" not in week.told["saturday"].stdout
