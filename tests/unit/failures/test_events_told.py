"""Rows of a deployment's own events that fit no list are told before a run fails by them."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from assets.failing import what_fails
from assets.journal import Journal
from assets.reference import reference_asset
from pipelines.partitions import yearly
from pipelines.settings import Settings

HEAD = "effective_date,old_code,old_name,new_code,new_name,share,legal_basis"
GOOD = "2026-03-01,05467,Phường Gia Sàng,05467,Phường Gia Sàng,,NQ 1"
GAP = "2026-03-01,99999,Xã Không Có,05467,Phường Gia Sàng,,NQ 1"


def test_a_row_of_no_list_is_told_with_file_and_row_until_it_is_mended(tmp_path: Path) -> None:
    workplace = Settings(_env_file=None, home=tmp_path / "home").workplace()
    done = dg.materialize(
        [reference_asset(yearly())], partition_key="2025", resources={"workplace": workplace}
    )
    assert done.success
    file = workplace.home.root / "commune_events.csv"

    def told(*rows: str) -> list[str]:
        file.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
        found = what_fails(workplace, Journal(workplace.home.journal))
        return [entry.found for entry in found if (entry.where, entry.check) == ("communes", "events")]

    (message,) = told(GAP)
    assert "commune_events.csv" in message and "99999" in message
    assert told(GOOD) == []
