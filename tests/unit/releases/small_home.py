"""A home with little releases in a real warehouse: what rollback and staleness look at, nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assets.journal import RELEASE, TRANSFORMED_STATE, Journal, now
from assets.releases import warehouse_of
from assets.staleness import StaleYears, stale_years
from assets.transformed import transformed_state
from assets.workplace import Workplace
from pipelines.settings import Settings
from tests.acceptance.releases import Maker

YEAR = 2024


@dataclass(frozen=True)
class SmallHome:
    """A home, its settings, and the maker of its releases."""

    settings: Settings
    maker: Maker

    @property
    def workplace(self) -> Workplace:
        return self.settings.workplace()

    @property
    def journal(self) -> Journal:
        return Journal(self.workplace.home.journal)

    def transform(self, fingerprint: str) -> None:
        """As if the accepted records of the year had gone through dbt."""
        self.workplace.home.duckdb.touch()
        self.journal.put(TRANSFORMED_STATE, [{"year": YEAR, "fingerprint": fingerprint, "at": now()}])

    def publish(self, release_id: str) -> None:
        """Put a small release into the warehouse and on record."""
        made = self.journal.rows(RELEASE.select())
        moment = (datetime(2026, 11, 23) + timedelta(hours=len(made))).isoformat()
        marts = {"credit": {"rows": 40, "checksum": release_id}}
        row: dict[str, Any] = {
            "release_id": release_id, "published_at": moment, "code_version": "1", "years": [YEAR],
            "inputs": {}, "marts": marts, "checksum": release_id, "state": transformed_state(self.journal),
            "records": {"loan_ledger": {str(YEAR): 100}},
        }  # fmt: skip
        warehouse_of(self.workplace).publish(self.maker.small(release_id))
        self.journal.put(RELEASE, [row])

    def stale(self) -> StaleYears:
        return stale_years(self.workplace, self.journal)

    def standing(self) -> str | None:
        """The release that the warehouse really holds."""
        found = warehouse_of(self.workplace).current_release()
        return found["release_id"] if found else None


def small_home(folder: Path, warehouse_url: str = "", keep: int = 7) -> SmallHome:
    """A home of its own with three releases, r1 to r3, of one transformation each."""
    settings = Settings(
        _env_file=None,
        home=folder / "home",
        drops=str(folder / "home" / "drops"),
        warehouse_url=warehouse_url,
        keep_releases=keep,
        duckdb_threads=1,
    )
    home = SmallHome(settings, Maker(folder))
    for number in (1, 2, 3):
        home.transform(f"f{number}")
        home.publish(f"r{number}")
    return home
