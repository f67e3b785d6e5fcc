"""The reference tables know what they were made from: another file of events makes years stale."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from assets.journal import ACCEPTED_STATE, Journal, upsert
from assets.places.events import EventsUnusable
from assets.reference import reference_asset, reference_fingerprint, reference_is_outdated
from assets.staleness import stale_years
from assets.workplace import Workplace
from pipelines.partitions import yearly
from pipelines.settings import Settings

TODAY = date(2026, 11, 23)
HEAD = "effective_date,old_code,old_name,new_code,new_name,share,legal_basis\n"
ROW = "2018-03-01,05443,Phường Tên Cũ,05443,Phường Trưng Vương,1,Nghị quyết 1/NQ\n"


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    settings = Settings(_env_file=None, home=tmp_path / "home", drops=str(tmp_path / "drops"))
    (tmp_path / "drops").mkdir()
    return settings.workplace()


def make(workplace: Workplace) -> None:
    made = dg.materialize(
        [reference_asset(yearly())], resources={"workplace": workplace}, partition_key="2024"
    )
    assert made.success


def test_a_changed_file_of_events_makes_every_judged_year_stale(workplace: Workplace) -> None:
    journal = Journal(workplace.home.journal)
    state = {c.name: "x" if isinstance(c.type, sa.String) else 1 for c in ACCEPTED_STATE.columns}
    with journal.transaction() as connection:
        upsert(connection, ACCEPTED_STATE, [state | {"table_name": "survey_total", "year": 2021}])
    assert not reference_is_outdated(workplace, TODAY)  # never made: nothing to compare with
    make(workplace)
    before = reference_fingerprint(workplace.home.reference)
    assert not reference_is_outdated(workplace, TODAY)
    own = workplace.home.root / "commune_events.csv"
    own.write_text(HEAD + ROW, encoding="utf-8")
    assert reference_is_outdated(workplace, TODAY)
    reasons = stale_years(workplace, journal).reasons[2021]
    assert any("communes or their changes differ" in reason for reason in reasons)
    make(workplace)
    assert reference_fingerprint(workplace.home.reference) != before
    assert not reference_is_outdated(workplace, TODAY)
    ids = pq.read_table(workplace.home.reference / "units.parquet")["unit_id"].to_pylist()
    assert {"05443@2016-01-01", "05443@2018-03-01"} <= set(ids)
    # The same rows in another order, with blank lines between, say the same.
    own.write_text(HEAD + "\n\n" + ROW, encoding="utf-8")
    assert not reference_is_outdated(workplace, TODAY)
    own.unlink()
    make(workplace)
    assert reference_fingerprint(workplace.home.reference) == before


def test_so_does_a_row_of_a_village(workplace: Workplace) -> None:
    make(workplace)
    before = reference_fingerprint(workplace.home.reference)
    own = workplace.home.root / "commune_villages.csv"
    head = "effective_date,old_code,old_name,village,new_code,new_name\n"
    row = "2025-07-01,05467,Phường Cam Giá,Tổ 1,05467,Phường Gia Sàng\n"
    own.write_text(head + row, encoding="utf-8")
    assert reference_is_outdated(workplace, TODAY)
    make(workplace)
    assert not reference_is_outdated(workplace, TODAY)
    assert reference_fingerprint(workplace.home.reference) != before
    own.write_text(head + row.replace("05467,Phường Gia Sàng", "05443,Phường Gia Sàng"), encoding="utf-8")
    with pytest.raises(EventsUnusable, match="row 2: 05467 did not go to 05443"):
        make(workplace)


def test_a_row_makes_years_stale_when_its_day_comes(workplace: Workplace) -> None:
    make(workplace)
    own = workplace.home.root / "commune_events.csv"
    own.write_text(
        HEAD + "2099-01-01,05467,Phường Gia Sàng,05467,Phường Mới,1,Nghị quyết 1/NQ\n", encoding="utf-8"
    )
    assert not reference_is_outdated(workplace, date(2098, 12, 31))
    assert reference_is_outdated(workplace, date(2099, 1, 1))


def test_a_bad_file_is_told_and_the_tables_stay(workplace: Workplace) -> None:
    make(workplace)
    before = reference_fingerprint(workplace.home.reference)
    own = workplace.home.root / "commune_events.csv"
    own.write_text(HEAD + "2018-03-01,99001,Xã Một,99002,Xã Hai,1,Nghị quyết 1/NQ\n", encoding="utf-8")
    with pytest.raises(EventsUnusable, match="row 2: code 99002"):
        make(workplace)
    assert reference_fingerprint(workplace.home.reference) == before
    own.write_text(HEAD + "gestern,99001,Xã Một,99002,Xã Hai,1,Nghị quyết 1/NQ\n", encoding="utf-8")
    with pytest.raises(EventsUnusable, match="row 2: effective_date"):
        reference_is_outdated(workplace, TODAY)
