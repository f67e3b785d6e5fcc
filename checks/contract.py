"""The contract of an extract table, read from its YAML.

Belongs here: the shape of a contract and how one is loaded. Does not belong here: what is
derived from it (expectations, schemas), which lives beside in a module of its own.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Outcome = Literal["flag", "reject", "stop_file", "stop_year", "warn"]
ColumnType = Literal[
    "text", "code", "integer", "number", "money", "date", "datetime", "month", "year",
    "flag", "answer", "category", "citizen_id",
]  # fmt: skip
Personal = Literal["none", "name", "identifier", "attribute"]

TABLES = (
    "survey_household", "survey_member", "survey_total", "loan_ledger", "housing_case",
    "health_card", "health_visit", "health_station", "programme_plan",
)  # fmt: skip


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One column: how it is headed, what it holds, what a breach does to its record.

    `missing` and `unreadable` say what happens to a record whose value is blank or cannot be
    read: nothing, a flag (the value is null), or rejection. `personal` columns never leave the
    home unmasked: names are left out of `accepted`, identifiers enter it as pseudonyms,
    attributes (birth date, diagnosis) stay but never reach a report. A blank `flag` is a no, a blank
    `answer` is not answered.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    type: ColumnType = "flag"
    description: str = ""
    vocabulary: str | None = None
    width: int | None = None
    unit: str | None = None
    multiple: str | None = None
    required: bool = False
    missing: Literal["allow", "flag", "reject"] = "allow"
    unreadable: Literal["flag", "reject"] = "flag"
    personal: Personal = "none"
    minimum: float | None = None
    maximum: float | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading under which the column may stand: label, aliases, technical names."""
        return (self.label, *self.aliases, self.name, *self.technical)


class Rule(_Frozen):
    """One row rule. `kind` names the predicate; the other fields are its arguments."""

    name: str
    kind: str
    group: str
    outcome: Outcome
    description: str
    columns: tuple[str, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    factor: float | None = None
    tolerance: float | None = None
    step: float | None = None
    pattern: str | None = None
    prefix: str | None = None


class TableRule(_Frozen):
    """One rule of a whole table and year; it warns or stops the year."""

    name: str
    kind: str
    outcome: Outcome
    description: str
    rule: str | None = None
    columns: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class ReleaseBound(_Frozen):
    """How far a count may move from one release to the next before a person has to agree.

    `minimum` and `maximum` are shares of the count in the last release. A rise is judged only in
    settled years: until then lists still arrive. `since` and `reason` say when and why the bound was
    set; whoever changes it to let a release out changes them with it.
    """

    minimum: Annotated[float, Field(ge=0, le=1)]
    maximum: Annotated[float, Field(ge=1)] | None = None
    since: date
    reason: Annotated[str, Field(min_length=10)]


class Slot(_Frozen):
    """What a newer file replaces: a `whole` slot at once, or record by record."""

    kind: Literal["whole", "record"]
    by: tuple[str, ...]


class Sample(_Frozen):
    """Where a record says that it was drawn for a sample: `weight`, and the columns of its `design`."""

    weight: str
    design: tuple[str, ...] = ()


class Place(_Frozen):
    """Where a record's commune and the date of its list are found."""

    code: str
    name: str | None = None
    village: str | None = None
    district: str | None = None
    date: str | None = None
    date_end: str | None = None
    from_file: bool = False
    optional: bool = False


class Period(_Frozen):
    """The column that must lie in the folder's year."""

    column: str


class YearEndDefault(_Frozen):
    """A date column that is `day` (mm-dd) of the year where it is blank."""

    column: str
    day: str


class Version(_Frozen):
    """What the files of some years have that others have not: headings, columns.

    Parameters
    ----------
    since, until
        The first and the last year of it; without an end it holds on.
    source
        Where it is known from, or `unverified`.
    headings
        Further headings of the contract's columns.
    columns
        Columns that only these years' files have.
    """

    name: str
    since: int
    until: int | None = None
    source: Annotated[str, Field(min_length=10)]
    headings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    columns: tuple[Column, ...] = ()

    def holds_in(self, year: int) -> bool:
        """Whether the files of a year are of this version."""
        return self.since <= year and (self.until is None or year <= self.until)


class Contract(_Frozen):
    """The one declaration of an extract table: what holds in all years, and its dated versions."""

    table: str
    title: str
    title_vi: str
    owner: str
    owner_vi: str
    grain: str
    slot: Slot
    sample: Sample | None = None
    place: Place
    period: Period | None = None
    year_end_default: YearEndDefault | None = None
    columns: tuple[Column, ...]
    versions: tuple[Version, ...] = ()
    layouts: dict[str, tuple[Column, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    table_rules: tuple[TableRule, ...] = ()
    release: ReleaseBound
    fingerprint: Annotated[str, Field(min_length=12)]

    @model_validator(mode="after")
    def _columns_exist(self) -> Contract:
        named = {c.name for c in self.all_columns()}
        if self.sample and (unknown := {self.sample.weight, *self.sample.design} - named):
            raise ValueError(f"{self.table}: sample names unknown columns {sorted(unknown)}")
        known = named | {"unit_id", "standard"} | ({"is_sampled"} if self.sample else set())
        for rule in self.rules:
            wanted = {*rule.columns, *(c for group in rule.any_of for c in group)}
            if unknown := wanted - known:
                raise ValueError(f"{self.table}: rule {rule.name} names unknown columns {sorted(unknown)}")
        for version in self.versions:
            if unknown := set(version.headings) - known:
                raise ValueError(
                    f"{self.table}: version {version.name} heads unknown columns {sorted(unknown)}"
                )
            if version.until is not None and version.until < version.since:
                raise ValueError(f"{self.table}: version {version.name} ends before it begins")
        return self

    def all_columns(self) -> tuple[Column, ...]:
        """The common columns, then each version's and layout's own, every name once."""
        seen = {c.name: c for c in self.columns}
        for columns in (*(version.columns for version in self.versions), *self.layouts.values()):
            for column in columns:
                seen.setdefault(column.name, column)
        return tuple(seen.values())

    def layout_columns(self, layout: str | None) -> tuple[Column, ...]:
        """The columns that a file of one layout can hold."""
        of_versions = (column for version in self.versions for column in version.columns)
        return (*self.columns, *of_versions, *self.layouts.get(layout or "", ()))

    def of_year(self, year: int) -> Contract:
        """The contract as the files of one year are read by it.

        Its fingerprint is that of the year: another year's version may change without it.
        """
        key = (self.fingerprint, year)
        if key not in _OF_YEARS:
            _OF_YEARS[key] = _merged(self, [v for v in self.versions if v.holds_in(year)])
        return _OF_YEARS[key]

    def column(self, name: str) -> Column:
        """The column of that name."""
        for column in self.all_columns():
            if column.name == name:
                return column
        raise KeyError(f"{self.table} has no column {name}")


def _text(name: str) -> str:
    return resources.files("checks").joinpath(name).read_text(encoding="utf-8")


@cache
def load_contract(table: str) -> Contract:
    """The contract of one table.

    Raises
    ------
    KeyError
        No such table.
    """
    if table not in TABLES:
        raise KeyError(f"no contract for table {table!r}; known: {', '.join(TABLES)}")
    text = _text(f"contracts/{table}.yaml")
    data: dict[str, Any] = yaml.safe_load(text)
    vocabularies = {c["vocabulary"] for c in data["columns"] if "vocabulary" in c}
    spellings = "".join(f"{name}{load_vocabulary(name)}" for name in sorted(vocabularies))
    data["fingerprint"] = hashlib.sha256((text + spellings).encode()).hexdigest()[:16]
    return Contract.model_validate(data)


# By the whole contract's fingerprint and the year.
_OF_YEARS: dict[tuple[str, int], Contract] = {}


def _merged(contract: Contract, versions: list[Version]) -> Contract:
    """A contract with these of its versions for good."""
    columns = _headed((*contract.columns, *(c for v in versions for c in v.columns)), versions)
    layouts = {name: _headed(own, versions) for name, own in contract.layouts.items()}
    merged = contract.model_copy(update={"columns": columns, "layouts": layouts, "versions": ()})
    content = merged.model_dump(mode="json", exclude={"fingerprint"})
    vocabularies = {c.vocabulary for c in merged.all_columns() if c.vocabulary}
    spellings = {name: load_vocabulary(name) for name in vocabularies}
    text = json.dumps([content, spellings], sort_keys=True)
    return merged.model_copy(update={"fingerprint": hashlib.sha256(text.encode()).hexdigest()[:16]})


def _headed(columns: tuple[Column, ...], versions: list[Version]) -> tuple[Column, ...]:
    """Columns with the further headings of versions."""
    found = []
    for column in columns:
        further = (heading for version in versions for heading in version.headings.get(column.name, ()))
        found.append(column.model_copy(update={"aliases": (*column.aliases, *further)}))
    return tuple(found)


@cache
def _vocabularies() -> dict[str, dict[str, tuple[str, ...]]]:
    raw: dict[str, dict[str, list[str]]] = yaml.safe_load(_text("vocabularies.yaml"))
    return {
        name: {str(value): tuple(map(str, spellings)) for value, spellings in values.items()}
        for name, values in raw.items()
    }


def load_vocabulary(name: str) -> dict[str, tuple[str, ...]]:
    """Canonical values of a vocabulary, each with its spellings."""
    return _vocabularies()[name]
