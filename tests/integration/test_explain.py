"""Published numbers followed to the very files, and the counts on the way that must close."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pytest
from typer.testing import CliRunner

from assets.journal import Journal
from assets.lineage.explain import Explanation, TableShare, explain
from assets.lineage.files import FileShare, file_shares
from assets.lineage.row import Question
from assets.places.gazetteer import load_gazetteer
from assets.pulling.sources import DropFile
from checks.contract import TABLES
from pipelines.cli.app import app
from pipelines.cli.explain import as_document
from tests.integration.conftest import Third
from tests.integration.line import Line

YEAR = 2024
# A mart, further keys, and the extract whose records its rows count.
MARTS = (
    ("poverty_rate", {}, "survey_household"),
    ("deprivation", {"standard": "VN-2022"}, "survey_household"),
    ("housing_support", {}, "housing_case"),
    ("health_access", {"poverty_class": "all"}, "health_card"),
    ("sanitation", {}, "health_station"),
    ("credit", {"month": f"{YEAR}-06"}, "loan_ledger"),
)


def ask(line: Line, mart: str, year: int, commune: str | None, **keys: str) -> Explanation:
    return explain(line.settings.workplace(), Question(mart, year, commune, keys))


def share(found: Explanation, table: str, year: int = YEAR) -> TableShare:
    return next(t for t in found.tables if (t.table, t.year) == (table, year))


def communes(line: Line, mart: str, **where: Any) -> list[str]:
    terms = " and ".join(f"{name} = {value!r}" for name, value in where.items())
    rows = line.rows(f"SELECT DISTINCT commune_code FROM marts.{mart} WHERE {terms} ORDER BY 1")
    return [row[0] for row in rows]


@pytest.fixture(scope="module")
def explained(realistic: Line) -> dict[str, Explanation]:
    """One number of several marts, each of a commune of the year's own map."""
    found = {}
    for mart, keys, _ in MARTS:
        time = {"month": f"{keys['month']}-01"} if "month" in keys else {"year": YEAR}
        code = communes(realistic, mart, geography="as_reported", **time)[0]
        found[mart] = ask(realistic, mart, YEAR, code, **keys)
    return found


@pytest.mark.parametrize(("mart", "keys", "table"), MARTS, ids=[m[0] for m in MARTS])
def test_a_number_leads_to_files_that_came(
    explained: dict[str, Explanation], realistic: Line, mart: str, keys: dict[str, str], table: str
) -> None:
    found = explained[mart]
    assert found.release.newer == () and found.release.changed == ()
    files = share(found, table).files
    assert files and sum(file.records.accepted for file in files) > 0
    home = realistic.settings.workplace().home
    for file in files:
        suffix = DropFile(table, YEAR, file.file_name, "", 0, 0).suffix
        landed = home.landed_file(table, YEAR, file.sha256, suffix)
        assert hashlib.sha256(landed.read_bytes()).hexdigest() == file.sha256
        assert (realistic.drops / table / str(YEAR) / file.file_name).exists()
        assert file.in_release and file.contract == share(found, table).contract_fingerprint
        assert sum(file.sheets.values()) == sum(file.units.values()) == file.records.accepted


@pytest.mark.parametrize(("mart", "keys", "table"), MARTS, ids=[m[0] for m in MARTS])
def test_models_are_told_down_to_the_records(
    explained: dict[str, Explanation], mart: str, keys: dict[str, str], table: str
) -> None:
    found = explained[mart]
    assert found.steps[0].name == mart and found.steps[0].rows == len(found.answer.rows)
    staged = next(step for step in found.steps if step.name == f"stg_{table}")
    if mart not in ("credit", "housing_support"):
        # Of these two records of other months, or of other years' folders, are staged too.
        assert staged.rows == share(found, table).records.accepted
    assert {"marts", "intermediate", "staging"} <= {step.layer for step in found.steps}
    assert all(step.rows is not None for step in found.steps if step.layer == "staging")


@pytest.mark.parametrize("table", TABLES)
def test_every_record_of_every_file_is_told_once(realistic: Line, table: str) -> None:
    """Without regard to communes a file's records are those that its judgement counted, outcome by
    outcome; those of two halves of all units, and those without one, are all of them again."""
    whole = _shares(realistic, table, [])
    workplace = realistic.settings.workplace()
    units = sorted(load_gazetteer(workplace.home.reference, workplace.province).units)
    one, other = _shares(realistic, table, units[::2]), _shares(realistic, table, units[1::2])
    assert sum(file.whole.landed for file in whole) > 0
    for all_, a, b in zip(whole, one, other, strict=True):
        assert all_.whole.landed == all_.landed
        assert all_.records == all_.whole, all_.file_name
        both, unplaced = a.records.plus(b.records), all_.unplaced or 0
        assert both.quarantined + unplaced == all_.whole.quarantined, all_.file_name
        assert both.accepted == sum(n for unit, n in all_.units.items() if unit)
        assert both.landed <= all_.landed


def _shares(line: Line, table: str, units: list[str]) -> tuple[FileShare, ...]:
    workplace = line.settings.workplace()
    gazetteer = load_gazetteer(workplace.home.reference, workplace.province)
    journal = Journal(workplace.home.journal)
    return file_shares(workplace.home, journal, table, YEAR, gazetteer, units, ())


def test_what_was_left_out_is_told_with_its_commune(realistic: Line) -> None:
    """A rejected household is found under its commune, in its file, with its reason."""
    file = next(
        f
        for f in _shares(realistic, "survey_household", [])
        if f.whole.quarantined > (f.unplaced or 0) and len(f.units) == 1
    )
    (unit,) = file.units
    found = ask(realistic, "poverty_rate", YEAR, unit.partition("@")[0], geography="as_reported")
    told = next(f for f in share(found, "survey_household").files if f.sha256 == file.sha256)
    assert told.records.quarantined == file.whole.quarantined - (file.unplaced or 0)
    assert sum(told.reasons.values()) == told.records.quarantined
    rejected = realistic.parquet("quarantine", "survey_household").query("file_hash == @file.sha256")
    assert set(told.reasons) <= set(rejected["reason"])


def test_the_listed_households_are_the_accepted_records(realistic: Line) -> None:
    query = (
        "SELECT commune_code, standard, listed_households FROM marts.poverty_transition "
        f"WHERE year = {YEAR} AND geography = 'as_reported' AND listed_households > 0 ORDER BY 1 LIMIT 5"
    )
    for code, standard, listed in realistic.rows(query):
        of = share(ask(realistic, "poverty_rate", YEAR, code), "survey_household")
        assert sum(file.standards[standard] for file in of.files if file.standards) == listed


def test_the_current_map_leads_over_the_bridge_to_the_units_of_the_files(realistic: Line) -> None:
    rows = realistic.rows(
        "SELECT commune_code, households FROM marts.poverty_rate WHERE geography = 'current' "
        f"AND year = {YEAR} AND households_source = 'sent' ORDER BY 1"
    )
    several = 0
    for code, households in rows:
        found = ask(realistic, "poverty_rate", YEAR, code, geography="current")
        weights = {unit.unit_id: unit.weight for unit in found.units}
        sent = sum((d.households or 0) * weights[d.unit_id] for d in found.denominators)
        assert sent == pytest.approx(households)
        given = {unit for file in share(found, "survey_total").files for unit in file.units}
        assert given == {d.unit_id for d in found.denominators}
        several += len(given) > 1
    assert several


@pytest.mark.parametrize("geography", ["as_reported", "current"])
def test_a_carried_denominator_leads_to_the_year_that_sent_it(realistic: Line, geography: str) -> None:
    rows = realistic.rows(
        "SELECT commune_code, households FROM marts.poverty_rate WHERE "
        f"geography = '{geography}' AND year = {YEAR} AND households_source LIKE '%carried%'"
    )
    assert rows
    for code, _ in rows:
        found = ask(realistic, "poverty_rate", YEAR, code, geography=geography)
        (carried,) = [d for d in found.denominators if d.year != YEAR]
        assert carried.year == 2021
        of = share(found, "survey_total", 2021)
        assert "carried from 2021" in of.why
        assert carried.unit_id in {unit for file in of.files for unit in file.units}
        assert not any(t.table == "survey_household" and t.year == 2021 for t in found.tables)


def test_the_list_in_force_is_that_of_the_year_before(explained: dict[str, Explanation]) -> None:
    credit = explained["credit"]
    assert ("survey_household", YEAR) not in {(t.table, t.year) for t in credit.tables}
    step = next(s for s in credit.steps if s.name == "stg_survey_household")
    assert step.years == (YEAR - 1,)


def test_nothing_of_a_person_is_told(explained: dict[str, Explanation], realistic: Line) -> None:
    told = json.dumps([as_document(found) for found in explained.values()], default=str)
    names = duckdb.sql(
        f"SELECT DISTINCT head_citizen_id_pseudonym FROM read_parquet('{realistic.home}/accepted/"
        "survey_household/year=*/survey_household.parquet') WHERE head_citizen_id_pseudonym IS NOT NULL"
    ).fetchall()
    assert names and not any(name in told for (name,) in names)
    heads = realistic.parquet("raw", "survey_household")["head_name"].dropna().unique()
    assert len(heads) and not any(head in told for head in heads)


def test_a_release_that_is_older_than_the_tables_says_so(third: Third) -> None:
    code = communes(third.line, "poverty_rate", geography="as_reported", year=YEAR)[0]
    done = third.line.command("explain", "poverty_rate", "--year", str(YEAR), "--commune", code)
    assert done.returncode == 0, done.stderr
    assert "The pipeline is newer than this release" in done.stdout
    found = ask(third.line, "poverty_rate", YEAR, code)
    assert any("programme_plan 2025: 1 files came since" in text for text in found.release.newer)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("povertyrate", "--year", "2024"), "did you mean poverty_rate"),
        (("poverty_rate", "--year", "2024", "--commune", "Van Lang"), "Văn Lang"),
        (("poverty_rate", "--year", "2017", "--commune", "05467"), "its years: 2021, 2024"),
        (("poverty_rate", "--year", "2024", "--commune", "05467", "--key", "x"), "column=value"),
    ],
)
def test_what_cannot_be_explained_ends_with_2(realistic: Line, words: tuple[str, ...], told: str) -> None:
    env = realistic.environment | {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    done = CliRunner().invoke(app, ["explain", *words], env=env)
    assert done.exit_code == 2, done.output
    assert told in done.output


def test_a_home_without_a_release_ends_with_1(tmp_path: Any) -> None:
    done = Line(tmp_path / "home").command("explain", "poverty_rate", "--year", "2024", "--commune", "05467")
    assert done.returncode == 1
    assert "nothing has been published yet" in done.stderr and "Traceback" not in done.stderr


def test_a_program_gets_one_document(realistic: Line) -> None:
    code = communes(realistic, "poverty_rate", geography="as_reported", year=YEAR)[0]
    done = realistic.command("explain", "poverty_rate", "--year", str(YEAR), "--commune", code, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["keys"]["commune_code"] == code and document["tables"][0]["files"][0]["sha256"]


@pytest.fixture(scope="module")
def instance(realistic: Line) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(realistic.home / "dagster"))
        with dg.DagsterInstance.from_config(str(realistic.home / "dagster")) as found:
            yield found


def _events(instance: dg.DagsterInstance, *key: str) -> dict[str, Any]:
    """The metadata of an asset's last events, by year."""
    records = instance.fetch_materializations(dg.AssetKey(list(key)), limit=20).records
    return {str(r.partition_key): r.asset_materialization.metadata for r in reversed(records)}  # type: ignore[union-attr]


def test_every_column_of_every_model_is_followed(instance: dg.DagsterInstance, realistic: Line) -> None:
    manifest = json.loads(next(realistic.home.glob("dbt/*/manifest.json")).read_text(encoding="utf-8"))
    keys = {tuple(key.path) for key in instance.get_asset_keys()}
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    for node in models:
        layer, name = node["fqn"][1], node["name"]
        lineage = _last_lineage(_events(instance, layer, name))
        assert set(node["columns"]) <= set(lineage), name
        parents = {tuple(dep.asset_key.path) for deps in lineage.values() for dep in deps}
        assert parents <= keys, parents - keys
        assert parents or name == "int_map_year"
        if layer == "marts":
            published = _last_lineage(_events(instance, "published", name))
            assert {
                n: [(tuple(d.asset_key.path), d.column_name) for d in deps] for n, deps in published.items()
            } == {column: [(("marts", name), column)] for column in node["columns"]}


def _last_lineage(events: dict[str, Any]) -> dict[str, Any]:
    told = [m["dagster/column_lineage"] for m in events.values() if "dagster/column_lineage" in m]
    return dict(told[-1].value.deps_by_column)


def test_a_rate_comes_of_its_numerator_and_denominator(instance: dg.DagsterInstance) -> None:
    deps = _last_lineage(_events(instance, "marts", "poverty_rate"))["poor_rate"]
    assert {(dep.asset_key.path[-1], dep.column_name) for dep in deps} >= {
        ("int_poverty_commune_year", "poor_households"), ("int_denominator_commune_year", "households"),
    }  # fmt: skip


def test_the_event_of_a_year_names_its_extracts_contracts_and_files(
    instance: dg.DagsterInstance, realistic: Line
) -> None:
    for layer in ("marts", "published"):
        table = _events(instance, layer, "poverty_rate")[str(YEAR)]["inputs"]
        (lists,) = [r.data for r in table.records if r.data["table"] == "survey_household"]
        state = realistic.journal(
            f"SELECT * FROM accepted_state WHERE table_name = 'survey_household' AND year = {YEAR}"
        )[0]
        for name in ("accepted", "quarantined", "duplicate", "superseded", "files"):
            assert lists[name] == str(state[name])
        assert len(str(lists["contract"])) >= 12
    files = _events(instance, "published", "release")[str(YEAR)]["files"].records
    known = realistic.journal(f"SELECT DISTINCT sha256 FROM file WHERE year = {YEAR}")
    assert {record.data["sha256"] for record in files} == {row["sha256"] for row in known}
