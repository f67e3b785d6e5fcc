"""A night touches what changed: nothing, a corrected file, a newer list of one village."""

from __future__ import annotations

import json

import pandas as pd

from tests.integration.conftest import First, Second
from tests.integration.nights import ADDED_HOUSEHOLDS, CORRECTED, YEAR

# Of each mart what a year owes to itself alone. The rest looks at the list of the year before (coverage,
# need), at earlier cases, or in January at the accounts of December: that may change with it.
_OWN = {
    "poverty_rate": [],
    "credit": [
        "month",
        "geography",
        "commune_code",
        "programme",
        "clients",
        "outstanding",
        "overdue",
        "frozen",
    ],
    "housing_support": ["geography", "commune_code", "work_type", "approved", "finished", "disbursed_amount"],
    "health_access": ["geography", "commune_code", "poverty_class", "visits", "total_cost", "out_of_pocket"],
    "sanitation": [],
    "data_quality": [],
}


def _where(frame: pd.DataFrame, **values: object) -> pd.DataFrame:
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Equal rows in any order."""
    rows = [sorted(map(repr, frame.itertuples(index=False, name=None))) for frame in (one, other)]
    return rows[0] == rows[1]


def test_a_night_in_which_nothing_came_does_nothing(first: First) -> None:
    assert first.again.returncode == 0, first.again.stderr
    assert "nothing to do" in first.again.stdout.lower()
    assert "Run " not in first.again.stdout
    assert first.releases == 1


def test_status_after_a_good_night(first: First) -> None:
    assert first.again_status.returncode == 0, first.again_status.stderr
    assert "No year is stale" in first.again_status.stdout
    release = first.night.line.journal("SELECT release_id FROM release ORDER BY published_at LIMIT 1")
    assert release[0]["release_id"] in first.again_status.stdout


def test_only_the_year_whose_files_changed_is_run(second: Second) -> None:
    told = second.night.told
    assert f"{YEAR}: " in told
    assert f"over {YEAR} succeeded" in told
    assert "2025: " not in told.split("records by outcome")[0]


def test_the_corrected_file_replaces_its_predecessor(second: Second) -> None:
    versions = [row for row in second.night.files if row["file_name"] == CORRECTED]
    assert [(row["version"], row["state"]) for row in versions] == [(1, "replaced"), (2, "current")]
    hashes = [row["sha256"] for row in versions]
    landed = {
        path.stem for path in (second.night.line.home / "landing" / "survey_total" / str(YEAR)).iterdir()
    }
    assert set(hashes) <= landed
    counted = second.night.marts["data_quality"]
    outcomes = [
        set(_where(counted, file_hash=digest)["outcome"]) - {"skipped", "placed"} for digest in hashes
    ]
    assert outcomes == [{"superseded"}, {"accepted"}]
    records = [_where(counted, file_hash=digest) for digest in hashes]
    assert (
        records[0].loc[records[0]["outcome"] == "superseded", "records"].sum()
        == records[1].loc[records[1]["outcome"] == "accepted", "records"].sum()
    )


def test_the_correction_reaches_the_marts(first: First, second: Second) -> None:
    before, after = (
        _where(night.marts["poverty_rate"], year=YEAR, geography="as_reported").set_index("commune_code")[
            "households"
        ]
        for night in (first.night, second.night)
    )
    changed = (after - before).dropna()
    assert changed[changed != 0].tolist() == [ADDED_HOUSEHOLDS]


def test_other_years_stand_as_they_were(first: First, second: Second) -> None:
    for mart, measures in _OWN.items():
        frames = []
        for night in (first.night, second.night):
            frame = night.marts[mart]
            of_year = (
                frame["year"] == 2025 if "year" in frame else pd.to_datetime(frame["month"]) >= "2025-02-01"
            )
            frames.append(frame.loc[of_year, measures or list(frame.columns)])
        assert len(frames[0]) > 0
        assert _same(*frames), mart


def test_a_newer_list_takes_its_village_and_nothing_else(second: Second) -> None:
    replaced, counted = second.replaced, second.night.marts["data_quality"]
    older = _where(counted, table_name="survey_household", file_name=replaced.older_file).set_index(
        "outcome"
    )["records"]
    assert older["superseded"] == replaced.records
    assert older["accepted"] == replaced.others
    newer = _where(counted, table_name="survey_household", file_name=replaced.file).set_index("outcome")[
        "records"
    ]
    assert newer["accepted"] == 1
    superseded = counted[(counted["outcome"] == "superseded") & (counted["table_name"] == "survey_household")]
    assert superseded["records"].sum() == replaced.records
    accepted = second.night.line.parquet("accepted", "survey_household")
    of_village = accepted[
        (accepted["year"] == YEAR)
        & (accepted["commune_code"] == replaced.commune)
        & (accepted["village"] == replaced.village)
    ]
    assert of_village["file_name"].tolist() == [replaced.file]


def test_a_home_that_saw_only_the_last_drops_publishes_the_same(second: Second) -> None:
    """Night after night gives what one load of everything gives: the same checksums."""
    fresh, after = second.fresh.checksums(), dict(second.night.checksums)
    # Only here did anybody see the version that was overwritten.
    assert fresh.pop("data_quality") != after.pop("data_quality")
    assert fresh == after
    landed = second.fresh.frame("SELECT * FROM marts.data_quality")
    counted = second.night.marts["data_quality"]
    assert _same(
        landed, counted[counted["file_hash"].isna() | counted["file_hash"].isin(landed["file_hash"])]
    )


def test_publishing_again_gives_the_same_checksums(second: Second) -> None:
    from assets.published import publish

    before = second.fresh.checksums()
    release = publish(second.fresh.settings.workplace())
    assert second.fresh.checksums() == before
    history = second.fresh.rows(
        "SELECT release_id, checksum FROM marts.release ORDER BY published_at, release_id"
    )
    assert len(history) == 2
    assert history[0][1] == history[1][1] == release.checksum


def test_a_release_names_every_file_it_is_made_from(second: Second) -> None:
    inputs = json.loads(second.night.inputs)
    current = [row for row in second.night.files if row["state"] == "current"]
    assert all(row["sha256"] in inputs[row["table_name"]][str(row["year"])] for row in current)
