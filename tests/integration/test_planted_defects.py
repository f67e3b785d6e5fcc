"""Every defect that the sample planted is found under its own reason, and nothing else is."""

from __future__ import annotations

import json

import pandas as pd

from checks.contract import TABLES
from tests.integration.line import Line

_FILE = ["table", "year", "file"]
_ROW = [*_FILE, "sheet", "row", "reason"]
# Findings about denominators that the transformation adds: at a small scale most communes have
# none, and the commune whose denominator was spoiled lists more households than it has.
_CONSEQUENCES = {"denominator_missing", "denominator_below_listed", "denominator_factor_3"}


def _found(line: Line) -> pd.DataFrame:
    return line.frame(
        'SELECT table_name AS "table", year::BIGINT AS year, file_name AS file, outcome, reason,'
        " sum(records)::BIGINT AS records FROM marts.data_quality"
        " WHERE outcome NOT IN ('accepted', 'skipped', 'placed') GROUP BY ALL"
    )


def _quarantined(line: Line) -> pd.DataFrame:
    parts = []
    for table in TABLES:
        part = line.parquet("quarantine", table).assign(table=table)
        parts.append(part.rename(columns={"file_name": "file", "source_sheet": "sheet", "source_row": "row"}))
    return pd.concat(parts, ignore_index=True).astype({"row": "int64", "year": "int64"})


def _flagged(line: Line) -> pd.DataFrame:
    parts = []
    for table in TABLES:
        part = line.parquet("accepted", table)[["year", "file_name", "source_sheet", "source_row", "flags"]]
        part.columns = pd.Index(["year", "file", "sheet", "row", "reason"])
        parts.append(part.explode("reason").dropna(subset=["reason"]).assign(table=table))
    return pd.concat(parts, ignore_index=True).astype({"row": "int64", "year": "int64"})


def _rows(frame: pd.DataFrame) -> set[tuple[object, ...]]:
    return set(frame[_ROW].itertuples(index=False, name=None))


def test_something_of_every_outcome_was_planted(realistic: Line) -> None:
    planted = realistic.planted()
    assert set(planted["outcome"]) == {"flagged", "quarantined", "duplicate", "superseded", "file_refused"}
    assert set(planted["table"]) == set(TABLES)
    assert set(planted["year"]) == {2021, 2024, 2025}


def test_every_defect_is_counted_by_file_and_reason(realistic: Line) -> None:
    keys = [*_FILE, "outcome", "reason"]
    planted = realistic.planted().groupby(keys, as_index=False)["records"].sum()
    found = _found(realistic)
    found = found[~found["reason"].isin(_CONSEQUENCES)]
    both = planted.merge(found, on=keys, how="outer", suffixes=("_planted", "_found"))
    wrong = both[both["records_planted"] != both["records_found"]]
    assert wrong.empty, wrong.to_string()


def test_consequences_are_the_denominators(realistic: Line) -> None:
    """What is found beyond the manifest concerns `survey_total`, and says which rule it is."""
    found = _found(realistic)
    extra = found[found["reason"].isin(_CONSEQUENCES)]
    assert set(extra["table"]) <= {"survey_total"}
    assert set(extra["outcome"]) <= {"flagged"}


def test_rejected_records_stand_in_quarantine_with_their_row(realistic: Line) -> None:
    planted = realistic.planted()
    expected = _rows(planted[planted["outcome"] == "quarantined"])
    quarantined = _quarantined(realistic)
    assert _rows(quarantined) == expected
    assert len(quarantined) == len(expected)


def test_a_rejected_record_names_its_column_and_keeps_what_was_sent(realistic: Line) -> None:
    planted = realistic.planted()
    expected = planted[
        (planted["outcome"] == "quarantined") & (planted["reason"].str.startswith("unreadable_"))
    ]
    both = expected.merge(_quarantined(realistic), on=_ROW)
    assert len(both) == len(expected) > 0
    assert (both["column"] == both["column_name"]).all()
    for entry in both.itertuples():
        assert entry.column in json.loads(entry.record)
        assert entry.value_class


def test_flagged_records_are_accepted_with_their_flags(realistic: Line) -> None:
    planted = realistic.planted()
    expected = _rows(planted[planted["outcome"] == "flagged"])
    assert _rows(_flagged(realistic)) == expected


def test_refused_files_have_no_records(realistic: Line) -> None:
    planted = realistic.planted()
    refused = planted[planted["outcome"] == "file_refused"]
    assert not refused.empty
    rows = realistic.frame("SELECT * FROM marts.data_quality WHERE outcome = 'file_refused'")
    assert set(rows["file_name"]) == set(refused["file"])
    assert (rows["records"] == 0).all()
    others = realistic.frame("SELECT file_name FROM marts.data_quality WHERE outcome <> 'file_refused'")
    assert not set(others["file_name"].dropna()) & set(refused["file"])


def test_every_file_adds_up(realistic: Line) -> None:
    """Landed = accepted + quarantined + duplicate + superseded, against what the sample wrote."""
    manifest = json.loads((realistic.drops / "manifest.json").read_text(encoding="utf-8"))
    written = {(f["table"], f["year"], f["file"].rsplit("/", 1)[-1]): f["records"] for f in manifest["files"]}
    counted = realistic.rows(
        "SELECT table_name, year, file_name, sum(records) FILTER (outcome IN"
        " ('accepted', 'quarantined', 'duplicate', 'superseded')) FROM marts.data_quality"
        " WHERE file_name IS NOT NULL GROUP BY ALL"
    )
    assert {(t, y, f): int(n or 0) for t, y, f, n in counted} == written


def test_flagged_is_part_of_accepted(realistic: Line) -> None:
    rows = realistic.rows(
        "SELECT file_name FROM marts.data_quality WHERE file_name IS NOT NULL"
        " GROUP BY table_name, year, file_name"
        " HAVING max(records) FILTER (outcome = 'flagged')"
        " > coalesce(sum(records) FILTER (outcome = 'accepted'), 0)"
    )
    assert rows == []


def test_without_defects_everything_is_accepted(clean: Line) -> None:
    assert clean.planted().empty
    found = _found(clean)
    assert set(found["outcome"]) <= {"flagged"}, found.to_string()
    # At this scale most communes of the province have sent nothing: that is said, and nothing else.
    assert set(found["reason"]) <= {"denominator_missing"}, found.to_string()
    assert sum(len(clean.parquet("quarantine", table)) for table in TABLES) == 0
    assert _flagged(clean).empty


def test_without_defects_every_file_is_accepted_whole(clean: Line) -> None:
    manifest = json.loads((clean.drops / "manifest.json").read_text(encoding="utf-8"))
    written = {f["file"].rsplit("/", 1)[-1]: f["records"] for f in manifest["files"]}
    accepted = clean.rows(
        "SELECT file_name, sum(records) FROM marts.data_quality WHERE outcome = 'accepted' GROUP BY ALL"
    )
    assert {f: int(n) for f, n in accepted} == {f: n for f, n in written.items() if n}
